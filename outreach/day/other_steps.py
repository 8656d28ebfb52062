"""What else can be done for one client than to send her a note, and what was just done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from clienteling.models import Store, User
from customers.facts import lines_of
from customers.models import Customer
from outreach.day import card, care, facts, kind_words, next_step, steps
from outreach.day.kind_words import Begun, KindWords, Other
from outreach.day.next_step import NextStep, OwnedTip
from outreach.messages.contact_policy import decide
from outreach.models import Gesture

TIPS_SHOWN = 2


@dataclass(frozen=True)
class OtherSteps:
    """The panel below a card, or a page of its own. `best` is the next best step as of now.

    `words` are those to write, where there is a cause for any; `others` are more of them.
    """

    pk: int
    customer_id: str
    name: str
    called: str
    client_url: str
    gesture_url: str
    promise_url: str
    call_url: str
    best: NextStep
    tips: tuple[OwnedTip, ...]
    today: str
    tomorrow: str
    words: KindWords | None = None
    others: tuple[Other, ...] = ()

    @property
    def are_best_words(self) -> bool:
        """Whether the words say themselves what the next best step is, and why."""
        return self.words is not None and self.words.kind == self.best.kind


@dataclass(frozen=True)
class Noted:
    """What was just written down, or taken back (then without a way back)."""

    pk: int
    sentence: str
    undo_url: str = ""


def for_client(
    customer: Customer, user: User, store: Store, *, now: datetime, begun: Begun | None = None
) -> OtherSteps:
    """What could be done for her at `now`, with the words `begun` to her: six queries."""
    contacts = facts.contacts([customer], user, now=now)
    contact, lines = contacts[customer.pk], lines_of([customer.pk], now=now)
    tips = care.tips_for(lines)[customer.pk]
    [known] = facts.card_facts([customer], contacts, store, now=now, lines=lines, writer=user)
    decision = decide(contact, now=now)
    choice = steps.facts_of(
        customer, contact, decision, now=now, has_items=bool(known.shown), tips=tips
    )
    words = kind_words.of_client(
        known, decision, choice, user=user, store=store, now=now, begun=begun
    )
    today = store.local(now).date()
    client, gesture, promise = (
        reverse(name, args=[customer.customer_id]) for name in ("client", "gesture", "give-promise")
    )
    return OtherSteps(
        pk=customer.pk,
        customer_id=customer.customer_id,
        name=str(customer),
        called=customer.called,
        client_url=client,
        gesture_url=gesture,
        promise_url=promise,
        call_url=card.call_url(contact),
        best=next_step.choose(choice),
        tips=_one_a_piece(tips)[:TIPS_SHOWN],
        today=today.isoformat(),
        tomorrow=(today + timedelta(days=1)).isoformat(),
        words=words,
        others=words.others if words else kind_words.others(choice, customer),
    )


def _one_a_piece(tips: tuple[OwnedTip, ...]) -> tuple[OwnedTip, ...]:
    """The best tip about each of her pieces, in their order."""
    best: dict[str, OwnedTip] = {}
    for tip in tips:
        best.setdefault(tip.piece, tip)
    return tuple(best.values())


def noted(customer: Customer, made: Gesture) -> Noted:
    """`Noted: you called Amanda.`, with a way back."""
    done = DONE[Gesture.Kind(made.kind)].format(called=customer.called)
    undo_url = reverse("take-back-gesture", args=[customer.customer_id, made.pk])
    return Noted(customer.pk, f"Noted: {done}", undo_url)


def taken_back(customer: Customer) -> Noted:
    return Noted(customer.pk, "Taken back: nothing is noted.")


DONE = {
    Gesture.Kind.CALL: "you called {called}.",
    Gesture.Kind.KINDNESS: "a kindness for {called}.",
    Gesture.Kind.TIP: "you gave {called} a tip.",
    Gesture.Kind.THANKS: "you thanked {called}.",
    Gesture.Kind.GREETING: "your good wish for {called}.",
    Gesture.Kind.FOLLOW_UP: "{called} is happy; the case is solved. Two quiet weeks follow.",
}
