"""What a bounce says about the address: it is dead, or only could not be reached just now. Pure.

Services name the two in their own words, and servers in codes (RFC 5321, RFC 3463). What nobody
can place counts as soft: three of those pause an address, a hard one ends it for good.
"""

import re
from collections.abc import Mapping
from typing import Any

LONGEST_ANSWER = 1_000
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
PLAIN = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")

# RFC 3463: 5.1.x is about the address of the recipient, except the two about the sender's.
ABOUT_THE_SENDER = {("1", "7"), ("1", "8")}
DISABLED = ("2", "1")  # "mailbox disabled, not accepting messages"
# A plain 550 is used for everything; only with such words is it about the mailbox.
NOBODY = re.compile(
    r"""
    (?:no\ such|unknown|invalid|non-?existent)\s+(?:\w+\s+)?
      (?:user|mailbox|recipient|address|account)
    | (?:user|mailbox|recipient|address|account)\b.{0,40}
      (?:unknown|not\ found|does\ not\ exist|doesn't\ exist|not\ exist|disabled|no\ longer)
    """,
    re.VERBOSE | re.IGNORECASE,
)

HARD_WORDS = {
    "hardbounce",
    "hard_bounce",
    "bademailaddress",
    "permanent",
    "suppress-bounce",
}
SOFT_WORDS = {"softbounce", "soft_bounce", "transient", "undetermined"}
# Where services say it: Postmark, its suppressions, Brevo and Mandrill, Mailjet, Mailgun, Resend.
FIELDS = ("Type", "SuppressionReason", "event", "hard_bounce", "reason", "type")


def is_hard(answer: str) -> bool | None:
    """Whether a server's answer (``550 5.1.1 no such user``) speaks of a dead address.

    None when it holds no code. An enhanced code goes before a plain one: 550 5.7.1 is a matter of
    policy, 552 5.2.2 a full mailbox.
    """
    answer = answer[:LONGEST_ANSWER]
    if enhanced := ENHANCED.search(answer):
        kind, subject, detail = enhanced.groups()
        about_the_address = subject == "1" and (subject, detail) not in ABOUT_THE_SENDER
        return kind == "5" and (about_the_address or (subject, detail) == DISABLED)
    if plain := PLAIN.search(answer):
        return plain[1].startswith("5") and bool(NOBODY.search(answer))
    return None


def service_says_hard(event: Mapping[str, Any]) -> bool | None:
    """What a service's own event says in its own words; None when it does not say."""
    for part in (event, event.get("event-data"), (event.get("data") or {}).get("bounce")):
        words = [_folded((part or {}).get(field)) for field in FIELDS]
        if HARD_WORDS & set(words):
            return True
        if SOFT_WORDS & set(words):
            return False
    return None


def _folded(word: Any) -> str:
    if isinstance(word, bool):
        return "hard_bounce" if word else "soft_bounce"
    return str(word or "").lower().replace(" ", "")
