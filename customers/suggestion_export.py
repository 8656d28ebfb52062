"""The suggestions as a file: `customer_id,rank,sku,score,reason`, where the sku is the style."""

import contextlib
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from customers.because import Evidence, because
from customers.models import Customer
from customers.recommender.arrays import Booleans
from customers.recommender.evidence import Ranking
from customers.shopfacts import Shop
from customers.suggestion_rows import FINDING_OF_COLUMN

COLUMNS = ("customer_id", "rank", "sku", "score", "reason")

Tap = Callable[[Iterable[Ranking]], Iterable[Ranking]]


@contextlib.contextmanager
def exporting(path: Path | None, shop: Shop, *, top: int, only: Booleans) -> Iterator[Tap]:
    """A tap that copies the first `top` of each client of `only` into a file as they pass by.

    The file takes its name when all went well; until then it is called `….part`. Without a path
    the tap lets everything pass.
    """
    if path is None:
        yield lambda rankings: rankings
        return
    names = dict(Customer.objects.values_list("pk", "customer_id").iterator(chunk_size=10_000))
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        yield _Tap(rows, shop, names, top, only).tap
    unfinished.replace(path)


@dataclass(frozen=True)
class _Tap:
    """`names` are the shop's own numbers of the customers, by primary key."""

    rows: Any
    shop: Shop
    names: dict[int, str]
    top: int
    only: Booleans

    def tap(self, rankings: Iterable[Ranking]) -> Iterator[Ranking]:
        for ranking in rankings:
            self.rows.writerows(self._rows(ranking))
            yield ranking

    def _rows(self, ranking: Ranking) -> Iterator[tuple[str, int, str, str, str]]:
        wanted = self.only[ranking.customers, np.newaxis]
        for row, place in np.argwhere((ranking.items[:, : self.top] >= 0) & wanted).tolist():
            customer, item = int(ranking.customers[row]), int(ranking.items[row, place])
            yield (
                self.names[int(self.shop.roster.numbers[customer])],
                place + 1,
                self.shop.assortment.styles[item],
                f"{ranking.scores[row, place]:.6g}",
                because(self._evidence(ranking, row, place, customer, item)),
            )

    def _evidence(
        self, ranking: Ranking, row: int, place: int, customer: int, item: int
    ) -> Evidence:
        """As it will stand in the table, with the names of this shop as it was read."""
        found = {
            column: int(getattr(ranking.findings, finding)[row, place])
            for column, finding in FINDING_OF_COLUMN.items()
        }
        nearest = int(ranking.findings.nearest_item[row, place])
        descriptions, roster = self.shop.assortment.descriptions, self.shop.roster
        return Evidence.of(
            found,
            contributions=tuple(ranking.contributions[row, place].tolist()),
            nearest=descriptions[nearest].name if nearest >= 0 else "",
            city=_name(roster.city_names, int(roster.people.city[customer])),
            store=_name(roster.store_names, int(roster.people.store[customer])),
            brand=descriptions[item].brand,
            category=descriptions[item].category,
            subcategory=descriptions[item].subcategory,
        )


def _name(names: tuple[str, ...], place: int) -> str:
    return names[place] if place >= 0 else ""
