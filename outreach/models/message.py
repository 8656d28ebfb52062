"""Messages out, answers in, and what the carriers told us about both."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from catalog.models import CareTip
from clienteling.models import SendingStop, Store, User
from customers.models import Channel, Customer
from outreach.models.lookbook import Lookbook


class State(models.TextChoices):
    """The road of a message; `outreach.messages.outbox` is the only one that moves it."""

    DRAFT = "draft", "Draft"
    QUEUED = "queued", "On its way"
    SENDING = "sending", "Sending"
    UNCONFIRMED = "unconfirmed", "Not confirmed yet"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Not delivered"
    CANCELED = "canceled", "Taken back"
    NEEDS_ATTENTION = "needs_attention", "Needs attention"


class Step(models.TextChoices):
    """Why the message was written. Everything but an answer to her own words is marketing: thanks,
    a tip or a birthday note to a client who is silent asks for the same consent as an offer."""

    OFFER = "offer", "Offer"
    THANKS = "thanks", "Thanks"
    GREETING = "greeting", "Greeting"
    TIP = "tip", "Tip"
    ANSWER = "answer", "Answer"
    SERVICE = "service", "Follow-up"
    KINDNESS = "kindness", "Kindness"


KNOWN_STEP = Q(step__in=[step.value for step in Step])
FIRST_MOVES = tuple(step for step in Step if step != Step.ANSWER)


IN_FLIGHT = (State.SENDING, State.UNCONFIRMED)
HANDED_OVER = (State.SENT, State.DELIVERED)
RECEIPT_WITHIN = timedelta(hours=24)  # later, a carrier that has told nothing tells nothing more
WAS_WRITTEN = Q(queued_at__isnull=False) & ~Q(state__in=["draft", "canceled"])
"""Somebody tapped Send, and did not take it back."""
COUNTS_AS_CONTACT = (
    State.QUEUED,
    State.SENDING,
    State.UNCONFIRMED,
    State.SENT,
    State.DELIVERED,
    State.NEEDS_ATTENTION,
)


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> "MessageQuerySet":
        """Messages to clients of the stores this person works in; none for an admin."""
        if user.role == User.Role.ADMIN:
            return self.none()
        return self.filter(_with_clients_of(user))

    def written(self) -> "MessageQuerySet":
        """What somebody sent and did not take back."""
        return self.filter(WAS_WRITTEN)

    def due(self, *, now: datetime) -> "MessageQuerySet":
        """What may be handed over by now; a stop holds back even what its hour has come for."""
        return self.filter(~Exists(_stops()), state=State.QUEUED, send_after__lte=now)

    def stopped(self) -> "MessageQuerySet":
        """Queued, and held back by a stop that stands."""
        return self.filter(Exists(_stops()), state=State.QUEUED)

    def with_stops(self) -> "MessageQuerySet":
        """Each with `is_stopped`: whether a stop holds it back."""
        return self.annotate(is_stopped=Q(state=State.QUEUED) & Exists(_stops()))


def _with_clients_of(user: User) -> Q:
    """Those of clients whom `Customer.objects.visible_to` shows, in the stores she works in."""
    stores = Store.objects.visible_to(user).values("pk")
    homeless = Q(customer__store=None, customer__associate__store__in=stores)
    return Q(customer__store__in=stores) | homeless


def _stops() -> "models.QuerySet[SendingStop]":
    """What holds a message back: a stop of its client's store, of its sender's, or of all."""
    return SendingStop.objects.standing().filter(
        Q(store=None) | Q(store=OuterRef("store_id")) | Q(store=OuterRef("sender__store_id")),
        Q(channel="") | Q(channel=OuterRef("channel")),
    )


class Message(models.Model):
    """One note, draft to delivered. The words are frozen at the click."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dedupe_key = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="messages")
    store = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="messages")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages"
    )
    covering_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whose client was answered by a colleague, while she was off shift.",
    )
    channel = models.CharField(max_length=8, choices=Channel)
    step = models.CharField(max_length=8, choices=Step, default=Step.OFFER)
    to_address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    tone = models.CharField(
        max_length=8,
        blank=True,
        default="",
        db_default="",
        help_text="Of the draft it was made of.",
    )
    template_version = models.ForeignKey(
        "outreach.TemplateVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
        help_text="The store's own words it was made of.",
    )
    kept_note = models.ForeignKey(
        "outreach.KeptNote",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="messages",
        help_text="The sender's own phrase it was made of.",
    )
    tip = models.ForeignKey(
        CareTip,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="messages",
        help_text="The tip it passes on, so that nobody is told it twice.",
    )
    lookbook = models.OneToOneField(
        Lookbook, null=True, blank=True, on_delete=models.PROTECT, related_name="message"
    )
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    reason = models.CharField(
        max_length=200, blank=True, help_text="In plain words, why it stands where it stands."
    )
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    send_after = models.DateTimeField(null=True, help_text="Held until then: undo time or hours.")
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rounds = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts whose answer was lost and which the list did not show."
    )
    intent_at = models.DateTimeField(null=True, help_text="When the last attempt was claimed.")
    hinted_at = models.DateTimeField(null=True, help_text="When a sweep last named it to workers.")
    looks = models.PositiveSmallIntegerField(
        default=0, help_text="Times the carrier's list did not show the last attempt."
    )
    looked_at = models.DateTimeField(
        null=True, help_text="When its carrier's list was last asked about it, seen or not."
    )
    receipt_asks = models.PositiveSmallIntegerField(
        default=0, help_text="Times its carrier was asked by id whether it arrived."
    )
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, help_text="Failed, taken back or given up.")
    provider = models.CharField(max_length=20, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=20, blank=True)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-created_at",)
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="message_customer"),
            models.Index(fields=["store", "sent_at"], name="message_store_sent"),
            models.Index(fields=["sender", "queued_at"], name="message_sender_queued"),
            models.Index(fields=["send_after"], condition=Q(state="queued"), name="message_due"),
            models.Index(
                fields=["intent_at"],
                condition=Q(state__in=["sending", "unconfirmed"]),
                name="message_in_flight",
            ),
            models.Index(
                fields=["sent_at"], condition=Q(state="sent"), name="message_without_receipt"
            ),
            # A store's last words: walked until there are enough.
            models.Index(
                fields=["store", "-queued_at"], condition=WAS_WRITTEN, name="message_written"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "to_address"],
                condition=Q(state__in=["sending", "unconfirmed"]),
                name="message_one_in_flight_per_address",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_id"],
                condition=~Q(provider_id=""),
                name="message_provider_id_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="message_state_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email"]), name="message_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(queued_at__isnull=False, send_after__isnull=False, expires_at__isnull=False),
                name="message_queued_has_times",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False),
                name="message_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False),
                name="message_delivered_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "unconfirmed"]) | Q(intent_at__isnull=False),
                name="message_in_flight_has_intent",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(body="", to_address=""), name="message_has_words"
            ),
            models.CheckConstraint(condition=KNOWN_STEP, name="message_step_known"),
            models.CheckConstraint(
                condition=Q(tip=None) | Q(step="tip"), name="message_tip_only_of_a_tip"
            ),
            models.CheckConstraint(
                condition=Q(covering_for=None) | Q(step="answer"),
                name="message_covers_only_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id} {self.state}"

    @property
    def may_have_left(self) -> bool:
        """Whether nobody knows what became of the last attempt.

        A message that was put back in the queue since then is due after it: it did not leave.
        """
        if self.intent_at is None or self.send_after is None or self.provider_id:
            return False
        return self.state != State.FAILED and self.send_after <= self.intent_at

    def has_no_receipt(self, *, now: datetime) -> bool:
        """Whether it was accepted, and the time is over in which its carrier says it arrived.

        Not of mail by a server that never says so: nobody was asked then.
        """
        if self.state != State.SENT or self.sent_at is None:
            return False
        is_reported = self.channel == Channel.SMS or self.receipt_asks > 0
        return is_reported and self.sent_at <= now - RECEIPT_WITHIN

    def move(self, *, from_: State, to: State, **changes: Any) -> bool:
        """Compare-and-swap: False when somebody else moved it first. For the outbox only.

        The attempts are part of the comparison: a state may have come round again meanwhile, and
        what was found out about one attempt says nothing about the next.
        """
        unmoved = type(self).objects.filter(pk=self.pk, state=from_, attempts=self.attempts)
        moved = unmoved.update(state=to, **changes)
        if moved:
            self.refresh_from_db()
        return bool(moved)


class ProviderEvent(models.Model):
    """What a carrier told us, as it came; a repeat finds its key taken and changes nothing."""

    provider = models.CharField(max_length=20)
    event_key = models.CharField(max_length=200, help_text="Distinct per event: id and status.")
    message = models.ForeignKey(
        Message, null=True, on_delete=models.CASCADE, related_name="provider_events"
    )
    kind = models.CharField(max_length=20)
    payload = models.JSONField(default=dict)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("received_at", "pk")
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_key"], name="provider_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: User) -> "ReplyQuerySet":
        """Answers from clients of the stores this person works in."""
        if user.role == User.Role.ADMIN:
            return self.none()
        return self.filter(_with_clients_of(user))

    def of_clients(self) -> "ReplyQuerySet":
        """From somebody we know."""
        return self.filter(customer__isnull=False)

    def waiting(self) -> "ReplyQuerySet":
        """A person wrote, and nobody has answered or put it away yet."""
        return self.filter(kind=Reply.Kind.WORDS, handled_at=None)

    def unknown_to_us(self) -> "ReplyQuerySet":
        """From senders whom no client is known by."""
        return self.filter(customer=None)

    def from_sender_of(self, reply: "Reply") -> "ReplyQuerySet":
        """Everything else that came from the same address."""
        return self.filter(channel=reply.channel, from_address=reply.from_address)


class Reply(models.Model):
    """Something a client wrote to us. Unknown senders have no customer."""

    class Kind(models.TextChoices):
        WORDS = "words", "Words"
        STOP = "stop", "Stop"
        START = "start", "Start"
        HELP = "help", "Help"
        AUTOMATIC = "auto", "Automatic"

    class ReadAs(models.TextChoices):
        STOP = "stop", "She asked us to stop"
        GO_ON = "go_on", "She did not mean that"

    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    message = models.ForeignKey(
        Message,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="replies",
        help_text="The last note before it, when there was one.",
    )
    channel = models.CharField(max_length=8, choices=Channel)
    from_address = models.CharField(max_length=254)
    body = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WORDS)
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=200)
    is_verified = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Not so for a mail that only its sender's address, easily forged, makes hers.",
    )
    left_out = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Files that came with it and are not kept."
    )
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who said whose words these are, or set an unknown sender aside.",
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    read_as = models.CharField(
        max_length=8,
        blank=True,
        choices=ReadAs,
        help_text="What a person made of words that may have been a wish to be left alone.",
    )
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ReplyQuerySet] = ReplyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-received_at", "-pk")
        verbose_name_plural = "replies"
        indexes = [
            models.Index(fields=["customer", "-received_at"], name="reply_customer"),
            models.Index(
                fields=["customer"],
                condition=Q(handled_at__isnull=True, kind="words"),
                name="reply_waiting",
            ),
            # Who waits longest: walked until a page is full.
            models.Index(
                fields=["received_at", "id"],
                include=["customer"],
                condition=Q(customer__isnull=False, handled_at__isnull=True, kind="words"),
                name="reply_waiting_since",
            ),
            models.Index(
                fields=["-received_at"],
                condition=Q(customer__isnull=False),
                name="reply_of_clients",
            ),
            models.Index(
                fields=["-received_at"],
                condition=Q(customer__isnull=True, handled_at__isnull=True, kind="words"),
                name="reply_unknown_waiting",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="reply_once"),
            models.CheckConstraint(
                condition=Q(settled_by=None, settled_at=None)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="reply_settled_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(read_as="", read_by=None, read_at=None)
                | Q(read_as__in=["stop", "go_on"], read_by__isnull=False, read_at__isnull=False),
                name="reply_reading_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.provider_id}"
