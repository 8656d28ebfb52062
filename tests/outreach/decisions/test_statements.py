from dataclasses import replace
from datetime import date, timedelta

import pytest

from customers.appropriateness import Blocker
from outreach.decisions.rules import Inputs, asked
from outreach.decisions.statements import KNOWN, WORDS, statement
from outreach.decisions.verdicts import MAY_BE_WRITTEN_TO, NUMBERS
from outreach.messages.contact_policy import PutOffUntil, QuietDays
from outreach.models import PutOff
from tests.outreach.decisions.test_rules import ALLOWED, NEVER_ASKED, NOON, TODAY, inputs, wrote


def said(known: Inputs, code: str, channel: str = "") -> tuple[str, str, bool]:
    """How one rule reads: its words, what was known, and whether it held."""
    [found] = [
        each for each in asked(known, now=NOON) if (each.code, each.channel) == (code, channel)
    ]
    line = statement(found, known, now=NOON)
    return line.words, line.known, line.holds


def test_every_rule_has_its_words() -> None:
    codes = set(NUMBERS) - set(MAY_BE_WRITTEN_TO)

    assert set(WORDS) == codes
    assert set(KNOWN) == codes


@pytest.mark.parametrize(
    ("code", "channel", "known", "line"),
    [
        (
            "never-bought",
            "",
            inputs(),
            ("Has bought before", "last purchase 4 March 2026", True),
        ),
        (
            "never-bought",
            "",
            inputs(days_away=None),
            ("Has not bought yet", "no purchase on record", False),
        ),
        (
            "bought-lately",
            "",
            inputs(days_away=60, usual=41, will_buy=0.9),
            ("Not away long enough", "60 days · usually every 41; lapsed after 90", False),
        ),
        (
            "no-consent",
            "sms",
            inputs(sms=NEVER_ASKED),
            ("Never said yes to texts", "never asked", False),
        ),
        (
            "opted-out",
            "email",
            inputs(email=replace(ALLOWED, consent="opted_out")),
            ("Refused email", "a no on record", False),
        ),
        (
            "no-address",
            "email",
            inputs(email=replace(ALLOWED, address="")),
            ("Mailbox does not work", "none on record", False),
        ),
        ("suppressed", "sms", inputs(), ("Number may be used", "no stop on record", True)),
        (
            "contacted-recently",
            "",
            inputs(contacts=wrote(1)),
            (
                "Written to too recently",
                "Maya 1 day before; at most 1 in 14 and 2 in 45 days",
                False,
            ),
        ),
        (
            "contacted-recently",
            "",
            inputs(),
            (
                "Not written to too recently",
                "nobody wrote; at most 1 in 14 and 2 in 45 days",
                True,
            ),
        ),
        (
            "resting",
            "",
            inputs(silent_notes=3, last_note_on=TODAY - timedelta(days=20)),
            ("Resting after silence", "3 unanswered; rests 90 days after 3", False),
        ),
        (
            "do-not-disturb",
            "",
            inputs(quiet_days=(QuietDays(TODAY, date(2026, 6, 18)),)),
            ("Quiet days", "up to 18 June", False),
        ),
        (
            "put-off",
            "",
            inputs(put_off=PutOffUntil(date(2026, 6, 20), PutOff.Reason.AWAY)),
            ("Put off", "until 20 June", False),
        ),
        (
            "asked-for-peace",
            "",
            inputs(leave_until=date(2026, 7, 1)),
            ("Asked for peace", "until 1 July", False),
        ),
        (
            "recent-complaint",
            "",
            inputs(
                selling_blockers=(Blocker("recent-complaint", "Solved.", NOON + timedelta(days=3)),)
            ),
            ("A complaint solved just before", "quiet until 18 June", False),
        ),
        (
            "nothing-to-show",
            "",
            inputs(has_items=False),
            ("Nothing new that suits", "none found that night", False),
        ),
    ],
)
def test_statement_says_what_was_known(
    code: str, channel: str, known: Inputs, line: tuple[str, str, bool]
) -> None:
    assert said(known, code, channel) == line
