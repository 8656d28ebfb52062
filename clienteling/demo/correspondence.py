"""A year of notes and answers, as they would stand in the records of a shop that writes by hand.

Who came back after a long while had often been written to shortly before: that is what the
manager's report has to find. No client is written to twice within 45 days, and nobody after a STOP.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from django.conf import settings

from catalog.models import Product
from clienteling.defaults import CARD_DAYS, CONTACT_CAPS, LOOKBOOK_DAYS
from clienteling.demo import hours, phrases
from clienteling.demo.assortment import Assortment, choose
from clienteling.demo.clients import NO, Client, Statement
from clienteling.demo.factories import (
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ReplyFactory,
    SimulatedMessageFactory,
    SuppressionFactory,
)
from clienteling.demo.staff import Staff
from clienteling.models import User
from customers.models import Channel, Suppression
from outreach.models import Lookbook, LookbookItem, Message, Reply, SimulatedMessage
from outreach.models.message import HANDED_OVER, State, Step

YEAR = 364
QUIET_AFTER = 60  # days without a visit, after which an associate may think of writing
REST = max(days for _, days in CONTACT_CAPS) + 1
JUST_BEFORE = (2, 13)  # days between a note and the visit it may have brought
BROUGHT_BACK_SHARE, IN_VAIN_SHARE, RESTING_SHARE = 0.1, 0.62, 0.16
# Of those written to in the last weeks, most who came back are no longer among the lapsed: without
# more of them the newest months would show only notes in vain.
LATELY_DAYS, LATELY_BROUGHT_BACK_SHARE = 50, 0.3
RESTING_DAYS = (1, 12)
RECEIPT_MISSING_FROM = 3  # days ago; a younger note would still be looked up
STATES = (State.DELIVERED, State.SENT, State.FAILED)
STATE_SHARES = {Channel.SMS: (945, 25, 30), Channel.EMAIL: (915, 55, 30)}
STOP_SHARE, OPENED_SHARE, ANSWERED_SHARE = 0.018, 0.5, 0.65
# How likely she writes back: where the note brought her in, and where it did not.
REPLY_SHARES = {Channel.SMS: (0.62, 0.2), Channel.EMAIL: (0.34, 0.09)}
ITEMS = 3


@dataclass
class Post:
    """Everything that was written, as it will be stored."""

    lookbooks: list[Lookbook] = field(default_factory=list)
    items: list[LookbookItem] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    simulated: list[SimulatedMessage] = field(default_factory=list)
    suppressions: dict[tuple[str, str], Suppression] = field(default_factory=dict)


@dataclass(frozen=True)
class Occasion:
    """A day on which a note was written, and the day of the visit it brought, if it did."""

    days_ago: int
    visit: int | None = None


@dataclass
class Correspondence:
    """Writes the past; `post` is what comes of it."""

    staff: Staff
    assortment: Assortment
    now: datetime
    random: Random
    post: Post = field(default_factory=Post)

    def write_to(self, client: Client) -> None:
        """A year of notes to one client, her answers and what followed from them."""
        for occasion in occasions(client, self.random):
            channel = self._channel(client)
            if channel is None:
                return
            self.offer(client, channel, occasion)

    def offer(
        self, client: Client, channel: Channel, occasion: Occasion, *, answered: bool | None = None
    ) -> Message | None:
        """One note with three items; None when nothing new suited her then.

        `answered` decides whether she writes back; None leaves it to chance.
        """
        picks = self._picks(client, occasion)
        if not picks:
            return None
        on = hours.days_before(client.store, self.now, occasion.days_ago)
        at = hours.of_writing(client.store, on, self.random)
        state = State.DELIVERED if answered is not None else self._outcome(channel, occasion)
        message = self._note(client, channel, picks, at=at, state=state)
        if message.state == State.DELIVERED:
            self._hear_back(client, message, answered=answered, came=occasion.visit is not None)
        return message

    def hear(self, client: Client, message: Message, words: str, *, at: datetime) -> Reply:
        """She writes back; nobody has read it yet."""
        reply = ReplyFactory.build(
            customer=client.customer,
            message=message,
            channel=message.channel,
            from_address=message.to_address,
            body=words,
            provider_id=str(self._uuid()),
            received_at=at,
        )
        self.post.replies.append(reply)
        self._show(message, reply.body, at, SimulatedMessage.Direction.FROM_CLIENT, reply=reply)
        return reply

    # --- Choosing -----------------------------------------------------------------------------
    def _channel(self, client: Client) -> Channel | None:
        """What she prefers, else a text; only where she may be written to at all."""
        allowed = [
            channel
            for channel in (Channel.SMS, Channel.EMAIL)
            if client.may_receive(channel)
            and (channel, client.addresses[channel]) not in self.post.suppressions
        ]
        preferred = [each for each in allowed if each == client.customer.preferred_channel]
        return next(iter(preferred + allowed), None)

    def _picks(self, client: Client, occasion: Occasion) -> list[Product]:
        """What was new on that day and to her taste; what she then came for stands first."""
        new = self.assortment.is_new(occasion.days_ago)
        weights = client.taste.liking(self.assortment) * new
        weights[[item for item, ago in client.bought.items() if ago > occasion.days_ago]] = 0.0
        came_for = [
            item
            for item, ago in client.bought.items()
            if ago == occasion.visit and weights[item] > 0
        ]
        picked: list[int] = []
        for wish in [*came_for, *[None] * ITEMS][:ITEMS]:
            item = choose(weights, self.random) if wish is None else wish
            if item is None:
                break
            weights[self.assortment.model == self.assortment.model[item]] = 0.0
            picked.append(item)
        return [self.assortment.products[item] for item in picked]

    def _outcome(self, channel: Channel, occasion: Occasion) -> State:
        state = self.random.choices(STATES, STATE_SHARES[channel])[0]
        is_recent = occasion.days_ago <= RECEIPT_MISSING_FROM
        return State.DELIVERED if is_recent and state == State.SENT else state

    # --- Writing ------------------------------------------------------------------------------
    def _note(
        self,
        client: Client,
        channel: Channel,
        picks: list[Product],
        *,
        at: datetime,
        state: State,
    ) -> Message:
        sender = client.associate or self.random.choice(self.staff.associates[client.store.code])
        lookbook = self._lookbook(client, sender, picks, at)
        subject, body = self._words(client, channel, sender, picks, lookbook)
        message = self._message(
            client, channel, sender, at=at, state=state, subject=subject, body=body
        )
        message.lookbook = lookbook
        if state == State.DELIVERED and self.random.random() < OPENED_SHARE:
            lookbook.first_opened_at = at + timedelta(minutes=self.random.randint(1, 600))
            lookbook.first_opened_at = min(lookbook.first_opened_at, self.now)
        return message

    def _words(
        self,
        client: Client,
        channel: Channel,
        sender: User,
        picks: list[Product],
        lookbook: Lookbook,
    ) -> tuple[str, str]:
        facts = {
            "first": client.customer.called,
            "associate": sender.first_name,
            "store": client.store.name,
            "item": picks[0].name,
            "link": f"{settings.PUBLIC_BASE_URL}/l/{lookbook.token}/",
        }
        if channel == Channel.EMAIL:
            subject = self.random.choice(phrases.EMAIL_SUBJECTS).format(**facts)
            return subject, self._other_words(client, phrases.EMAIL_NOTES).format(**facts)
        is_first = not client.was_texted
        client.was_texted = True
        ending = phrases.FIRST_NOTE_ENDING if is_first else ""
        return "", self._other_words(client, phrases.SMS_NOTES).format(**facts) + ending

    def _other_words(self, client: Client, notes: Sequence[str]) -> str:
        """Nobody is sent the same sentence twice in a row."""
        words = self.random.choice(notes)
        if words == client.last_words:
            words = notes[(notes.index(words) + 1) % len(notes)]
        client.last_words = words
        return words

    def _lookbook(
        self, client: Client, sender: User, picks: list[Product], at: datetime
    ) -> Lookbook:
        lookbook = LookbookFactory.build(
            customer=client.customer,
            associate=sender,
            store=client.store,
            created_at=at,
            expires_at=at + timedelta(days=LOOKBOOK_DAYS),
        )
        self.post.lookbooks.append(lookbook)
        reasons = self.random.sample(phrases.LOOKBOOK_REASONS, len(picks))
        for position, (product, reason) in enumerate(zip(picks, reasons, strict=True), start=1):
            self.post.items.append(
                LookbookItemFactory.build(
                    lookbook=lookbook, position=position, product=product, because=reason
                )
            )
        return lookbook

    def _message(
        self,
        client: Client,
        channel: str,
        sender: User,
        *,
        at: datetime,
        state: State = State.DELIVERED,
        subject: str = "",
        body: str,
        step: Step = Step.OFFER,
    ) -> Message:
        leaves_at = at + timedelta(seconds=settings.UNDO_SECONDS)
        sent_at = leaves_at + timedelta(seconds=1)
        failure = self._failure(channel) if state == State.FAILED else ("", "")
        ended_at = sent_at + timedelta(seconds=self.random.randint(2, 40))
        carriers_id = str(self._uuid())
        message = MessageFactory.build(
            id=self._uuid(),
            dedupe_key=f"demo-{len(self.post.messages) + 1}",
            customer=client.customer,
            sender=sender,
            channel=channel,
            step=step,
            to_address=client.addresses[channel],
            subject=subject,
            body=body,
            state=state,
            created_at=at,
            send_after=leaves_at,
            expires_at=at + timedelta(days=CARD_DAYS),
            intent_at=leaves_at,
            sent_at=sent_at,
            delivered_at=ended_at if state == State.DELIVERED else None,
            settled_at=ended_at if state == State.FAILED else None,
            error_code=failure[0],
            reason=failure[1],
            provider_id=carriers_id if state in HANDED_OVER else "",  # else it is not on its list
        )
        self.post.messages.append(message)
        if state in HANDED_OVER:
            self._show(message, body, sent_at, SimulatedMessage.Direction.TO_CLIENT)
        return message

    def _failure(self, channel: str) -> tuple[str, str]:
        is_text = channel == Channel.SMS
        return self.random.choice(phrases.CARRIER_FAILURES if is_text else phrases.MAIL_FAILURES)

    def _show(
        self,
        message: Message,
        body: str,
        at: datetime,
        direction: SimulatedMessage.Direction,
        *,
        reply: Reply | None = None,
    ) -> None:
        """The other side of it: what the simulated phone or mailbox holds."""
        self.post.simulated.append(
            SimulatedMessageFactory.build(
                id=UUID(reply.provider_id if reply else message.provider_id),
                direction=direction,
                channel=message.channel,
                address=message.to_address,
                outbox_id=None if reply else message.id,
                subject="" if reply else message.subject,
                body=body,
                at=at,
                delivered_at=None if reply else message.delivered_at,
            )
        )

    # --- What followed ------------------------------------------------------------------------
    def _hear_back(
        self, client: Client, message: Message, *, answered: bool | None, came: bool
    ) -> None:
        channel = Channel(message.channel)
        came_share, other_share = REPLY_SHARES[channel]
        chance = self.random.random()
        wrote_at = message.created_at + timedelta(minutes=self.random.randint(2, 240))
        if answered is None and not came and chance < STOP_SHARE:
            self._stop(client, message, at=wrote_at)
        elif answered or (answered is None and chance < (came_share if came else other_share)):
            talks = phrases.GLAD_TALKS if came else phrases.OTHER_TALKS
            self._talk(client, message, *self.random.choice(talks), at=wrote_at)

    def _talk(
        self, client: Client, message: Message, words: str, answer: str, *, at: datetime
    ) -> None:
        reply = self.hear(client, message, words, at=at)
        reply.handled_at = at + timedelta(minutes=self.random.randint(3, 45))
        if self.random.random() < ANSWERED_SHARE:
            self._message(
                client,
                message.channel,
                message.sender,
                at=reply.handled_at,
                subject=f"Re: {message.subject}" if message.subject else "",
                body=answer,
                step=Step.ANSWER,
            )

    def _stop(self, client: Client, message: Message, *, at: datetime) -> None:
        channel, address = message.channel, message.to_address
        source, reason = phrases.UNSUBSCRIBE_SOURCE, "unsubscribed"
        if channel == Channel.SMS:
            source, reason = phrases.STOP_SOURCE, "stop-word"
            reply = self.hear(client, message, self.random.choice(phrases.STOP_WORDS), at=at)
            reply.kind, reply.handled_at = Reply.Kind.STOP, at
        client.statements.append(Statement(channel, NO, at, source))
        self.post.suppressions[channel, address] = SuppressionFactory.build(
            channel=channel, address=address, reason=reason, suppressed_at=at
        )

    def _uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)


def occasions(client: Client, random: Random) -> Iterator[Occasion]:
    """When she was written to during the last year, the earliest first."""
    written: int | None = None
    for start, end in pairwise([*client.visits, 0]):
        occasion = _occasion(start, end, random)
        if occasion is None or occasion.days_ago > YEAR:
            continue
        if written is None or written - occasion.days_ago >= REST:
            written = occasion.days_ago
            yield occasion


def _occasion(start: int, end: int, random: Random) -> Occasion | None:
    """One note in a long gap between two visits (in days ago), or since the last one."""
    if start - end < QUIET_AFTER:
        return None
    chance = random.random()
    share = LATELY_BROUGHT_BACK_SHARE if end <= LATELY_DAYS else BROUGHT_BACK_SHARE
    if end and chance < share:
        return Occasion(end + random.randint(*JUST_BEFORE), visit=end)
    if not end and chance < RESTING_SHARE:
        return Occasion(random.randint(*RESTING_DAYS))
    latest, earliest = end + max(JUST_BEFORE) + 2, min(start - QUIET_AFTER // 2, YEAR)
    if chance < IN_VAIN_SHARE and latest <= earliest:
        return Occasion(random.randint(latest, earliest))
    return None
