"""Her categories and prices."""

import numpy as np
import pytest
from customers.recommender.knowledge import Knowledge

from customers.recommender.arrays import integers
from customers.recommender.facts import Config, People
from customers.recommender.habits import CATEGORY_KINDS, LabelHabit, PriceHabit, price_levels
from tests.customers.recommender.worlds import items, lines


def knowledge(*rows):
    catalog = items(
        [["category=Socks"], ["category=Coats"], ["category=Socks"], ["category=Coats"], ["red"]],
        price=[10, 100, 40, 400, np.nan],
    )
    return Knowledge.of(lines(*rows), catalog, People.unknown(2), Config())


def test_label_habit_counts_what_she_kept_of_the_label():
    facts = knowledge((0, 0, 5, 1), (0, 1, 5, 1), (0, 1, 2, -1))
    habit = LabelHabit.fit("category", CATEGORY_KINDS, facts, integers([2, 3, 4]))

    assert habit.owned(integers([0, 1]), np.tile([0, 1, 2], (2, 1))).tolist() == [
        [1, 0, 0],
        [0, 0, 0],
    ]


def test_label_habit_prefers_her_category():
    facts = knowledge((0, 0, 50, 1), (1, 1, 50, 1))
    habit = LabelHabit.fit("category", CATEGORY_KINDS, facts, integers([2, 3, 4]))

    ((_, values),) = habit.scores(integers([0]))

    assert values[0] == pytest.approx([np.sqrt(1.5 / 2 / 3), np.sqrt(0.5 / 2 / 3), 0])


def test_price_levels_compare_within_the_category():
    levels = price_levels(
        np.asarray([10, 40, 100, 400, np.nan, 0], dtype=np.float32), integers([0, 0, 1, 1, 1, 1])
    )

    half = np.log(2)
    assert levels[:4] == pytest.approx([-half, half, -half, half])
    assert np.isnan(levels[4:]).all()


def test_price_habit_carries_from_dear_socks_to_a_dear_coat():
    facts = knowledge((0, 2, 5, 1))

    ((_, values),) = PriceHabit.fit(facts, integers([1, 3, 4])).scores(integers([0, 1]))

    assert values[0, 1] == 1
    assert values[0, 0] == pytest.approx(np.exp(-0.5 * (np.log(4) / 0.35) ** 2), rel=1e-4)
    assert values[0, 2] == pytest.approx((values[0, 0] + values[0, 1]) / 2)
    assert values[1].tolist() == [0, 0, 0]
