"""What an operator may do to a message: put it back in the queue, or cancel it; never on a guess.

A message that may have left is looked up first. Where there is no list to look at (a mail server),
somebody has to have asked her. Every refusal is a sentence for the person at the terminal.
"""

import logging
from datetime import datetime

from django.db import transaction

from outreach.messages import clearance, looks, outbox, sweeping
from outreach.messages.clearance import Clearance
from outreach.messages.outbox import NotSendable
from outreach.messages.providers.receipts import Temporary
from outreach.models import Message
from outreach.models.message import State

logger = logging.getLogger(__name__)

MOVED_MEANWHILE = "It has moved in this moment: list the outbox again."
WHY_NOT_RETRIED = {
    State.DRAFT: "It is a draft: nobody has tapped Send.",
    State.QUEUED: "It is in the queue already.",
    State.SENDING: "It is being handed to the carrier right now.",
    State.UNCONFIRMED: "It may have left: it is being looked up and goes on by itself.",
    State.SENT: "It has left already.",
    State.DELIVERED: "It has arrived already.",
    State.CANCELED: "It was taken back: write a new note.",
}
WHY_NOT_CANCELED = {
    State.DRAFT: "It is a draft: there is nothing on its way.",
    State.SENDING: "Too late: it is being handed to the carrier right now.",
    State.UNCONFIRMED: "Too late: it may have left. It is being looked up.",
    State.SENT: "Too late: it has left already.",
    State.DELIVERED: "Too late: it has arrived already.",
    State.FAILED: "It has ended already: the carrier did not deliver it.",
    State.CANCELED: "It is canceled already.",
}


class NotByHand(Exception):  # noqa: N818 - an answer, not an error of ours
    """It cannot be done safely; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def retry(message: Message, *, by: str, now: datetime, has_not_arrived: bool = False) -> State:
    """Put a failed or given-up message back in the queue; answers where it stands then.

    SENT is a possible answer: the look showed that it had left after all. `has_not_arrived` is a
    person's word, asked for only where no list can be looked at. Raises ``NotByHand`` or
    ``NotSendable``. Must not be called inside a transaction, because a carrier is spoken to.
    """
    _refuse_unless_ended(message, now=now)
    if message.may_have_left and _had_left(message, has_not_arrived=has_not_arrived, now=now):
        return State(message.state)
    with transaction.atomic():
        customer = clearance.locked_customer(message.customer_id)
        unchanged = _locked(message)
        unchanged.customer = customer
        _put_back(unchanged, by=by, now=now)
    logger.warning("%s was put back in the queue by %s", message.pk, by)
    return State.QUEUED


def cancel(message: Message, *, by: str, now: datetime) -> None:
    """Cancel what has certainly not left. Raises ``NotByHand``."""
    state = State(message.state)
    if state in WHY_NOT_CANCELED:
        raise NotByHand(WHY_NOT_CANCELED[state])
    if state == State.NEEDS_ATTENTION and message.may_have_left:
        raise NotByHand("It may have arrived: what may have left cannot be canceled.")
    with transaction.atomic():
        unchanged = _locked(message)
        if not outbox.stop(unchanged, from_=state, reason=f"Canceled by {by}.", now=now):
            raise NotByHand(MOVED_MEANWHILE)
    logger.warning("%s was canceled by %s", message.pk, by)


def _refuse_unless_ended(message: Message, *, now: datetime) -> None:
    state = State(message.state)
    if state in WHY_NOT_RETRIED:
        raise NotByHand(WHY_NOT_RETRIED[state])
    if message.provider_id:
        raise NotByHand("The carrier took it and could not deliver it: write a new note.")
    if message.expires_at and message.expires_at <= now:
        raise NotByHand("It is too old to be sent: write a new note.")


def _had_left(message: Message, *, has_not_arrived: bool, now: datetime) -> bool:
    """Whether its carrier had taken it; then it is marked sent."""
    if not looks.can_be_taken(message):
        if has_not_arrived:
            return False
        raise NotByHand(
            "It may have arrived, and its carrier keeps no list: ask her, then say --not-arrived."
        )
    try:
        return sweeping.look_up(message, now=now)
    except Temporary as delay:
        raise NotByHand(f"It may have left, and nobody can look now. {delay.sentence}") from None


def _locked(message: Message) -> Message:
    """The row, locked, if it still stands where it stood when it was judged."""
    locked = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if (locked.state, locked.attempts) != (message.state, message.attempts):
        raise NotByHand(MOVED_MEANWHILE)
    return locked


def _put_back(message: Message, *, by: str, now: datetime) -> None:
    cleared = clearance.ask(
        message, by=message.sender, now=now, leaves_at=now, apart_from=message.pk
    )
    _refuse(message, cleared)
    moved = outbox.put_back(
        message,
        from_=State(message.state),
        reason=f"Put back in the queue by {by}.",
        send_after=cleared.not_before or now,
        now=now,
    )
    if not moved:
        raise NotByHand(MOVED_MEANWHILE)


def _refuse(message: Message, cleared: Clearance) -> None:
    """Every rule is asked, as before the message leaves; here nothing is canceled by a no."""
    blockers = [*clearance.address_blockers(message, cleared.contact), *cleared.blockers]
    if blockers:
        raise NotSendable(blockers)
    problems = [*cleared.item_problems, *clearance.changes_since(cleared)]
    if problems:
        raise NotByHand(problems[0])
