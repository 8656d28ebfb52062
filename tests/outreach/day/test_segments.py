"""Segments narrow freely, and say how many would be left."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clienteling.models import User
from customers import consent
from customers.models import Channel, Customer
from outreach.day import came_back, segments
from outreach.day.segments import Narrowing
from tests.factories import (
    NOON,
    BrandFactory,
    CategoryFactory,
    ConsentFactory,
    ContactPointFactory,
    CustomerFactory,
    ImportantDateFactory,
    LineItemFactory,
    MessageFactory,
    OutlookFactory,
    PurchaseFactory,
    ReplyFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.scenes import reachable

EVERYBODY = Narrowing()

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya() -> User:
    return UserFactory()


def client_of(maya: User, customer_id: str, **values: Any) -> Customer:
    return CustomerFactory(customer_id=customer_id, associate=maya, store=maya.store, **values)


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def found(maya: User, by: Narrowing) -> list[str]:
    assert maya.store is not None
    people = segments.narrowed(Customer.objects.in_book_of(maya), by, maya.store, now=NOON)
    return sorted(people.values_list("customer_id", flat=True))


def counts(maya: User, by: Narrowing = EVERYBODY) -> segments.Counts:
    assert maya.store is not None
    return segments.counted(Customer.objects.in_book_of(maya), by, maya.store, now=NOON)


def test_rhythms_part_the_book_by_where_she_stands(maya: User) -> None:
    client_of(maya, "lapsed", last_purchase_at=days_ago(90), visit_count=1)
    client_of(maya, "recent", last_purchase_at=days_ago(89), visit_count=1)
    late = {"last_purchase_at": days_ago(60), "visit_count": 3, "usual_gap_days": 40}
    client_of(maya, "late", **late)
    OutlookFactory(customer=client_of(maya, "late, but likely", **late), will_buy=0.9)
    client_of(maya, "never")

    assert found(maya, Narrowing("lapsed")) == ["lapsed"]
    assert found(maya, Narrowing("about-to-lapse")) == ["late"]
    assert len(found(maya, Narrowing())) == 5
    assert dict(counts(maya).rhythms) == {
        "": 5,
        "lapsed": 1,
        "about-to-lapse": 1,
        "came-back": 0,
    }


def test_came_back_is_a_visit_lately_after_a_lapse(maya: User) -> None:
    def visits(customer_id: str, *days: float) -> None:
        customer = client_of(
            maya,
            customer_id,
            first_purchase_at=days_ago(max(days)),
            last_purchase_at=days_ago(min(days)),
        )
        for each in days:
            purchase = PurchaseFactory(customer=customer, purchased_at=days_ago(each))
            LineItemFactory(purchase=purchase)

    visits("back", 200, 5)
    visits("back, two tills on one day", 200, 5, 5.2)
    visits("back long ago", 200, 14)
    visits("regular", 200, 60, 5)
    visits("new", 5)

    assert found(maya, Narrowing("came-back")) == ["back", "back, two tills on one day"]


def test_came_back_counts_a_visit_after_a_note_as_the_day_does(maya: User) -> None:
    for customer_id, sent in (("after a note", 10), ("long after a note", 20)):
        customer = client_of(
            maya, customer_id, first_purchase_at=days_ago(60), last_purchase_at=days_ago(5)
        )
        for each in (60, 5):
            purchase = PurchaseFactory(customer=customer, purchased_at=days_ago(each))
            LineItemFactory(purchase=purchase)
        sent_at = days_ago(sent)
        MessageFactory(
            customer=customer, sender=maya, state="sent", queued_at=sent_at, sent_at=sent_at
        )

    assert maya.store is not None
    of_the_day = came_back.for_associate(maya, maya.store, now=NOON)

    assert found(maya, Narrowing("came-back")) == ["after a note"]
    assert [each.customer_id for each in of_the_day] == ["after a note"]


def test_may_be_texted_needs_a_yes_and_a_number_that_works(maya: User) -> None:
    reachable(client_of(maya, "both"))
    said_no = client_of(maya, "said no")
    ContactPointFactory(customer=said_no)
    ConsentFactory(customer=said_no, state="opted_out")
    no_number = client_of(maya, "no number")
    ConsentFactory(customer=no_number)
    broken = client_of(maya, "broken")
    ConsentFactory(customer=broken)
    ContactPointFactory(customer=broken, address="", unusable_because="too short")
    stopped = client_of(maya, "stopped")
    ConsentFactory(customer=stopped)
    number = ContactPointFactory(customer=stopped).address
    consent.suppress(number, Channel.SMS, reason="stop-word", at=NOON)

    assert found(maya, Narrowing(traits=frozenset({"text"}))) == ["both"]
    assert found(maya, Narrowing(traits=frozenset({"email"}))) == ["both"]


def test_traits_ask_for_birthdays_answers_and_owners(maya: User) -> None:
    ImportantDateFactory(customer=client_of(maya, "June"), month=6, day=30)
    ImportantDateFactory(customer=client_of(maya, "July"), month=7, day=1)
    wedding = client_of(maya, "Wedding")
    ImportantDateFactory(customer=wedding, kind="anniversary", month=6, day=30)
    ReplyFactory(customer=client_of(maya, "wrote"))
    ReplyFactory(customer=client_of(maya, "answered"), handled_at=NOON)
    CustomerFactory(customer_id="nobody's", store=maya.store)

    assert found(maya, Narrowing(traits=frozenset({"birthday"}))) == ["June"]
    assert found(maya, Narrowing(traits=frozenset({"waiting"}))) == ["wrote"]
    assert found(maya, Narrowing(traits=frozenset({"nobodys"}))) == ["nobody's"]


def test_birthday_is_of_the_month_in_the_store(maya: User) -> None:
    assert maya.store is not None
    ImportantDateFactory(customer=client_of(maya, "May"), month=5, day=30)
    still_may = datetime.combine(date(2026, 5, 31), NOON.timetz().replace(hour=23))
    later = still_may + timedelta(hours=4)  # 1 June in UTC, still May in Chicago

    people = segments.narrowed(
        Customer.objects.in_book_of(maya),
        Narrowing(traits=frozenset({"birthday"})),
        maya.store,
        now=later,
    )

    assert [each.customer_id for each in people] == ["May"]


def test_brand_and_category_are_what_she_bought(maya: User) -> None:
    marlow, knitwear = BrandFactory(name="Marlow"), CategoryFactory(name="Knitwear")
    owner, sent_back = client_of(maya, "owner"), client_of(maya, "sent back")
    variant = VariantFactory(product__brand=marlow, product__category=knitwear)
    LineItemFactory(purchase=PurchaseFactory(customer=owner), variant=variant)
    LineItemFactory(purchase=PurchaseFactory(customer=sent_back), variant=variant, quantity=-1)

    assert found(maya, Narrowing(brand="Marlow")) == ["owner"]
    assert found(maya, Narrowing(category="Knitwear")) == ["owner"]
    assert found(maya, Narrowing(brand="Marlow", category="Shoes")) == []
    assert counts(maya, Narrowing(brand="Marlow")).everybody == 1


@pytest.mark.parametrize("few", [0, 1000])
def test_bought_of_a_brand_is_found_whether_few_or_many_did(
    maya: User, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(segments, "FEW_LINES", few)
    variant = VariantFactory(product__brand=BrandFactory(name="Marlow"))
    LineItemFactory(purchase=PurchaseFactory(customer=client_of(maya, "owner")), variant=variant)
    client_of(maya, "other")

    assert found(maya, Narrowing(brand="Marlow")) == ["owner"]
    assert found(maya, Narrowing(brand="Nobody knows")) == []
    assert found(maya, Narrowing(brand="Marlow", category="Nothing")) == []


def test_counts_say_how_many_would_be_left(maya: User) -> None:
    away = {"last_purchase_at": days_ago(120)}
    reachable(client_of(maya, "lapsed, reachable", **away))
    client_of(maya, "lapsed", **away)
    ImportantDateFactory(customer=client_of(maya, "lapsed, birthday", **away))
    reachable(client_of(maya, "here, reachable", last_purchase_at=days_ago(2)))

    lapsed_reachable = counts(maya, Narrowing("lapsed", frozenset({"text"})))

    assert (lapsed_reachable.everybody, lapsed_reachable.shown) == (4, 1)
    assert dict(lapsed_reachable.rhythms) == {
        "": 2,
        "lapsed": 1,
        "about-to-lapse": 0,
        "came-back": 0,
    }
    assert dict(lapsed_reachable.traits) == {
        "text": 1,
        "email": 1,
        "waiting": 0,
        "birthday": 0,
        "nobodys": 0,
    }


def test_counting_is_one_query_and_stops_where_it_would_take_seconds(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "COUNTED_AT_MOST", 2)
    for name in "abc":
        client_of(maya, name)

    with CaptureQueriesContext(connection) as asked:
        found = counts(maya)

    assert len(asked) == 1
    assert (found.everybody, found.is_cut, found.words(found.everybody)) == (2, True, "2+")


def test_unknown_words_narrow_nothing(maya: User) -> None:
    client_of(maya, "a")

    assert found(maya, Narrowing("gone", frozenset({"rich"}))) == ["a"]


def test_choices_are_all_brands_and_categories_by_name() -> None:
    for name in ("Zeta", "Alder"):
        BrandFactory(name=name)
    CategoryFactory(name="Shoes")

    assert segments.choices() == segments.Choices(("Alder", "Zeta"), ("Shoes",))
