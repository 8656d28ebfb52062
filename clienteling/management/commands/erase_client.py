"""`manage.py erase_client CUSTOMER_ID`: a client's name, addresses and words are forgotten."""

import argparse
import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clienteling import clock
from customers.models import Customer
from outreach import erasure
from outreach.erasure import CannotErase


class Command(BaseCommand):
    help = (
        "Erases a client: her name, addresses and every word written both ways. Purchases and "
        "reports stay; her addresses are never used again. It cannot be undone."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("customer_id", help="As in customers.csv.")
        parser.add_argument("--dry-run", action="store_true", help="say what would be erased")
        parser.add_argument("--by", default="", help="Who does it; default: this account's name.")

    def handle(self, *, customer_id: str, dry_run: bool, by: str, **options: Any) -> None:
        customer = Customer.objects.filter(customer_id=customer_id).first()
        if customer is None:
            raise CommandError(f"There is no client {customer_id}.")
        try:
            with transaction.atomic():
                erased = erasure.erase(customer, by=by or getpass.getuser(), now=clock.now())
                transaction.set_rollback(dry_run)
        except CannotErase as refusal:
            raise CommandError(f"{customer_id} stays as it is. {refusal.sentence}") from None
        self.stdout.write(f"{'Would be erased' if dry_run else 'Erased'}: {erased.sentence}")
