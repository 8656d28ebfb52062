from dataclasses import replace
from decimal import Decimal

import pytest

from customers.appropriateness import ItemFacts
from customers.note_rules import NoteRule, RuleKind, materials_of

PUMP = ItemFacts(
    product_id=7,
    name="Heron pump",
    brand="Marlow",
    category="Shoes",
    subcategory="Pumps",
    color="Dark red",
    materials=("Calf leather", "suede"),
    price=Decimal("300.00"),
)


@pytest.mark.parametrize(
    ("kind", "hits", "misses"),
    [
        (RuleKind.BRAND, "  márlow ", "Marlow Sport"),
        (RuleKind.CATEGORY, "shoes", "Shoe"),
        (RuleKind.SUBCATEGORY, "PUMPS", "Loafers"),
        (RuleKind.COLOR, "red", "dark"),
        (RuleKind.MATERIAL, "Suede", "calf suede"),
    ],
)
def test_rule_speaks_against_what_it_names(kind: RuleKind, hits: str, misses: str) -> None:
    other = replace(PUMP, color="Reddish blue")

    assert NoteRule(kind, hits).speaks_against(PUMP)
    assert not NoteRule(kind, misses).speaks_against(other)


@pytest.mark.parametrize("kind", [kind for kind in RuleKind if kind != RuleKind.PRICE_ABOVE])
def test_rule_rules_out_nothing_whose_trait_is_unknown(kind: RuleKind) -> None:
    assert not NoteRule(kind, "red").speaks_against(ItemFacts(product_id=8, name="Something"))


@pytest.mark.parametrize(
    ("price", "is_ruled_out"),
    [(Decimal("299.99"), False), (Decimal(300), False), (Decimal("300.01"), True), (None, False)],
)
def test_rule_about_prices_welcomes_the_limit_itself(
    price: Decimal | None, is_ruled_out: bool
) -> None:
    rule = NoteRule(RuleKind.PRICE_ABOVE, price=Decimal("300.0"))

    assert rule.speaks_against(replace(PUMP, price=price)) == is_ruled_out


def test_rule_says_what_it_is_about() -> None:
    noted = "noted by Maya on 3 May"

    assert NoteRule(RuleKind.BRAND, "Marlow", noted=noted).sentence == (
        "Never Marlow: noted by Maya on 3 May."
    )
    assert NoteRule(RuleKind.PRICE_ABOVE, price=Decimal(300)).sentence == "Nothing above $300."


@pytest.mark.parametrize(
    ("attributes", "materials"),
    [
        ({"material": "Suede"}, ("Suede",)),
        ({"Fabric": ["Wool", "Silk"], "heel": 3}, ("Wool", "Silk")),
        ({"material": "", "season": "summer"}, ()),
        ({"material": 7}, ("7",)),
        (["material"], ()),
        (None, ()),
    ],
)
def test_materials_of_reads_the_attributes(attributes: object, materials: tuple[str, ...]) -> None:
    assert materials_of(attributes) == materials
