"""Items of notes that came of nothing: neither looked at, nor answered, nor bought.

The silence of a client says a little about an item and nothing about her, so it is written down
as the weakest kind of feedback (`customers.feedback`). Only what carriers call delivered counts:
nobody ignores what never arrived.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from clienteling.defaults import IGNORED_AFTER_DAYS
from customers import feedback
from customers.feedback import Silence
from customers.models import LineItem
from outreach.models import LookbookItem, Reply
from outreach.models.message import State

LOOKED_BACK_DAYS = 60
"""A scheduler that was down for weeks catches up; older notes are not read every night."""

PATIENCE = timedelta(days=IGNORED_AFTER_DAYS)


def note(*, now: datetime) -> int:
    """Write down what came of nothing by now; how many items that is. Repeating it adds none."""
    return feedback.note_ignored(_came_of_nothing(now))


def _came_of_nothing(now: datetime) -> Iterator[Silence]:
    """Items whose time was up lately, of delivered notes on which she did nothing in that time."""
    oldest = now - PATIENCE - timedelta(days=LOOKED_BACK_DAYS)
    rows = (
        LookbookItem.objects.filter(
            lookbook__message__state=State.DELIVERED,
            lookbook__message__delivered_at__range=(oldest, now - PATIENCE),
        )
        .annotate(
            delivered_at=F("lookbook__message__delivered_at"),
            ignored_at=ExpressionWrapper(
                F("lookbook__message__delivered_at") + PATIENCE, output_field=DateTimeField()
            ),
        )
        .exclude(Q(lookbook__first_opened_at__lte=F("ignored_at")))
        .exclude(Exists(_answers()))
        .exclude(Exists(_purchases()))
        .order_by()
        .values_list("lookbook__customer_id", "product_id", "ignored_at")
    )
    return (Silence(*row) for row in rows.iterator())


def _answers() -> QuerySet[Reply]:
    """Her words after the note; a STOP is none, it says nothing of the items."""
    return Reply.objects.filter(
        message__lookbook=OuterRef("lookbook"),
        kind=Reply.Kind.WORDS,
        received_at__lte=OuterRef("ignored_at"),
    )


def _purchases() -> QuerySet[LineItem]:
    """The item itself bought in that time, returned or not: she did not ignore it."""
    return LineItem.objects.filter(
        customer=OuterRef("lookbook__customer"),
        product=OuterRef("product"),
        quantity__gt=0,
        purchased_at__gte=OuterRef("delivered_at"),
        purchased_at__lte=OuterRef("ignored_at"),
    )
