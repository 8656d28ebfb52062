"""What was decided about each client, night by night: kept as stretches of like nights."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from customers.models import Customer


class DecisionNight(models.Model):
    """A night whose decisions were written down, and the moment as of which they hold."""

    night = models.DateField(primary_key=True)
    as_of = models.DateTimeField()
    recorded_at = models.DateTimeField()
    clients = models.PositiveIntegerField(help_text="Clients of a book who were decided about.")
    changed = models.PositiveIntegerField(help_text="Of those, whose verdict or inputs were new.")
    due = models.PositiveIntegerField(help_text="Of those, who could be written to.")

    class Meta:
        ordering = ("-night",)
        get_latest_by = "night"

    def __str__(self) -> str:
        return f"Decisions of {self.night}"


class DecisionRules(models.Model):
    """The numbers that the rules were asked with: as a store had set them."""

    id = models.SmallAutoField(primary_key=True)
    lapse_days = models.PositiveSmallIntegerField()
    cards_per_day = models.PositiveSmallIntegerField()
    cap_messages = models.PositiveSmallIntegerField()
    cap_days = models.PositiveSmallIntegerField()
    long_cap_messages = models.PositiveSmallIntegerField()
    long_cap_days = models.PositiveSmallIntegerField()
    silent_notes = models.PositiveSmallIntegerField()
    rest_days = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "decision rules"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "lapse_days",
                    "cards_per_day",
                    "cap_messages",
                    "cap_days",
                    "long_cap_messages",
                    "long_cap_days",
                    "silent_notes",
                    "rest_days",
                ],
                name="decision_rules_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Rules {self.pk}"


class Decision(models.Model):
    """A stretch of nights on which the verdict about a client, and its inputs, were the same.

    The stretch holds from `first_night` to `last_night`; without a last night it goes on. A night
    that changed nothing writes nothing. Written in sets by `outreach.decisions.recording` alone,
    and packed there: no words, and no names, only what the rules ask. Without a foreign key in the
    database, like all that is made anew every night.
    """

    pk = models.CompositePrimaryKey("customer_id", "first_night")
    customer = models.ForeignKey(
        Customer,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="decisions",
    )
    last_purchase_at = models.DateTimeField(null=True)
    case_closed_at = models.DateTimeField(
        null=True, help_text="When a complaint was solved, while that still counts."
    )
    first_night = models.DateField()
    last_night = models.DateField(null=True)
    next_on = models.DateField(
        null=True, help_text="The first day on which a note may go, if nothing else happens."
    )
    facts = models.IntegerField(help_text="Yes or no, a bit each: see outreach.decisions.packing.")
    last_note_on = models.DateField(null=True, help_text="Of the notes without an answer.")
    leave_until = models.DateField(null=True)
    quiet_until = models.DateField(null=True)
    pause_until = models.DateField(null=True, help_text="Her mailbox rests up to this day.")
    put_off_until = models.DateField(null=True)
    verdict = models.SmallIntegerField(help_text="See outreach.decisions.verdicts.")
    rules = models.SmallIntegerField(help_text="The number of its DecisionRules.")
    usual_gap_days = models.SmallIntegerField(null=True)
    silent_notes = models.SmallIntegerField()
    worth = models.SmallIntegerField(null=True, help_text="Of a note to her, in tenths of a point.")
    contacted_on = ArrayField(
        models.DateField(), null=True, help_text="First moves that a cap may count, newest first."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(last_night=None), name="decision_one_goes_on"
            ),
            models.CheckConstraint(
                condition=Q(last_night=None) | Q(last_night__gte=F("first_night")),
                name="decision_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} from {self.first_night}"
