"""`manage.py load_demo`: a boutique of invented people and things, to try everything on."""

import argparse
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.models import Product
from clienteling import clock
from clienteling.demo import nights, shop, staff
from clienteling.models import ShopClock, Store, User
from customers import suggestions
from customers.models import Customer
from outreach.messages import answer_counts

FEWEST, MOST = 2, 5000


class Command(BaseCommand):
    help = "Loads the demo shop into an empty database: invented people, products and purchases."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--clients", type=int, default=shop.CLIENTS, help="default: %(default)s"
        )
        parser.add_argument("--seed", type=int, default=shop.SEED, help="default: %(default)s")

    def handle(self, *, clients: int, seed: int, **options: Any) -> None:
        if not FEWEST <= clients <= MOST:
            raise CommandError(f"--clients must be from {FEWEST} to {MOST}, not {clients}.")
        if is_loaded():
            self.stdout.write("The demo shop is loaded already; nothing was changed.")
            return
        refuse_unless_safe()
        started = time.monotonic()
        with transaction.atomic():
            now = begin_day()
            rows = shop.open_shop(count=clients, seed=seed, now=now)
        report = suggestions.refresh(as_of=now, now=now)
        answer_counts.refresh(now=now)
        nights.write_down(now=now)
        self.stdout.write(report.sentence)
        self.stdout.write(
            f"Loaded the demo shop in {time.monotonic() - started:.1f} s: "
            f"{len(staff.STORES)} stores, {rows['customers']:,} clients, "
            f"{rows['line items']:,} lines in {rows['purchases']:,} purchases and returns, "
            f"{rows['messages']:,} notes."
        )
        self.stdout.write(
            f"Sign in as {staff.FIRST_ASSOCIATE}, {staff.MANAGER} or {staff.ADMIN}; "
            "the password is DEMO_PASSWORD's, by default clienteling-demo."
        )


def is_loaded() -> bool:
    """Whether the customers in the database are the demo's own."""
    return clock.is_demo_data() and Customer.objects.exists()


def refuse_unless_safe() -> None:
    """Never among a real shop's records, and no known passwords where the internet can try them."""
    if settings.SERVED_OVER_HTTPS and not settings.DEBUG:
        raise CommandError(
            "This looks like production (PUBLIC_BASE_URL is https and DEBUG is off), and the "
            "demo's accounts share a known password. Nothing was loaded."
        )
    found = [
        f"{rows:,} {model._meta.verbose_name_plural}"
        for model in (Store, Product, Customer)
        if (rows := model._default_manager.count())
    ]
    found += [
        f"an account named {username}"
        for username in User.objects.filter(username__in=staff.USERNAMES)
        .order_by("username")
        .values_list("username", flat=True)
    ]
    if found:
        raise CommandError(
            "The demo shop needs an empty database, and this one already has "
            f"{', '.join(found)}. Nothing was loaded."
        )


def begin_day() -> datetime:
    """Start the demo's clock in the first store's zone and answer its moment.

    Without DEMO_CLOCK the shop lives in real time; the clock's row is written all the same, for it
    marks the database as the demo's, and a later `run` goes on from there.
    """
    zone = ZoneInfo(staff.STORES[0][4])
    if settings.DEMO_CLOCK:
        return clock.start_demo_day(zone=zone, starts_at=settings.DEMO_CLOCK)
    ShopClock.objects.get_or_create(only=True, defaults={"offset": timedelta(0)})
    return clock.now()
