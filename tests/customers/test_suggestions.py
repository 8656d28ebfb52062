import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from catalog.models import Product
from clienteling.locks import DatabaseLock
from customers import second_look, suggestion_table
from customers.appropriateness import Blocker
from customers.because import COLUMNS, Evidence, because
from customers.models import Customer, Suggestion, SuggestionRun
from customers.recommender.signals import SIGNALS, Trait
from customers.second_look import InappropriateSuggestion
from customers.suggestions import RefreshRunning, refresh
from customers.tasks import refresh_suggestions
from tests.factories import (
    NOON,
    BrandFactory,
    CategoryFactory,
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StockLevelFactory,
    StoreFactory,
    SuggestionFactory,
)

pytestmark = pytest.mark.django_db


def buys(customer: Customer, product: Product, *, days_ago: float, quantity: int = 1) -> None:
    order = PurchaseFactory(customer=customer, purchased_at=NOON - timedelta(days=days_ago))
    LineItemFactory(purchase=order, variant__product=product, quantity=quantity)


def make_client(*, last_bought_days_ago: float = 120, **traits: Any) -> Customer:
    """A client who once bought something that is no longer new."""
    customer = CustomerFactory(**traits)
    old = ProductFactory(launched_on=(NOON - timedelta(days=400)).date())
    buys(customer, old, days_ago=last_bought_days_ago)
    return customer


def list_of(customer: Customer) -> list[int]:
    return list(customer.suggestions.order_by("rank").values_list("product_id", flat=True))


def everything() -> list[tuple[Any, ...]]:
    return list(Suggestion.objects.values_list("customer_id", "rank", "product_id"))


def test_refresh_gives_a_lapsed_client_three_new_items_and_understudies(now: datetime) -> None:
    client = make_client()
    arrivals = ProductFactory.create_batch(10)

    report = refresh(as_of=now, now=now)

    proposed = list_of(client)
    assert len(proposed) == len(set(proposed)) == 8
    assert set(proposed) <= {product.pk for product in arrivals}
    assert (report.customers, report.candidates, report.suggestions) == (1, 10, 8)
    assert (report.served, report.with_fewer, report.warnings) == (1, 0, ())
    assert report.sentence == (
        "Suggestions for 1 of 1 lapsed clients among 10 new arrivals, as of 2026-06-15, "
        f"in {report.seconds:.1f} s; 0 have fewer than 3."
    )


def test_refresh_keeps_the_evidence_in_columns(now: datetime) -> None:
    brand, category = BrandFactory(), CategoryFactory()
    client = CustomerFactory()
    kept = ProductFactory(launched_on=None, brand=brand, category=category, color="Red")
    buys(client, kept, days_ago=120)
    arrival = ProductFactory(
        launched_on=(now - timedelta(days=9)).date(), brand=brand, category=category, color="Blue"
    )
    for _ in range(2):
        buys(CustomerFactory(city=client.city), arrival, days_ago=3)

    refresh(as_of=now, now=now)

    suggestion = client.suggestions.get()
    assert suggestion.product == arrival
    assert suggestion.nearest == kept
    assert Trait(suggestion.shared_traits) & (Trait.BRAND | Trait.COLOR) == Trait.BRAND
    assert (suggestion.brand_items, suggestion.category_items, suggestion.days_new) == (1, 1, 9)
    assert (suggestion.city_units, suggestion.city_rank) == (2, 1)
    assert (suggestion.units, suggestion.units_rank) == (2, 1)
    assert len(suggestion.contributions) == len(SIGNALS)
    assert sum(suggestion.contributions) == pytest.approx(suggestion.score, abs=1e-5)


def test_refresh_serves_those_who_lapsed_by_their_stores_number(now: datetime) -> None:
    patient, impatient = StoreFactory(lapse_days=90), StoreFactory(lapse_days=30)
    of_patient = make_client(last_bought_days_ago=60, store=patient)
    of_impatient = make_client(last_bought_days_ago=60, store=impatient)
    on_the_day = make_client(last_bought_days_ago=90, store=None)
    a_minute_short = make_client(last_bought_days_ago=90 - 1 / 1440, store=None)
    never = CustomerFactory()
    ProductFactory.create_batch(3)

    refresh(as_of=now, now=now)

    assert {c.pk for c in Customer.objects.filter(suggestions__rank=1)} == {
        of_impatient.pk,
        on_the_day.pk,
    }
    assert {of_patient.pk, a_minute_short.pk, never.pk}.isdisjoint(
        Suggestion.objects.values_list("customer_id", flat=True)
    )


def test_refresh_of_all_serves_everybody_on_record(now: datetime) -> None:
    recent, never = make_client(last_bought_days_ago=1), CustomerFactory()
    joins_tomorrow = CustomerFactory(joined_on=(now + timedelta(days=1)).date())
    ProductFactory.create_batch(3)

    report = refresh(as_of=now, now=now, clients="all")

    assert (len(list_of(recent)), len(list_of(never))) == (3, 3)
    assert list_of(joins_tomorrow) == []
    assert report.customers == 2


def test_refresh_counts_those_who_get_fewer_than_three(now: datetime) -> None:
    choosy = make_client()
    make_client()
    for product in ProductFactory.create_batch(3)[:2]:
        buys(choosy, product, days_ago=100)

    report = refresh(as_of=now, now=now)

    assert len(list_of(choosy)) == 1
    assert (report.served, report.with_fewer) == (2, 1)


def test_refresh_without_new_arrivals_invents_nothing(now: datetime) -> None:
    old = ProductFactory(launched_on=(now - timedelta(days=61)).date())
    SuggestionFactory(customer=make_client(), product=old)

    report = refresh(as_of=now, now=now)

    assert everything() == []
    assert (report.candidates, report.served, report.with_fewer) == (0, 0, 1)
    assert report.warnings == ("Nothing arrived in the 60 days up to 2026-06-15.",)
    assert SuggestionRun.objects.get().warnings == list(report.warnings)


def test_refresh_of_an_empty_shop(now: datetime) -> None:
    report = refresh(as_of=now, now=now)

    assert (report.customers, report.candidates, report.suggestions) == (0, 0, 0)


def test_refresh_takes_the_first_sale_where_no_launch_is_known(now: datetime) -> None:
    client = make_client()
    Product.objects.update(launched_on=None)
    for days_ago in (61, 60, 2):
        product = ProductFactory(launched_on=None, name=f"Sold {days_ago}")
        buys(CustomerFactory(), product, days_ago=days_ago)
    ProductFactory(launched_on=None, name="Never sold")

    report = refresh(as_of=now, now=now)

    names = set(Product.objects.filter(pk__in=list_of(client)).values_list("name", flat=True))
    assert names == {"Sold 60", "Sold 2"}
    assert report.warnings == (
        "No product has a launch date: its first sale counts as its arrival.",
    )


def test_refresh_leaves_out_items_without_a_price(now: datetime) -> None:
    client = make_client()
    priced, _ = ProductFactory(), ProductFactory(price=None)

    refresh(as_of=now, now=now)

    assert list_of(client) == [priced.pk]


def test_refresh_of_a_shop_without_prices_says_so(now: datetime) -> None:
    client = make_client()
    Product.objects.update(price=None)
    arrival = ProductFactory(price=None)

    report = refresh(as_of=now, now=now)

    assert list_of(client) == [arrival.pk]
    assert report.warnings == ("No product has a price: none was left out for want of one.",)


def test_refresh_knows_the_stock_of_today_but_not_of_the_past(now: datetime) -> None:
    client = make_client()
    gone = StockLevelFactory(store=client.store, quantity=0).variant.product
    here = StockLevelFactory(store=client.store, quantity=1).variant.product

    refresh(as_of=now, now=now)
    today = list_of(client)
    refresh(as_of=now - timedelta(days=2), now=now)
    two_days_ago = list_of(client)

    assert today == [here.pk]
    assert set(two_days_ago) == {here.pk, gone.pk}


def test_refresh_as_of_a_past_day_uses_nothing_recorded_later(now: datetime) -> None:
    past = now - timedelta(days=30)
    clients = [make_client(last_bought_days_ago=150) for _ in range(4)]
    arrivals = ProductFactory.create_batch(6, launched_on=(now - timedelta(days=45)).date())
    buys(make_client(), arrivals[0], days_ago=35)
    refresh(as_of=past, now=now)
    as_it_was = list(Suggestion.objects.values_list("customer_id", "rank", "product_id", "score"))

    for client, product in zip(clients, arrivals, strict=False):
        buys(client, product, days_ago=10)
    ProductFactory.create_batch(3, launched_on=(now - timedelta(days=20)).date())
    CustomerFactory(joined_on=now.date())
    refresh(as_of=past, now=now)

    assert as_it_was != []
    assert as_it_was == list(
        Suggestion.objects.values_list("customer_id", "rank", "product_id", "score")
    )


def test_refresh_records_its_run(now: datetime) -> None:
    make_client()
    ProductFactory.create_batch(3)

    report = refresh(as_of=now, now=now, new_within=45)

    run = SuggestionRun.objects.get()
    assert (run.state, run.new_within, run.started_at) == ("done", 45, now)
    assert (run.customers, run.candidates, run.suggestions, run.with_fewer) == (1, 3, 3, 0)
    assert (run.lines, run.coverage, run.warnings) == (1, 1.0, [])
    assert run.seconds == report.seconds
    assert run.finished_at == now + timedelta(seconds=report.seconds)


def test_refresh_gives_up_a_run_that_was_cut_off(now: datetime) -> None:
    cut_off = SuggestionRun.objects.create(as_of=now, new_within=60, started_at=now)

    refresh(as_of=now, now=now + timedelta(minutes=1))

    cut_off.refresh_from_db()
    assert cut_off.state == "failed"
    assert SuggestionRun.objects.first().state == "done"


def test_refresh_leaves_yesterdays_list_when_a_rule_objects(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = SuggestionFactory(customer=make_client())
    ProductFactory.create_batch(3)
    objection = [Blocker("already-owned", "Already has this one.")]
    monkeypatch.setattr(second_look, "item_blockers", lambda item, client: objection)

    with pytest.raises(InappropriateSuggestion, match="already-owned"):
        refresh(as_of=now, now=now)

    assert everything() == [(yesterday.customer_id, 1, yesterday.product_id)]
    assert SuggestionRun.objects.get().state == "failed"


def test_refresh_leaves_the_table_as_migrations_know_it(now: datetime) -> None:
    before = catalog_entries()
    make_client()
    ProductFactory.create_batch(3)

    refresh(as_of=now, now=now)
    refresh(as_of=now, now=now)

    assert catalog_entries() == before


def catalog_entries() -> list[tuple[str, ...]]:
    """Every column, index and constraint of both tables, and whatever else is called like them."""
    tables = [suggestion_table.TABLE, suggestion_table.NEAR_MISS_TABLE]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
            "UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) "
            "UNION ALL SELECT 'column', attname, format_type(atttypid, atttypmod) || attnotnull "
            "FROM pg_attribute WHERE attrelid = ANY(%s::regclass[]) AND NOT attisdropped "
            "UNION ALL SELECT 'table', relname, '' FROM pg_class WHERE relkind = 'r' "
            "AND relname ~ '^customers_(suggestion|nearmiss)' ORDER BY 1, 2, 3",
            (tables, tables, tables),
        )
        return cursor.fetchall()


def test_refresh_exports_what_it_shows(now: datetime, tmp_path: Path) -> None:
    client = make_client(customer_id="00042")
    ProductFactory.create_batch(10)
    file = tmp_path / "suggestions.csv"

    refresh(as_of=now, now=now, top=4, export=file)

    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["customer_id", "rank", "sku", "score", "reason"]
    assert [(row["customer_id"], row["rank"]) for row in rows] == [
        ("00042", str(rank)) for rank in (1, 2, 3, 4)
    ]
    styles = dict(Product.objects.values_list("style", "pk"))
    assert [styles[row["sku"]] for row in rows] == list_of(client)[:4]
    assert list(tmp_path.iterdir()) == [file]


def test_refresh_exports_the_reasons_that_the_table_gives(now: datetime, tmp_path: Path) -> None:
    brand = BrandFactory()
    client = CustomerFactory(customer_id="00042")
    buys(client, ProductFactory(launched_on=None, brand=brand, name="Marlow boot"), days_ago=120)
    arrivals = ProductFactory.create_batch(3, brand=brand, category=None)
    arrivals.append(ProductFactory(brand=None, category=None, name="Bought by a neighbour"))
    buys(CustomerFactory(city=client.city), arrivals[3], days_ago=3)
    file = tmp_path / "suggestions.csv"

    refresh(as_of=now, now=now, top=4, export=file)

    with file.open(newline="") as lines:
        exported = [(row["customer_id"], row["reason"]) for row in csv.DictReader(lines)]
    rows = client.suggestions.order_by("rank").values(*COLUMNS)
    said = [because(Evidence.of_row(row)) for row in rows]
    assert exported == [("00042", sentence) for sentence in said]
    assert len(set(said)) > 1


def test_refresh_keeps_more_when_more_are_asked_for(now: datetime) -> None:
    client = make_client()
    ProductFactory.create_batch(14)

    refresh(as_of=now, now=now, top=12)

    assert len(list_of(client)) == 12


def test_refresh_tells_how_far_it_is(now: datetime) -> None:
    make_client()
    ProductFactory.create_batch(3)
    said: list[str] = []

    refresh(as_of=now, now=now, progress=said.append)

    assert said == [
        "Reading customers, products and purchases...",
        "1 lines of 1 customers read.",
        "Learning from the shop's own past...",
        "Scoring 3 new arrivals for 1 clients...",
        "Scored 1 of 1 clients.",
        "Checking and swapping them in...",
    ]


def test_refresh_task_serves_the_lapsed(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    ProductFactory.create_batch(3)
    monkeypatch.setattr("clienteling.clock.now", lambda: now)

    refresh_suggestions()

    assert len(list_of(client)) == 3


@pytest.fixture
def elsewhere() -> Any:
    """A second connection to the same database, as another process would have."""
    other = connection.copy()
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
def test_refresh_is_refused_while_another_runs(now: datetime, elsewhere: Any) -> None:
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [DatabaseLock.SUGGESTIONS])

    with pytest.raises(RefreshRunning):
        refresh(as_of=now, now=now)
    refresh_suggestions()  # the nightly task takes it calmly

    assert not SuggestionRun.objects.exists()
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [DatabaseLock.SUGGESTIONS])
    refresh(as_of=now, now=now)
    assert SuggestionRun.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_refresh_gives_way_to_a_long_reader_and_tries_again(
    now: datetime, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client()
    ProductFactory.create_batch(3)
    monkeypatch.setattr(suggestion_table, "LOCK_TIMEOUT_SECONDS", 0.05)
    elsewhere.set_autocommit(False)
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_suggestion")
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        elsewhere.rollback()  # the reader is done

    monkeypatch.setattr("customers.suggestion_table.time.sleep", rest)

    refresh(as_of=now, now=now)

    assert rests == [suggestion_table.REST_BETWEEN_TRIES_SECONDS]
    assert len(list_of(client)) == 3


@pytest.mark.django_db(transaction=True)
def test_refresh_gives_up_on_a_reader_who_never_ends(
    now: datetime, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = SuggestionFactory(customer=make_client())
    ProductFactory.create_batch(3)
    monkeypatch.setattr(suggestion_table, "LOCK_TIMEOUT_SECONDS", 0.05)
    monkeypatch.setattr(suggestion_table, "SWAP_TRIES", 2)
    monkeypatch.setattr(suggestion_table, "REST_BETWEEN_TRIES_SECONDS", 0)
    elsewhere.set_autocommit(False)
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_suggestion")

    with pytest.raises(OperationalError, match="lock timeout"):
        refresh(as_of=now, now=now)

    assert everything() == [(yesterday.customer_id, 1, yesterday.product_id)]
    assert SuggestionRun.objects.get().state == "failed"
