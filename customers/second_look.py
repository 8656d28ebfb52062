"""The plain rules, asked once more about what the screen let pass, before anybody sees it."""

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from customers.appropriateness import Blocker, item_blockers
from customers.facts import Arrivals, client_facts, item_facts
from customers.models import Customer
from customers.recommender.arrays import Integers
from customers.recommender.evidence import Ranking
from customers.shopfacts import Shop

CHECKED_AGAIN = 500
"""Customers whose suggestions are looked at again, drawn by chance: everybody in a small shop."""


class InappropriateSuggestion(Exception):  # noqa: N818
    """The screen let something pass that the rules object to: a mistake in the program."""


class SecondLook:
    """Watches the rankings of some customers pass by, and puts them before the rules."""

    def __init__(self, shop: Shop, new_within: int, with_stock: bool, asked: Integers) -> None:
        self.shop = shop
        self.new_within = new_within
        self.with_stock = with_stock
        chance = np.random.default_rng(len(asked))
        self.drawn = chance.choice(asked, size=min(len(asked), CHECKED_AGAIN), replace=False)
        self.kept: dict[int, list[int]] = {}

    def watch(self, rankings: Iterable[Ranking]) -> Iterator[Ranking]:
        """Remember what the drawn customers get, by primary keys."""
        customers, products = self.shop.roster.numbers, self.shop.assortment.numbers
        for ranking in rankings:
            for row in np.flatnonzero(np.isin(ranking.customers, self.drawn)):
                shown = ranking.items[row][ranking.items[row] >= 0]
                self.kept[int(customers[ranking.customers[row]])] = products[shown].tolist()
            yield ranking

    def ask_the_rules(self) -> None:
        """Raises ``InappropriateSuggestion`` for the first one a rule objects to."""
        customers = list(Customer.objects.filter(pk__in=list(self.kept)).select_related("store"))
        facts = client_facts(customers, now=self.shop.as_of)
        arrivals = Arrivals(self.new_within, self._first_seen())
        for store in {customer.store for customer in customers}:
            mine = [customer for customer in customers if customer.store == store]
            items = item_facts(
                {product for customer in mine for product in self.kept[customer.pk]},
                store,
                now=self.shop.as_of,
                on=self.shop.on,
                arrivals=arrivals,
                with_stock=self.with_stock,
            )
            for customer in mine:
                for product in self.kept[customer.pk]:
                    self._refuse(item_blockers(items[product], facts[customer.pk]), customer)

    def _first_seen(self) -> dict[int, date]:
        if self.shop.has_launches:
            return {}
        numbers, arrived = self.shop.assortment.numbers.tolist(), self.shop.arrived
        return {
            number: date.fromordinal(int(ordinal))
            for number, ordinal in zip(numbers, arrived, strict=True)
            if np.isfinite(ordinal)
        }

    def _refuse(self, blockers: list[Blocker], customer: Customer) -> None:
        if blockers:
            raise InappropriateSuggestion(
                f"Customer {customer.pk} would be shown an item although: {blockers[0].code}."
            )
