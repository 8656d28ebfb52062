"""The peers on a world small enough to be worked out on paper."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest

from customers.recommender import peers
from customers.recommender.arrays import Floats
from customers.recommender.facts import Interactions, Items, People
from customers.recommender.peers import PEERS, Unavailable, recommended
from customers.recommender.tokens import ItemDescription, describe_items
from customers.recommender.trials import Facts

RED_MUG, RED_BOWL, BLUE_LAMP, NEW_RED_PLATE, NEW_BLUE_CLOCK, NEW_PLAIN_BOX = range(6)
ANNA, BRUNO, CLARA, DARIO = range(4)
NAMES = ("red mug", "red bowl", "blue lamp", "red plate", "blue clock", "plain box")
CATEGORIES = ("kitchen", "kitchen", "light", "kitchen", "light", "light")

LINES = (  # customer, item, days ago, quantity
    (ANNA, RED_MUG, 60, 1),
    (ANNA, RED_BOWL, 50, 1),
    (BRUNO, RED_MUG, 40, 1),
    (BRUNO, NEW_RED_PLATE, 5, 1),
    (CLARA, BLUE_LAMP, 20, 1),
    (CLARA, NEW_BLUE_CLOCK, 13, 1),
    (CLARA, NEW_BLUE_CLOCK, 10, 1),
    (DARIO, BLUE_LAMP, 70, 1),
)


def world(lines: tuple[tuple[int, int, int, int], ...] = LINES) -> Facts:
    customer, item, day, quantity = zip(*lines, strict=True)
    tokens = describe_items(
        ItemDescription(name=name, category=category)
        for name, category in zip(NAMES, CATEGORIES, strict=True)
    )
    return Facts(
        interactions=Interactions(customer, item, day, quantity),
        items=Items(np.full(6, 30), np.full(6, 20), tokens),
        people=People.unknown(4),
        candidates=np.array([NEW_RED_PLATE, NEW_BLUE_CLOCK, NEW_PLAIN_BOX], dtype=np.int32),
    )


def scores(name: str, *customers: int, facts: Facts | None = None) -> Floats:
    return np.asarray(PEERS[name](facts or world())(np.array(customers, dtype=np.int32)))


@pytest.mark.parametrize(
    ("name", "sold"),
    [
        ("best sellers of 7 days", [1, 0, 0]),
        ("best sellers of 14 days", [1, 2, 0]),
        ("best sellers ever", [1, 2, 0]),
    ],
)
def test_best_sellers_counts_lines_within_the_days(name: str, sold: list[int]) -> None:
    npt.assert_array_equal(scores(name, ANNA, DARIO), [sold, sold])


def test_best_sellers_leaves_the_day_on_the_boundary_out() -> None:
    facts = world((*LINES, (DARIO, NEW_PLAIN_BOX, 7, 1), (ANNA, NEW_PLAIN_BOX, 6, 1)))

    npt.assert_array_equal(scores("best sellers of 7 days", ANNA, facts=facts), [[1, 0, 1]])


def test_best_sellers_takes_no_return_for_a_sale() -> None:
    facts = world((*LINES, (CLARA, NEW_BLUE_CLOCK, 2, -1)))

    npt.assert_array_equal(scores("best sellers of 7 days", ANNA, facts=facts), [[1, 0, 0]])


def test_own_categories_multiplies_her_share_by_the_sales() -> None:
    plate, clock, box = scores("own categories x sales", ANNA)[0]

    kitchen, light = 2.01 / 2.03, 0.01 / 2.03
    npt.assert_allclose([plate, clock, box], [kitchen * 1.1, light * 2.1, light * 0.1], rtol=1e-5)


def test_attribute_profile_finds_what_shares_words_with_hers() -> None:
    anna, dario = scores("attribute profile", ANNA, DARIO)

    assert anna.argmax() == 0  # red, kitchen
    assert dario.argmax() == 1  # blue, light
    assert anna[1] == 0


def test_content_and_sales_weighs_the_profile_by_the_root_of_the_sales() -> None:
    content, both = scores("attribute profile", DARIO), scores("content x sqrt(sales)", DARIO)

    npt.assert_allclose(both, content * np.sqrt([[1.1, 2.1, 0.1]]), rtol=1e-6)


def test_item_item_cosine_adds_up_over_her_items() -> None:
    anna, dario = scores("item-item cosine", ANNA, DARIO)

    npt.assert_allclose(anna, [1 / np.sqrt(2), 0, 0], rtol=1e-6)  # plate: 1 of 2 mug buyers
    npt.assert_allclose(dario, [0, 1 / np.sqrt(2), 0], rtol=1e-6)


def test_item_item_bm25_finds_what_goes_with_hers() -> None:
    anna, dario = scores("item-item BM25", ANNA, DARIO)

    assert (anna.argmax(), dario.argmax()) == (0, 1)
    assert (anna[1], dario[0]) == (0, 0)


def test_ease_agrees_with_the_closed_form_solved_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two items, two customers with both, one with the first alone; penalty 1.

    X'X + 1 = [[4, 2], [2, 3]], its inverse [[3, -2], [-2, 4]] / 8, so the weight from the first
    to the second is 2 / 4, and from the second to the first 2 / 3.
    """
    monkeypatch.setattr(peers, "EASE_PENALTY", 1.0)
    lines = [(c, RED_MUG, 9, 1) for c in (ANNA, BRUNO, CLARA)]
    lines += [(c, NEW_RED_PLATE, 9, 1) for c in (ANNA, BRUNO)]

    found = scores("EASE", CLARA, ANNA, facts=world(tuple(lines)))

    npt.assert_allclose(found, [[0.5, 0, 0], [0.5 + 0, 0, 0]], atol=1e-6)


def test_ease_takes_the_candidates_and_the_most_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (*LINES, (DARIO, RED_BOWL, 80, 1), (CLARA, RED_BOWL, 80, 1))
    monkeypatch.setattr(peers, "MOST_ITEMS_FOR_EASE", 3)
    bought = world(lines).bought()

    found = peers._most_bought(bought, world().candidates)

    npt.assert_array_equal(found, [RED_BOWL, NEW_RED_PLATE, NEW_BLUE_CLOCK])


def test_ease_takes_no_part_with_too_many_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "MOST_ITEMS_FOR_EASE", 1)

    with pytest.raises(Unavailable) as refusal:
        scores("EASE", ANNA)

    assert str(refusal.value) == "EASE takes no part: it is dense in the items, and 3 are new"


def test_similar_customers_votes_with_likeness_and_freshness() -> None:
    anna, dario = scores("similar customers, 14 days", ANNA, DARIO)

    assert (anna.argmax(), dario.argmax()) == (0, 1)
    assert (anna[1], dario[0]) == (0, 0)


def test_similar_customers_hears_nobody_older_than_the_window() -> None:
    later = tuple((c, i, day + 9, quantity) for c, i, day, quantity in LINES)

    found = scores("similar customers, 14 days", ANNA, DARIO, facts=world(later))

    npt.assert_array_equal(found[1], [0, 0, 0])  # Clara's purchase is 19 days old now
    assert found[0][0] == 0  # Bruno's 14: the window is over


def test_similar_customers_leaves_herself_out() -> None:
    npt.assert_array_equal(scores("similar customers, 14 days", BRUNO)[0][0], 0)


def test_similar_customers_asks_the_nearest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        (ANNA, RED_MUG, 60, 1),
        (ANNA, RED_BOWL, 60, 1),
        (BRUNO, RED_MUG, 60, 1),
        (BRUNO, RED_BOWL, 60, 1),
        (BRUNO, NEW_RED_PLATE, 5, 1),
        (CLARA, RED_MUG, 60, 1),
        (CLARA, BLUE_LAMP, 60, 1),
        (CLARA, NEW_BLUE_CLOCK, 5, 1),
    )
    both = scores("similar customers, 14 days", ANNA, facts=world(lines))[0]
    monkeypatch.setattr(peers, "NEIGHBOURS", 1)

    nearest = scores("similar customers, 14 days", ANNA, facts=world(lines))[0]

    assert both[0] > both[1] > 0
    npt.assert_allclose(nearest, [both[0], 0, 0])


def two_kinds() -> Facts:
    """Forty customers of two kinds; each kind buys three old items and one of the new ones."""
    lines = []
    for customer in range(40):
        old, new = ((0, 1), 3) if customer % 2 else ((2,), 4)
        lines += [(customer, item, 30, 1) for item in old]
        if customer >= 4:  # the first four do not have the new one yet
            lines.append((customer, new, 3, 1))
    facts = world(tuple(lines[:1]))
    customer, item, day, quantity = zip(*lines, strict=True)
    return replace(
        facts,
        interactions=Interactions(customer, item, day, quantity),
        people=People.unknown(40),
    )


@pytest.mark.parametrize("name", ["ALS", "BPR", "EASE", "item-item BM25"])
def test_learned_peers_tell_two_kinds_of_customers_apart(name: str) -> None:
    found = recommended(PEERS[name], two_kinds(), np.array([0, 1], dtype=np.int32), n=1)

    npt.assert_array_equal(found, [[4], [3]])


@pytest.mark.parametrize("name", sorted(PEERS))
def test_recommended_never_shows_what_she_had_nor_one_twice(name: str) -> None:
    facts = world((*LINES, (ANNA, NEW_PLAIN_BOX, 30, 1), (ANNA, NEW_PLAIN_BOX, 20, -1)))

    found = recommended(PEERS[name], facts, np.arange(4, dtype=np.int32), n=3)

    candidates = {NEW_RED_PLATE, NEW_BLUE_CLOCK, NEW_PLAIN_BOX}
    had = {ANNA: {NEW_PLAIN_BOX}, BRUNO: {NEW_RED_PLATE}, CLARA: {NEW_BLUE_CLOCK}, DARIO: set()}
    for customer, row in enumerate(found.tolist()):
        shown = [item for item in row if item >= 0]
        assert sorted(shown) == sorted(candidates - had[customer])


@pytest.mark.parametrize("name", sorted(PEERS))
def test_recommended_is_the_same_every_time(name: str) -> None:
    asked = np.arange(4, dtype=np.int32)

    once, again = (recommended(PEERS[name], world(), asked, n=2) for _ in range(2))

    npt.assert_array_equal(once, again)


@pytest.mark.parametrize("name", sorted(PEERS))
def test_recommended_without_candidates_shows_nothing(name: str) -> None:
    facts = replace(world(), candidates=np.zeros(0, dtype=np.int32))

    found = recommended(PEERS[name], facts, np.array([ANNA], dtype=np.int32), n=3)

    npt.assert_array_equal(found, [[-1, -1, -1]])


def test_recommended_takes_equals_by_chance() -> None:
    facts = replace(world(), people=People.unknown(3_000))
    asked = np.arange(4, 3_000, dtype=np.int32)

    def nothing_known(facts: Facts) -> Callable[..., Floats]:
        return lambda customers: np.zeros((len(customers), 3), dtype=np.float32)

    first = recommended(nothing_known, facts, asked, n=1)

    share = np.bincount(first.ravel(), minlength=6)[3:] / len(asked)
    npt.assert_allclose(share, 1 / 3, atol=0.05)


@pytest.mark.parametrize("problem", [ImportError("no module"), OSError("libgomp.so.1: no such")])
def test_als_takes_no_part_where_its_library_cannot_be_loaded(
    problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, *arguments: Any) -> Any:
        raise problem

    monkeypatch.setattr(importlib, "import_module", refuse)

    with pytest.raises(Unavailable) as refusal:
        scores("ALS", ANNA)

    assert str(refusal.value) == (
        "AlternatingLeastSquares takes no part: the library implicit, which needs an OpenMP "
        f"runtime, cannot be loaded here ({problem})"
    )
