"""What an associate knows of a client and no till does: notes, sizes, days to remember.

`customers.notebook` writes them.
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models import Category
from customers.models.customer import Customer
from customers.note_rules import RULE_LABELS, RuleKind


class ClientNote(models.Model):
    """Free words about a client, or a rule about items. A retired one counts no more, and stays."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    words = models.CharField(max_length=500, blank=True)
    rule = models.CharField(
        max_length=12,
        blank=True,
        choices=[(kind.value, RULE_LABELS[kind]) for kind in RuleKind],
        help_text="What she never wants; blank for words alone.",
    )
    value = models.CharField(max_length=120, blank=True, help_text="Which brand, color and so on.")
    price = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, blank=True, help_text="The most she spends."
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-written_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(words="") | ~Q(rule=""), name="client_note_says_something"
            ),
            models.CheckConstraint(
                condition=Q(rule="", value="", price__isnull=True)
                | Q(rule="price_above", value="", price__isnull=False, price__gt=0)
                | (
                    Q(rule__in=[kind.value for kind in RuleKind if kind != RuleKind.PRICE_ABOVE])
                    & ~Q(value="")
                    & Q(price__isnull=True)
                ),
                name="client_note_rule_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(retired_at__gte=F("written_at")),
                name="client_note_retired_after_written",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.rule or 'words'}"


class StatedSize(models.Model):
    """Her size in a category as she says it: it counts before the one learned from purchases."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="stated_sizes")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    size = models.CharField(max_length=20)
    stated_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("category__name",)
        constraints = [
            models.UniqueConstraint(fields=["customer", "category"], name="stated_size_one_each"),
            models.CheckConstraint(condition=~Q(size=""), name="stated_size_has_size"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.size}"


_MONTHS_OF_30 = (4, 6, 9, 11)


class ImportantDate(models.Model):
    """A day of the year that matters to her; its year only where she told it."""

    class Kind(models.TextChoices):
        BIRTHDAY = "birthday", "Birthday"
        ANNIVERSARY = "anniversary", "Anniversary"
        OTHER = "other", "Another day"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="important_dates")
    kind = models.CharField(max_length=12, choices=Kind)
    label = models.CharField(max_length=80, blank=True, help_text="What happens on another day.")
    month = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ("month", "day", "pk")
        indexes = [models.Index(fields=["kind", "month", "day"], name="important_date_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "month", "day", "label"], name="important_date_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["birthday", "anniversary", "other"]),
                name="important_date_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), day__range=(1, 31))
                & ~Q(month__in=_MONTHS_OF_30, day=31)
                & ~Q(month=2, day__gt=29),
                name="important_date_exists",
            ),
            models.CheckConstraint(
                condition=Q(year__isnull=True) | Q(year__range=(1850, 2200)),
                name="important_date_year_sensible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.kind} {self.day}.{self.month}."

    def in_year(self, year: int) -> date:
        """Its day in a year; 29 February is kept on the 28th where there is none."""
        is_leap_day = (self.month, self.day) == (2, 29)
        if is_leap_day and not (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
            return date(year, 2, 28)
        return date(year, self.month, self.day)

    def next_on(self, today: date) -> date:
        """When it comes next; today if it is today."""
        this_year = self.in_year(today.year)
        return this_year if this_year >= today else self.in_year(today.year + 1)
