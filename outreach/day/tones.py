"""The tone a client's notes are written in, remembered; and the one an associate writes in."""

from datetime import datetime

from clienteling.models import User
from customers.models import Customer
from outreach.day.drafts import OWN
from outreach.models import ClientTone, Tone, WritingStyle


def choose(customer: Customer, choice: str, *, by: User, now: datetime) -> None:
    """Her next notes are drafted like this, whoever writes them.

    `choice` is a tone, or `drafts.OWN`: the writer's kept phrases, in the tone chosen before.
    """
    changes = {"own_words": choice == OWN, "chosen_by": by, "chosen_at": now}
    if choice != OWN:
        changes["tone"] = Tone(choice)
    ClientTone.objects.update_or_create(
        customer=customer,
        defaults=changes,
        create_defaults={"tone": style_of(by).tone, **changes},
    )


def style_of(associate: User) -> WritingStyle:
    """How she writes where nothing was chosen for a client; not stored before she changes it."""
    found = WritingStyle.objects.filter(associate=associate).first()
    return found or WritingStyle(associate=associate)


def set_style(associate: User, *, tone: Tone, wants_evening_mail: bool) -> None:
    """Her own tone, and whether the evening's numbers come by mail, too."""
    WritingStyle.objects.update_or_create(
        associate=associate, defaults={"tone": tone, "wants_evening_mail": wants_evening_mail}
    )
