"""Items in words."""

import math

import numpy as np
import pytest

from customers.recommender.tokens import (
    ItemDescription,
    Tokens,
    describe_items,
    group_key,
    item_tokens,
    price_band,
)


def test_item_tokens_say_every_field_attribute_and_word():
    boot = ItemDescription(
        name="Winter Boots 38",
        brand="Alpine",
        category="Shoes",
        color="Red",
        price=128.0,
        attributes={"material": "Leather", "season": ""},
    )

    assert item_tokens(boot) == [
        "brand=Alpine",
        "category=Shoes",
        "color=Red",
        "material=Leather",
        "price=14",
        "word=winter",
        "word=boot",
        "group=alpine|shoes|boot winter",
    ]


@pytest.mark.parametrize("price", [None, math.nan, 0.0, -4.0, math.inf])
def test_item_tokens_leave_out_a_price_that_is_none(price):
    assert item_tokens(ItemDescription(price=price)) == []


@pytest.mark.parametrize(("price", "band"), [(9.99, 6), (10.0, 6), (11.3, 6), (11.32, 7), (16, 8)])
def test_price_band_has_two_steps_to_a_doubling(price, band):
    assert price_band(price) == band


def test_group_key_is_the_same_for_another_color_and_size():
    red = ItemDescription(name="Red Runner, size 38", brand="Alpine", category="Shoes", color="red")
    plum = ItemDescription(
        name="Plum Runner, size 42", brand="Alpine", category="Shoes", color="plum"
    )

    assert group_key(red) == group_key(plum) == "alpine|shoes|runner"


def test_group_key_differs_for_another_brand():
    mine = ItemDescription(name="Runner", brand="Alpine")
    theirs = ItemDescription(name="Runner", brand="Bloom")

    assert group_key(mine) != group_key(theirs)


def test_tokens_join_spellings_and_count_a_repeated_token_once():
    tokens = Tokens.build([["brand=Acme", "brand=ACME"], ["brand=acme", "red"]])

    assert tokens.names == ("brand=Acme", "red")
    assert tokens.matrix.toarray().tolist() == [[1, 0], [1, 1]]
    assert tokens.kinds == ("brand", "word")
    assert tokens.of(1) == ("brand=Acme", "red")


def test_labels_take_the_first_kind_that_an_item_has():
    tokens = Tokens.build([["category=A", "subcategory=a1"], ["category=A"], ["red"]])

    numbers, names = tokens.labels("subcategory", "category")

    assert [names[number] if number >= 0 else None for number in numbers] == [
        "subcategory=a1",
        "category=A",
        None,
    ]


def test_labels_of_items_that_all_have_one_start_at_zero():
    numbers, names = Tokens.build([["brand=A"], ["brand=B"]]).labels("brand")

    assert (numbers.tolist(), names) == ([0, 1], ("brand=A", "brand=B"))


def test_space_weighs_a_rare_token_more_and_a_common_one_less():
    space = Tokens.build([["common", "rare"], ["common"], ["other"]]).space().toarray()

    common, rare = math.log(4 / 2.5), math.log(4 / 1.5)
    length = math.hypot(common, rare)
    assert space[0] == pytest.approx([common / length, rare / length, 0])
    assert np.linalg.norm(space, axis=1) == pytest.approx([1, 1, 1])


def test_space_takes_no_notice_of_groups():
    space = Tokens.build([["group=x", "red"], ["blue"]]).space().toarray()

    assert space[0].tolist() == [0, 1, 0]


def test_describe_items_of_an_empty_catalog_is_empty():
    assert describe_items([]).n_items == 0
