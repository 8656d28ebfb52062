"""What her words mean to the machine: stop, start, help, or something only a person can read. Pure.

The stop words are those a US carrier acts on, and those that 47 CFR 64.1200(a)(10) calls certain.
They count when they are the whole message; a sentence that sounds like it is left to a person.
"""

import re

from clienteling.folding import fold
from outreach.models.message import Reply

STOP_WORDS = frozenset(
    {
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
        "opt out",
        "opt-out",
    }
)
START_WORDS = frozenset(("start", "unstop"))
HELP_WORDS = frozenset(("help", "info"))
PUNCTUATION = " .,!?;:'\"()-\t\r\n"

_MAY_ASK_TO_STOP = re.compile(
    r"""
    \b(?:stop|quit|cease)\s+(?:texting|messaging|emailing|mailing|writing|contacting|sending|bothering)\b
    | \b(?:please|pls)\s+stop\b (?!\s+by\b)
    | ^\s*stop\b (?=\s+(?:please|pls|now|it|this|these|those|that|all|the)\b)
    | \b(?:remove|delete)\s+(?:me|my\s+(?:number|email|address|name))\b
    | \btake\s+(?:me|my\s+\w+)\s+off\b
    | \bunsubscribe\b
    | \bopt(?:ing|ed)?[\s-]?(?:me\s+)?out\b
    | \bwrong\s+(?:number|person|address)\b
    | \b(?:do\s+not|don'?t|never)\s+(?:text|message|email|mail|contact|write)\b
    | \bno\s+more\s+(?:texts?|messages?|emails?|mails?)\b
    | \bleave\s+me\s+alone\b
    | \blose\s+my\s+number\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def meaning(body: str) -> Reply.Kind:
    """The kind of a message by its words alone; whether a START counts depends on the past."""
    word = fold(body.strip(PUNCTUATION))
    if word in STOP_WORDS:
        return Reply.Kind.STOP
    if word in START_WORDS:
        return Reply.Kind.START
    return Reply.Kind.HELP if word in HELP_WORDS else Reply.Kind.WORDS


def may_ask_to_stop(body: str) -> bool:
    """Whether a sentence sounds like "leave me alone": a person must read it before we go on."""
    return bool(_MAY_ASK_TO_STOP.search(body.replace("’", "'")))
