"""The stricter states as they were known when this was written; an admin keeps them true."""

from datetime import date, time
from typing import Any

from django.db import migrations

EVERY_DAY, WEEKDAYS, WORKDAYS, WEEKEND, SUNDAY = "0123456", "01234", "012345", "56", "6"
COLLECTION = "A vendor's collection of state calling hours (referrizer.com); not the statute itself."
TEXAS = "Texas SB 140, in force since September 2025, as told by law firms (jdsupra.com)."
CHECKED_ON = date(2026, 6, 1)
HOURS = (
    ("CT", EVERY_DAY, 9, 20, COLLECTION),
    ("FL", EVERY_DAY, 8, 20, COLLECTION),
    ("MD", EVERY_DAY, 8, 20, COLLECTION),
    ("MS", EVERY_DAY, 8, 20, COLLECTION),
    ("NJ", EVERY_DAY, 8, 20, COLLECTION),
    ("OK", EVERY_DAY, 8, 20, COLLECTION),
    ("RI", WEEKDAYS, 9, 18, COLLECTION),
    ("RI", WEEKEND, 10, 17, COLLECTION),
    ("TX", WORKDAYS, 9, 21, TEXAS),
    ("TX", SUNDAY, 12, 21, TEXAS),
)


def enter(apps: Any, schema_editor: Any) -> None:
    """Enter what is not there yet."""
    state_hours = apps.get_model("outreach", "StateHours")
    for region, days, opens, closes, source in HOURS:
        state_hours.objects.get_or_create(
            region=region,
            days=days,
            defaults={
                "opens": time(opens),
                "closes": time(closes),
                "source": source,
                "checked_on": CHECKED_ON,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("outreach", "0008_when_to_write")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
