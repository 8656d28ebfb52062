"""The suggestions as a file: `customer_id,rank,sku,score,reason`, where the sku is the style."""

import contextlib
import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from customers.because import because
from customers.models import Customer
from customers.shopfacts import Shop
from customers.suggestion_table import Proposal

COLUMNS = ("customer_id", "rank", "sku", "score", "reason")

Tap = Callable[[Iterable[Proposal]], Iterable[Proposal]]


@contextlib.contextmanager
def exporting(path: Path | None, shop: Shop, *, top: int) -> Iterator[Tap]:
    """A tap that copies the first `top` of each client into a file as they pass by.

    The file takes its name when all went well; until then it is called `….part`. Without a path
    the tap lets everything pass.
    """
    if path is None:
        yield lambda proposals: proposals
        return
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        yield _tap(rows, shop, top)
    unfinished.replace(path)


def _tap(rows: Any, shop: Shop, top: int) -> Tap:
    names = dict(Customer.objects.values_list("pk", "customer_id").iterator(chunk_size=10_000))
    styles = dict(zip(shop.assortment.numbers.tolist(), shop.assortment.styles, strict=True))

    def tap(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
        for each in proposals:
            if each.rank <= top:
                score, reason = f"{each.score:.6g}", because(each.evidence)
                style = styles[each.product]
                rows.writerow((names[each.customer], each.rank, style, score, reason))
            yield each

    return tap
