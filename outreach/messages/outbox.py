"""The road of a message, draft to delivered: who taps, the carrier, and its news of the message.

Every move is a compare-and-swap, so two workers or two taps cannot both win; only this module and
`sweeping` make one. A carrier is only spoken to outside any transaction, after the attempt has been
committed; when its answer is lost, nothing is sent again before its own list has been looked at
(`sweeping.settle`).

An attempt that certainly was not accepted is repeated until the message is too old. One whose
answer was lost costs a round when the list does not show it either; after the last a person
decides.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from clienteling.defaults import CARD_DAYS
from clienteling.models import User
from customers import consent
from customers.appropriateness import Blocker
from customers.models import Channel, ContactPoint, Customer
from outreach import lookbook
from outreach.messages import clearance, conversations, envelope, hints, pace, seen, wording
from outreach.messages.clearance import Clearance
from outreach.messages.notices import tell_of_opt_out
from outreach.messages.providers import registry
from outreach.messages.providers.receipts import (
    Outgoing,
    Provider,
    Receipt,
    Refused,
    Temporary,
    Unknown,
)
from outreach.messages.wording import OutgoingNote
from outreach.models import Message
from outreach.models.message import FIRST_MOVES, IN_FLIGHT, State, Step

logger = logging.getLogger(__name__)

ONE_IN_FLIGHT = "message_one_in_flight_per_address"
# Times are counted in graces (120 s by default), so that one setting scales them all.
BACK_OFF_GRACES = (0.25, 1.0, 5.0)  # after the first, the second, every later "not now"
NOT_IN_TIME = "It was not sent in time."
# Where a message may stand when news comes that the carrier had accepted it after all.
MAY_HAVE_LEFT = (*IN_FLIGHT, State.QUEUED, State.NEEDS_ATTENTION, State.CANCELED)


class NotSendable(Exception):  # noqa: N818 - the rules said no
    """A rule forbids it; `blockers` carry the codes, and the sentences for the associate."""

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        self.blockers = tuple(blockers)
        self.sentence = " ".join(blocker.sentence for blocker in blockers)
        super().__init__(", ".join(blocker.code for blocker in blockers))


class StaleCard(Exception):  # noqa: N818
    """The card is not what it was when it was shown; `changes` say how, in sentences."""

    def __init__(self, changes: Sequence[str]) -> None:
        self.changes = tuple(changes)
        self.sentence = " ".join(changes)
        super().__init__("the card has changed")


class TooLate(Exception):  # noqa: N818
    """It has left already, or it is not his to take back."""

    sentence = "Too late: it has left already."


# --- The click -----------------------------------------------------------------------------------
def send(
    customer: Customer, note: OutgoingNote, *, by: User, form_token: str, seen: str, now: datetime
) -> Message:
    """Queue a note on one tap; the same form token again answers the first message.

    All rules are asked again while her row is locked. Raises ``NotSendable`` or ``StaleCard``, and
    then nothing has changed. `seen` is the card's `seen.fingerprint`; a note without items needs
    none.
    """
    with transaction.atomic():
        locked = clearance.locked_customer(customer.pk)
        earlier = Message.objects.filter(dedupe_key=form_token).first()
        if earlier:
            return _same(earlier, locked, by)
        message = _written_down(locked, note, by=by, form_token=form_token, now=now)
        _put_on_its_way(message, by=by, seen=seen, now=now)
    return message


def draft(
    customer: Customer, note: OutgoingNote, *, by: User, form_token: str, now: datetime
) -> Message:
    """Write the note down, with a page of its items. Nothing is on its way yet.

    `form_token` is unique for ever: one form, one message.
    """
    with transaction.atomic():
        return _written_down(customer, note, by=by, form_token=form_token, now=now)


def _written_down(
    customer: Customer, note: OutgoingNote, *, by: User, form_token: str, now: datetime
) -> Message:
    """`draft` inside a transaction of the caller's."""
    _refuse_odd_form(note, form_token)
    book = None
    if note.items:
        book = lookbook.create(customer, note.items, associate=by, now=now)
    return Message.objects.create(
        dedupe_key=form_token,
        customer=customer,
        store=customer.store or by.store,
        sender=by,
        channel=note.channel,
        step=note.step,
        subject=wording.one_line(note.subject)[: wording.MOST_SUBJECT_CHARACTERS],
        body=wording.clean(note.body),
        tone=note.tone,
        template_version_id=note.template_version,
        kept_note_id=note.kept_note,
        tip_id=note.tip,
        lookbook=book,
        created_at=now,
    )


def queue(message: Message, *, by: User, seen: str, now: datetime) -> None:
    """Freeze the words and put the draft on its way; a message already moved is left alone.

    It leaves after the time to take it back, or when her hours open. Raises ``NotSendable`` or
    ``StaleCard``. The workers get a hint after the commit.
    """
    with transaction.atomic():
        message.customer = clearance.locked_customer(message.customer_id)
        _put_on_its_way(message, by=by, seen=seen, now=now)


def _put_on_its_way(message: Message, *, by: User, seen: str, now: datetime) -> None:
    """`queue` inside a transaction of the caller's, in which her row is locked already."""
    leaves_at = now + timedelta(seconds=settings.UNDO_SECONDS)
    cleared = clearance.ask(message, by=by, now=now, leaves_at=leaves_at)
    body = _final_body(message, cleared)
    _refuse_stale(message, seen, cleared)
    _refuse(message, body, cleared, now=now)
    send_after = max(leaves_at, cleared.not_before or leaves_at)
    moved = message.move(
        from_=State.DRAFT,
        to=State.QUEUED,
        body=body,
        to_address=cleared.contact.channels[message.channel].address,
        covering_for_id=clearance.covering_for(message, cleared),
        queued_at=now,
        send_after=send_after,
        expires_at=now + timedelta(days=CARD_DAYS),
    )
    if not moved:
        return
    if message.step == Step.ANSWER:
        conversations.mark_handled(message.customer, now=now)
    clearance.forget_draft(message, cleared)
    wait = (send_after - now).total_seconds()
    transaction.on_commit(partial(hints.deliver, message.pk, in_seconds=wait))


def take_back(message: Message, *, by: User, now: datetime) -> None:
    """Stop a queued message. Raises ``TooLate`` when it has left, or is a colleague's."""
    if message.sender_id != by.pk:
        raise TooLate
    with transaction.atomic():
        if not stop(message, from_=State.QUEUED, reason="Taken back", now=now):
            raise TooLate


def _same(earlier: Message, customer: Customer, by: User) -> Message:
    if earlier.customer_id != customer.pk or earlier.sender_id != by.pk:
        raise StaleCard(["This form belongs to another note."])
    return earlier


def _refuse_odd_form(note: OutgoingNote, form_token: str) -> None:
    """What only a hand-made form can contain."""
    numbers = [pick.product_id for pick in note.items]
    if not 8 <= len(form_token) <= 64 or len(set(numbers)) != len(numbers):
        raise StaleCard(["This form is not one of ours."])
    if note.channel not in Channel.values:
        raise NotSendable([Blocker("unknown-channel", "There is no such channel.")])


def _final_body(message: Message, cleared: Clearance) -> str:
    return wording.final_body(
        message.body,
        channel=message.channel,
        link=lookbook.url(message.lookbook) if message.lookbook else "",
        is_first=cleared.contact.needs_stop_words(message.channel, Step(message.step)),
        items=[wording.NamedItem(item.name, item.price) for item in cleared.items],
    )


def _refuse_stale(message: Message, signature: str, cleared: Clearance) -> None:
    numbers = [pick.product_id for pick in cleared.picks]
    if not numbers and message.step == Step.ANSWER:
        return
    if found := seen.changes(
        seen.read(signature),
        message.customer,
        numbers,
        channel=message.channel,
        facts=cleared.facts,
    ):
        raise StaleCard(found)
    if found := clearance.changes_since(cleared):
        raise StaleCard(found)


def _refuse(message: Message, body: str, cleared: Clearance, *, now: datetime) -> None:
    found = [
        *cleared.blockers,
        *wording.problems(message.body, final=body, step=Step(message.step)),
    ]
    found += [cleared.stop] if cleared.stop else []
    found += pace.blockers(message.sender, now=now)
    found += [Blocker("item", problem) for problem in cleared.item_problems]
    if found:
        raise NotSendable(found)


# --- The carrier ---------------------------------------------------------------------------------
def deliver(message_id: UUID | str, *, now: datetime) -> State | None:
    """Hand one due message to its carrier; answers where it stands, None when it was not ours.

    Safe to call any number of times: only one caller can claim it. Must not be called inside a
    transaction, because the attempt has to be committed before the carrier hears of it.
    """
    claimed = _claim(message_id, now=now)
    if claimed is None:
        return None
    message, carrier, outgoing = claimed
    if not _is_still_claimed(message):
        return None
    logger.info("Handing %s to %s, attempt %s", message.pk, carrier.name, message.attempts)
    try:
        receipt = carrier.send(outgoing)
    except Temporary as delay:
        _try_again(message, delay, now=now)
    except Refused as refusal:
        fail(message, refusal, at=now)
    except Unknown:
        message.move(
            from_=State.SENDING, to=State.UNCONFIRMED, reason="The carrier has not answered."
        )
    else:
        confirm(message, receipt, at=now)
    logger.info("%s is %s", message.pk, message.state)
    return State(message.state)


def _claim(message_id: UUID | str, *, now: datetime) -> tuple[Message, Provider, Outgoing] | None:
    """Take a due message, if the rules still allow it; its attempt is committed on return."""
    try:
        with transaction.atomic(durable=True):
            message = (
                Message.objects.due(now=now)
                .select_for_update(skip_locked=True, of=("self",))
                .filter(pk=message_id)
                .first()
            )
            if message is None or not _may_leave(message, now=now):
                return None
            carrier = registry.for_channel(message.channel)
            message.move(
                from_=State.QUEUED,
                to=State.SENDING,
                attempts=F("attempts") + 1,
                intent_at=now,
                looks=0,
                provider=carrier.name,
                reason="",
            )
            return message, carrier, envelope.pack(message)
    except IntegrityError as error:
        if ONE_IN_FLIGHT not in str(error):
            raise
        logger.info("%s waits: another one to the same address is in flight", message_id)
        return None


def _is_still_claimed(message: Message) -> bool:
    """Whether the attempt is still ours in the last moment before the carrier hears of it.

    A machine may have stood still since the claim; then the worker was taken for dead, and another
    one may have sent the message in its place.
    """
    claimed = Message.objects.filter(
        pk=message.pk, state=State.SENDING, attempts=message.attempts
    ).exists()
    if not claimed:
        logger.warning("%s was taken over: attempt %s is dropped", message.pk, message.attempts)
    return claimed


def _may_leave(message: Message, *, now: datetime) -> bool:
    """Ask every rule a last time; a message that may not leave is moved where it belongs."""
    if message.expires_at and message.expires_at <= now:
        give_up(message, NOT_IN_TIME, from_=State.QUEUED, now=now)
        return False
    cleared = clearance.ask(
        message, by=message.sender, now=now, leaves_at=now, apart_from=message.pk
    )
    blockers = [*clearance.address_blockers(message, cleared.contact), *cleared.blockers]
    if blockers:
        stop(message, from_=State.QUEUED, reason=blockers[0].sentence, now=now)
        return False
    if cleared.stop:  # since the row was taken; one that stood before kept it from being due
        return False
    problems = [*cleared.item_problems, *clearance.changes_since(cleared)]
    if problems:
        give_up(message, problems[0], from_=State.QUEUED, now=now)
        return False
    if cleared.not_before and cleared.not_before > now:
        message.move(from_=State.QUEUED, to=State.QUEUED, send_after=cleared.not_before)
        return False
    return True


def _try_again(message: Message, delay: Temporary, *, now: datetime) -> None:
    """Back into the queue. No round is used: it certainly did not leave, and its age is the limit.

    A carrier that is down for an hour must not cost a single note.
    """
    graces = BACK_OFF_GRACES[min(message.attempts, len(BACK_OFF_GRACES)) - 1]
    wait = max(delay.retry_after, graces * settings.OUTBOX_GRACE_SECONDS)
    wait = min(wait, timedelta(days=CARD_DAYS).total_seconds())  # whatever a carrier asks for
    moved = message.move(
        from_=State.SENDING,
        to=State.QUEUED,
        send_after=now + timedelta(seconds=wait),
        reason=delay.sentence[:200],
        error_code=delay.code,
    )
    if moved:
        hints.deliver(message.pk, in_seconds=wait)


def give_up(message: Message, sentence: str, *, from_: State, now: datetime) -> bool:
    moved = message.move(
        from_=from_, to=State.NEEDS_ATTENTION, reason=sentence[:200], settled_at=now
    )
    if moved:
        _let_her_words_wait(message)
    return moved


def _let_her_words_wait(message: Message) -> None:
    """An answer that is not sent leaves what she wrote waiting for one."""
    if message.step == Step.ANSWER and message.queued_at:
        conversations.reopen(message.customer, handled_at=message.queued_at)


# --- By hand -------------------------------------------------------------------------------------
def put_back(
    message: Message, *, from_: State, reason: str, send_after: datetime, now: datetime
) -> bool:
    """Queue a failed or given-up message again, with fresh rounds; False when it moved meanwhile.

    Only for `by_hand`, which has made sure that it did not leave and that the rules allow it.
    """
    moved = message.move(
        from_=from_,
        to=State.QUEUED,
        reason=reason[:200],
        send_after=send_after,
        rounds=0,
        looks=0,
        error_code="",
        settled_at=None,
    )
    if moved:
        wait = (send_after - now).total_seconds()
        transaction.on_commit(partial(hints.deliver, message.pk, in_seconds=wait))
    return moved


def stop(message: Message, *, from_: State, reason: str, now: datetime) -> bool:
    """Cancel a message that has not left; False when it moved meanwhile."""
    moved = message.move(from_=from_, to=State.CANCELED, reason=reason[:200], settled_at=now)
    if moved:
        _let_her_words_wait(message)
    return moved


# --- News of a message ---------------------------------------------------------------------------
def confirm(message: Message, receipt: Receipt, *, at: datetime) -> bool:
    """The carrier accepted it. True news even for a row we had put back or given up meanwhile."""
    return _advance(
        message,
        from_=MAY_HAVE_LEFT,
        to=State.SENT,
        provider_id=receipt.provider_id,
        sent_at=at,
        settled_at=None,
        reason="",
        error_code="",
    )


def mark_delivered(message: Message, *, at: datetime) -> bool:
    """It reached her; False when a final state stands already."""
    return _advance(message, from_=(State.SENT,), to=State.DELIVERED, delivered_at=at)


def fail(message: Message, refusal: Refused, *, at: datetime) -> bool:
    """The carrier will not deliver it; draws the consequences for the address.

    An opt-out at the carrier, or a bounce, becomes a suppression here; an address that can receive
    nothing is marked unusable. False when a final state stands already.
    """
    with transaction.atomic():
        failed = _advance(
            message,
            from_=(State.SENDING, State.UNCONFIRMED, State.SENT),
            to=State.FAILED,
            reason=refusal.sentence[:200],
            error_code=refusal.code[:20],
            settled_at=at,
        )
        if failed:
            _let_her_words_wait(message)
        if not message.to_address:  # she was erased, and her address is not ours any more
            return failed
        if failed and refusal.suppress:
            consent.suppress(message.to_address, message.channel, reason=refusal.because, at=at)
            cancel_to(message.channel, message.to_address, reason=refusal.sentence, now=at)
            tell_of_opt_out(message, at=at)
        if failed and refusal.unusable:
            ContactPoint.objects.filter(channel=message.channel, address=message.to_address).update(
                unusable_because=refusal.sentence[:120]
            )
    return failed


def cancel_to(channel: str, address: str, *, reason: str, now: datetime) -> int:
    """Stop everything still queued to an address, whoever it was written to."""
    waiting = Message.objects.filter(channel=channel, to_address=address, state=State.QUEUED)
    return cancel(waiting.values_list("pk", flat=True), reason=reason, now=now)


def cancel_offers(customers: Iterable[int], *, reason: str, now: datetime) -> int:
    """Stop the offers still queued to these clients, on every channel."""
    waiting = Message.objects.filter(
        customer__in=list(customers), step__in=FIRST_MOVES, state=State.QUEUED
    )
    return cancel(waiting.values_list("pk", flat=True), reason=reason, now=now)


def cancel(message_ids: Iterable[UUID], *, reason: str, now: datetime) -> int:
    """Stop those of these messages that are still queued, saying why; answers how many were."""
    return Message.objects.filter(pk__in=list(message_ids), state=State.QUEUED).update(
        state=State.CANCELED, reason=reason[:200], settled_at=now
    )


def _advance(message: Message, *, from_: Iterable[State], to: State, **changes: Any) -> bool:
    """Compare-and-swap from any of several states, for a message that was tried at least once."""
    tried = Message.objects.filter(pk=message.pk, state__in=list(from_), intent_at__isnull=False)
    with transaction.atomic():  # a refused id must not end the transaction of a caller
        moved = tried.update(state=to, **changes)
    message.refresh_from_db()
    return bool(moved)
