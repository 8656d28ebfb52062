"""The benchmark of the outlook: its arithmetic, and a run over customers made up."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bench import lapse_quality
from bench.lapse_quality import Visits, area_under_curve, known_at, made_up_visits, read_visits
from customers.bgnbd import Parameters

MONDAY = date(2026, 6, 15).toordinal()


@pytest.mark.parametrize(
    ("score", "area"),
    [([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], 0.0), ([1, 1, 1, 1], 0.5), ([1, 3, 2, 4], 0.75)],
)
def test_area_under_curve_is_the_share_of_pairs_in_order(score: list[int], area: float) -> None:
    truth = np.array([False, False, True, True])

    assert area_under_curve(np.array(score), truth) == area


def test_area_under_curve_of_all_alike_is_not_known() -> None:
    assert np.isnan(area_under_curve(np.array([1.0, 2.0]), np.array([True, True])))


def test_known_at_counts_days_before_and_looks_ninety_days_ahead() -> None:
    customer = np.array([0, 0, 0, 1, 1, 2, 3])
    day = MONDAY + np.array([-50, -10, 90, 0, 91, -3, 5])

    known = known_at(Visits(customer, day, 4), MONDAY)

    assert known.visits.tolist() == [2, 1, 1]  # the last had not bought yet
    assert known.since_first.tolist() == [50, 0, 3]
    assert known.since_last.tolist() == [10, 0, 3]
    assert known.stayed_away.tolist() == [False, True, True]
    assert known.cadence.tolist() == [40, 40, 40]


def test_read_visits_takes_each_day_once_and_no_returns(tmp_path: Path) -> None:
    (tmp_path / "purchases.csv").write_text(
        "customer_id,purchased_at,quantity\n"
        "C-1,2026-06-15T10:00:00,1\nC-1,2026-06-15T18:00:00,2\n"
        "C-1,2026-06-20,-1\nC-2,2026-06-16,1\n"
    )

    visits = read_visits(tmp_path)

    assert list(zip(visits.customer, visits.day - MONDAY, strict=True)) == [(0, 0), (1, 1)]


def test_report_ranks_by_the_outlook_better_than_by_the_rule(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lapse_quality, "RESAMPLES", 5)
    visits, cut = made_up_visits(customers=3_000)

    found = lapse_quality.report(known_at(visits, cut), "made up")

    assert found["1 - P(a purchase in 90 days)"] > found["the 90-day rule"] > 0.5
    assert found["1 - P(alive)"] < 0.5  # whoever came once counts as alive
    assert "May be slipping away" in capsys.readouterr().out


def test_came_true_leaves_out_the_shares_of_words_said_of_nobody() -> None:
    known = known_at(Visits(np.array([0]), np.array([MONDAY]), 1), MONDAY + 400)

    rows = lapse_quality.came_true(known, Parameters(r=0.24, alpha=31, a=0.8, b=2.4))

    assert rows[0] == ("Likely to come back on their own", 0, None, None)
    assert rows[2][:2] == ("May be slipping away", 1)
