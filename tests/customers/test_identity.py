"""Two records of one person become one; consent is the stricter of the two."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clienteling.feeds import Feed
from clienteling.models import User
from customers import consent, identity
from customers.identity import CannotMerge
from customers.importing.consents import import_consents
from customers.importing.customers import import_customers
from customers.importing.purchases import import_purchases
from customers.importing.service_cases import import_service_cases
from customers.models import (
    Consent,
    ConsentEvent,
    ContactPoint,
    Customer,
    Feedback,
    LineItem,
    NearMiss,
    Outlook,
    Purchase,
    ServiceCase,
    Suggestion,
)
from outreach.importing import import_marketing_sends
from outreach.models import (
    AnsweringPeers,
    Decision,
    Lookbook,
    MarketingSend,
    Message,
    QuietPeriod,
    Reply,
    ReplyPicture,
)
from tests.factories import (
    AdminFactory,
    AnsweringPeersFactory,
    ClientNoteFactory,
    ContactPointFactory,
    CustomerFactory,
    DecisionFactory,
    FeedbackFactory,
    ImportantDateFactory,
    LineItemFactory,
    LookbookFactory,
    MarketingSendFactory,
    MessageFactory,
    NearMissFactory,
    OutlookFactory,
    ProductFactory,
    QuietPeriodFactory,
    ReplyFactory,
    ReplyPictureFactory,
    ServiceCaseFactory,
    StatedSizeFactory,
    StoreFactory,
    SuggestionFactory,
    UserFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db

ONE, OTHER = "+13125550142", "+13125550143"


@pytest.fixture
def admin() -> User:
    return AdminFactory()


@pytest.fixture
def kept() -> Customer:
    return CustomerFactory(customer_id="K")


@pytest.fixture
def gone(kept: Customer) -> Customer:
    return CustomerFactory(customer_id="G", store=kept.store)


def say(customer: Customer, state: str, at: datetime, channel: str = "sms") -> None:
    consent.record(customer, channel, state, source="asked", at=at, now=at)


def state_of(customer: Customer, channel: str = "sms") -> str | None:
    return consent.permissions([customer])[customer.pk][channel].state


def address_of(customer: Customer, channel: str = "sms") -> str:
    return consent.permissions([customer])[customer.pk][channel].address


def merge(kept: Customer, gone: Customer, admin: User, now: datetime) -> Customer:
    identity.merge(kept, gone, by=admin, now=now)
    kept.refresh_from_db()
    gone.refresh_from_db()
    return kept


# --- What follows ---------------------------------------------------------------------------------
def test_merge_moves_everything_that_points_at_her(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    LineItemFactory(purchase__customer=gone)
    LineItemFactory(purchase__customer=kept, purchased_at=now - timedelta(days=200))
    ServiceCaseFactory(customer=gone)
    message = MessageFactory(customer=gone, lookbook=LookbookFactory(customer=gone))
    ReplyFactory(customer=gone, message=message)
    MarketingSendFactory(customer=gone)
    QuietPeriodFactory(customer=gone)
    for each in (kept, gone):
        SuggestionFactory(customer=each)
        NearMissFactory(customer=each)
        OutlookFactory(customer=each)
        AnsweringPeersFactory(customer=each)
        DecisionFactory(customer=each)

    merge(kept, gone, admin, now)

    for model in (
        Purchase,
        LineItem,
        ServiceCase,
        Message,
        Reply,
        Lookbook,
        MarketingSend,
        QuietPeriod,
    ):
        assert set(model.objects.values_list("customer", flat=True)) == {kept.pk}, model
    for model in (
        Suggestion,
        NearMiss,
        Outlook,
        AnsweringPeers,
        Decision,
    ):  # as they were, until tonight
        assert set(model.objects.values_list("customer", flat=True)) == {kept.pk}, model
    assert (kept.visit_count, gone.visit_count) == (2, 0)


def test_merge_takes_her_pictures_along(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    maya = UserFactory(store=kept.store)
    picture = ReplyPictureFactory(reply__customer=gone)

    merge(kept, gone, admin, now)

    assert list(ReplyPicture.objects.visible_to(maya)) == [picture]
    assert ReplyPicture.objects.get().reply.customer == kept


def test_merge_keeps_both_notebooks_and_her_latest_size(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    ClientNoteFactory(customer=kept, rule="brand", value="Marlow")
    ClientNoteFactory(customer=gone, rule="color", value="Red")
    StatedSizeFactory(customer=kept, size="38", stated_at=now - timedelta(days=9))
    StatedSizeFactory(customer=gone, size="39", stated_at=now - timedelta(days=2))
    StatedSizeFactory(customer=gone, size="M", category__name="Knitwear")
    ImportantDateFactory(customer=kept)
    ImportantDateFactory(customer=gone)
    ImportantDateFactory(customer=gone, kind="anniversary", month=9, day=1)

    merge(kept, gone, admin, now)

    assert sorted(kept.notes.values_list("value", flat=True)) == ["Marlow", "Red"]
    assert sorted(kept.stated_sizes.values_list("category__name", "size")) == [
        ("Knitwear", "M"),
        ("Shoes", "39"),
    ]
    assert sorted(kept.important_dates.values_list("kind", "month", "day")) == [
        ("anniversary", 9, 1),
        ("birthday", 6, 20),
    ]


def test_merge_leaves_no_table_behind(kept: Customer, gone: Customer) -> None:
    """A table added later is either moved as it stands, or thought about and listed."""
    known = {
        "announced visits",
        "answering peerss",
        "client notes",
        "client tones",
        "clients put off",
        "consents",
        "consent events",
        "contact points",
        "customers",
        "decisions",
        "feedback",
        "feedbacks",
        "drafts",
        "important dates",
        "gestures",
        "holds",
        "line items",
        "lookbooks",
        "marketing sends",
        "messages",
        "near misss",
        "notices",
        "outlooks",
        "promises",
        "purchases",
        "quiet periods",
        "replies",
        "service cases",
        "showings",
        "stated sizes",
        "suggestions",
    }

    found = {str(each.related_model._meta.verbose_name_plural) for each in identity.relations()}

    assert found <= known


def test_merge_tells_a_mailing_that_both_had_once(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    MarketingSendFactory(customer=kept)
    MarketingSendFactory(customer=gone)
    MarketingSendFactory(customer=gone, channel="sms")

    merge(kept, gone, admin, now)

    assert sorted(MarketingSend.objects.values_list("customer", "channel")) == [
        (kept.pk, "email"),
        (kept.pk, "sms"),
    ]


def test_merge_keeps_the_later_word_on_an_item(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    first, second, third = ProductFactory(), ProductFactory(), ProductFactory()
    FeedbackFactory(customer=kept, product=first, kind="love_it", said_at=now - timedelta(days=2))
    FeedbackFactory(customer=gone, product=first, kind="not_for_me", said_at=now)
    FeedbackFactory(customer=kept, product=second, kind="love_it", said_at=now)
    FeedbackFactory(customer=gone, product=second, kind="not_for_me", said_at=now - timedelta(1))
    FeedbackFactory(customer=gone, product=third, kind="love_it")

    merge(kept, gone, admin, now)

    words = dict(Feedback.objects.filter(customer=kept).values_list("product", "kind"))
    assert words == {first.pk: "not_for_me", second.pk: "love_it", third.pk: "love_it"}
    assert Feedback.objects.count() == 3


def test_merge_takes_only_what_the_kept_record_lacks(admin: User, now: datetime) -> None:
    store = StoreFactory()
    maya = UserFactory(store=store)
    kept = CustomerFactory(first_name="Amanda", city="", store=None)
    gone = CustomerFactory(
        first_name="A.", city="Oak Park", store=store, associate=maya, leave_until=now.date()
    )

    merge(kept, gone, admin, now)

    assert (kept.first_name, kept.city, kept.store, kept.associate, kept.leave_until) == (
        "Amanda",
        "Oak Park",
        store,
        maya,
        now.date(),
    )
    assert gone.merged_into == kept
    assert list(Customer.objects.in_book_of(maya)) == [kept]
    assert list(Customer.objects.visible_to(maya)) == [kept]


def test_merge_of_three_ends_at_the_last(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    third = CustomerFactory()
    merge(gone, third, admin, now)

    merge(kept, gone, admin, now)

    third.refresh_from_db()
    assert third.merged_into == kept


def test_merge_refuses_what_cannot_be_one(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    third = CustomerFactory()
    erased = CustomerFactory(erased_at=now)
    merge(kept, gone, admin, now)

    for one, other in ((kept, kept), (gone, third), (third, gone), (third, erased)):
        with pytest.raises(CannotMerge):
            identity.merge(one, other, by=admin, now=now)


# --- What she allowed -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("hers", "other", "expected"),
    [
        ("opted_in", "opted_in", "opted_in"),
        ("opted_in", "opted_out", "opted_out"),
        ("opted_out", "opted_in", "opted_out"),
        ("opted_out", None, "opted_out"),
        (None, "opted_out", "opted_out"),
        ("opted_in", None, "opted_in"),
        (None, "opted_in", "opted_in"),
        (None, None, None),
    ],
)
@pytest.mark.parametrize("hers_is_newer", [True, False])
def test_merge_takes_the_stricter_of_two_consents_to_one_number(
    kept: Customer,
    gone: Customer,
    admin: User,
    now: datetime,
    hers: str | None,
    other: str | None,
    expected: str | None,
    hers_is_newer: bool,
) -> None:
    for each in (kept, gone):
        ContactPointFactory(customer=each, address=ONE)
    newer, older = now - timedelta(days=1), now - timedelta(days=2)
    for customer, state, at in (
        (kept, hers, newer if hers_is_newer else older),
        (gone, other, older if hers_is_newer else newer),
    ):
        if state:
            say(customer, state, at)

    merge(kept, gone, admin, now)

    assert state_of(kept) == expected
    assert not Consent.objects.filter(customer=gone).exists()


def test_merge_carries_no_yes_over_to_another_number(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    ContactPointFactory(customer=kept, address=ONE)
    ContactPointFactory(customer=gone, address=OTHER)
    say(gone, "opted_in", now - timedelta(days=1))

    merge(kept, gone, admin, now)

    assert (address_of(kept), state_of(kept)) == (ONE, None)
    assert not ContactPoint.objects.filter(customer=gone).exists()


def test_merge_takes_the_other_number_with_its_yes_where_there_was_none(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    ContactPointFactory(customer=gone, address=OTHER)
    say(gone, "opted_in", now - timedelta(days=1))

    merge(kept, gone, admin, now)

    assert consent.may_receive(kept, "sms")
    [event] = ConsentEvent.objects.filter(customer=kept)
    assert event.evidence == {"merged_from": "G"}


def test_merge_lets_no_earlier_yes_begin_to_hold_for_another_number(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    say(kept, "opted_in", now - timedelta(days=1))  # about a number that is not there any more
    ContactPointFactory(customer=gone, address=OTHER)

    merge(kept, gone, admin, now)

    assert (address_of(kept), consent.may_receive(kept, "sms")) == ("", False)


def test_merge_does_not_lift_a_suppression(
    kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    ContactPointFactory(customer=gone, address=OTHER)
    say(gone, "opted_in", now - timedelta(days=1))
    consent.suppress(OTHER, "sms", reason="stop-word", at=now)

    merge(kept, gone, admin, now)

    assert address_of(kept) == OTHER
    assert not consent.may_receive(kept, "sms")


# --- Files that still name the record that went ---------------------------------------------------
def feed(folder: Path, name: str, content: str) -> Feed:
    path = folder / f"{name}.csv"
    path.write_text(content)
    return Feed(path)


def test_files_about_a_merged_record_are_about_the_kept_one(
    tmp_path: Path, kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    VariantFactory(sku="S1")
    merge(kept, gone, admin, now)

    reports = [
        import_purchases(
            feed(
                tmp_path,
                "purchases",
                "order_id,line,customer_id,sku,purchased_at,quantity\n1,1,G,S1,2026-05-01,1\n",
            ),
            now=now,
        ),
        import_consents(
            feed(
                tmp_path,
                "consents",
                "customer_id,channel,state,recorded_at\nK,sms,opted_in,2026-05-01T10:00\n"
                "G,sms,opted_in,2026-05-01T10:00\nG,email,opted_out,2026-05-01T10:00\n",
            ),
            now=now,
        ),
        import_service_cases(
            feed(tmp_path, "cases", "case_id,customer_id,opened_at\n7,G,2026-05-01T10:00\n"),
            now=now,
        ),
        import_marketing_sends(
            feed(
                tmp_path,
                "marketing_sends",
                "customer_id,sent_at,channel\nK,2026-05-01T10:00,sms\nG,2026-05-01T10:00,sms\n",
            ),
            now=now,
        ),
    ]

    assert [report.created for report in reports] == [1, 2, 1, 1]
    assert [report.rejected for report in reports] == [0, 0, 0, 0]
    for model in (Purchase, LineItem, ConsentEvent, ServiceCase, MarketingSend):
        assert set(model.objects.values_list("customer", flat=True)) == {kept.pk}, model


def test_customer_file_does_not_bring_a_merged_record_back(
    tmp_path: Path, kept: Customer, gone: Customer, admin: User, now: datetime
) -> None:
    merge(kept, gone, admin, now)
    content = "customer_id,first_name,phone\nG,Gina,(312) 555-0143\nK,Karla,(312) 555-0142\n"

    report = import_customers(feed(tmp_path, "customers", content), now=now)

    gone.refresh_from_db()
    assert (report.changed, report.rejected) == (1, 0)
    assert report.warnings == ("1 are about records that were merged: they were passed over.",)
    assert gone.first_name == "Amanda"
    assert [each.customer for each in ContactPoint.objects.all()] == [kept]
