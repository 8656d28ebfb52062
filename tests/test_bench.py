"""The benchmarks: their arithmetic, and a run in a shop of a few dozen customers."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.db.models import Count, F, Max
from django.db.models.functions import TruncDate

from bench import day_page, made_up_shops, recommender_quality, suggestions_speed
from bench.day_page import (
    BARE,
    DAY,
    DIGITS,
    FACTS,
    FIRST,
    HELLO,
    LETTER,
    NAMES,
    Measured,
    Staff,
    over_the_limits,
    sizes_of,
)
from bench.generated import STATEMENTS, SUGGESTIONS, Size, generate
from bench.measuring import Cost, cost_of, counted
from catalog.models import Product, StockLevel
from clienteling import clock
from clienteling.models import User
from clienteling.plain_tables import figure, table_lines
from customers.models import Customer, LineItem, Suggestion
from customers.recommender.measures import Measured as MeasuredItems
from customers.recommender.peers import PEERS
from outreach.models import Message, Reply

OURS = ("ours", "ours, unlearned", "ours, not spread", "ours, no turns")
TINY = Size(60, products=90, new_products=12, most_stock_rows=100)


def costs(*, bare_ms: float, day_ms: float, day_queries: int = 3) -> list[Measured]:
    """Pages within every limit, but for what is said."""
    cheap = Cost(cpu_ms=bare_ms, sql_ms=1.0, queries=3)
    names = (HELLO, BARE, FACTS, *day_page.MOST_QUERIES, *day_page.MOST_SQL_MS)
    pages = {name: Measured(name, cheap, 1.0) for name in names}
    pages[DAY] = Measured(DAY, Cost(day_ms, 1.0, day_queries), 1.0)
    return list(pages.values())


def lapsed_on(now: datetime) -> int:
    return Customer.objects.lapsed(at=now, days=TINY.lapse_days).count()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "-"),
        ("the day", "the day"),
        (1_234_567, "1,234,567"),
        (9.994, "9.99"),
        (10.0, "10.0"),
        (99.94, "99.9"),
        (100.0, "100"),
        (12_345.6, "12,346"),
    ],
)
def test_figure_shows_the_digits_that_count(value: object, words: str) -> None:
    assert figure(value) == words


def test_table_lines_align_names_left_and_figures_right() -> None:
    lines = table_lines(("page", "ms"), [("the day", 1234), ("inbox", None)])

    assert lines == ["page        ms", "the day  1,234", "inbox        -"]


def test_sizes_of_reads_the_smallest_first() -> None:
    assert sizes_of("1000000, 10000") == [10_000, 1_000_000]


def test_size_counts_stores_and_associates_by_customers() -> None:
    chain, corner_shop = Size(1_000_000), Size(60)

    assert (chain.stores, chain.associates) == (200, 4_000)
    assert (corner_shop.stores, corner_shop.associates) == (1, 1)


def test_over_the_limits_says_nothing_of_pages_within_them() -> None:
    pages = costs(bare_ms=20.0, day_ms=30.0, day_queries=day_page.MOST_QUERIES[DAY])

    assert over_the_limits(pages) == []


def test_over_the_limits_names_a_query_too_many() -> None:
    most = day_page.MOST_QUERIES[DAY]

    said = over_the_limits(costs(bare_ms=1.0, day_ms=1.0, day_queries=most + 1))

    assert said == [f"the day asked {most + 1} queries, at most {most} are wanted"]


def test_over_the_limits_names_a_page_too_dear() -> None:
    said = over_the_limits(costs(bare_ms=20.0, day_ms=32.0))

    assert said == ["the day costs 1.6 times bare cards, at most 1.5 are wanted"]


def test_over_the_limits_names_a_search_too_slow() -> None:
    slow = Measured(NAMES, Cost(cpu_ms=1.0, sql_ms=5.25, queries=1), None)

    said = over_the_limits([*costs(bare_ms=20.0, day_ms=20.0), slow])

    assert said == [
        "search by name, no page took 5.2 ms of SQL, at most 5 are wanted",
    ]


@pytest.mark.django_db
def test_counted_counts_the_queries_of_one_call() -> None:
    count = counted(lambda: (User.objects.count(), Customer.objects.count()))

    assert count.queries == 2
    assert [statement.split()[0] for statement in count.statements] == ["SELECT", "SELECT"]
    assert count.seconds > 0


def test_cost_of_takes_processor_time_and_not_waiting() -> None:
    busy = cost_of(lambda: sum(range(200_000)), rounds=3)
    idle = cost_of(lambda: None, rounds=3)

    assert busy.cpu_ms > idle.cpu_ms
    assert (busy.queries, busy.sql_ms) == (0, 0.0)


@pytest.mark.django_db
def test_generate_writes_a_shop_of_the_size_asked_for(now: datetime) -> None:
    generate(TINY, now=now)

    assert Customer.objects.count() == 60
    assert LineItem.objects.count() == 60 * 10 * 2
    assert Product.objects.newly_arrived(since=now.date(), until=now.date()).count() <= 12
    assert StockLevel.objects.count() == 100
    assert Suggestion.objects.count() == lapsed_on(now) * 8
    assert 0 < lapsed_on(now) < 60
    assert Message.objects.count() == Customer.objects.exclude(associate=None).count() * 2
    answering = Reply.objects.values("customer").distinct()
    assert answering.count() > 0
    assert Reply.objects.count() == Message.objects.filter(customer__in=answering).count()


@pytest.mark.django_db
def test_generate_keeps_the_facts_of_a_customer_together(now: datetime) -> None:
    generate(TINY, now=now)

    customer = Customer.objects.latest("pk")
    newest = customer.purchases.latest("purchased_at")
    assert newest.purchased_at == customer.last_purchase_at
    assert customer.purchases.count() == customer.visit_count
    assert {line.variant.product_id for line in customer.lines.all()} == {
        line.product_id for line in customer.lines.all()
    }
    assert set(Customer.objects.exclude(associate=None).values_list("associate__store")) == {(1,)}


@pytest.mark.django_db
def test_generate_writes_the_same_shop_every_time(now: datetime) -> None:
    generate(TINY, now=now)
    names = list(Customer.objects.values_list("search_name", "last_purchase_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE clienteling_store, clienteling_user, catalog_brand, catalog_category,"
            " catalog_product, customers_customer, customers_suggestion,"
            " customers_outlook CASCADE"
        )

    generate(TINY, now=now)

    assert list(Customer.objects.values_list("search_name", "last_purchase_at")) == names


def test_size_of_a_chain_is_in_proportion() -> None:
    chain, corner_shop = Size.of_chain(1_000_000), Size.of_chain(2_000)

    assert (chain.products, chain.new_products, chain.stores) == (50_000, 5_000, 200)
    assert chain.most_stock_rows == chain.new_products * 2 * chain.stores
    assert (corner_shop.products, corner_shop.new_products) == (600, 60)


@pytest.mark.django_db
def test_generate_makes_a_shop_with_something_to_be_learned(now: datetime) -> None:
    without = [statement for statement in STATEMENTS if statement is not SUGGESTIONS]

    generate(Size(200, products=600, new_products=60), now=now, statements=without)

    lines = LineItem.objects.annotate(on=TruncDate("purchased_at"))
    assert not lines.filter(product__launched_on__gt=F("on")).exists()
    assert lines.filter(product__launched_on__gt=now.date() - timedelta(days=60)).exists()
    assert Customer.objects.aggregate(most=Max("visit_count"))["most"] > 15
    favorites = lines.values("customer", "product__category").annotate(times=Count("pk"))
    most = {}
    for each in favorites:
        most[each["customer"]] = max(most.get(each["customer"], 0), each["times"])
    assert sum(most.values()) > LineItem.objects.count() * 0.4  # by chance it would be 0.3
    sold = lines.values("product").annotate(times=Count("pk")).order_by("-times")
    assert sum(each["times"] for each in sold[:60]) > LineItem.objects.count() * 0.2


@pytest.mark.django_db
def test_generate_sends_back_what_was_sold_in_the_same_order(now: datetime) -> None:
    without = [statement for statement in STATEMENTS if statement is not SUGGESTIONS]

    generate(TINY, now=now, statements=without)

    returns = LineItem.objects.filter(quantity=-1)
    assert returns.count() == 60 * 10 * 2 // 16
    for each in returns:
        sale = LineItem.objects.get(purchase=each.purchase, line=1)
        assert (sale.variant, sale.quantity) == (each.variant, 1)


@pytest.mark.django_db
def test_generate_leaves_every_index_as_it_was(now: datetime) -> None:
    def indexes() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename, indexname FROM pg_indexes ORDER BY 1, 2")
            return cursor.fetchall()

    before = indexes()
    without = [statement for statement in STATEMENTS if statement is not SUGGESTIONS]

    generate(TINY, now=now, statements=without)

    assert indexes() == before


def test_stopwatch_names_a_step_by_its_first_word() -> None:
    stopwatch = suggestions_speed.Stopwatch()
    for words in ("Reading...", "2,000 lines of 100 customers read.", "Scored 10.", "Scored 20."):
        stopwatch.note(words)

    assert list(stopwatch.seconds()) == ["reading", "lines", "scored"]


def test_growth_is_the_power_of_the_size() -> None:
    assert suggestions_speed.growth(2.0, 20.0, times=10) == pytest.approx(1)
    assert suggestions_speed.growth(2.0, 200.0, times=10) == pytest.approx(2)


@pytest.mark.parametrize(
    ("swap", "peak_mb", "said"),
    [
        (0.1, 2_000.0, []),
        (0.101, 1.0, ["the swap took 0.101 s, more than 0.1 s."]),
        (0.0, 2_001.0, ["2,001 MB of memory, more than 2,000 MB."]),
    ],
)
def test_a_night_over_its_limits_is_named(swap: float, peak_mb: float, said: list[str]) -> None:
    night = suggestions_speed.Night({}, 1.0, swap, 1, "", peak_mb)

    assert suggestions_speed.over_the_limits(night) == said


@pytest.mark.django_db
def test_measure_opens_every_page_of_a_tiny_shop() -> None:
    generate(TINY, now=clock.now())

    pages = day_page.measure(rounds=1)

    asked = {each.page: each.cost.queries for each in pages}
    staff = Staff(
        User.objects.get(username="associate-1"),
        User.objects.get(username="manager-1"),
        User.objects.get(username="admin"),
    )
    listed = [page for page, _, _ in day_page.pages_of(staff)]
    assert list(asked) == [HELLO, BARE, FACTS, FIRST, NAMES, DIGITS, *listed, LETTER]
    assert (asked[HELLO], asked[BARE]) == (0, 4)  # the bare page: who is it, and two of its own
    assert all(each.cost.cpu_ms > 0 for each in pages)
    assert [each for each in pages if each.page != HELLO and not each.cost.queries] == []


@pytest.mark.django_db
def test_measured_refuses_a_page_that_is_not_there() -> None:
    generate(TINY, now=clock.now())
    opened = day_page._opened(User.objects.get(username="manager-1"), "/")

    with pytest.raises(RuntimeError) as refusal:
        day_page.measured(DAY, opened, 1)

    assert str(refusal.value) == "the day answered 302."


def test_median_paid_is_nan_for_an_item_never_priced() -> None:
    item, paid = np.array([0, 0, 0, 1]), np.array([10.0, 30.0, 20.0, np.nan])

    median = recommender_quality.median_paid(item, paid, 3)

    np.testing.assert_array_equal(median, [20.0, np.nan, np.nan])


SHOPS = {
    "gift": lambda: made_up_shops.gift_shop(n_customers=300, n_items=200),
    "clothing": lambda: made_up_shops.clothing_shop(n_customers=300, n_items=200),
    "tiny": made_up_shops.tiny_shop,
}


@pytest.mark.parametrize("name", SHOPS)
def test_a_made_up_shop_is_the_same_every_time(name: str) -> None:
    once, again = SHOPS[name](), SHOPS[name]()

    np.testing.assert_array_equal(once.item, again.item)
    np.testing.assert_array_equal(once.ordinal, again.ordinal)
    assert once.descriptions == again.descriptions


@pytest.mark.parametrize("name", SHOPS)
def test_a_made_up_shop_sells_what_it_has_and_takes_back_only_that(name: str) -> None:
    shop = SHOPS[name]()

    assert (shop.quantity > 0).mean() > 0.75
    units = np.zeros((shop.n_customers, len(shop.descriptions)))
    np.add.at(units, (shop.customer, shop.item), shop.quantity)
    assert units.min() == 0
    assert len(shop.city) == len(shop.store) == shop.n_customers


def test_the_tiny_shop_discloses_nothing_but_a_number() -> None:
    shop = made_up_shops.tiny_shop()

    assert {(each.category, each.brand, each.color) for each in shop.descriptions} == {
        ("Candles", "", "")
    }
    assert shop.n_customers == 200


def test_the_gift_shop_has_six_lapsed_customers_in_ten() -> None:
    shop = made_up_shops.gift_shop(n_customers=1_500, n_items=800)
    cut = recommender_quality.cuts_of(shop)[-1]
    sold = (shop.ordinal <= cut) & (shop.quantity > 0)
    newest = np.zeros(shop.n_customers)
    np.maximum.at(newest, shop.customer[sold], shop.ordinal[sold])

    lapsed = (cut - newest[newest > 0] >= 90).mean()

    assert 0.55 < lapsed < 0.7


def test_clothing_customers_hardly_ever_buy_of_the_other_department() -> None:
    shop = made_up_shops.clothing_shop(n_customers=400, n_items=300)
    women = np.array([each.gender == "women" for each in shop.descriptions])
    share = np.bincount(shop.customer, women[shop.item]) / np.bincount(shop.customer)

    assert (np.minimum(share, 1 - share) < 0.1).mean() > 0.8


def test_recommender_quality_finds_no_rule_broken_in_a_tiny_shop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shop = made_up_shops.tiny_shop()
    trial = recommender_quality.trial_at(shop, recommender_quality.cuts_of(shop)[-1])

    results = recommender_quality.report(trial, "tiny shop", owed=[0.5])

    assert list(results) == [*PEERS, *OURS, "ours, owed 0.5"]
    assert {name: each.measured.violations for name, each in results.items()} == dict.fromkeys(
        results, 0
    )
    coverage = [results[name].measured.coverage for name in ("ours, no turns", "ours, owed 0.5")]
    assert coverage == sorted(set(coverage))
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith(f"tiny shop: {len(trial.asked)} customers who bought one of ")
    assert [line.split("  ")[0] for line in said[3:-1]] == list(results)
    assert said[-1] == recommender_quality.standing(results)


def a_result(*, hit: float, customers: int = 50) -> recommender_quality.Result:
    """One method that finds something for this share of the customers, the first ones."""
    hits = (np.arange(customers) < hit * customers).astype(float)
    figures = MeasuredItems(*[np.arange(customers), hits > 2, *[hits] * 5], 0.5, 1.0, 0)
    return recommender_quality.Result(figures, 0.1)


@pytest.mark.parametrize(
    ("cosine", "als", "said"),
    [
        (0.1, 0.2, "ours is clearly above every peer"),
        (0.1, 0.5, "not clearly below ours: ALS; above it: -"),
        (0.9, 0.5, "not clearly below ours: ALS; above it: item-item cosine"),
        (0.9, 0.1, "not clearly below ours: -; above it: item-item cosine"),
    ],
)
def test_standing_names_the_peers_that_ours_is_not_clearly_above(
    cosine: float, als: float, said: str
) -> None:
    results = {
        "item-item cosine": a_result(hit=cosine),
        "ALS": a_result(hit=als),
        "ours": a_result(hit=0.5),
        "ours, unlearned": a_result(hit=0.9),
    }

    assert recommender_quality.standing(results) == said


def test_recommender_quality_knows_nothing_of_what_comes_after_the_cut() -> None:
    shop = made_up_shops.tiny_shop()
    cut = recommender_quality.cuts_of(shop)[0]
    known = shop.ordinal <= cut
    asked = recommender_quality.trial_at(shop, cut).asked
    other_future = replace(shop, item=np.where(known, shop.item, shop.item[::-1]))

    as_it_was, as_it_might_be = (
        recommender_quality.trial_at(each, cut) for each in (shop, other_future)
    )

    for method in recommender_quality.methods().values():
        np.testing.assert_array_equal(
            method(replace(as_it_was, asked=asked)), method(replace(as_it_might_be, asked=asked))
        )
