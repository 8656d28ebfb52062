import subprocess
import sys
from typing import Any

import pytest

from customers.because import (
    COLUMNS,
    COUNTS,
    REASONS,
    SIGNAL_WORDS,
    Evidence,
    Share,
    because,
    reasons,
    shares,
)
from customers.models import Suggestion
from customers.recommender.signals import SIGNALS, Trait
from tests.factories import ProductFactory, SuggestionFactory, brought

EVERYTHING = (1.0,) * len(SIGNALS)


def raised(**values: float) -> tuple[float, ...]:
    return tuple(brought(**values))


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"similar_customers": 6, "similar_days": 14},
            "6 clients of similar taste bought it in two weeks",
        ),
        (
            {"similar_customers": 6, "similar_days": 30},
            "6 clients of similar taste bought it in 30 days",
        ),
        (
            {"similar_customers": 1, "similar_days": 14},
            "A client of similar taste bought it in two weeks",
        ),
        (
            {"similar_customers": 1_000, "similar_days": 14},
            "1,000 clients of similar taste bought it in two weeks",
        ),
        (
            {"nearest": "Marlow loafer", "shared": Trait.BRAND | Trait.NAME},
            "Same brand as the Marlow loafer",
        ),
        (
            {
                "nearest": "Marlow loafer",
                "shared": Trait.CATEGORY | Trait.SUBCATEGORY | Trait.COLOR,
            },
            "Same color and kind as the Marlow loafer",
        ),
        (
            {"nearest": "Marlow loafer", "shared": Trait.CATEGORY},
            "Same category as the Marlow loafer",
        ),
        (
            {"nearest": "Marlow loafer", "shared": Trait.BRAND | Trait.COLOR | Trait.SUBCATEGORY},
            "Same brand and color as the Marlow loafer",
        ),
        ({"nearest": "Marlow loafer", "shared": Trait.NAME}, "Close to the Marlow loafer"),
        (
            {"nearest": "Marlow loafer", "shared": Trait.ATTRIBUTE | Trait.PRICE},
            "Close to the Marlow loafer",
        ),
        (
            {"city_units": 9, "city_rank": 1, "city": "Chicago"},
            "Best-selling arrival in Chicago this fortnight",
        ),
        (
            {"city_units": 9, "city_rank": 2, "city": "Chicago"},
            "Sells well in Chicago this fortnight",
        ),
        (
            {"city_units": 1, "city_rank": 10, "city": "Chicago"},
            "Sells well in Chicago this fortnight",
        ),
        (
            {"store_units": 9, "store_rank": 3, "selling_days": 7},
            "Sells well in this store in 7 days",
        ),
        (
            {"store_units": 9, "store_rank": 3, "store": "Oak Street"},
            "Sells well in Oak Street this fortnight",
        ),
        ({"units": 9, "units_rank": 3}, "Sells well in all stores this fortnight"),
        ({"brand_items": 1, "brand": "Fenn"}, "Already has one thing by Fenn"),
        ({"category_items": 3, "category": "Boots"}, "Already has 3 things from Boots"),
        (
            {"category_items": 3, "category": "Boots", "subcategory": "Chelsea"},
            "Already has 3 things from Chelsea",
        ),
        ({"days_new": 12}, "Arrived 12 days ago"),
        ({"days_new": 1}, "Arrived yesterday"),
        ({"days_new": 0}, "Arrived today"),
        ({"days_new": -1}, "Newly arrived"),
    ],
)
def test_because_says_what_the_evidence_holds(facts: dict, sentence: str) -> None:
    assert because(Evidence(contributions=EVERYTHING, **facts)) == sentence


@pytest.mark.parametrize(
    "facts",
    [
        {"similar_customers": 0},
        {"shared": Trait.BRAND},
        {"nearest": "Marlow loafer"},
        {"nearest": "Marlow loafer", "shared": Trait.GENDER | Trait.PRICE},
        {"city_units": 9, "city_rank": 1},
        {"city_units": 9, "city_rank": 0, "city": "Chicago"},
        {"city_units": 9, "city_rank": 11, "city": "Chicago"},
        {"units": 0, "units_rank": 1},
        {"brand_items": 2},
        {"brand": "Fenn"},
        {"category_items": 2},
    ],
)
def test_because_passes_over_what_it_cannot_say(facts: dict) -> None:
    evidence = Evidence(contributions=EVERYTHING, **facts)

    assert reasons(evidence) == ["Newly arrived"]


def test_reasons_come_by_what_they_brought() -> None:
    evidence = Evidence(
        contributions=raised(similar_customers=0.2, brand=0.1, taste=0.3),
        similar_customers=4,
        brand_items=2,
        brand="Fenn",
        nearest="Marlow loafer",
        shared=Trait.COLOR,
        days_new=5,
    )

    assert because(evidence) == "Same color as the Marlow loafer"
    assert reasons(evidence) == [
        "Same color as the Marlow loafer",
        "4 clients of similar taste bought it in two weeks",
        "Already has 2 things by Fenn",
    ]


@pytest.mark.parametrize(("contribution", "is_said"), [(0.001, True), (0.0, False), (-0.5, False)])
def test_reasons_are_only_what_raised_the_score(contribution: float, is_said: bool) -> None:
    evidence = Evidence(contributions=raised(brand=contribution), brand_items=2, brand="Fenn")

    assert reasons(evidence) == (["Already has 2 things by Fenn"] if is_said else ["Newly arrived"])


def test_because_passes_over_a_stronger_reason_without_words() -> None:
    evidence = Evidence(
        contributions=raised(brand=3.0, price=5.0, similar_customers=0.1), similar_customers=2
    )

    assert because(evidence) == "2 clients of similar taste bought it in two weeks"


@pytest.mark.parametrize("contributions", [(), (1.0,), (1.0,) * (len(SIGNALS) + 1)])
def test_because_does_not_guess_at_signals_of_another_version(contributions: tuple) -> None:
    evidence = Evidence(contributions=contributions, similar_customers=6, days_new=3)

    assert because(evidence) == "Arrived 3 days ago"
    assert shares(evidence) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("  Marlow\n\tloafer  ", "Marlow loafer"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("<b>Marlow</b> & {{ x }} %s", "<b>Marlow</b> & {{ x }} %s"),
        ("Marlow\u202eloafer\x00\u200b", "Marlow loafer"),
        ("Šnaþ 靴", "Šnaþ 靴"),
    ],
)
def test_of_takes_hostile_names_as_one_line_of_text(written: str, said: str) -> None:
    evidence = Evidence.of(
        dict.fromkeys(COUNTS, 0) | {"shared_traits": int(Trait.BRAND)},
        contributions=EVERYTHING,
        nearest=written,
    )

    assert because(evidence) == f"Same brand as the {said}"


def test_of_passes_over_a_name_of_nothing_that_can_be_seen() -> None:
    evidence = Evidence.of(
        dict.fromkeys(COUNTS, 0) | {"shared_traits": int(Trait.BRAND), "days_new": 2},
        contributions=EVERYTHING,
        nearest="\u200b\n",
    )

    assert because(evidence) == "Arrived 2 days ago"


def test_shares_say_what_the_score_is_made_of() -> None:
    evidence = Evidence(contributions=raised(similar_customers=0.6, price=-0.1, city=0.3))

    assert shares(evidence) == [
        Share("clients of similar taste", pytest.approx(0.6)),
        Share("sells well in this city", pytest.approx(0.3)),
        Share("a usual price", pytest.approx(-0.1)),
    ]


def test_a_turn_raises_the_score_and_is_no_reason() -> None:
    evidence = Evidence(contributions=raised(seldom_shown=0.9), days_new=5)

    assert reasons(evidence) == ["Arrived 5 days ago"]
    assert shares(evidence) == [Share("hardly shown to anybody else", 1.0)]


def test_every_signal_has_words_and_every_reason_known_signals() -> None:
    named = {signal for reason in REASONS for signal in reason.signals}

    assert set(SIGNAL_WORDS) == set(SIGNALS)
    assert named <= set(SIGNALS)


def test_the_words_need_no_arithmetic() -> None:
    """A page that says why must not load numpy into every web process."""
    code = "import sys, customers.because; sys.exit('numpy' in sys.modules)"

    finished = subprocess.run([sys.executable, "-c", code], check=False)

    assert finished.returncode == 0


@pytest.mark.django_db
def test_of_row_takes_the_names_from_the_same_query(django_assert_num_queries: Any) -> None:
    SuggestionFactory(
        customer__city="Chicago",
        customer__store__name="Oak Street",
        product__brand__name="Fenn",
        product__category__name="Shoes",
        product__subcategory="Loafers",
        nearest=ProductFactory(name="Marlow  loafer"),
        shared_traits=Trait.BRAND | Trait.COLOR,
        contributions=raised(brand=1.0),
        similar_customers=6,
        brand_items=2,
        days_new=4,
    )

    with django_assert_num_queries(1):
        [row] = Suggestion.objects.values(*COLUMNS)

    assert Evidence.of_row(row) == Evidence(
        contributions=raised(brand=1.0),
        similar_customers=6,
        nearest="Marlow loafer",
        shared=Trait.BRAND | Trait.COLOR,
        city="Chicago",
        store="Oak Street",
        brand_items=2,
        brand="Fenn",
        category="Shoes",
        subcategory="Loafers",
        days_new=4,
    )


@pytest.mark.django_db
def test_of_row_keeps_a_suggestion_without_any_name() -> None:
    SuggestionFactory(
        customer__city="",
        customer__store=None,
        product__brand=None,
        product__category=None,
        product__subcategory="",
    )

    [row] = Suggestion.objects.values(*COLUMNS)

    assert Evidence.of_row(row) == Evidence(contributions=raised(similar_customers=1.0))
