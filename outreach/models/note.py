"""The words of notes: the tone, a store's own templates, and what an associate kept of hers."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from clienteling.models import Store
from customers.models import KNOWN_CHANNEL, Channel, Customer
from outreach.models.message import KNOWN_STEP, Message, Step


class Tone(models.TextChoices):
    """How a note sounds."""

    WARM = "warm", "Warm"
    BRIEF = "brief", "Brief"
    FORMAL = "formal", "Formal"


KNOWN_TONE = Q(tone__in=[tone.value for tone in Tone])


class TemplateVersionQuerySet(models.QuerySet["TemplateVersion"]):
    def current(self) -> "TemplateVersionQuerySet":
        """The newest of each step, channel and tone of each store; a blank one is the house's."""
        place = ("store_id", "step", "channel", "tone")
        return self.order_by(*place, "-number").distinct(*place)


class TemplateVersion(models.Model):
    """What a store's notes say for one step, channel and tone; every save writes a new row.

    A blank body gives the place back to the house's own words. Rows are never changed or removed:
    messages name the version they were made of, and the rows tell who wrote what and when.
    """

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="note_templates")
    step = models.CharField(max_length=8, choices=Step)
    channel = models.CharField(max_length=8, choices=Channel)
    tone = models.CharField(max_length=8, choices=Tone)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    brought_back = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField()

    objects: ClassVar[TemplateVersionQuerySet] = TemplateVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("store", "step", "channel", "tone", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "step", "channel", "tone", "number"],
                name="template_version_number_once",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="template_version_from_one"),
            models.CheckConstraint(condition=KNOWN_STEP, name="template_version_step_known"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="template_version_channel_known"),
            models.CheckConstraint(condition=KNOWN_TONE, name="template_version_tone_known"),
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.channel} {self.tone} {self.number}"


class KeptNote(models.Model):
    """What an associate said to "This worked; keep it?": a phrase of her own, or no.

    The words hold placeholders where the note named its client, so that another's note made of them
    says nothing about her.
    """

    class State(models.TextChoices):
        KEPT = "kept", "Kept"
        DECLINED = "declined", "Not kept"
        DROPPED = "dropped", "No longer used"

    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="kept_notes"
    )
    made_from = models.OneToOneField(
        Message, on_delete=models.CASCADE, related_name="kept_as", help_text="The note that worked."
    )
    step = models.CharField(max_length=8, choices=Step)
    channel = models.CharField(max_length=8, choices=Channel)
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("-decided_at", "-pk")
        indexes = [
            models.Index(fields=["associate"], condition=Q(state="kept"), name="kept_note_in_use")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["kept", "declined", "dropped"]), name="kept_note_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="kept") | ~Q(body=""), name="kept_note_has_words"
            ),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="kept_note_channel_known"),
            models.CheckConstraint(condition=KNOWN_STEP, name="kept_note_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.state} by {self.associate_id}"


class ClientTone(models.Model):
    """The tone her last notes were asked for in; her next one is drafted in the same."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="tone")
    tone = models.CharField(max_length=8, choices=Tone)
    own_words = models.BooleanField(
        default=False, help_text="The associate's kept phrases, where one fits; else the tone."
    )
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=KNOWN_TONE, name="client_tone_known")]

    def __str__(self) -> str:
        return f"{self.tone} for {self.customer_id}"


class WritingStyle(models.Model):
    """How an associate writes where she has chosen nothing for a client, and how her day ends."""

    associate = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="writing_style"
    )
    tone = models.CharField(max_length=8, choices=Tone, default=Tone.WARM)
    wants_evening_mail = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=KNOWN_TONE, name="writing_style_tone_known")
        ]

    def __str__(self) -> str:
        return f"{self.tone} of {self.associate_id}"
