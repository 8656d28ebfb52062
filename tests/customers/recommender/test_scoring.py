"""The kernels against the plain reading of every definition, on shops by chance."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from customers.recommender.blend import Blend
from customers.recommender.desk import N_FEATURES, SHARED, desk
from customers.recommender.engine import Model, fit
from customers.recommender.facts import Config, Opinions, People
from customers.recommender.features import NAMES, PLACE
from customers.recommender.scoring import best_by_each, best_columns, features_at, room_for
from customers.recommender.tables import STORE, Tables
from tests.customers.recommender.reference import Reference
from tests.customers.recommender.worlds import items, lines, random_shop, tables_of

SEEDS = range(6)
CANDIDATES = list(range(3, 33))


class Told(NamedTuple):
    """What `features_at` fills."""

    values: np.ndarray
    opinion: np.ndarray
    buyers: np.ndarray
    nearest: np.ndarray


def everything(tables: Tables, customers, at=None) -> Told:
    """All candidates of these customers."""
    shape = (len(customers), len(tables.candidates))
    columns = np.tile(np.arange(shape[1], dtype=np.int32), (shape[0], 1))
    told = Told(
        np.zeros((*shape, N_FEATURES), np.float32),
        np.zeros(shape, np.float32),
        np.zeros(shape, np.int32),
        np.full(shape, -1, np.int32),
    )
    features_at(tables, np.asarray(customers, np.int32), columns, at or desk(tables), tuple(told))
    return told


class Best(NamedTuple):
    """What `best_columns` fills: the best of all, the best to be had, and what is told of them."""

    closest: np.ndarray
    closest_scores: np.ndarray
    columns: np.ndarray
    scores: np.ndarray
    values: np.ndarray
    opinion: np.ndarray
    buyers: np.ndarray
    nearest: np.ndarray


def look(model: Model, tables: Tables, customers, width: int, at=None, gone=()) -> Best:
    """`gone` are columns that no store has anything left of."""
    shape, near = (len(customers), width), (len(customers), min(5, len(tables.candidates)))
    found = Best(
        np.empty(near, np.int32),
        np.empty(near, np.float32),
        np.empty(shape, np.int32),
        np.empty(shape, np.float32),
        np.zeros((*shape, N_FEATURES), np.float32),
        np.zeros(shape, np.float32),
        np.zeros(shape, np.int32),
        np.full(shape, -1, np.int32),
    )
    weights = model.blend.weights
    base = (weights[SHARED:] @ tables.demand.shared).astype(np.float32)
    asked = np.asarray(customers, dtype=np.int32)
    flags = np.zeros((tables.local[STORE].group.max() + 2, len(tables.candidates)), np.uint8)
    flags[:, list(gone)] = 1
    best_columns(
        tables,
        weights,
        base,
        flags,
        asked,
        at or desk(tables),
        tuple(found[:2]),
        tuple(found[2:4]),
        tuple(found[4:]),
    )
    return found


def best(model: Model, tables: Tables, customers, width: int, at=None):
    """Columns and scores, as the kernel leaves them."""
    found = look(model, tables, customers, width, at)
    return found.columns, found.scores


def everybody(model: Model):
    return np.arange(model.people.n_customers, dtype=np.int32)


@pytest.mark.parametrize("seed", SEEDS)
def test_features_are_what_their_definitions_say(seed):
    model = random_shop(seed=seed, config=Config(neighbours=5 if seed % 2 else 200))
    tables = tables_of(model, CANDIDATES)
    reference = Reference(model, CANDIDATES, tables)

    told = everything(tables, everybody(model))

    for customer in everybody(model):
        wanted = reference.features(customer)
        for feature, name in enumerate(NAMES):
            assert told.values[customer, :, feature] == pytest.approx(
                wanted[:, feature], abs=2e-3
            ), (name, customer)


@pytest.mark.parametrize("seed", SEEDS)
def test_findings_of_the_kernel_are_true(seed):
    model = random_shop(seed=seed)
    tables = tables_of(model, CANDIDATES)
    reference = Reference(model, CANDIDATES, tables)

    told = everything(tables, everybody(model))

    for customer in everybody(model):
        assert told.buyers[customer].tolist() == reference.similar_customers(customer)
        assert told.opinion[customer] == pytest.approx(reference.opinion(customer), abs=1e-5)
        pairs = zip(told.nearest[customer], reference.nearest_items(customer), strict=True)
        assert all(found in alike for found, alike in pairs)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("candidates", [CANDIDATES, [7], [0, 39]])
def test_best_columns_add_up_exactly_what_the_features_say(seed, candidates):
    """Every column of every customer: nothing left out but what she touched."""
    model = random_shop(seed=seed)
    tables = tables_of(model, candidates)
    told = everything(tables, everybody(model))
    wanted = told.values @ model.blend.weights + told.opinion

    columns, scores = best(model, tables, everybody(model), len(candidates))

    for customer in everybody(model):
        shown = columns[customer] >= 0
        begin, end = model.histories.start[customer : customer + 2]
        touched = set(model.histories.touched[begin:end].tolist())
        free = [column for column, item in enumerate(candidates) if item not in touched]
        assert columns[customer][shown].tolist() == free
        assert scores[customer][shown] == pytest.approx(wanted[customer][free], abs=2e-3)
        assert (scores[customer][~shown] == -np.inf).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("width", [1, 4, 29])
def test_best_columns_are_the_largest_totals(seed, width):
    model = random_shop(seed=seed)
    tables = tables_of(model, CANDIDATES)
    _, all_scores = best(model, tables, everybody(model), len(CANDIDATES))

    columns, scores = best(model, tables, everybody(model), width)

    largest = np.sort(all_scores, axis=1)[:, ::-1][:, :width]
    assert np.array_equal(np.sort(scores, axis=1)[:, ::-1], largest)
    for row in columns:
        assert len(set(row[row >= 0])) == (row >= 0).sum()


def test_best_columns_among_equals_are_the_first_each_once():
    model = fit(lines(), items([["a"]] * 9), People.unknown(1), config=Config())

    columns, scores = best(model, tables_of(model, range(9)), [0], 4)

    assert columns.tolist() == [[0, 1, 2, 3]]
    assert scores.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("seed", SEEDS)
def test_best_columns_pass_over_what_is_gone_and_remember_what_came_closest(seed):
    model = random_shop(seed=seed)
    tables = tables_of(model, CANDIDATES)
    everywhere = look(model, tables, everybody(model), len(CANDIDATES))
    gone = range(0, len(CANDIDATES), 2)

    found = look(model, tables, everybody(model), 6, gone=gone)

    for row in everybody(model):
        scores = everywhere.scores[row]
        assert np.sort(found.closest_scores[row]).tolist() == np.sort(scores)[-5:].tolist()
        left = np.isfinite(scores) & ~np.isin(everywhere.columns[row], gone)
        assert np.sort(found.scores[row])[::-1][: left.sum()].tolist() == (
            np.sort(scores[left])[::-1][:6].tolist()
        )


def test_best_columns_tell_of_each_what_features_at_tells():
    model = random_shop(seed=3)
    tables = tables_of(model, CANDIDATES)
    told = everything(tables, everybody(model))

    found = look(model, tables, everybody(model), 7)

    for row, place in np.argwhere(found.columns >= 0):
        column = found.columns[row, place]
        for ours, theirs in zip(found[4:], told, strict=True):
            assert np.array_equal(ours[row, place], theirs[row, column])


def test_a_desk_used_before_gives_the_same_as_a_clean_one():
    model = random_shop(seed=8)
    tables = tables_of(model, CANDIDATES)
    used = desk(tables)

    for customers in (everybody(model), everybody(model)[::-1]):
        told, again = everything(tables, customers, used), best(model, tables, customers, 9, used)
        for row, customer in enumerate(customers):
            clean = everything(tables, [customer])
            for ours, theirs in zip(told, clean, strict=True):
                assert ours[row] == pytest.approx(theirs[0], abs=1e-5)
            for ours, theirs in zip(again, best(model, tables, [customer], 9), strict=True):
                assert ours[row] == pytest.approx(theirs[0], abs=1e-5)


def test_features_at_leaves_a_place_without_a_column_as_it_was():
    model = random_shop()
    tables = tables_of(model, CANDIDATES)
    spare = [np.full((1, 2), 7, dtype) for dtype in (np.float32, np.int32, np.int32)]
    values = np.full((1, 2, N_FEATURES), 7, dtype=np.float32)

    asked = np.zeros(1, np.int32)
    features_at(tables, asked, np.array([[-1, 4]], np.int32), desk(tables), (values, *spare))

    assert (values[0, 0] == 7).all()
    assert values[0, 1] == pytest.approx(everything(tables, [0]).values[0, 4])
    assert [each[0, 0] for each in spare] == [7, 7, 7]


def test_purchases_of_another_age_do_not_spoil_the_memory_of_whom_she_met():
    """Weights whose products are too small for a number, as of dates that nobody entered."""
    long_ago = [(customer, item, 25_000, 1) for customer in range(3) for item in range(40)]
    lately = [(customer, 40 + customer, 1, 1) for customer in range(3)]
    model = fit(lines(*long_ago, *lately), items([["a"]] * 44), People.unknown(3), config=Config())

    told = everything(tables_of(model, [40, 41, 42]), [0, 1, 2])

    assert np.isfinite(told.values).all()
    assert told.buyers.tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_she_is_not_her_own_neighbour():
    model = fit(
        lines((0, 0, 5, 1), (0, 1, 2, 1), (1, 0, 5, 1)),
        items([["a"]] * 2),
        People.unknown(2),
        config=Config(),
    )

    told = everything(tables_of(model, [0, 1]), [0, 1])

    assert told.buyers.tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize(("day", "counted"), [(13, 1), (14, 0)])
def test_similar_customers_count_for_two_weeks(day, counted):
    model = fit(
        lines((0, 0, 50, 1), (1, 0, 50, 1), (1, 1, day, 1)),
        items([["a"]] * 2),
        People.unknown(2),
        config=Config(),
    )

    assert everything(tables_of(model, [1]), [0]).buyers.tolist() == [[counted]]


def test_an_opinion_of_what_nobody_kept_reaches_what_is_like_it():
    catalog = items([["brand=A"], ["brand=A"], ["brand=B"]])
    opinions = Opinions(np.array([0]), np.array([0]), np.array([-2.0]))
    model = fit(lines(), catalog, People.unknown(2), config=Config(), opinions=opinions)

    told = everything(tables_of(model, [0, 1, 2]), [0, 1])

    assert told.opinion.tolist() == [[-2, -2, 0], [0, 0, 0]]


def test_a_feature_alike_for_all_says_nothing():
    model = fit(
        lines((0, 0, 5, 1), (1, 1, 5, 1), (1, 2, 5, 1)),
        items([["brand=A"]] * 3, price=[5, 5, 5], launched=[9, 9, 9]),
        People.unknown(2),
        config=Config(),
    )

    values = everything(tables_of(model, [1, 2]), [0]).values

    assert not values.any()


def test_z_scores_are_cut():
    """One candidate of many: its deviation alone would be far more."""
    model = fit(
        lines((0, 0, 90, 1)),
        items([["brand=A"], *[["brand=B"]] * 300, ["brand=A"]]),
        People.unknown(1),
        config=Config(),
    )

    values = everything(tables_of(model, range(1, 302)), [0]).values[0]

    assert values[300, PLACE["nearest"]] == 12
    assert values[300, PLACE["brand"]] == 12


def test_best_by_each_is_what_best_columns_say_of_each():
    """Several weights in one pass leave nothing of one behind for the next."""
    model = random_shop(seed=2)
    tables = tables_of(model, CANDIDATES)
    chance = np.random.default_rng(8)
    others = [Blend(chance.normal(size=N_FEATURES).astype(np.float32)) for _ in range(3)]
    weights = np.stack([each.weights for each in others])
    asked = np.arange(60, dtype=np.int32)
    found = room_for((3, 60, 3))
    base = (weights[:, SHARED:] @ tables.demand.shared).astype(np.float32)

    best_by_each(tables, weights, base, asked, desk(tables), found)

    for blend, columns, scores in zip(others, *found, strict=True):
        alone = look(replace(model, blend=blend), tables, asked, 3)
        assert columns.tolist() == alone.columns.tolist()
        assert scores == pytest.approx(alone.scores, abs=1e-4)
