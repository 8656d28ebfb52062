"""Items bought by the same people, people alike, and the low-rank picture of both."""

import numpy as np
import pytest

from customers.recommender.arrays import integers
from customers.recommender.facts import Config
from customers.recommender.together import bought_together, latent, neighbours
from tests.customers.recommender.worlds import histories_of, random_shop

OLD, OTHER, NEW = range(3)
LINES = (
    (0, OLD, 90, 1),
    (0, NEW, 3, 1),
    (1, OLD, 90, 1),
    (1, NEW, 10, 1),
    (2, OLD, 90, 1),
    (3, OTHER, 90, 1),
    (3, NEW, 61, 1),
)
HISTORIES = histories_of(*LINES, n_customers=5, n_items=3)


def test_bought_together_is_the_cosine_and_the_same_shrunk():
    told = bought_together(HISTORIES, integers([NEW]), 3)

    assert told.start.tolist() == [0, 1, 2, 3]
    assert told.place.tolist() == [0, 0, 0]
    assert told.cosine == pytest.approx([2 / 3, 1 / np.sqrt(3), 1])
    assert told.shrunk == pytest.approx([2 / 3 * 2 / 5, 1 / np.sqrt(3) / 4, 3 / 6])


def test_bought_together_of_nothing_is_empty():
    nothing = histories_of(n_customers=2, n_items=3)

    assert bought_together(nothing, integers([NEW]), 3).start.tolist() == [0, 0, 0, 0]


def heard(*, config=None):
    return neighbours(HISTORIES, integers([NEW]), n_items=3, config=config or Config())


def test_neighbours_are_the_buyers_of_candidates_in_sixty_days():
    near = heard()

    assert near.of_customer.tolist() == [0, 1, -1, -1, -1]
    assert (near.place.tolist(), near.day.tolist()) == ([0, 0], [3, 10])
    assert near.fresh == pytest.approx([0.5 ** (3 / 7), 0.5 ** (10 / 7)])


def test_neighbours_as_vectors_have_length_one():
    near = heard()

    squares = np.zeros(2)
    np.add.at(squares, near.holders.place, near.holders.value**2)
    assert squares == pytest.approx([1, 1])
    assert np.diff(near.holders.start).tolist() == [2, 0, 2]


def test_neighbours_beyond_the_pool_are_drawn_by_the_seed():
    rows = [(customer, 0, 1, 1) for customer in range(50)]
    histories = histories_of(*rows, n_customers=50, n_items=1)
    drawn = [
        neighbours(
            histories, integers([0]), n_items=1, config=Config(neighbour_pool=10, seed=seed)
        ).of_customer
        for seed in (1, 1, 2)
    ]

    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert sorted(drawn[0][drawn[0] >= 0]) == list(range(10))


def test_latent_is_what_an_exact_decomposition_says():
    model = random_shop(n_lines=900)
    candidates = integers(range(5, 35))
    near = neighbours(model.histories, candidates, n_items=40, config=Config())

    told = latent(model.histories, candidates, near=near, n_items=40)

    kept = model.histories.kept_matrix(40).toarray()
    vectors = kept * near.rarity / near.length[:, np.newaxis]
    vectors = vectors[np.count_nonzero(kept, axis=1) > 1]
    size = told.of_item.shape[1]
    _, _, exact = np.linalg.svd(vectors)
    assert size == min(vectors.shape) // 4
    assert told.of_item @ told.of_item.T == pytest.approx(exact[:size].T @ exact[:size], abs=1e-3)
    assert np.array_equal(told.of_candidate.T, told.of_item[candidates])
    assert told.mean == pytest.approx(told.of_candidate.mean(axis=1), abs=1e-6)
    products = told.of_candidate[:, np.newaxis] * told.of_candidate
    assert told.moments == pytest.approx(products.mean(axis=2), abs=1e-6)


def test_latent_of_too_little_is_nothing():
    near = heard()

    told = latent(HISTORIES, integers([NEW]), near=near, n_items=3)

    assert (told.of_item.shape, told.of_candidate.shape) == ((3, 0), (0, 1))


def test_latent_of_customers_who_all_bought_the_same_is_finite():
    rows = [(customer, item, 5, 1) for customer in range(20) for item in range(12)]
    histories = histories_of(*rows, n_customers=20, n_items=12)
    near = neighbours(histories, integers([0]), n_items=12, config=Config())

    assert np.isfinite(latent(histories, integers([0]), near=near, n_items=12).of_item).all()
