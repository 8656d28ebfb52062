"""The words and drawings of an evaluation, from figures made up for the purpose."""

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from customers.backtest import Evaluation, Plan
from customers.backtest_charts import LEAST_GAP, dot_plot, line_chart
from customers.backtest_report import conditions, page, save, sentences, table
from customers.comparison import (
    OURS,
    YARDSTICK,
    Group,
    Performance,
    ShownMost,
    against_the_best,
    verdict,
)
from customers.recommender.measures import Interval

DATES = (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))


def performance(
    name: str, hit: float, lead: Interval | None, *by_date: float | None
) -> Performance:
    return Performance(
        name=name,
        hit=Interval(hit, hit - 0.02, hit + 0.02),
        ndcg=Interval(0.1, 0.09, 0.11),
        recall=0.12,
        reciprocal_rank=0.2,
        average_precision=0.08,
        coverage=0.5,
        novelty=6.25,
        violations=0,
        lead=lead,
        by_date=by_date or (hit, hit, hit),
    )


def group(lead: Interval, *, ours: float = 0.34, theirs: float = 0.19, asked: int = 400) -> Group:
    return Group(
        clients="all",
        asked=asked,
        customers=300,
        performances=(
            performance(OURS, ours, None),
            performance("ALS", 0.3, Interval(0.04, -0.01, 0.09)),
            performance(YARDSTICK, theirs, lead, theirs, None, theirs),
        ),
    )


ABOVE = Interval(0.15, 0.1, 0.2)
BELOW = Interval(-0.15, -0.2, -0.1)
UNSURE = Interval(0.01, -0.02, 0.04)


def evaluation(*groups: Group) -> Evaluation:
    return Evaluation(
        plan=Plan(DATES, 60, 3),
        new_within=60,
        groups=groups or (group(ABOVE),),
        shown_most=(ShownMost("Anna loafer", 12, 5),),
        customers=900,
        customers_in_all=900,
        left_out=(),
    )


def test_verdict_says_how_many_times_as_many() -> None:
    assert verdict(group(ABOVE)) == (
        "For your shop this finds 1.8 times as many as the week's best sellers: of 100 clients who "
        "bought something new, 34 bought one of the three they would have been shown, against 19."
    )


def test_verdict_speaks_of_lapsed_clients_when_only_they_were_asked() -> None:
    lapsed = replace(group(ABOVE), clients="lapsed")

    assert "of 100 lapsed clients who bought something new" in verdict(lapsed)


def test_verdict_is_honest_when_the_difference_could_be_chance() -> None:
    assert verdict(group(UNSURE, ours=0.2)) == (
        "No difference yet from the week's best sellers that could not be chance: of 100 clients "
        "who bought something new, 20 bought one of the three they would have been shown, against "
        "19."
    )


def test_verdict_is_honest_when_it_is_worse() -> None:
    assert verdict(group(BELOW, ours=0.1)).startswith(
        "For your shop this finds fewer than the week's best sellers: of 100 clients"
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (0.2, 0.0, "this finds what the week's best sellers miss: "),
        (0.2, 0.195, "this finds slightly more than the week's best sellers: "),
        (0.22, 0.2, "this finds 1.1 times as many as the week's best sellers: "),
    ],
)
def test_verdict_makes_no_nonsense_of_the_edges(ours: float, theirs: float, words: str) -> None:
    assert words in verdict(group(ABOVE, ours=ours, theirs=theirs))


def test_verdict_on_a_handful_of_clients_claims_nothing() -> None:
    few = group(ABOVE, asked=29)

    assert verdict(few) == "Too few clients bought something new to tell skill from chance."
    assert against_the_best(few) == ""
    assert verdict(replace(few, asked=30)).startswith("For your shop this finds")


def test_verdict_on_nobody_claims_nothing() -> None:
    assert verdict(Group("lapsed", 0, 0, ())) == (
        "Too few lapsed clients bought something new to tell skill from chance."
    )


@pytest.mark.parametrize(
    ("lead", "end"),
    [
        (ABOVE, "this finds clearly more."),
        (BELOW, "this finds clearly fewer."),
        (UNSURE, "the difference could be chance."),
    ],
)
def test_against_the_best_names_the_best_of_the_others(lead: Interval, end: str) -> None:
    found = group(ABOVE)
    best = replace(found.performance("ALS"), lead=lead)
    found = replace(found, performances=(found.performances[0], best, found.performances[2]))

    assert against_the_best(found) == f"The best of the simple methods here, ALS, finds 30; {end}"


def test_conditions_say_what_the_figures_rest_on() -> None:
    assert conditions(evaluation()) == [
        "Tried at 3 dates a week apart, from 2026-03-02 to 2026-03-16; new is what arrived in the "
        "60 days before, and what counts was bought in the 60 days after."
    ]


def test_conditions_own_up_to_a_short_past_a_sample_and_absent_methods() -> None:
    found = replace(
        evaluation(),
        plan=Plan(DATES[:1], 30, 8),
        customers=20_000,
        customers_in_all=1_000_000,
        left_out=("ALS takes no part: no library",),
    )

    assert conditions(found) == [
        "Tried at one date, 2026-03-02; new is what arrived in the 60 days before, and what counts "
        "was bought in the 30 days after.",
        "The shop's past is short: there are fewer dates, or fewer days after each, than wanted; "
        "60 days of purchases are kept to learn from.",
        "A sample of 20,000 of 1,000,000 buyers, the same for every method: with all of them each "
        "would find a little more.",
        "ALS takes no part: no library.",
    ]


def test_sentences_begin_with_the_verdict() -> None:
    found = evaluation(group(ABOVE))

    assert sentences(found)[0] == verdict(found.groups[0])
    assert len(sentences(found)) == 3


def test_table_has_a_row_for_each_method_and_no_lead_for_ours() -> None:
    rows = table(group(ABOVE))

    assert rows[0] == (
        OURS,
        "0.340 [0.320, 0.360]",
        "",
        "0.100",
        "0.120",
        "0.200",
        "0.080",
        "0.50",
        "6.2",
        "0",
    )
    assert rows[2][2] == "+0.150 [+0.100, +0.200]"


def test_dot_plot_puts_every_method_on_one_scale() -> None:
    plot = dot_plot(group(ABOVE))

    assert [(dot.name, dot.kind) for dot in plot.dots] == [
        (OURS, "ours"),
        ("ALS", "peer"),
        (YARDSTICK, "yardstick"),
    ]
    assert [tick.label for tick in plot.ticks] == ["0%", "10%", "20%", "30%", "40%"]
    at = {tick.label: tick.at for tick in plot.ticks}
    assert plot.dots[1].x == at["30%"]
    assert all(dot.low < dot.x < dot.high for dot in plot.dots)
    assert plot.dots[1].y - plot.dots[0].y == plot.dots[2].y - plot.dots[1].y


def test_dot_plot_of_nothing_found_at_all_has_a_scale() -> None:
    nothing = replace(performance(OURS, 0, None), hit=Interval(0, 0, 0))

    plot = dot_plot(Group("all", 40, 40, (nothing,)))

    assert [tick.label for tick in plot.ticks] == ["0%", "0.5%"]
    assert plot.dots[0].x == plot.ticks[0].at


def test_line_chart_leaves_out_a_date_at_which_nobody_was_asked() -> None:
    chart = line_chart(group(ABOVE), DATES)

    assert {line.name: len(line.points) for line in chart.lines} == {
        OURS: 3,
        "ALS": 3,
        YARDSTICK: 2,
    }
    assert [tick.label for tick in chart.dates] == ["2 Mar", "9 Mar", "16 Mar"]


def test_line_chart_keeps_the_names_apart() -> None:
    close = replace(performance("ALS", 0.339, UNSURE), by_date=(0.3, 0.3, 0.339))
    found = replace(group(ABOVE, theirs=0.338), performances=())
    members = (performance(OURS, 0.34, None), close, performance(YARDSTICK, 0.338, ABOVE))

    chart = line_chart(replace(found, performances=members), DATES)

    heights = sorted(line.label_y for line in chart.lines)
    assert min(lower - upper for upper, lower in pairwise(heights)) >= LEAST_GAP


def test_page_holds_the_verdict_the_figures_and_both_charts() -> None:
    found = evaluation(group(ABOVE), replace(group(UNSURE), clients="lapsed"))

    html = page(found)

    assert html.count("<svg") == 4
    assert html.count('<circle class="dot ours"') == 2 * (1 + 3)
    assert "1.8 times as many as the week&#x27;s best sellers" in html
    assert "<td>+0.150 [+0.100, +0.200]</td>" in html
    assert "Lapsed clients" in html
    assert "2 March 2026 to 16 March 2026" in " ".join(html.split())


def test_page_stands_by_itself() -> None:
    html = page(evaluation())

    assert re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?[^\"')\s]+", html) == []
    assert "<script" not in html
    assert "--page: #fffdf8" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_page_escapes_what_a_shop_calls_its_products() -> None:
    hostile = ShownMost("<script>alert(1)</script>", 3, 1)

    html = page(replace(evaluation(), shown_most=(hostile,)))

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_page_without_lapsed_clients_says_so_and_draws_nothing_for_them() -> None:
    html = page(evaluation(group(ABOVE), Group("lapsed", 0, 0, ())))

    assert html.count("<svg") == 2
    assert "Too few lapsed clients bought something new" in html


@pytest.mark.parametrize(("asked", "drawings"), [(29, 2), (30, 4)])
def test_page_draws_nothing_from_a_handful_of_answers(asked: int, drawings: int) -> None:
    lapsed = replace(group(UNSURE, asked=asked), clients="lapsed")

    html = page(evaluation(group(ABOVE), lapsed))

    assert html.count("<svg") == drawings
    assert len(table(lapsed)) == (len(lapsed.performances) if drawings == 4 else 0)


def test_save_makes_the_folder(tmp_path: Path) -> None:
    file = save(evaluation(), tmp_path / "reports" / "recommender.html")

    assert file.read_text() == page(evaluation())
