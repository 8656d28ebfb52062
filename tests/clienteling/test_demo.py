"""The demo shop: the same seed makes the same shop, it reaches nobody, and Amanda is as told."""

import re
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from django.conf import settings as project_settings
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Product, StockLevel
from clienteling import clock
from clienteling.demo import amanda, phrases, shop
from clienteling.demo.clients import FIRST_CLIENTS_PHONE
from clienteling.demo.nights import NIGHTS_AGO
from clienteling.demo.wares import SILHOUETTES, models_of
from clienteling.management.commands import load_demo
from clienteling.models import ShopClock, Store, User
from customers.consent import permissions
from customers.models import (
    Consent,
    ConsentEvent,
    ContactPoint,
    Customer,
    LineItem,
    Purchase,
    ServiceCase,
)
from customers.rhythm import days_since
from outreach.messages.providers.personas import persona_of
from outreach.messages.simulated_carrier import USUAL_SEED
from outreach.models import (
    Coming,
    DecisionNight,
    Hold,
    Lookbook,
    LookbookItem,
    Message,
    Reply,
    SimulatedMessage,
)
from outreach.models.message import State, Step
from tests.factories import CustomerFactory, ProductFactory, UserFactory

MID_MORNING = datetime(2026, 6, 15, 15, 30, tzinfo=UTC)  # half past ten in Chicago
FEW = 60
FICTIONAL_PHONE = re.compile(r"\+1\d{3}55501\d\d")
RESERVED_MAIL = re.compile(r"[a-z0-9.]+@example\.(com|net|org)")


@pytest.fixture
def small_shop(db: None) -> dict[str, int]:
    return shop.open_shop(count=FEW, seed=7, now=MID_MORNING)


def contents() -> list[object]:
    """What the shop holds, told without keys, which go on counting after a rollback."""
    return [
        list(Product.objects.order_by("style").values_list("style", "name", "launched_on")),
        list(
            Customer.objects.order_by("customer_id").values_list(
                "customer_id", "first_name", "last_name", "associate__username", "net_spend"
            )
        ),
        list(
            LineItem.objects.order_by("purchase__order_id", "line").values_list(
                "purchase__order_id", "variant__sku", "quantity", "unit_price", "purchased_at"
            )
        ),
        list(Message.objects.order_by("id").values_list("id", "to_address", "state", "sent_at")),
        list(Reply.objects.order_by("provider_id").values_list("provider_id", "body")),
    ]


def opened(*, seed: int) -> list[object]:
    with transaction.atomic():
        shop.open_shop(count=FEW, seed=seed, now=MID_MORNING)
        found = contents()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_demo_is_the_same_shop_for_the_same_seed():
    first, again, other = opened(seed=7), opened(seed=7), opened(seed=8)

    assert first == again
    assert first != other


def test_demo_has_three_stores_and_their_staff(small_shop):
    stores = Store.objects.order_by("pk")

    associates = User.objects.filter(role=User.Role.ASSOCIATE)

    assert [store.city for store in stores] == ["Chicago", "New York", "San Francisco"]
    assert [associates.filter(store=store).count() for store in stores] == [4, 4, 4]
    manager = User.objects.get(username="manager")
    assert (manager.role, manager.managed_stores.count()) == (User.Role.MANAGER, 3)
    admin = User.objects.get(username="admin")
    assert (admin.role, admin.is_superuser, admin.store) == (User.Role.ADMIN, True, None)


@pytest.mark.parametrize("username", ["shoeguy", "manager", "admin"])
def test_demo_accounts_open_with_the_demo_password(small_shop, username):
    user = authenticate(username=username, password=project_settings.DEMO_PASSWORD)

    assert user is not None


def test_demo_first_client_loves_what_she_is_shown_unless_another_cast_is_called():
    assert persona_of(FIRST_CLIENTS_PHONE, seed=USUAL_SEED).name == "loves it"


def test_demo_carriers_list_every_note_they_took_and_no_other(small_shop):
    taken = {str(each) for each in SimulatedMessage.objects.values_list("pk", flat=True)}
    ids = Message.objects.exclude(provider_id="").values_list("provider_id", flat=True)

    failed = Message.objects.filter(state="failed")

    assert set(ids) <= taken
    assert failed
    assert {message.provider_id for message in failed} == {""}


def test_demo_assortment_is_six_hundred_styles_with_pictures(small_shop):
    products = Product.objects.all()

    new = products.newly_arrived(
        since=MID_MORNING.date() - timedelta(days=60), until=MID_MORNING.date()
    )

    assert products.count() == 600
    assert 60 <= new.count() <= 70
    assert new.values("name").distinct().count() == new.count()
    assert sorted(Category.objects.values_list("name", flat=True)) == [
        *("Accessories", "Bags", "Clothing", "Shoes")
    ]
    static_folder = Path(project_settings.BASE_DIR) / "static"
    images = {image for (image,) in products.values_list("image")}
    assert {image for image in images if not (static_folder / image).exists()} == set()


def test_demo_stock_has_gaps_in_every_store(small_shop):
    for store in Store.objects.all():
        levels = StockLevel.objects.filter(store=store)

        assert levels.filter(quantity=0).exists()
        assert levels.filter(quantity__gt=0).exists()


def test_every_model_of_the_assortment_has_a_name_of_its_own():
    for silhouette in SILHOUETTES:
        names = [model.name for model in models_of(silhouette)]

        assert len(set(names)) == 10


def test_amanda_is_103_days_away_and_usually_comes_every_41(small_shop):
    client = Customer.objects.get(customer_id="C-0001")

    assert client.full_name == "Amanda Reyes"
    assert client.associate == User.objects.get(username="shoeguy")
    assert days_since(client.last_purchase_at, MID_MORNING) == 103
    assert client.usual_gap_days == 41
    assert client.visit_count == len(amanda.GAPS) + 1


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 3, 20, 15, 30, tzinfo=UTC),  # the clocks went forward since her last visit
        datetime(2026, 11, 20, 16, 30, tzinfo=UTC),  # back
        datetime(2026, 6, 15, 8, 0, tzinfo=UTC),  # three in the morning in Chicago
    ],
)
def test_amanda_is_103_full_days_away_whatever_the_season_and_hour(db, now):
    shop.open_shop(count=2, seed=1, now=now)

    client = Customer.objects.get(customer_id="C-0001")
    assert days_since(client.last_purchase_at, now) == 103
    assert client.usual_gap_days == 41


def test_amanda_may_be_texted_and_answered_four_of_five(small_shop):
    client = Customer.objects.get(customer_id="C-0001")

    permission = permissions([client])[client.pk]

    offers = Message.objects.filter(customer=client, step=Step.OFFER)
    assert permission["sms"].may_receive
    assert not permission["email"].may_receive
    assert client.preferred_channel == "sms"
    assert offers.count() == 5
    assert offers.filter(replies__isnull=False).count() == 4
    assert max(offer.sent_at for offer in offers) < MID_MORNING - timedelta(days=45)


def test_amanda_wears_shoes_in_38(small_shop):
    shoes = LineItem.objects.filter(customer__customer_id="C-0001", product__category__name="Shoes")

    assert {size for (size,) in shoes.values_list("variant__size")} == {"38"}
    assert shoes.count() >= 10


def test_median_of_the_gaps_written_down_for_amanda_is_her_usual_gap():
    assert median(amanda.GAPS) == amanda.USUAL_GAP


def test_demo_addresses_reach_nobody(small_shop):
    points = ContactPoint.objects.exclude(address="")

    phones = list(points.filter(channel="sms").values_list("address", flat=True))
    mail = list(points.filter(channel="email").values_list("address", flat=True))

    assert [phone for phone in phones if not FICTIONAL_PHONE.fullmatch(phone)] == []
    assert [address for address in mail if not RESERVED_MAIL.fullmatch(address)] == []
    addressed = Message.objects.values_list("to_address", flat=True)
    assert set(addressed) <= {*phones, *mail}


def test_nothing_in_the_demo_lies_in_the_future(small_shop):
    assert not Purchase.objects.filter(purchased_at__gt=MID_MORNING).exists()
    assert not LineItem.objects.filter(purchased_at__gt=MID_MORNING).exists()
    assert not Message.objects.filter(sent_at__gt=MID_MORNING).exists()
    assert not Message.objects.filter(delivered_at__gt=MID_MORNING).exists()
    assert not Reply.objects.filter(received_at__gt=MID_MORNING).exists()
    assert not ServiceCase.objects.filter(opened_at__gt=MID_MORNING).exists()
    assert not ServiceCase.objects.filter(closed_at__gt=MID_MORNING).exists()
    assert not ConsentEvent.objects.filter(recorded_at__gt=MID_MORNING).exists()


def test_nothing_is_sold_before_its_launch(small_shop):
    lines = LineItem.objects.filter(quantity__gt=0).select_related("product", "customer__store")

    too_early = [
        line
        for line in lines
        if line.customer.store.local(line.purchased_at).date() < line.product.launched_on
    ]

    assert too_early == []


def test_every_return_gives_back_what_was_bought(small_shop):
    for back in LineItem.objects.filter(quantity__lt=0):
        bought = LineItem.objects.filter(
            customer=back.customer_id,
            variant=back.variant_id,
            quantity__gt=0,
            purchased_at__lt=back.purchased_at,
        )

        assert bought.exists()


def test_past_notes_have_ended_and_kept_to_consent(small_shop):
    messages = Message.objects.select_related("customer")

    assert {message.state for message in messages} <= {State.SENT, State.DELIVERED, State.FAILED}
    for message in messages:
        said = ConsentEvent.objects.filter(
            customer=message.customer_id,
            channel=message.channel,
            recorded_at__lte=message.created_at,
        ).order_by("-recorded_at")
        assert said[0].state == "opted_in"


def test_nobody_was_written_to_more_often_than_the_caps_allow(small_shop):
    offers = Message.objects.filter(step=Step.OFFER).order_by("customer", "created_at")

    days = [(offer.customer_id, offer.created_at) for offer in offers]

    for (one, earlier), (other, later) in pairwise(days):
        assert one != other or days_since(earlier, later) >= 14


def test_nobody_was_sent_the_same_sentence_twice_in_a_row(small_shop):
    patterns = [
        re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(words)))
        for words in (*phrases.SMS_NOTES, *phrases.EMAIL_NOTES)
    ]
    offers = Message.objects.filter(step=Step.OFFER).order_by("customer", "created_at")
    said = [
        (offer.customer_id, [each for each in patterns if each.match(offer.body)])
        for offer in offers
    ]

    assert all(len(found) == 1 for _, found in said)
    assert [pair for pair in pairwise(said) if pair[0] == pair[1]] == []


def test_lookbooks_of_the_past_hold_what_was_new_then(small_shop):
    for item in LookbookItem.objects.select_related("lookbook__store", "product"):
        on = item.lookbook.store.local(item.lookbook.created_at).date()

        assert 0 <= (on - item.product.launched_on).days <= 60


def test_waiting_replies_are_for_the_shoe_guy_and_not_from_amanda(db):
    shop.open_shop(count=400, seed=7, now=MID_MORNING)

    waiting = Reply.objects.waiting().select_related("customer__associate")

    assert len(waiting) == 3
    assert {reply.customer.associate.username for reply in waiting} == {"shoeguy"}
    assert "C-0001" not in {reply.customer.customer_id for reply in waiting}


def test_a_pair_waits_for_the_shoe_guy_and_a_client_said_when_she_comes(small_shop):
    hold, coming = Hold.objects.get(), Coming.objects.get()

    assert (hold.state, hold.lookbook.associate.username) == ("asked", "shoeguy")
    assert hold.set_aside is not None
    assert coming.lookbook.associate.username == "shoeguy"
    assert coming.at > MID_MORNING
    assert coming.promise.due_on == coming.store.local(coming.at).date()


def test_of_those_who_opened_their_page_most_did_something_on_it(small_shop):
    opened = Lookbook.objects.exclude(first_opened_at=None)
    touched = opened.filter(gestures__kind="looked")

    assert 0.5 < touched.count() / opened.count() < 0.95


def test_current_consent_is_what_the_ledger_says_last(small_shop):
    for consent in Consent.objects.all():
        last = ConsentEvent.objects.filter(
            customer=consent.customer_id, channel=consent.channel
        ).order_by("-recorded_at")[0]

        assert (consent.state, consent.since) == (last.state, last.recorded_at)


def test_two_clients_share_a_telephone_and_some_numbers_cannot_be_used(db):
    shop.open_shop(count=400, seed=7, now=MID_MORNING)

    texts = ContactPoint.objects.filter(channel="sms")

    shared = texts.exclude(address="").values_list("address", flat=True)
    assert len(shared) - len(set(shared)) <= 1
    assert texts.filter(address="").exclude(unusable_because="").exists()


@pytest.mark.parametrize("count", [FEW, 4 * FEW])
def test_shop_is_stored_in_a_bounded_number_of_statements(db, count):
    """Two or three for a table, however many clients."""
    with CaptureQueriesContext(connection) as statements:
        shop.open_shop(count=count, seed=7, now=MID_MORNING)

    assert len(statements) <= 150


@pytest.mark.django_db
def test_load_demo_starts_the_day_and_names_the_accounts(settings):
    settings.DEMO_CLOCK = time(10, 30)
    words = StringIO()

    call_command("load_demo", clients=FEW, stdout=words)

    local = Store.objects.get(city="Chicago").local(clock.now())
    assert time(10, 30) <= local.time() < time(10, 45)  # it goes on while the shop is loaded
    assert clock.is_demo_data()
    assert "Sign in as shoeguy, manager or admin" in words.getvalue()
    assert f"{FEW} clients" in words.getvalue()
    amanda = Customer.objects.get(customer_id="C-0001")
    assert len(amanda.suggestions.all()) >= 3
    assert DecisionNight.objects.count() == len(NIGHTS_AGO)
    assert amanda.decisions.filter(last_night=None).count() == 1


@pytest.mark.django_db
def test_load_demo_a_second_time_changes_nothing(settings):
    call_command("load_demo", clients=FEW, stdout=StringIO())
    before = contents()
    words = StringIO()

    call_command("load_demo", clients=FEW, stdout=words)

    assert words.getvalue() == "The demo shop is loaded already; nothing was changed.\n"
    assert contents() == before


@pytest.mark.django_db
def test_load_demo_refuses_a_database_that_is_in_use():
    CustomerFactory()
    ProductFactory()

    with pytest.raises(CommandError) as refusal:
        call_command("load_demo", clients=FEW)

    assert str(refusal.value) == (
        "The demo shop needs an empty database, and this one already has "
        "1 stores, 1 products, 1 customers. Nothing was loaded."
    )
    assert not ShopClock.objects.exists()


@pytest.mark.django_db
def test_load_demo_refuses_to_take_over_an_account():
    UserFactory(username="admin", store=None)

    with pytest.raises(CommandError, match="an account named admin"):
        call_command("load_demo", clients=FEW)


@pytest.mark.django_db
def test_load_demo_refuses_a_production_address(settings):
    settings.SERVED_OVER_HTTPS, settings.DEBUG = True, False

    with pytest.raises(CommandError, match="looks like production"):
        call_command("load_demo", clients=FEW)


@pytest.mark.django_db
@pytest.mark.parametrize("clients", [load_demo.FEWEST - 1, load_demo.MOST + 1])
def test_load_demo_refuses_an_absurd_number_of_clients(clients):
    with pytest.raises(CommandError, match="--clients must be from"):
        call_command("load_demo", clients=clients)
