from datetime import date

from outreach.decisions.chart import notes_by_week
from outreach.decisions.replay import Week


def test_chart_draws_both_columns_of_a_week_on_one_scale() -> None:
    chart = notes_by_week([Week(date(2026, 6, 15), 3, 6), Week(date(2026, 6, 22), 0, 2)])

    assert [line.label for line in chart.grid] == ["0", "2", "4", "6"]
    first, second = chart.pairs
    assert (first.before.height, first.after.height) == (88.0, 176.0)
    assert (second.before.height, round(second.after.height)) == (0.0, 59)
    assert first.before.x + first.before.width == first.after.x


def test_chart_names_every_other_week() -> None:
    chart = notes_by_week([Week(date(2026, 6, day), 1, 1) for day in (1, 8, 15)])

    assert [pair.label for pair in chart.pairs] == ["1 Jun", "", "15 Jun"]


def test_chart_of_no_weeks_is_empty() -> None:
    assert notes_by_week([]).pairs == ()
