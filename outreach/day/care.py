"""Tips about pieces a client owns, by category and material."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.models import CareTip, Product
from customers.facts import Line
from outreach.day.next_step import OwnedTip

NEWEST_PIECES = 12  # of each client; what she wears now is what she asks about


@dataclass(frozen=True)
class Tip:
    """A tip of the catalog: about a category, a material, or (the best match) both."""

    number: int
    text: str
    category: str = ""
    material: str = ""

    def fits(self, category: str, material: str) -> bool:
        """Whether it is about such a piece; the material is one of the words of the piece's."""
        is_of_category = not self.category or self.category == category
        return is_of_category and (
            not self.material or self.material.casefold() in material.casefold().split()
        )

    @property
    def precision(self) -> int:
        return bool(self.category) + bool(self.material)


def tips_for(lines: Mapping[int, Sequence[Line]]) -> dict[int, tuple[OwnedTip, ...]]:
    """Tips about what each of these clients has kept, the newest piece first: two queries."""
    kept = {number: kept_pieces(bought) for number, bought in lines.items()}
    materials = _materials({each.product for pieces in kept.values() for each in pieces})
    tips = _tips()
    return {number: matching(pieces, materials, tips) for number, pieces in kept.items()}


def kept_pieces(lines: Iterable[Line]) -> list[Line]:
    """Her newest pieces, each once, without what came back; the lines come newest first."""
    pieces: dict[int, Line] = {}
    net: dict[int, int] = {}
    for each in lines:
        net[each.product] = net.get(each.product, 0) + each.quantity
        if each.quantity > 0:
            pieces.setdefault(each.product, each)
    return [each for each in pieces.values() if net[each.product] > 0][:NEWEST_PIECES]


def matching(
    pieces: Iterable[Line], materials: Mapping[int, str], tips: Sequence[Tip]
) -> tuple[OwnedTip, ...]:
    """Each tip once, for the newest piece it fits; a tip about both comes before a vaguer one."""
    found: dict[int, OwnedTip] = {}
    for piece in pieces:
        material = materials.get(piece.product, "")
        fitting = [tip for tip in tips if tip.fits(piece.category or "", material)]
        for tip in sorted(fitting, key=lambda each: -each.precision):
            found.setdefault(tip.number, OwnedTip(tip.number, piece.name, tip.text))
    return tuple(found.values())


def _materials(product_ids: Iterable[int]) -> dict[int, str]:
    rows = Product.objects.filter(pk__in=list(product_ids)).order_by()
    found = rows.values_list("pk", "attributes__material")
    return {number: material for number, material in found if isinstance(material, str)}


def _tips() -> list[Tip]:
    rows = CareTip.objects.filter(is_active=True).order_by("pk")
    return [
        Tip(number, text, category or "", material)
        for number, text, category, material in rows.values_list(
            "pk", "text", "category__name", "material"
        )
    ]
