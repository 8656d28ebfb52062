from datetime import date

import pytest

from outreach.proof.charts import BASE, TOP, bought_by_month, nice_step, notes_by_month
from outreach.proof.reports import MonthRow, Share


def month(number: int, *, sent: int, bought: Share) -> MonthRow:
    return MonthRow(date(2026, number, 1), sent, replied=Share(0, 0), bought=bought)


@pytest.mark.parametrize(
    ("largest", "step"), [(0, 1), (3, 1), (3.5, 2), (6, 2), (7, 5), (16, 10), (31, 20), (900, 500)]
)
def test_nice_step_covers_the_largest_with_three_round_steps(largest, step):
    assert nice_step(largest) == step


def test_notes_by_month_draws_a_full_column_for_a_third_of_the_axis_times_three():
    chart = notes_by_month([month(5, sent=30, bought=Share(1, 10))])

    assert [(bar.label, bar.value, bar.y, bar.height) for bar in chart.bars] == [
        ("May", "30", TOP, BASE - TOP)
    ]
    assert [line.label for line in chart.grid] == ["0", "10", "20", "30"]


def test_bought_by_month_leaves_a_month_without_clients_empty():
    chart = bought_by_month([month(5, sent=4, bought=Share(0, 0))])

    assert [(bar.value, bar.height) for bar in chart.bars] == [("", 0)]


def test_a_chart_of_no_months_has_only_its_grid():
    assert notes_by_month([]).bars == ()
