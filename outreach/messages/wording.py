"""The words as they leave: the note, and what is added to it. The card shows the very same.

The addition is made at the click and frozen with the note, so nothing changes between what was
shown and what is sent. Only the token in the link is new then; it is as long as the example's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.urls import reverse

from customers.appropriateness import Blocker
from customers.models import Channel
from outreach.lookbook import Pick
from outreach.messages import linter
from outreach.models.message import Step

MOST_CHARACTERS = 1_600  # Twilio refuses longer ones (21617); no note should need as many
MOST_SUBJECT_CHARACTERS = 150
STOP_WORDS = "Reply STOP to end."
EXAMPLE_TOKEN = "A" * 22  # as long as a real one
UNFILLED = re.compile(r"\{\{|\}\}|\{%|\{[^{}]*\}|\[\[|%\(\w*\)")


@dataclass(frozen=True)
class OutgoingNote:
    """What the associate tapped Send on. `items` are in the order of the card.

    `template_version` and `kept_note` are the numbers of the rows its words were made of; `tip` is
    that of the tip it passes on.
    """

    body: str
    channel: str
    subject: str = ""
    items: tuple[Pick, ...] = ()
    step: Step = Step.OFFER
    tone: str = ""
    template_version: int | None = None
    kept_note: int | None = None
    tip: int | None = None


@dataclass(frozen=True)
class NamedItem:
    """An item as a mail lists it."""

    name: str
    price: Decimal | None


def final_body(
    body: str, *, channel: str, link: str, is_first: bool, items: Sequence[NamedItem] = ()
) -> str:
    """The whole body: the note and what `addition` says."""
    added = addition(channel=channel, link=link, is_first=is_first, items=items)
    return clean(body).rstrip() + added


def addition(*, channel: str, link: str, is_first: bool, items: Sequence[NamedItem] = ()) -> str:
    """What follows the note: the link and the STOP words in a text; items and link in a mail.

    `link` is "" for a note without items. `is_first`: she never had an offer by text before.
    """
    if channel == Channel.SMS:
        return "".join(
            (f"\n{link}" if link else "", f"\n{STOP_WORDS}" if is_first else ""),
        )
    if not link:
        return ""
    lines = [f"{number}. {_priced(item)}" for number, item in enumerate(items, start=1)]
    return "\n\n".join(("", *(["\n".join(lines)] if lines else []), f"See them here: {link}"))


def example_link() -> str:
    """A link as long as a real one, for counting segments before there is a real one."""
    return settings.PUBLIC_BASE_URL + _example_path()


@cache
def _example_path() -> str:
    return reverse("lookbook", args=[EXAMPLE_TOKEN])


def problems(body: str, *, final: str, step: Step = Step.OFFER) -> list[Blocker]:
    """What is wrong with the words themselves; `body` is the note, `final` all that would leave.

    Her own question about a sale may be answered in its words; nobody begins with them.
    """
    found = []
    if not body.strip():
        found.append(Blocker("empty", "The note has no words."))
    if UNFILLED.search(body):
        found.append(Blocker("unfilled-placeholder", "A placeholder was not filled in."))
    if step != Step.ANSWER:
        found += [Blocker("discount-words", sentence) for sentence in linter.discounts(body)]
    if len(final) > MOST_CHARACTERS:
        over = len(final) - MOST_CHARACTERS
        found.append(Blocker("too-long", f"The note is {over} characters too long."))
    return found


def one_line(words: str) -> str:
    """Words fit for a header: a line break in a name must not start a header of its own."""
    return " ".join(clean(words).split())


def money(price: Decimal) -> str:
    """A price as it is written to a client: $265 or $89.50."""
    amount = f"{price:,.0f}" if price == price.to_integral_value() else f"{price:,.2f}"
    return f"${amount}" if settings.CURRENCY == "USD" else f"{amount} {settings.CURRENCY}"


def _priced(item: NamedItem) -> str:
    name = one_line(item.name)
    return name if item.price is None else f"{name}, {money(item.price)}"


def clean(words: str) -> str:
    """Plain line ends, and no control characters, which neither database nor carrier takes."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter >= " " or letter in "\n\t")
