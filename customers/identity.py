"""Two records of one person become one. Whatever points at either points at the one that is kept.

Consent becomes the stricter of the two on each channel: a no of either stands, and a yes counts
only for the address it was said about. The record that goes stays as a mark, so that files which
still name it are read as being about the other.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from clienteling.models import User
from customers import consent, standing
from customers.models import (
    Channel,
    Consent,
    ConsentEvent,
    ConsentState,
    ContactPoint,
    Customer,
    Feedback,
    StatedSize,
)

logger = logging.getLogger(__name__)

SOURCE = "Two records merged: the stricter counts"
TAKEN_CARE_OF = (Consent, ConsentEvent, ContactPoint, Feedback, StatedSize)
FILLED_FROM_THE_OTHER = (
    "first_name",
    "last_name",
    "city",
    "birth_year",
    "store",
    "associate",
    "preferred_channel",
)


class CannotMerge(Exception):  # noqa: N818
    """These two cannot become one; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Merged:
    """What moved to the record that was kept: rows by the table's name."""

    moved: dict[str, int]

    @property
    def sentence(self) -> str:
        told = [f"{count:,} {noun}" for noun, count in sorted(self.moved.items()) if count]
        return f"Moved {', '.join(told)}." if told else "There was nothing to move."


def merge(kept: Customer, gone: Customer, *, by: User, now: datetime) -> Merged:
    """Make one of two records, in one transaction; raises ``CannotMerge``.

    `kept` keeps what it says about her, and takes from `gone` only what it lacks itself.
    """
    with transaction.atomic():
        kept, gone = _locked(kept, gone)
        _refuse_odd_pair(kept, gone)
        _merge_consent(kept, gone, by=by, now=now)
        _merge_feedback(kept, gone)
        _merge_sizes(kept, gone)
        moved = {
            str(relation.related_model._meta.verbose_name_plural): _move(relation, kept, gone)
            for relation in relations()
            if relation.related_model not in TAKEN_CARE_OF and not is_made_anew(relation)
        }
        for relation in filter(is_made_anew, relations()):
            relation.related_model._base_manager.filter(**{relation.field.name: gone}).delete()
        _take_what_is_missing(kept, gone)
        standing.recompute(customers=[kept.pk, gone.pk])
    logger.info("Client %s merged into client %s by user %s", gone.pk, kept.pk, by.pk)
    return Merged(moved)


def relations() -> list[Any]:
    """Every table that points at a customer, of whatever app, the customer's own included."""
    return [each for each in Customer._meta.related_objects if not each.many_to_many]


def is_made_anew(relation: Any) -> bool:
    """Whether a table is swapped whole every night, for whoever is there: those that are have no
    foreign keys in the database."""
    return not relation.field.db_constraint


def _locked(kept: Customer, gone: Customer) -> tuple[Customer, Customer]:
    """Both rows, in a fixed order so that two merges cannot wait for each other."""
    both = Customer.objects.select_for_update().filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    rows = {each.pk: each for each in both}
    return rows[kept.pk], rows[gone.pk]


def _refuse_odd_pair(kept: Customer, gone: Customer) -> None:
    if kept.pk == gone.pk:
        raise CannotMerge("These are one record already.")
    if kept.merged_into_id or gone.merged_into_id:
        raise CannotMerge("One of them was merged before.")
    if kept.erased_at or gone.erased_at:
        raise CannotMerge("One of them was erased.")


# --- What points at her ---------------------------------------------------------------------------
def _move(relation: Any, kept: Customer, gone: Customer) -> int:
    """Point a table's rows at the other; what she would then have twice goes."""
    model, name = relation.related_model, relation.field.name
    rows = model._base_manager.filter(**{name: gone})
    for once in _unique_with(model, name):
        theirs = {field: models.OuterRef(field) for field in once.fields if field != name}
        only = once.condition or models.Q()
        twin = model._base_manager.filter(only, **{name: kept}, **theirs)
        rows.filter(only, models.Exists(twin)).delete()
    return int(rows.update(**{name: kept}))


def _unique_with(model: type[models.Model], name: str) -> list[models.UniqueConstraint]:
    return [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and name in constraint.fields
    ]


def _merge_feedback(kept: Customer, gone: Customer) -> None:
    """Of two words on one item the later one stands."""
    later = Feedback.objects.filter(customer=gone, product=models.OuterRef("product"))
    later = later.filter(said_at__gt=models.OuterRef("said_at"))
    Feedback.objects.filter(models.Exists(later), customer=kept).delete()
    hers = Feedback.objects.filter(customer=kept, product=models.OuterRef("product"))
    Feedback.objects.filter(models.Exists(hers), customer=gone).delete()
    Feedback.objects.filter(customer=gone).update(customer=kept)


def _merge_sizes(kept: Customer, gone: Customer) -> None:
    """Of two sizes in one category the one stated later stands."""
    later = StatedSize.objects.filter(customer=gone, category=models.OuterRef("category"))
    later = later.filter(stated_at__gt=models.OuterRef("stated_at"))
    StatedSize.objects.filter(models.Exists(later), customer=kept).delete()
    hers = StatedSize.objects.filter(customer=kept, category=models.OuterRef("category"))
    StatedSize.objects.filter(models.Exists(hers), customer=gone).delete()
    StatedSize.objects.filter(customer=gone).update(customer=kept)


def _take_what_is_missing(kept: Customer, gone: Customer) -> None:
    for name in FILLED_FROM_THE_OTHER:
        if getattr(kept, name) in (None, ""):
            setattr(kept, name, getattr(gone, name))
    kept.joined_on = min(filter(None, (kept.joined_on, gone.joined_on)), default=None)
    kept.leave_until = max(filter(None, (kept.leave_until, gone.leave_until)), default=None)
    kept.save()
    # Out of every book and list from now on: those start from a store or an associate.
    gone.merged_into, gone.store, gone.associate = kept, None, None
    gone.save()


# --- What she allowed -----------------------------------------------------------------------------
def _merge_consent(kept: Customer, gone: Customer, *, by: User, now: datetime) -> None:
    allowed = consent.permissions([kept, gone])
    for channel in Channel.values:
        hers, other = allowed[kept.pk][channel], allowed[gone.pk][channel]
        moves = not hers.address and other.address and _may_have(hers, other)
        carries_yes = bool(other.address) and (moves or other.address == hers.address)
        _copy_ledger(kept, gone, channel, with_yes=carries_yes)
        if moves or _says_more(kept, gone, channel):
            ContactPoint.objects.filter(customer=kept, channel=channel).delete()
            ContactPoint.objects.filter(customer=gone, channel=channel).update(customer=kept)
        is_no = ConsentState.OPTED_OUT in (hers.state, other.state)
        consent.settle_merge(kept, channel, is_no=is_no, source=SOURCE, by=by, now=now)
    ContactPoint.objects.filter(customer=gone).delete()
    Consent.objects.filter(customer=gone).delete()


def _may_have(hers: consent.Permission, other: consent.Permission) -> bool:
    """A yes without an address was said about another one; it must not come to mean this one."""
    return hers.state != ConsentState.OPTED_IN or other.state == ConsentState.OPTED_IN


def _says_more(kept: Customer, gone: Customer, channel: str) -> bool:
    """An unusable address is better than none: it shows what went wrong."""
    has = ContactPoint.objects.filter(channel=channel)
    return not has.filter(customer=kept).exists() and has.filter(customer=gone, address="").exists()


def _copy_ledger(kept: Customer, gone: Customer, channel: str, *, with_yes: bool) -> None:
    """The other's entries, as entries of hers; the ledger itself is never changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO customers_consentevent (customer_id, channel, state, recorded_at,
                   entered_at, source, evidence, recorded_by_id)
            SELECT %(kept)s, channel, state, recorded_at, entered_at, source,
                   evidence || jsonb_build_object('merged_from', %(gone_id)s::text), recorded_by_id
            FROM customers_consentevent
            WHERE customer_id = %(gone)s AND channel = %(channel)s
              AND (state = 'opted_out' OR %(with_yes)s)
            ON CONFLICT (customer_id, channel, state, recorded_at) DO NOTHING
            """,
            {
                "kept": kept.pk,
                "gone": gone.pk,
                "gone_id": gone.customer_id,
                "channel": channel,
                "with_yes": with_yes,
            },
        )
