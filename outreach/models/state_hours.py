"""The states that allow texts for fewer hours than the federal rule; kept by an admin."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q


class Days(models.TextChoices):
    """Days of the week; the value has their numbers, Monday's is 0."""

    EVERY_DAY = "0123456", "Every day"
    WEEKDAYS = "01234", "Monday to Friday"
    WORKDAYS = "012345", "Monday to Saturday"
    WEEKEND = "56", "Saturday and Sunday"
    SATURDAY = "5", "Saturday"
    SUNDAY = "6", "Sunday"


class StateHours(models.Model):
    """Hours in which a state allows marketing texts, for some days of the week.

    Every row of a state holds on its days, so another row can only make the hours shorter. Before
    8 and after 21 nothing is ever sent, whatever stands here.
    """

    region = models.CharField(
        "state", max_length=8, help_text="Its two letters, as in the stores' records: FL, TX …"
    )
    days = models.CharField(max_length=7, choices=Days, default=Days.EVERY_DAY)
    opens = models.TimeField()
    closes = models.TimeField()
    source = models.CharField(
        max_length=300, help_text="Where this is written: the statute, or whoever reported it."
    )
    checked_on = models.DateField(help_text="When somebody last made sure that it still holds.")

    class Meta:
        ordering = ("region", "days")
        verbose_name = verbose_name_plural = "texting hours of states"
        constraints = [
            models.UniqueConstraint(fields=["region", "days"], name="state_hours_once"),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[A-Z]{2,8}$"), name="state_hours_region_is_letters"
            ),
            models.CheckConstraint(
                condition=Q(opens__lt=F("closes")), name="state_hours_open_before_they_close"
            ),
            models.CheckConstraint(
                condition=Q(days__in=["0123456", "01234", "012345", "56", "5", "6"]),
                name="state_hours_days_known",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="state_hours_have_source"),
        ]

    def __str__(self) -> str:
        return f"{self.region}, {self.get_days_display().lower()}"

    def clean(self) -> None:
        """State letters as the rules compare them."""
        self.region = self.region.strip().upper()
        if not self.region.isalpha():
            raise ValidationError({"region": "The letters of a state, such as FL."})
