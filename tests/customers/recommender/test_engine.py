"""The whole engine on worlds whose right answer is known."""

import numpy as np
import pytest

from customers.recommender.engine import fit
from customers.recommender.evidence import Evidence
from customers.recommender.facts import Config, People
from customers.recommender.signals import SIGNALS
from tests.customers.recommender.worlds import (
    BOOT,
    DANCER,
    DRESS,
    HIKER,
    HIKING_FRIEND,
    NEW,
    NEW_BOOT,
    NEW_DRESS,
    STRANGER,
    TWO_KINDS,
    items,
    lines,
    random_shop,
    two_kinds,
)

ALL = np.arange(60)
ARRIVALS = np.arange(5, 35)


def kinds(recommendation):
    return {evidence.kind: evidence for evidence in recommendation.because}


def test_each_kind_of_customer_is_shown_its_kind_of_item():
    ranking = two_kinds().rank([HIKER, DANCER], NEW, n=1)

    assert ranking.items.tolist() == [[NEW_BOOT], [NEW_DRESS]]


def test_the_reasons_are_true_in_detail():
    (best, *_) = two_kinds().recommend([HIKER], NEW, n=1)

    reasons = kinds(best)
    assert set(reasons) == {"similar-customers", "bought-like-it", "category", "brand"}
    similar, alike = reasons["similar-customers"], reasons["bought-like-it"]
    assert (similar.count, similar.days) == (1, 30)
    assert (alike.item, alike.shared) == (BOOT, ("brand=Alpine", "category=Boots"))
    assert (reasons["brand"].value, reasons["brand"].count) == ("Alpine", 1)
    assert (reasons["category"].value, reasons["category"].count) == ("Boots", 1)


def test_the_reasons_are_strongest_first_and_all_for_the_item():
    for recommendation in random_shop().recommend(ALL, ARRIVALS, n=3):
        contributions = [evidence.contribution for evidence in recommendation.because]

        assert contributions == sorted(contributions, reverse=True)
        assert contributions
        assert all(c > 0 for c in contributions) or recommendation.because[0].kind == "new"


def test_contributions_sum_to_the_score():
    ranking = random_shop().rank(ALL, ARRIVALS, n=3)

    assert ranking.contributions.shape == (60, 3, len(SIGNALS))
    assert ranking.contributions.sum(axis=2) == pytest.approx(ranking.scores, abs=1e-5)
    assert np.abs(ranking.contributions).max() > 0


def test_similar_customers_are_counted_as_a_plain_reading_of_the_lines_would():
    """With every customer as a neighbour: those who share an item and bought the candidate."""
    chance = np.random.default_rng(5)
    rows = [(int(chance.integers(20)), int(chance.integers(15)), 5, 1) for _ in range(90)]
    bought = {(customer, item) for customer, item, _, _ in rows}
    model = fit(lines(*rows), items([["a"]] * 15), People.unknown(20), config=Config())

    ranking = model.rank(range(20), range(15), n=3)

    for row, place in np.argwhere(ranking.items >= 0):
        customer, item = int(row), int(ranking.items[row, place])
        hers = {each for who, each in bought if who == customer}
        expected = {who for who, each in bought if each == item} & {
            who for who, each in bought if each in hers
        }
        assert ranking.findings.similar_customers[row, place] == len(expected - {customer})


def test_city_best_sellers_are_counted_in_her_city():
    chicago, boston = 0, 1
    people = People(
        city=np.asarray([chicago, boston, chicago, boston, chicago]),
        store=np.full(5, -1),
        age_band=np.full(5, -1),
    )

    (best, *_) = two_kinds(people=people).recommend([STRANGER], NEW, n=1)

    assert best.item == NEW_BOOT
    city = kinds(best)["city-best-seller"]
    assert (city.count, city.rank, city.days) == (1, 1, 14)


def test_a_rank_beyond_the_limit_is_no_best_seller():
    rows = [(customer, item, 1, 1) for item in range(3) for customer in range(5 - item)]
    people = People(city=np.zeros(6, dtype=int), store=np.full(6, -1), age_band=np.full(6, -1))
    model = fit(lines(*rows), items([["a"]] * 3), people, config=Config(best_seller_rank=1))

    shown = model.recommend([5], [0, 1, 2], n=3)

    assert [each.item for each in shown] == [0, 1, 2]
    assert {"city-best-seller", "best-seller"} <= set(kinds(shown[0]))
    assert not {"city-best-seller", "best-seller"} & (set(kinds(shown[1])) | set(kinds(shown[2])))


def test_an_item_without_any_evidence_is_called_new():
    catalog = items([["a"], ["b"]], launched=[12, np.nan])
    model = fit(lines(), catalog, People.unknown(1), config=Config())

    shown = model.recommend([0], [0, 1], n=2)

    assert [each.because for each in shown] == [
        (Evidence("new", 0.0, days=12),),
        (Evidence("new", 0.0, days=None),),
    ]


def test_nothing_ever_bought_is_shown_again():
    model = random_shop()
    touched = model.knowledge.histories.touched.toarray() > 0

    ranking = model.rank(ALL, ARRIVALS, n=40)

    for customer, shown in zip(ranking.customers, ranking.items, strict=True):
        real = shown[shown >= 0]
        assert not touched[customer, real].any()
        assert len(set(real)) == len(real)
        assert set(real) == set(ARRIVALS) - set(np.flatnonzero(touched[customer]))


def test_a_returned_item_is_not_shown_again():
    ranking = two_kinds((HIKER, NEW_BOOT, 5, 1), (HIKER, NEW_BOOT, 2, -1)).rank([HIKER], NEW, n=2)

    assert ranking.items.tolist() == [[NEW_DRESS, -1]]


def test_places_without_an_item_score_nothing():
    ranking = two_kinds().rank([HIKING_FRIEND], [NEW_BOOT], n=1)

    assert ranking.items.tolist() == [[-1]]
    assert ranking.scores.tolist() == [[0]]
    assert two_kinds().recommend([HIKING_FRIEND], [NEW_BOOT], n=1) == []


def test_the_same_facts_give_the_same_answer():
    first, second = (random_shop().rank(ALL, ARRIVALS, n=3) for _ in range(2))

    assert np.array_equal(first.items, second.items)
    assert np.array_equal(first.contributions, second.contributions)


@pytest.mark.parametrize("block_size", [1, 7, 512])
def test_the_order_and_blocks_of_customers_change_nothing(block_size):
    model = random_shop()
    shuffled = np.random.default_rng(1).permutation(60)

    plain = model.rank(ALL, ARRIVALS, n=3)
    other = model.rank(shuffled, ARRIVALS, n=3, block_size=block_size)

    assert np.array_equal(other.items, plain.items[shuffled])
    assert np.array_equal(
        other.findings.similar_customers, plain.findings.similar_customers[shuffled]
    )
    assert other.scores == pytest.approx(plain.scores[shuffled], abs=1e-4)


def test_the_order_of_the_lines_changes_nothing():
    rows = [(0, 0, 90, 1), (1, 0, 50, 1), (1, 2, 3, 1), (2, 1, 40, 1), (2, 3, 2, 1)]
    forward, backward = (
        fit(lines(*order), TWO_KINDS, People.unknown(3), config=Config()).rank([0, 1, 2], NEW, n=2)
        for order in (rows, rows[::-1])
    )

    assert np.array_equal(forward.items, backward.items)
    assert np.array_equal(forward.scores, backward.scores)


def test_a_candidate_named_twice_is_shown_once():
    ranking = two_kinds().rank([HIKER], [NEW_BOOT, NEW_BOOT, NEW_DRESS], n=3)

    assert ranking.items.tolist() == [[NEW_BOOT, NEW_DRESS]]


def test_a_screen_denies_before_the_best_are_taken():
    denied = np.asarray([[True, False], [True, True]])

    ranking = two_kinds().rank([HIKER, HIKER], [NEW_DRESS, NEW_BOOT], n=1, allowed=denied)

    assert ranking.items.tolist() == [[NEW_DRESS], [NEW_BOOT]]


def test_a_screen_may_be_a_function_asked_per_block():
    asked = []

    def only_dresses(customers, candidates):
        asked.append(customers.tolist())
        return np.tile(candidates == NEW_DRESS, (len(customers), 1))

    ranking = two_kinds().rank(
        [HIKER, DANCER, STRANGER], NEW, n=1, allowed=only_dresses, block_size=2
    )

    assert ranking.items.tolist() == [[NEW_DRESS]] * 3
    assert asked == [[HIKER, DANCER], [STRANGER]]


def test_a_screen_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(1, 1\) where \(1, 2\) is wanted"):
        two_kinds().rank([HIKER], NEW, n=1, allowed=np.ones((1, 1), dtype=bool))


@pytest.mark.parametrize(
    ("customers", "candidates", "n", "message"),
    [
        ([9], NEW, 1, "customer 9 is not one of the 5 known"),
        ([HIKER], [6], 1, "candidate 6 is not one of the 6 known"),
        ([HIKER], NEW, 0, r"n \(0\)"),
    ],
)
def test_a_wrong_question_is_refused(customers, candidates, n, message):
    with pytest.raises(ValueError, match=message):
        two_kinds().rank(customers, candidates, n=n)


@pytest.mark.parametrize(("launched", "refused"), [(-1, True), (0, False)])
def test_a_candidate_from_the_future_is_refused(launched, refused):
    model = fit(lines(), items([["a"]], launched=[launched]), People.unknown(1), config=Config())

    if refused:
        with pytest.raises(ValueError, match="candidate 0 is launched after"):
            model.rank([0], [0], n=1)
    else:
        assert model.rank([0], [0], n=1).items.tolist() == [[0]]


def test_variants_of_one_design_share_a_single_place():
    catalog = items([["group=shoe"], ["group=shoe"], ["group=shoe"], ["group=hat"], ["group=bag"]])
    rows = [(customer, item, 1, 1) for item in range(5) for customer in range(9 - item)]
    model = fit(lines(*rows), catalog, People.unknown(10), config=Config())

    assert model.rank([9], range(5), n=3).items.tolist() == [[0, 3, 4]]


def test_a_till_account_does_not_make_a_fashion():
    honest = [(customer, 1, 2, 1) for customer in range(4)]
    till = [(9, 0, 1, 500) for _ in range(200)]
    model = fit(lines(*honest, *till), items([["a"], ["b"]]), People.unknown(10), config=Config())

    assert model.rank([8], [0, 1], n=1).items.tolist() == [[1]]


@pytest.mark.parametrize("n_customers", [1, 3])
def test_a_shop_without_sales_still_answers(n_customers):
    model = fit(lines(), TWO_KINDS, People.unknown(n_customers), config=Config())

    assert model.rank(range(n_customers), NEW, n=3).items.tolist() == [NEW] * n_customers


def test_no_candidates_and_no_customers_give_an_empty_answer():
    model = two_kinds()

    assert model.rank([HIKER], [], n=3).items.shape == (1, 0)
    assert model.rank([], NEW, n=3).items.shape == (0, 2)
    assert model.recommend([HIKER], [], n=3) == []


def test_an_empty_shop_gives_an_empty_answer():
    model = fit(lines(), items([]), People.unknown(0), config=Config())

    assert model.recommend([], [], n=3) == []


def test_a_customer_with_only_returns_is_answered():
    shown = two_kinds((STRANGER, BOOT, 20, -1)).recommend([STRANGER], NEW, n=2)

    assert [each.item for each in shown] == [NEW_DRESS, NEW_BOOT]
    assert "bought-like-it" not in kinds(shown[0]) | kinds(shown[1])


def test_unknown_prices_launches_and_words_are_survived():
    model = fit(
        lines((0, 0, 3, 1), (0, 0, 3, 1), (1, 0, 2, 1), (1, 1, 1, 1)),
        items([[], [], []]),
        People.unknown(2),
        config=Config(),
    )

    ranking = model.rank([0], [1, 2], n=2)

    assert ranking.items.tolist() == [[1, 2]]
    assert np.isfinite(ranking.scores).all()


def test_a_single_category_speaks_for_nobody():
    model = fit(
        lines((0, 0, 9, 1), (1, 1, 2, 1)),
        items([["category=Only"]] * 3),
        People.unknown(2),
        config=Config(),
    )

    assert np.isfinite(model.rank([0], [1, 2], n=2).scores).all()
    assert model.rank([0], [1, 2], n=2).items.tolist() == [[1, 2]]


def test_all_items_new_and_bought_leave_nothing():
    rows = [(0, item, 1, 1) for item in range(6)]
    model = fit(lines(*rows), TWO_KINDS, People.unknown(1), config=Config())

    assert model.recommend([0], range(6), n=3) == []


def test_a_dress_is_owned_by_its_buyer_alone():
    """The habit of one customer is no evidence about another."""
    shown = two_kinds().recommend([STRANGER], NEW, n=2)

    assert all(not {"brand", "category", "bought-like-it"} & set(kinds(each)) for each in shown)
    assert two_kinds().rank([DANCER], NEW, n=1).findings.nearest_item.tolist() == [[DRESS]]
