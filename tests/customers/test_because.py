import pytest

from customers.because import SENTENCES, because, reasons
from customers.recommender import evidence as engine


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ({"kind": "similar-customers", "count": 6}, "6 clients with similar taste bought it"),
        ({"kind": "similar-customers", "count": 1}, "A client with similar taste bought it"),
        (
            {"kind": "bought-like-it", "name": "Marlow loafer", "shared": ["brand=Fenn", "word=x"]},
            "Same brand as the Marlow loafer",
        ),
        (
            {
                "kind": "bought-like-it",
                "name": "Marlow loafer",
                "shared": ["category=Shoes", "subcategory=Loafers", "color=Cognac"],
            },
            "Same color and kind as the Marlow loafer",
        ),
        (
            {"kind": "bought-like-it", "name": "Marlow loafer", "shared": ["word=loafer"]},
            "Close to the Marlow loafer",
        ),
        (
            {"kind": "city-best-seller", "count": 9, "rank": 1, "days": 14, "place": "Chicago"},
            "Best-selling arrival in Chicago this fortnight",
        ),
        (
            {"kind": "city-best-seller", "count": 9, "rank": 2, "days": 14, "place": "Chicago"},
            "Sells well in Chicago this fortnight",
        ),
        (
            {"kind": "store-best-seller", "count": 9, "rank": 3, "days": 7},
            "Sells well in this store in 7 days",
        ),
        (
            {"kind": "best-seller", "count": 9, "rank": 3, "days": 14},
            "Sells well in all stores this fortnight",
        ),
        ({"kind": "brand", "count": 1, "value": "Fenn"}, "Already has one thing by Fenn"),
        ({"kind": "category", "count": 3, "value": "Boots"}, "Already has 3 things from Boots"),
        ({"kind": "new", "days": 12}, "Arrived 12 days ago"),
        ({"kind": "new", "days": 1}, "Arrived yesterday"),
        ({"kind": "new", "days": 0}, "Arrived today"),
        ({"kind": "new"}, "Newly arrived"),
    ],
)
def test_because_says_what_the_evidence_holds(evidence: dict, sentence: str) -> None:
    assert because([evidence]) == sentence


@pytest.mark.parametrize(
    "evidence",
    [
        {"kind": "similar-customers"},
        {"kind": "similar-customers", "count": 0},
        {"kind": "bought-like-it", "shared": ["brand=Fenn"]},
        {"kind": "city-best-seller", "count": 9, "rank": 1, "days": 14},
        {"kind": "best-seller", "count": 0, "rank": 1, "days": 14},
        {"kind": "brand", "count": 2},
        {"kind": "horoscope", "count": 2},
        {},
    ],
)
def test_because_passes_over_what_it_cannot_say(evidence: dict) -> None:
    assert reasons([evidence]) == []
    assert because([evidence]) == "Newly arrived"


def test_because_takes_the_first_that_can_be_said() -> None:
    evidence = [
        {"kind": "bought-like-it"},
        {"kind": "similar-customers", "count": 4},
        {"kind": "new", "days": 5},
    ]

    assert because(evidence) == "4 clients with similar taste bought it"
    assert reasons(evidence) == ["4 clients with similar taste bought it", "Arrived 5 days ago"]


def test_because_knows_every_kind_the_engine_has() -> None:
    kinds = {
        engine.SIMILAR_CUSTOMERS,
        engine.BOUGHT_LIKE_IT,
        engine.CITY_BEST_SELLER,
        engine.STORE_BEST_SELLER,
        engine.BEST_SELLER,
        engine.BRAND,
        engine.CATEGORY,
        engine.NEW,
    }

    assert set(SENTENCES) == kinds
