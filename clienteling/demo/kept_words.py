"""The words of the demo's notes: a manager's template in two versions, phrases the first associate
has kept, and what he was told on the evening before."""

from datetime import datetime, timedelta

from clienteling.demo.staff import MANAGER, Staff
from clienteling.models import User
from customers.models import Channel
from outreach.day import evening, kept_notes, note_templates
from outreach.day.note_templates import Place
from outreach.messages import notices
from outreach.models import EveningDigest, Tone
from outreach.models.message import Step

KEPT = 2
FIRST_TRY = "Hello {first_name}, {associate} at {store}. New for you: {items}."
TEMPLATE = (
    "Hello {first_name}, {associate} at {store}. Some things are only right for a few people, and "
    "{items} made me think of you."
)
WRITTEN_BEFORE, CHANGED_BEFORE = timedelta(days=40), timedelta(days=12)
TOLD_BEFORE = timedelta(hours=15)


def remember(people: Staff, *, now: datetime) -> None:
    """Written with the shop's own functions, as its people would have."""
    _write_a_template(people, now=now)
    _keep_what_worked(people.shoe_guy, now=now)
    _tell_of_the_evening(people.shoe_guy, now=now)


def _write_a_template(people: Staff, *, now: datetime) -> None:
    """Two versions for a brief text, so that the first look at Notes finds something to compare."""
    place = Place(people.stores[0], Step.OFFER, Channel.SMS, Tone.BRIEF)
    manager = User.objects.get(username=MANAGER)
    for number, (body, before) in enumerate(
        ((FIRST_TRY, WRITTEN_BEFORE), (TEMPLATE, CHANGED_BEFORE))
    ):
        note_templates.save(
            place, subject="", body=body, after=number, by=manager, now=now - before
        )


def _keep_what_worked(associate: User, *, now: datetime) -> None:
    for offer in kept_notes.offers(associate, now=now)[:KEPT]:
        kept_notes.keep(offer.message.pk, by=associate, now=now - TOLD_BEFORE)


def _tell_of_the_evening(associate: User, *, now: datetime) -> None:
    store, told_at = associate.store, now - TOLD_BEFORE
    if store is None:
        return
    on = store.local(told_at).date()
    counts = evening.counts_of(User.objects.filter(pk=associate.pk), store, now=told_at)[associate]
    EveningDigest.objects.create(
        associate=associate,
        on=on,
        answered=counts.answered,
        clicked=counts.clicked,
        bought=counts.bought,
        waiting=counts.waiting,
        told_at=told_at,
    )
    key = f"evening:{associate.pk}:{on}"
    notices.tell(associate, None, counts.sentence(on), key=key, at=told_at)
