"""An evaluation for people: lines for a terminal, and one page that stands by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from customers.backtest import LEAST_PAST, Evaluation
from customers.backtest_charts import DotPlot, LineChart, dot_plot, line_chart
from customers.comparison import LEAST_ASKED, Group, Performance, against_the_best, verdict
from customers.models import LearnedBlend
from customers.recommender.measures import Interval

HEADINGS = (
    "method",
    "hit@3 [95 %]",
    "ours less theirs [95 %]",
    "NDCG@3",
    "recall@3",
    "MRR@3",
    "MAP@12",
    "coverage",
    "novelty",
    "violations",
)
STYLESHEETS = ("css/tokens.css", "css/evaluation.css")


@dataclass(frozen=True)
class Section:
    """One kind of clients on the page."""

    title: str
    verdict: str
    beside: str
    asked: int
    customers: int
    rows: Sequence[Sequence[str]]
    dots: DotPlot
    lines: LineChart
    dots_id: str
    lines_id: str


def sentences(evaluation: Evaluation) -> list[str]:
    """What came out, in plain words: the verdict on each kind of clients, and what to know."""
    said = []
    for group in evaluation.groups:
        said += [sentence for sentence in (verdict(group), against_the_best(group)) if sentence]
    return said + conditions(evaluation)


def conditions(evaluation: Evaluation) -> list[str]:
    """On what the figures rest."""
    plan = evaluation.plan
    dates = (
        f"{len(plan.dates)} dates a week apart, from {plan.dates[0]} to {plan.dates[-1]}"
        if len(plan.dates) > 1
        else f"one date, {plan.dates[0]}"
    )
    said = [
        f"Tried at {dates}; new is what arrived in the {evaluation.new_within} days before, and "
        f"what counts was bought in the {plan.horizon} days after."
    ]
    if evaluation.is_short:
        said.append(
            f"The shop's past is short: there are fewer dates, or fewer days after each, than "
            f"wanted; {LEAST_PAST} days of purchases are kept to learn from."
        )
    if evaluation.customers < evaluation.customers_in_all:
        said.append(
            f"A sample of {evaluation.customers:,} of {evaluation.customers_in_all:,} buyers, the "
            "same for every method: with all of them each would find a little more."
        )
    return said + [f"{reason}." for reason in evaluation.left_out]


def table(group: Group) -> list[tuple[str, ...]]:
    """One row of figures for each method, in the order of `HEADINGS`; none from too few answers.

    Nineteen answers without a hit would read as 0.000 [0.000, 0.000], as if that were certain.
    """
    if group.asked < LEAST_ASKED:
        return []
    return [_row(each) for each in group.performances]


def _row(performance: Performance) -> tuple[str, ...]:
    return (
        performance.name,
        _spelled(performance.hit),
        _spelled(performance.lead, sign="+") if performance.lead else "",
        f"{performance.ndcg.mean:.3f}",
        f"{performance.recall:.3f}",
        f"{performance.reciprocal_rank:.3f}",
        f"{performance.average_precision:.3f}",
        f"{performance.coverage:.2f}",
        f"{performance.novelty:.1f}",
        f"{performance.violations}",
    )


def _spelled(interval: Interval, *, sign: str = "") -> str:
    return f"{interval.mean:{sign}.3f} [{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"


def title_of(group: Group) -> str:
    """Whom the figures are about."""
    return "Lapsed clients" if group.clients == "lapsed" else "All clients"


def page(evaluation: Evaluation) -> str:
    """The whole report as HTML: styles and drawings inside, nothing fetched."""
    return render_to_string(
        "evaluation/report.html",
        {
            "evaluation": evaluation,
            "sections": [_section(group, evaluation) for group in evaluation.groups],
            "headings": HEADINGS,
            "conditions": conditions(evaluation),
            "last_date": evaluation.plan.dates[-1],
            "styles": "\n".join(_stylesheet(name) for name in STYLESHEETS),
        },
    )


def _section(group: Group, evaluation: Evaluation) -> Section:
    return Section(
        title=title_of(group),
        verdict=verdict(group),
        beside=against_the_best(group),
        asked=group.asked,
        customers=group.customers,
        rows=table(group),
        dots=dot_plot(group),
        lines=line_chart(group, evaluation.plan.dates),
        dots_id=f"dots-{group.clients}",
        lines_id=f"lines-{group.clients}",
    )


def _stylesheet(name: str) -> str:
    return (settings.BASE_DIR / "static" / name).read_text()


def save(evaluation: Evaluation, file: Path) -> Path:
    """Writes the page, and the folder it lies in; answers the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page(evaluation))
    return file


@transaction.atomic
def remember(evaluation: Evaluation, *, on: date) -> bool:
    """Writes the sentences to the newest learned weights, where the admin shows them.

    Answers whether there were any; an earlier evaluation of the same weights is replaced.
    """
    blend = LearnedBlend.objects.select_for_update().first()
    if blend is None:
        return False
    blend.summary["evaluation"] = {"on": on.isoformat(), "said": sentences(evaluation)}
    blend.save(update_fields=["summary"])
    return True
