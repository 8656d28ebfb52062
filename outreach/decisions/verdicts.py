"""The verdicts a night may give, as they are stored and as they are counted. Pure."""

from collections.abc import Mapping

DUE, DUE_EARLY = "due", "due-early"
NEVER_BOUGHT, BOUGHT_LATELY = "never-bought", "bought-lately"
NOTHING_TO_SHOW = "nothing-to-show"

NUMBERS: Mapping[str, int] = {
    DUE: 1,
    DUE_EARLY: 2,
    NEVER_BOUGHT: 10,
    BOUGHT_LATELY: 11,
    NOTHING_TO_SHOW: 12,
    "no-open-hours": 13,
    "suppressed": 20,
    "opted-out": 21,
    "no-address": 22,
    "no-consent": 23,
    "claimed-by-colleague": 30,
    "may-have-asked-to-stop": 31,
    "message-on-its-way": 32,
    "hold-out": 33,
    "asked-for-peace": 34,
    "do-not-disturb": 35,
    "contacted-recently": 36,
    "resting": 37,
    "put-off": 38,
    "open-complaint": 40,
    "recent-complaint": 41,
}
"""The number of each verdict by its code, as it is stored: stable for ever."""

CODES: Mapping[int, str] = {number: code for code, number in NUMBERS.items()}

MAY_BE_WRITTEN_TO = (DUE, DUE_EARLY)
NOT_AWAY = (NEVER_BOUGHT, BOUGHT_LATELY)
"""Who is no matter of the day's list at all: not resting, only not due."""

COUNTED: Mapping[str, str] = {
    DUE: "lapsed and free to be written to",
    DUE_EARLY: "about to lapse and free to be written to",
    NEVER_BOUGHT: "never bought",
    BOUGHT_LATELY: "bought lately",
    "contacted-recently": "written to lately",
    "message-on-its-way": "a note is on its way",
    "asked-for-peace": "asked to be left in peace",
    "put-off": "put off to another day",
    "do-not-disturb": "not to be disturbed",
    "resting": "did not answer the last notes",
    "no-consent": "has not agreed to notes",
    "opted-out": "asked for no notes",
    "suppressed": "this address must not be used",
    "no-address": "no address that works",
    "claimed-by-colleague": "a colleague looks after them",
    "open-complaint": "a complaint is open",
    "recent-complaint": "a complaint was solved lately",
    "may-have-asked-to-stop": "may have asked us to stop",
    "no-open-hours": "no hours in which to write",
    NOTHING_TO_SHOW: "nothing new that suits",
    "hold-out": "left alone on purpose",
}
"""Each verdict as it stands behind a number: `12 written to lately`."""
