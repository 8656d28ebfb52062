"""Tips about pieces a client owns, by category and material."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import JSONField, Value
from django.db.models.functions import Cast

from catalog.models import CareTip, Product
from customers.facts import Line
from outreach.day.next_step import OwnedTip

_NO_MATERIAL = Cast(Value(None), JSONField())
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
    """Tips about what each of these clients has kept, the newest piece first: one query."""
    kept = {number: kept_pieces(bought) for number, bought in lines.items()}
    materials, tips = _known({each.product for pieces in kept.values() for each in pieces})
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


def _known(product_ids: Iterable[int]) -> tuple[dict[int, str], list[Tip]]:
    """What these products are made of, as far as it is said in a word; and every tip in use."""
    blank = Value("")
    pieces = Product.objects.filter(pk__in=list(product_ids)).order_by()
    tips = CareTip.objects.filter(is_active=True).order_by()
    rows = pieces.values_list("pk", "attributes__material", blank, blank, blank).union(
        tips.values_list("pk", _NO_MATERIAL, "text", "category__name", "material"), all=True
    )
    materials, found = {}, []
    for number, made_of, text, category, material in rows:
        if text:
            found.append(Tip(number, text, category or "", material))
        elif isinstance(made_of, str):
            materials[number] = made_of
    return materials, sorted(found, key=lambda tip: tip.number)
