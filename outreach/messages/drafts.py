"""What an associate was writing when she was called away: kept per writer and client.

Drafts ride along with the facts about a client (`contact_record`), so no page asks for them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from clienteling.defaults import CARD_DAYS
from clienteling.models import User
from clienteling.prepared import Moment, Number
from customers.models import Customer
from outreach.models import Draft, Message
from outreach.models.message import State, Step

LONGEST = timedelta(days=CARD_DAYS)


@dataclass(frozen=True)
class KeptDraft:
    """Words as they were typed, and the channel they were meant for."""

    channel: str
    body: str


Drafts = Mapping[tuple[Step, int | None], KeptDraft]
"""By the kind of note, and the one item it is about, if it is about one alone."""


@dataclass(frozen=True)
class Typed:
    """What a page sends while somebody types; `form_token` is that of the form it will send.

    `product` is the one item that the note is about, by its key; None for any other words. `age` is
    how long the words have waited for a connection; nothing while they are being typed.
    """

    step: str
    channel: str
    body: str
    form_token: str
    age: timedelta = timedelta(0)
    product: int | None = None


def keep(customer: Customer, typed: Typed, *, author: User, now: datetime) -> bool:
    """Keep these words in place of the former; blank ones are forgotten.

    False where they are sent, or where they have waited and she has written others meanwhile. The
    last save of a page may arrive after its Send: words that are a message are no draft.
    """
    sent = Message.objects.filter(dedupe_key=typed.form_token).exclude(state=State.CANCELED)
    hers: dict[str, Any] = {
        "customer": customer,
        "author": author,
        "step": typed.step,
        "product_id": typed.product,
    }
    if sent.exists() or (typed.age and _has_later_words(hers, since=now - typed.age)):
        return False
    if not typed.body.strip():
        Draft.objects.filter(**hers).delete()
        return True
    words = {"channel": typed.channel, "body": typed.body, "kept_at": now - typed.age}
    Draft.objects.update_or_create(**hers, defaults=words)
    Draft.objects.filter(author=author, kept_at__lte=now - LONGEST).delete()
    return True


def _has_later_words(hers: Mapping[str, Any], *, since: datetime) -> bool:
    """Whether she has drafted or sent something else since then, perhaps on another tablet."""
    sent = Message.objects.filter(
        customer=hers["customer"], sender=hers["author"], step=hers["step"], created_at__gt=since
    )
    later = Draft.objects.filter(**hers, kept_at__gt=since)
    return later.exists() or sent.exclude(state=State.CANCELED).exists()


def forget(message: Message) -> None:
    """The words have become this message; what was begun about one item is settled by it, too."""
    Draft.objects.filter(
        customer=message.customer_id, author=message.sender_id, step=message.step
    ).delete()


def let_go(customer: Customer, *, author: User, step: Step) -> None:
    """She has asked for other words in place of hers."""
    Draft.objects.filter(customer=customer, author=author, step=step, product=None).delete()


def column(author: Number, *, now: Moment) -> ArraySubquery:
    """What this person has begun to write, as a column of a query over customers; for `read`."""
    hers = Draft.objects.filter(customer=OuterRef("pk"), author=author, kept_at__gt=now - LONGEST)
    return ArraySubquery(
        hers.order_by().values(
            row=JSONObject(step="step", about="product", channel="channel", body="body")
        )
    )


def read(rows: Iterable[Mapping[str, Any]]) -> Drafts:
    """The drafts of a `column` by what they are for."""
    return {
        (Step(row["step"]), row["about"]): KeptDraft(row["channel"], row["body"]) for row in rows
    }
