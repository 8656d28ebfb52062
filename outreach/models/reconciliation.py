"""Our rows held against the carriers' own lists, and where the two do not agree."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from customers.models import Channel
from outreach.models.message import Message


class ReconciliationRun(models.Model):
    """One comparison of one channel with its carrier's list, over the messages of a stretch."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "The list was unavailable"

    channel = models.CharField(max_length=8, choices=Channel)
    provider = models.CharField(max_length=20)
    since = models.DateTimeField()
    until = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    ours = models.PositiveIntegerField(default=0, help_text="Rows of ours the carrier accepted.")
    theirs = models.PositiveIntegerField(default=0, help_text="Lines of the carrier's list.")
    differences = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(
        default=0, help_text="Rows that went forward, as a callback would have moved them."
    )

    class Meta:
        ordering = ("-started_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running") | Q(finished_at__isnull=False),
                name="reconciliation_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.channel} until {self.until:%Y-%m-%d %H:%M}"


class Difference(models.Model):
    """Something on which our rows and a carrier's list do not agree, from when until when.

    Found again it stays one row; once both agree it is `gone_at`, and is never deleted. It holds no
    address and no words: the carrier's id finds them there, the message's id here.
    """

    class Kind(models.TextChoices):
        OURS_ONLY = "ours_only", "Ours, not theirs"
        THEIRS_ONLY = "theirs_only", "Theirs, not ours"
        OTHER_STATE = "other_state", "Another state"

    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=200)
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=12, choices=Kind)
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.PROTECT, related_name="differences"
    )
    ours = models.CharField(max_length=16, blank=True, help_text="The state of our row.")
    theirs = models.CharField(max_length=20, blank=True, help_text="The carrier's own word.")
    of = models.DateTimeField(help_text="When the message was handed over.")
    first_run = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT, related_name="+")
    last_run = models.ForeignKey(
        ReconciliationRun, on_delete=models.PROTECT, related_name="differences_found"
    )
    gone_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Difference"]] = models.Manager()

    class Meta:
        ordering = ("-of", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_id", "kind"], name="difference_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="theirs_only") | Q(message__isnull=False),
                name="difference_of_ours_has_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.provider_id}"
