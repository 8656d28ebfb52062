"""The whole engine on worlds whose right answer is known."""

import dataclasses
from collections import Counter

import numpy as np
import pytest

from customers.recommender.engine import VARIETY, fit
from customers.recommender.evidence import NEAR_MISSES_KEPT, Ranking
from customers.recommender.facts import Config, Interactions, Opinions, People
from customers.recommender.signals import SIGNALS, Trait
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
    objecting,
    random_shop,
    ranked,
    tables_of,
    two_kinds,
    weights,
)

ALL = np.arange(60)
ARRIVALS = np.arange(5, 35)


def same(one: Ranking, other: Ranking) -> bool:
    """Whether every array of two rankings agrees, bit for bit."""
    pairs = [(one, other)]
    while pairs:
        ours, theirs = pairs.pop()
        for field in dataclasses.fields(ours):
            mine, its = getattr(ours, field.name), getattr(theirs, field.name)
            if dataclasses.is_dataclass(mine):
                pairs.append((mine, its))
            elif not np.array_equal(mine, its):
                return False
    return True


def touched(model):
    """What each customer had a line of."""
    told = model.interactions
    pairs = set(zip(told.customer.tolist(), told.item.tolist(), strict=True))
    return [{item for who, item in pairs if who == customer} for customer in ALL]


def test_each_kind_of_customer_is_shown_its_kind_of_item():
    ranking = ranked(two_kinds(), [HIKER, DANCER], NEW, n=1)

    assert ranking.items.tolist() == [[NEW_BOOT], [NEW_DRESS]]


def test_the_facts_behind_an_item_are_true_in_detail():
    people = People(*(np.array(each) for each in ([0, 1, 0, 0, 1], [2] * 5, [-1] * 5)))

    found = ranked(two_kinds(people=people), [HIKER], NEW, n=1).findings

    facts = {field.name: getattr(found, field.name).item() for field in dataclasses.fields(found)}
    assert facts == {
        "similar_customers": 1,
        "nearest_item": BOOT,
        "shared": Trait.BRAND | Trait.CATEGORY,
        "city_units": 1,
        "city_rank": 1,
        "store_units": 1,
        "store_rank": 1,
        "units": 1,
        "rank": 1,
        "brand_owned": 1,
        "category_owned": 1,
        "days_new": 10,
    }


@pytest.mark.parametrize("seed", range(4))
def test_contributions_sum_to_the_score(seed):
    ranking = ranked(random_shop(seed=seed), ALL, ARRIVALS, n=3)

    assert ranking.contributions.shape == (60, 3, len(SIGNALS))
    assert ranking.contributions.sum(axis=2) == pytest.approx(ranking.scores, abs=1e-5)
    assert np.abs(ranking.contributions).max() > 0


@pytest.mark.parametrize("seed", range(4))
def test_the_best_by_score_come_first_without_a_wish_for_variety(seed):
    shop = random_shop(seed=seed, config=Config(category_penalty=0.0))
    alone = dataclasses.replace(shop, items=items([[f"brand={each % 4}"] for each in range(40)]))

    ranking = ranked(alone, ALL, ARRIVALS, n=30)

    shown = np.where(ranking.items >= 0, ranking.scores, -1e9)
    assert (np.diff(shown, axis=1) <= 1e-3).all()


@pytest.mark.parametrize("seed", range(4))
def test_nothing_ever_touched_is_shown_and_nothing_twice(seed):
    model = random_shop(seed=seed)

    ranking = ranked(model, ALL, ARRIVALS, n=40)

    for hers, shown in zip(touched(model), ranking.items, strict=True):
        real = shown[shown >= 0]
        assert len(set(real)) == len(real)
        assert set(real) == set(ARRIVALS) - hers
        assert (shown[len(real) :] == -1).all()


def test_a_returned_item_is_not_shown_again():
    model = two_kinds((HIKER, NEW_BOOT, 5, 1), (HIKER, NEW_BOOT, 2, -1))

    assert ranked(model, [HIKER], NEW, n=2).items.tolist() == [[NEW_DRESS, -1]]


def test_places_without_an_item_hold_nothing():
    ranking = ranked(two_kinds(), [HIKING_FRIEND], [NEW_BOOT], n=2)

    assert ranking.items.tolist() == [[-1, -1]]
    assert ranking.scores.tolist() == [[0, 0]]
    assert not ranking.contributions.any()
    assert ranking.findings.nearest_item.tolist() == [[-1, -1]]
    assert ranking.findings.days_new.tolist() == [[-1, -1]]
    assert ranking.near_misses.items.tolist() == [[-1] * NEAR_MISSES_KEPT]


def test_the_same_facts_give_the_same_answer():
    first, second = (ranked(random_shop(), ALL, ARRIVALS, n=3) for _ in range(2))

    assert same(first, second)


@pytest.mark.parametrize("block_size", [1, 7, 512])
def test_the_order_and_the_blocks_of_customers_change_nothing(block_size):
    model = random_shop()
    twice = np.random.default_rng(1).permutation(np.concatenate([ALL, ALL]))

    plain = ranked(model, ALL, ARRIVALS, n=3)
    other = ranked(model, twice, ARRIVALS, n=3, block_size=block_size)

    assert same(plain.rows(twice), other)


def test_the_order_of_the_lines_changes_nothing_but_the_last_digits():
    model = random_shop()
    told, order = model.interactions, np.random.default_rng(2).permutation(500)
    arrays = (told.customer, told.item, told.day, told.quantity)
    shuffled = fit(
        Interactions(*(each[order] for each in arrays)),
        model.items,
        model.people,
        config=Config(),
        blend=model.blend,
        opinions=model.opinions,
    )

    assert same(ranked(model, ALL, ARRIVALS, n=3), ranked(shuffled, ALL, ARRIVALS, n=3))


def test_candidates_in_any_order_and_named_twice_change_nothing():
    model = random_shop()
    chance = np.random.default_rng(5)
    named = chance.permutation(np.concatenate([ARRIVALS, ARRIVALS[::2]]))

    assert same(ranked(model, ALL, named, n=4), ranked(model, ALL, ARRIVALS, n=4))


def test_verdicts_are_asked_by_the_column_the_caller_gave():
    """Objections drawn per customer and item, and told for a list in disorder."""
    model, chance = random_shop(), np.random.default_rng(6)
    of_item = chance.integers(0, 2, (60, 40)) * 7
    named = chance.permutation(np.concatenate([ARRIVALS, ARRIVALS[::2]]))

    plain = ranked(model, ALL, ARRIVALS, n=3, verdicts=objecting(of_item[:, ARRIVALS]))
    other = ranked(model, ALL, named, n=3, verdicts=objecting(of_item[:, named]))

    assert same(plain, other)
    for customer, shown in zip(ALL, plain.items, strict=True):
        assert not of_item[customer, shown[shown >= 0]].any()


@pytest.mark.parametrize("allowed", [0, 1, 2, 4, 12])
def test_who_has_little_left_in_the_pool_is_shown_the_best_of_all(allowed):
    """A pool of six among thirty; whatever is allowed is found, wherever it stands."""
    chance = np.random.default_rng(allowed)
    denied = np.full((60, 30), 3)
    for row in denied:
        row[chance.choice(30, allowed, replace=False)] = 0
    denied[::4] = 0
    small, whole = (random_shop(config=Config(pool=pool)) for pool in (6, 30))

    found, wanted = (
        ranked(model, ALL, ARRIVALS, n=3, verdicts=objecting(denied)) for model in (small, whole)
    )

    for name in ("items", "scores"):
        # The wish for variety is measured by the spread of the pool: only who was short agrees.
        short = [row for row in range(60) if row % 4 and allowed < 3]
        assert np.array_equal(getattr(found, name)[short], getattr(wanted, name)[short])
    for customer, (hers, shown) in enumerate(zip(touched(small), found.items, strict=True)):
        free = [i for i, item in enumerate(ARRIVALS) if item not in hers]
        assert (shown >= 0).sum() == min(3, (denied[customer, free] == 0).sum())
        assert not denied[customer, shown[shown >= 0] - 5].any()
    assert found.customers.tolist() == ALL.tolist()


def test_a_pool_full_of_one_shoe_does_not_hide_the_hat():
    """Twenty colors of one shoe outsell everything; the pool of four holds nothing else."""
    catalog = items([*[["group=shoe"]] * 20, ["group=hat"], ["group=bag"]])
    rows = [(customer, item, 1, 1) for item in range(20) for customer in range(30 - item)]
    model = fit(lines(*rows), catalog, People.unknown(31), config=Config(pool=4))

    assert ranked(model, [30], range(22), n=3).items.tolist() == [[0, 20, 21]]


def test_variants_of_one_design_share_a_single_place():
    catalog = items([["group=shoe"], ["group=shoe"], ["group=shoe"], ["group=hat"], ["group=bag"]])
    rows = [(customer, item, 1, 1) for item in range(5) for customer in range(9 - item)]
    model = fit(lines(*rows), catalog, People.unknown(10), config=Config(category_penalty=0))

    ranking = ranked(model, [9], range(5), n=3)

    assert ranking.items.tolist() == [[0, 3, 4]]
    assert ranking.near_misses.items.tolist() == [[1, 2, -1, -1, -1]]
    assert ranking.near_misses.objections.tolist() == [[VARIETY, VARIETY, 0, 0, 0]]


@pytest.mark.parametrize("seed", range(4))
def test_near_misses_are_the_best_of_the_others_and_why(seed):
    model = random_shop(seed=seed)
    numbers = np.random.default_rng(seed).choice([0, 0, 4, 9], (60, 30))

    ranking = ranked(model, ALL, ARRIVALS, n=8, verdicts=objecting(numbers))
    unasked = ranked(
        dataclasses.replace(model, config=Config(category_penalty=0)), ALL, ARRIVALS, n=30
    )

    group = model.items.tokens.labels("group")[0]
    for customer in ALL:
        shown = [item for item in ranking.items[customer, :3] if item >= 0]
        missed = ranking.near_misses.items[customer]
        scores = dict(zip(unasked.items[customer], unasked.scores[customer], strict=True))
        others = [item for item in ARRIVALS if item in scores and item not in shown]
        wanted = sorted((scores[item] for item in others), reverse=True)[:5]
        real = missed[missed >= 0]
        assert not set(real) & set(shown)
        assert [scores[item] for item in real] == pytest.approx(wanted, abs=1e-3)
        assert ranking.near_misses.scores[customer, : len(real)] == pytest.approx(wanted, abs=1e-3)
        for item, reason in zip(real, ranking.near_misses.objections[customer], strict=False):
            repeats = group[item] >= 0 and group[item] in group[shown]
            assert reason == (numbers[customer, item - 5] or (VARIETY if repeats else 0))


@pytest.mark.parametrize("seed", range(4))
def test_findings_are_what_a_plain_count_of_the_lines_says(seed):
    model = random_shop(seed=seed)
    told, people, tokens = model.interactions, model.people, model.items.tokens
    rows = list(zip(told.customer, told.item, told.day, told.quantity, strict=True))
    net = Counter()
    for customer, item, _, quantity in rows:
        net[int(customer), int(item)] += int(quantity)

    ranking = ranked(model, ALL, ARRIVALS, n=5)

    found = ranking.findings
    for row, place in np.argwhere(ranking.items >= 0):
        item = int(ranking.items[row, place])
        kept = [other for (who, other), units in net.items() if who == row and units > 0]
        for name, group in (("city", people.city), ("store", people.store), ("", None)):
            sold = Counter()
            for customer, other, day, quantity in rows:
                same_group = group is None or group[customer] == group[row] >= 0
                if same_group and day < 14 and other in ARRIVALS:
                    sold[int(other)] += int(quantity)
            units = max(sold[item], 0)
            rank = 1 + sum(more > units for more in sold.values()) if units else 0
            assert getattr(found, f"{name}_units".strip("_"))[row, place] == units
            assert getattr(found, f"{name}_rank".strip("_"))[row, place] == rank
        brand, kind = (tokens.labels(each)[0] for each in ("brand", "category"))
        for labels, owned in ((brand, found.brand_owned), (kind, found.category_owned)):
            alike = sum(labels[item] == labels[other] for other in kept)
            assert owned[row, place] == (alike if labels[item] >= 0 else 0)
        nearest = int(found.nearest_item[row, place])
        assert nearest == -1 or nearest in kept
        common = set(tokens.of(item)) & set(tokens.of(nearest)) if nearest >= 0 else set()
        kinds = {token.partition("=")[0].upper() for token in common} - {"GROUP"}
        assert Trait(int(found.shared[row, place])) == sum(Trait[each] for each in kinds)
        assert found.days_new[row, place] == model.items.launched[item]


@pytest.mark.parametrize(
    ("customers", "candidates", "n", "message"),
    [
        ([9], NEW, 1, "customer 9 is not one of the 5 known"),
        ([-1], NEW, 1, "customer -1 is not one of the 5 known"),
        ([HIKER], [6], 1, "candidate 6 is not one of the 6 known"),
        ([HIKER], NEW, 0, r"n \(0\)"),
    ],
)
def test_a_wrong_question_is_refused_before_anything_is_ranked(customers, candidates, n, message):
    with pytest.raises(ValueError, match=message):
        two_kinds().rank(customers, candidates, n=n)


@pytest.mark.parametrize(("launched", "refused"), [(-1, True), (0, False)])
def test_a_candidate_from_the_future_is_refused(launched, refused):
    model = fit(lines(), items([["a"]], launched=[launched]), People.unknown(1), config=Config())

    if refused:
        with pytest.raises(ValueError, match="candidate 0 is launched after"):
            model.rank([0], [0], n=1)
    else:
        assert ranked(model, [0], [0], n=1).items.tolist() == [[0]]


def test_verdicts_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"verdicts: shape \(1, 1\) where \(1, 4\) is wanted"):
        ranked(two_kinds(), [HIKER], NEW, n=1, verdicts=lambda *_: np.zeros((1, 1)))


def test_no_candidates_or_no_customers_give_no_block():
    model = two_kinds()

    assert list(model.rank([HIKER], [], n=3)) == []
    assert list(model.rank([], NEW, n=3)) == []


def test_an_opinion_moves_the_item_and_those_like_it_for_her_alone():
    catalog = items([["brand=A"], ["brand=A"], ["brand=B"], ["brand=B"]])
    said = Opinions(np.array([0]), np.array([0]), np.array([-3.0]))
    model = fit(lines(), catalog, People.unknown(2), config=Config(), opinions=said)

    ranking = ranked(model, [0, 1], range(4), n=4)

    feedback = ranking.contributions[:, :, SIGNALS.index("feedback")]
    assert sorted(ranking.items[0, :2]) == [2, 3]
    assert feedback.tolist() == [[0, 0, -3, -3], [0, 0, 0, 0]]


def test_a_customer_without_purchases_is_shown_the_best_sellers_of_her_city():
    chicago, boston, nowhere = 0, 1, -1
    catalog = items([["word=a"], ["word=b"], ["word=c"]])
    rows = [(customer, 0, 2, 1) for customer in range(6)]
    rows += [(customer, 1, 2, 1) for customer in range(6, 10)]
    city = np.array([chicago] * 6 + [boston] * 4 + [chicago, boston, nowhere])
    unknown = np.full(13, -1)
    model = fit(
        lines(*rows),
        catalog,
        People(city, unknown, unknown),
        config=Config(category_penalty=0),
        blend=weights(city=1, buyers_month=0.01),
    )

    ranking = ranked(model, [10, 11, 12], [0, 1, 2], n=1)

    assert ranking.items.tolist() == [[0], [1], [0]]
    assert ranking.findings.city_units.tolist() == [[6], [4], [0]]


def test_a_customer_with_returns_only_is_answered_like_one_who_never_bought():
    model = two_kinds((STRANGER, BOOT, 20, -1))

    ranking = ranked(model, [STRANGER], NEW, n=2)

    assert sorted(ranking.items[0]) == NEW
    assert ranking.findings.nearest_item.tolist() == [[-1, -1]]
    assert ranking.findings.brand_owned.tolist() == [[0, 0]]


def test_a_till_account_does_not_make_a_fashion():
    honest = [(customer, 1, 2, 1) for customer in range(4)]
    till = [(9, 0, 1, 500) for _ in range(200)]
    model = fit(lines(*honest, *till), items([["a"], ["b"]]), People.unknown(10), config=Config())

    assert ranked(model, [8], [0, 1], n=1).items.tolist() == [[1]]


def hostile(**changes):
    shop = random_shop(seed=7)
    catalog = dataclasses.replace(shop.items, **changes)
    return fit(shop.interactions, catalog, shop.people, config=Config(), opinions=shop.opinions)


def test_a_shop_without_prices_and_launch_dates_is_answered():
    nothing = np.full(40, np.nan)

    ranking = ranked(hostile(price=nothing, launched=nothing), ALL, ARRIVALS, n=3)

    assert np.isfinite(ranking.scores).all()
    assert (ranking.findings.days_new == -1).all()
    assert not ranking.contributions[:, :, SIGNALS.index("price")].any()


@pytest.mark.parametrize("tokens", [[], ["category=Only"]])
def test_a_shop_without_attributes_or_with_one_category_is_answered(tokens):
    ranking = ranked(hostile(tokens=items([tokens] * 40).tokens), ALL, ARRIVALS, n=3)

    assert np.isfinite(ranking.scores).all()
    for name in ("category", "brand"):
        assert not ranking.contributions[:, :, SIGNALS.index(name)].any()
    assert len(np.unique(ranking.items)) > 10


def test_a_shop_where_everything_is_new_is_answered():
    model = hostile(launched=np.zeros(40))

    ranking = ranked(model, ALL, np.arange(40), n=3)

    for hers, shown in zip(touched(model), ranking.items, strict=True):
        assert not set(shown) & hers


@pytest.mark.parametrize("price", [0.0, -5.0, np.inf, 1e30])
def test_a_nonsensical_price_says_nothing(price):
    mad = np.where(np.arange(40) % 3, np.linspace(5, 90, 40), price)

    assert np.isfinite(ranked(hostile(price=mad), ALL, ARRIVALS, n=3).scores).all()


def test_all_items_bought_leave_nothing():
    rows = [(0, item, 1, 1) for item in range(6)]
    model = fit(lines(*rows), TWO_KINDS, People.unknown(1), config=Config())

    assert ranked(model, [0], range(6), n=3).items.tolist() == [[-1, -1, -1]]


@pytest.mark.parametrize("n_customers", [1, 3])
def test_a_shop_without_sales_still_answers(n_customers):
    model = fit(lines(), TWO_KINDS, People.unknown(n_customers), config=Config())

    ranking = ranked(model, range(n_customers), NEW, n=3)

    assert ranking.items.tolist() == [[*NEW, -1]] * n_customers


def test_one_customer_and_one_item():
    model = fit(lines((0, 0, 3, 1)), items([["a"], ["b"]]), People.unknown(1), config=Config())

    assert ranked(model, [0], [1], n=1).items.tolist() == [[1]]


def test_a_customer_is_told_of_the_item_she_kept_and_not_of_another_customer_s():
    found = ranked(two_kinds(), [DANCER, STRANGER], NEW, n=1).findings

    assert found.nearest_item.tolist() == [[DRESS], [-1]]
    assert found.brand_owned.tolist() == [[1], [0]]


def test_the_tables_of_the_shelf_are_those_of_its_candidates():
    tables = tables_of(two_kinds(), NEW)

    assert tables.column.tolist() == [-1, -1, 0, 1, -1, -1]
    assert tables.candidates.tolist() == NEW
