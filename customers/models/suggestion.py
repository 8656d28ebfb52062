"""What every night computes: items with the evidence for them, what lost, and an outlook."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.models import Product
from clienteling.fields import RealField
from customers.models.customer import Customer


class SuggestionRun(models.Model):
    """One recomputation of the suggestions, so that an admin sees when and how well it went."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    as_of = models.DateTimeField()
    new_within = models.PositiveSmallIntegerField(help_text="Days an arrival counts as new.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    lines = models.PositiveBigIntegerField(default=0, help_text="Purchase lines read.")
    customers = models.PositiveIntegerField(default=0)
    candidates = models.PositiveIntegerField(default=0, help_text="New arrivals to choose from.")
    suggestions = models.PositiveIntegerField(default=0)
    with_fewer = models.PositiveIntegerField(
        default=0, help_text="Clients with fewer suggestions than are shown."
    )
    coverage = models.FloatField(
        default=0, help_text="Share of the new arrivals shown to anybody at all."
    )
    seconds = models.FloatField(default=0)
    blend = models.ForeignKey(
        "LearnedBlend", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    warnings = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-started_at",)
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"Suggestions as of {self.as_of:%Y-%m-%d}"


class LearnedBlend(models.Model):
    """How much each signal counts in this shop, learned from its own past up to `as_of`."""

    as_of = models.DateTimeField()
    learned_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    parameters = models.JSONField(help_text="What the recommender reads; see docs/recommender.md.")
    summary = models.JSONField(
        default=dict, help_text="Past dates, examples, and how it did on the dates kept apart."
    )

    class Meta:
        ordering = ("-as_of", "-learned_at")
        get_latest_by = ("as_of", "learned_at")

    def __str__(self) -> str:
        return f"Blend as of {self.as_of:%Y-%m-%d}"


class Suggestion(models.Model):
    """An item proposed to a customer, with the evidence for it; `customers.because` has the words.

    The whole table is swapped, never edited, so nothing points at it and it points at others
    without constraints. Counts stop at 32,767. Ranks are among the new arrivals, 0 for none.
    """

    pk = models.CompositePrimaryKey("customer_id", "rank")
    customer = models.ForeignKey(
        Customer,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="suggestions",
    )
    rank = models.PositiveSmallIntegerField()
    product = models.ForeignKey(
        Product,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="suggestions",
    )
    score = RealField(help_text="The sum of the contributions.")
    contributions = ArrayField(
        RealField(), default=list, help_text="By signal, in the order of `SIGNALS`."
    )
    similar_customers = models.PositiveSmallIntegerField(
        default=0, help_text="Of the customers most like her, how many bought it lately."
    )
    nearest = models.ForeignKey(
        Product,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="Of what she kept, the one most like it.",
    )
    shared_traits = models.PositiveSmallIntegerField(
        default=0, help_text="What both have in common: a sum of `Trait`s."
    )
    city_units = models.PositiveSmallIntegerField(default=0)
    city_rank = models.PositiveSmallIntegerField(default=0)
    store_units = models.PositiveSmallIntegerField(default=0)
    store_rank = models.PositiveSmallIntegerField(default=0)
    units = models.PositiveSmallIntegerField(default=0, help_text="Sold lately, all stores.")
    units_rank = models.PositiveSmallIntegerField(default=0)
    brand_items = models.PositiveSmallIntegerField(
        default=0, help_text="Different items of its brand that she kept."
    )
    category_items = models.PositiveSmallIntegerField(
        default=0, help_text="Different items of its kind that she kept."
    )
    days_new = models.SmallIntegerField(default=-1, help_text="Days since it arrived; -1 unknown.")

    class Meta:
        ordering = ("customer_id", "rank")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.rank}: {self.product_id}"


class NearMiss(models.Model):
    """An item that came close and lost, and to what: swapped together with the suggestions."""

    pk = models.CompositePrimaryKey("customer_id", "place")
    customer = models.ForeignKey(
        Customer,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="near_misses",
    )
    place = models.PositiveSmallIntegerField(help_text="1 came closest.")
    product = models.ForeignKey(
        Product, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    score = RealField()
    objection = models.PositiveSmallIntegerField(
        help_text="The number of the rule that removed it; 0: others scored higher."
    )

    class Meta:
        ordering = ("customer_id", "place")

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.product_id} lost"


class Outlook(models.Model):
    """How likely a customer is to come back: computed nightly, swapped whole, never edited."""

    customer = models.OneToOneField(
        Customer,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="outlook",
    )
    alive = RealField(help_text="Probability that she has not left for good (BG/NBD).")
    will_buy = RealField(help_text="Probability of a purchase within the next 90 days (BG/NBD).")

    class Meta:
        ordering = ("customer_id",)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.will_buy:.0%}"
