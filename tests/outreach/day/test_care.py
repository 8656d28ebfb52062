from datetime import timedelta

import pytest

from customers.facts import Line
from outreach.day import care
from outreach.day.care import Tip, kept_pieces, matching
from outreach.day.next_step import OwnedTip
from tests.factories import (
    NOON,
    CareTipFactory,
    CategoryFactory,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    VariantFactory,
)

TREES = Tip(1, "Rest them on shoe trees.", category="Shoes")
BRUSH = Tip(2, "Brush it when it is dry.", material="suede")
CREAM = Tip(3, "Cream the calf.", category="Shoes", material="calf")


def line(product: int, days: int = 10, quantity: int = 1, category: str = "Shoes") -> Line:
    at = NOON - timedelta(days=days)
    return Line(product, quantity, "38", f"Piece {product}", "Oake", category, "women", at, 1)


@pytest.mark.parametrize(
    ("tip", "category", "material", "fits"),
    [
        (TREES, "Shoes", "", True),
        (TREES, "Bags", "suede", False),
        (BRUSH, "Bags", "suede and mesh", True),
        (BRUSH, "Bags", "Suede", True),
        (BRUSH, "Bags", "suedette", False),
        (CREAM, "Shoes", "glazed calf", True),
        (CREAM, "Bags", "glazed calf", False),
        (CREAM, "Shoes", "suede", False),
    ],
)
def test_tip_fits_by_category_and_a_word_of_the_material(
    tip: Tip, category: str, material: str, fits: bool
) -> None:
    assert tip.fits(category, material) is fits


def test_kept_pieces_are_the_newest_once_each_without_what_came_back() -> None:
    lines = [line(1, 2, quantity=-1), line(2, 5), line(1, 8), line(3, 9), line(2, 20)]

    assert [each.product for each in kept_pieces(lines)] == [2, 3]


def test_matching_names_the_newest_piece_and_the_precise_tip_first() -> None:
    pieces = [line(1), line(2, 20)]

    found = matching(pieces, {1: "glazed calf", 2: "suede"}, [TREES, BRUSH, CREAM])

    assert found == (
        OwnedTip(3, "Piece 1", "Cream the calf."),
        OwnedTip(1, "Piece 1", "Rest them on shoe trees."),
        OwnedTip(2, "Piece 2", "Brush it when it is dry."),
    )


@pytest.mark.django_db
def test_tips_for_reads_the_catalog_in_one_query(django_assert_num_queries) -> None:
    tip = CareTipFactory(category=CategoryFactory(name="Shoes"), material="suede", text="Brush.")
    CareTipFactory(category=CategoryFactory(name="Shoes"), is_active=False)
    bought = {}
    for _ in range(3):
        product = ProductFactory(name="Linden flat", attributes={"material": "suede"})
        item = LineItemFactory(
            purchase=PurchaseFactory(customer=CustomerFactory()),
            variant=VariantFactory(product=product),
        )
        bought[item.customer_id] = [line(product.pk)._replace(name=product.name)]

    with django_assert_num_queries(1):
        found = care.tips_for(bought)

    assert set(found.values()) == {(OwnedTip(tip.pk, "Linden flat", "Brush."),)}


@pytest.mark.django_db
def test_tips_for_somebody_who_bought_nothing_are_none() -> None:
    CareTipFactory()

    assert care.tips_for({7: []}) == {7: ()}


@pytest.mark.django_db
@pytest.mark.parametrize("attributes", [{}, {"material": 7}, {"material": None}, []])
def test_tips_for_an_odd_product_are_those_of_its_category(attributes: object) -> None:
    tip = CareTipFactory(category=CategoryFactory(name="Shoes"), text="Rest them.")
    CareTipFactory(category=None, material="suede", text="Brush.")
    product = ProductFactory(attributes=attributes)

    found = care.tips_for({7: [line(product.pk)]})

    assert found == {7: (OwnedTip(tip.pk, f"Piece {product.pk}", "Rest them."),)}
