from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from customers.appropriateness import (
    ITEM_RULES,
    SELLING_RULES,
    Blocker,
    ClientFacts,
    ItemFacts,
    gender_of,
    item_blockers,
    selling_blockers,
)
from customers.note_rules import NoteRule, RuleKind

LOAFER = ItemFacts(
    product_id=7,
    name="Marlow loafer",
    brand="Fenn & Alder",
    category="Shoes",
    price=Decimal("265.00"),
    twin_key="fenn & alder|marlow loafer",
)
CLIENT = ClientFacts(customer_id=1)


def codes(item: ItemFacts, client: ClientFacts = CLIENT) -> list[str]:
    return [blocker.code for blocker in item_blockers(item, client)]


def test_an_ordinary_item_has_no_blocker() -> None:
    assert item_blockers(LOAFER, CLIENT) == []
    assert len(ITEM_RULES) == 11
    assert len(SELLING_RULES) == 2


def test_already_owned_names_the_item_itself() -> None:
    owner = replace(CLIENT, owned_products=frozenset({7}), owned_twins=frozenset({LOAFER.twin_key}))

    assert item_blockers(LOAFER, owner) == [Blocker("already-owned", "Already has this one.")]
    assert codes(LOAFER, replace(CLIENT, owned_products=frozenset({8}))) == []


def test_already_owned_twin_is_another_color_of_the_same_model() -> None:
    owner = replace(CLIENT, owned_products=frozenset({8}), owned_twins=frozenset({LOAFER.twin_key}))

    assert codes(LOAFER, owner) == ["already-owned-twin"]
    assert codes(replace(LOAFER, twin_key="fenn & alder|other"), owner) == []


def test_already_owned_twin_needs_a_telling_name() -> None:
    owner = replace(CLIENT, owned_twins=frozenset({""}))

    assert codes(replace(LOAFER, twin_key=""), owner) == []


def test_returned_items_are_not_proposed_again() -> None:
    assert codes(LOAFER, replace(CLIENT, returned_products=frozenset({7}))) == ["returned"]
    assert codes(LOAFER, replace(CLIENT, returned_products=frozenset({8}))) == []


def test_items_turned_down_are_not_proposed_again() -> None:
    silent = replace(CLIENT, not_for_her=frozenset({8}))
    outspoken = replace(CLIENT, not_for_her=frozenset({7, 8}))

    assert codes(LOAFER, silent) == []
    assert item_blockers(LOAFER, outspoken) == [Blocker("not-for-me", "Turned this one down.")]


def test_out_of_stock_in_her_size() -> None:
    wears_38 = replace(CLIENT, sizes={"Shoes": "38"})
    item = replace(LOAFER, stock={"37": 4, "38": 0})

    assert item_blockers(item, wears_38) == [Blocker("out-of-stock", "None left here in size 38.")]


@pytest.mark.parametrize("stock", [{"38": 1}, {"": 2}, None])
def test_out_of_stock_passes_what_is_there_or_unknown(stock: dict[str, int] | None) -> None:
    wears_38 = replace(CLIENT, sizes={"Shoes": "38"})

    assert codes(replace(LOAFER, stock=stock), wears_38) == []


def test_out_of_stock_asks_for_any_size_when_hers_is_unknown() -> None:
    wears_38_in_boots = replace(CLIENT, sizes={"Boots": "38"})

    assert codes(replace(LOAFER, stock={"37": 1}), wears_38_in_boots) == []
    assert item_blockers(replace(LOAFER, stock={"37": 0}), wears_38_in_boots) == [
        Blocker("out-of-stock", "None left here.")
    ]


def test_out_of_stock_when_her_size_was_never_told() -> None:
    wears_38 = replace(CLIENT, sizes={"Shoes": "38"})

    assert codes(replace(LOAFER, stock={"37": 4}), wears_38) == ["out-of-stock"]


def test_trouble_with_the_product_or_its_brand() -> None:
    with_product = replace(CLIENT, trouble_products=frozenset({7}))
    with_brand = replace(CLIENT, trouble_brands=frozenset({"Fenn & Alder"}))
    elsewhere = replace(
        CLIENT, trouble_products=frozenset({8}), trouble_brands=frozenset({"Other", ""})
    )

    assert codes(LOAFER, with_product) == ["trouble-product"]
    assert codes(LOAFER, with_brand) == ["trouble-brand"]
    assert codes(LOAFER, elsewhere) == []
    assert codes(replace(LOAFER, brand=""), elsewhere) == []


def test_ruled_out_says_who_noted_it_and_when() -> None:
    never = NoteRule(RuleKind.BRAND, "fenn & ALDER", noted="noted by Maya on 3 May")
    other = NoteRule(RuleKind.BRAND, "Marlow", noted="noted by Maya on 3 May")

    assert item_blockers(LOAFER, replace(CLIENT, rules=(other, never))) == [
        Blocker("ruled-out", "Never fenn & ALDER: noted by Maya on 3 May.")
    ]
    assert codes(LOAFER, replace(CLIENT, rules=(other,))) == []


def test_price_unknown_unless_the_shop_has_no_prices() -> None:
    assert codes(replace(LOAFER, price=None)) == ["price-unknown"]
    assert codes(replace(LOAFER, price=None, must_be_priced=False)) == []
    assert codes(replace(LOAFER, price=Decimal(0))) == []


@pytest.mark.parametrize(
    ("age_days", "expected"),
    [
        (0, []),
        (60, []),
        (61, ["no-longer-new"]),
        (-1, ["no-longer-new"]),
        (None, ["no-longer-new"]),
    ],
)
def test_no_longer_new_after_the_last_day(age_days: int | None, expected: list[str]) -> None:
    item = replace(LOAFER, age_days=age_days, must_be_new=True, new_within=60)

    assert codes(item) == expected
    assert codes(replace(item, must_be_new=False)) == []


def test_other_gender_needs_to_know_for_whom_she_buys() -> None:
    for_men = replace(LOAFER, gender="men")

    assert codes(for_men, replace(CLIENT, genders=frozenset({"women"}))) == ["other-gender"]
    assert codes(for_men, replace(CLIENT, genders=frozenset({"women", "men"}))) == []
    assert codes(for_men, CLIENT) == []
    assert codes(LOAFER, replace(CLIENT, genders=frozenset({"women"}))) == []


@pytest.mark.parametrize(
    ("word", "gender"),
    [("Women's", "women"), ("MALE", "men"), ("girls", "kids"), ("Unisex", ""), ("", "")],
)
def test_gender_of_reads_the_retailers_word(word: str, gender: str) -> None:
    assert gender_of(word) == gender


def test_an_open_complaint_silences_selling(now: datetime) -> None:
    blockers = selling_blockers(replace(CLIENT, open_case=True), now=now)

    assert [blocker.code for blocker in blockers] == ["open-complaint"]
    assert selling_blockers(CLIENT, now=now) == []


def test_a_solved_complaint_silences_selling_for_14_days(now: datetime) -> None:
    fourteen_days_ago = replace(CLIENT, last_case_closed_at=now - timedelta(days=14))
    a_second_later = replace(
        CLIENT, last_case_closed_at=now - timedelta(days=14) + timedelta(seconds=1)
    )

    assert selling_blockers(fourteen_days_ago, now=now) == []
    assert [b.code for b in selling_blockers(a_second_later, now=now)] == ["recent-complaint"]
