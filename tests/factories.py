"""Plain factories: what a test does not say is ordinary, and nothing happens behind its back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from catalog.models import Brand, CareTip, Category, Product, StockLevel, Variant
from clienteling.models import Device, DeviceLogin, Store, User
from customers.models import (
    ClientNote,
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    Feedback,
    ImportantDate,
    LineItem,
    NearMiss,
    Outlook,
    Purchase,
    ServiceCase,
    StatedSize,
    Suggestion,
    SuggestionRun,
)
from customers.recommender.signals import SIGNALS
from outreach.models import (
    AnsweringPeers,
    Decision,
    Gesture,
    Hold,
    Lookbook,
    LookbookItem,
    MarketingSend,
    Message,
    Promise,
    PutOff,
    QuietPeriod,
    Reply,
    ReplyPicture,
)

NOON = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)  # a Monday, noon in Chicago


def brought(**values: float) -> list[float]:
    """The contributions of a suggestion whose score these signals alone have moved."""
    return [values.get(signal, 0.0) for signal in SIGNALS]


class StoreFactory(DjangoModelFactory):
    class Meta:
        model = Store

    code = factory.Sequence(lambda number: f"store-{number}")
    name = factory.Sequence(lambda number: f"Store {number}")
    city = "Chicago"
    region = "IL"
    timezone = "America/Chicago"
    postal_address = "1 Oak Street, Chicago, IL 60611"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"associate-{number}")
    first_name = "Maya"
    last_name = "Lindqvist"
    role = User.Role.ASSOCIATE
    store = factory.SubFactory(StoreFactory)
    password = factory.django.Password("a-long-password")


class ManagerFactory(UserFactory):
    username = factory.Sequence(lambda number: f"manager-{number}")
    role = User.Role.MANAGER


class AdminFactory(UserFactory):
    username = factory.Sequence(lambda number: f"admin-{number}")
    role = User.Role.ADMIN
    store = None
    is_staff = True
    is_superuser = True


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand
        django_get_or_create = ("name",)

    name = "Fenn & Alder"


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("name",)

    name = "Shoes"


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    style = factory.Sequence(lambda number: f"style-{number}")
    name = factory.Sequence(lambda number: f"Marlow loafer {number}")
    brand = factory.SubFactory(BrandFactory)
    category = factory.SubFactory(CategoryFactory)
    subcategory = "Loafers"
    color = "Cognac"
    price = Decimal("265.00")
    launched_on = (NOON - timedelta(days=10)).date()


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda number: f"sku-{number}")
    size = "38"


class StockLevelFactory(DjangoModelFactory):
    class Meta:
        model = StockLevel

    variant = factory.SubFactory(VariantFactory)
    store = factory.SubFactory(StoreFactory)
    quantity = 3


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    customer_id = factory.Sequence(lambda number: f"client-{number}")
    first_name = "Amanda"
    last_name = factory.Sequence(lambda number: f"Reyes {number}")
    city = "Chicago"
    store = factory.SubFactory(StoreFactory)


class ContactPointFactory(DjangoModelFactory):
    class Meta:
        model = ContactPoint

    customer = factory.SubFactory(CustomerFactory)
    channel = "sms"
    address = factory.Sequence(lambda number: f"+1312555{number:04d}")
    as_written = factory.SelfAttribute("address")


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    customer = factory.SubFactory(CustomerFactory)
    channel = "sms"
    state = ConsentState.OPTED_IN
    since = NOON - timedelta(days=400)
    source = "signed at the till"


class PurchaseFactory(DjangoModelFactory):
    class Meta:
        model = Purchase

    order_id = factory.Sequence(lambda number: f"order-{number}")
    customer = factory.SubFactory(CustomerFactory)
    store = factory.SelfAttribute("customer.store")
    purchased_at = NOON - timedelta(days=100)


class LineItemFactory(DjangoModelFactory):
    class Meta:
        model = LineItem

    purchase = factory.SubFactory(PurchaseFactory)
    line = factory.Sequence(lambda number: number + 1)
    customer = factory.SelfAttribute("purchase.customer")
    variant = factory.SubFactory(VariantFactory)
    product = factory.SelfAttribute("variant.product")
    quantity = 1
    unit_price = Decimal("240.00")
    purchased_at = factory.SelfAttribute("purchase.purchased_at")


class ServiceCaseFactory(DjangoModelFactory):
    class Meta:
        model = ServiceCase

    case_id = factory.Sequence(lambda number: f"case-{number}")
    customer = factory.SubFactory(CustomerFactory)
    opened_at = NOON - timedelta(days=5)
    summary = "A heel broke"


class SuggestionFactory(DjangoModelFactory):
    class Meta:
        model = Suggestion

    customer = factory.SubFactory(CustomerFactory)
    rank = 1
    product = factory.SubFactory(ProductFactory)
    score = 1.0
    contributions = factory.LazyAttribute(lambda each: brought(similar_customers=each.score))


class SuggestionRunFactory(DjangoModelFactory):
    """A night that went well."""

    class Meta:
        model = SuggestionRun

    as_of = NOON
    new_within = 60
    started_at = NOON
    finished_at = NOON + timedelta(seconds=80)
    state = SuggestionRun.State.DONE
    lines = 20_000
    customers = 1_000
    candidates = 50
    suggestions = 8_000
    with_fewer = 25
    coverage = 0.6
    seconds = 80.0


class NearMissFactory(DjangoModelFactory):
    class Meta:
        model = NearMiss

    customer = factory.SubFactory(CustomerFactory)
    place = 1
    product = factory.SubFactory(ProductFactory)
    score = 0.5
    objection = 0


class LookbookFactory(DjangoModelFactory):
    class Meta:
        model = Lookbook

    customer = factory.SubFactory(CustomerFactory)
    associate = factory.SubFactory(UserFactory)
    store = factory.SelfAttribute("associate.store")
    created_at = NOON
    expires_at = NOON + timedelta(days=30)


class LookbookItemFactory(DjangoModelFactory):
    class Meta:
        model = LookbookItem

    lookbook = factory.SubFactory(LookbookFactory)
    position = 1
    product = factory.SubFactory(ProductFactory)
    price = factory.SelfAttribute("product.price")


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    dedupe_key = factory.Sequence(lambda number: f"key-{number}")
    customer = factory.SubFactory(CustomerFactory)
    store = factory.SelfAttribute("customer.store")
    sender = factory.SubFactory(UserFactory, store=factory.SelfAttribute("..customer.store"))
    channel = "sms"
    to_address = "+13125550142"
    body = "Hi Amanda, three new pairs came in that made me think of you."
    state = "queued"
    created_at = NOON
    queued_at = NOON
    send_after = NOON
    expires_at = NOON + timedelta(days=7)


class ReplyFactory(DjangoModelFactory):
    class Meta:
        model = Reply

    customer = factory.SubFactory(CustomerFactory)
    channel = "sms"
    from_address = "+13125550142"
    body = "Oh lovely! Could you keep the 38?"
    provider = "simulator"
    provider_id = factory.Sequence(lambda number: f"in-{number}")
    received_at = NOON


class OutlookFactory(DjangoModelFactory):
    class Meta:
        model = Outlook

    customer = factory.SubFactory(CustomerFactory)
    alive = 0.5
    will_buy = 0.25


class FeedbackFactory(DjangoModelFactory):
    class Meta:
        model = Feedback

    customer = factory.SubFactory(CustomerFactory)
    product = factory.SubFactory(ProductFactory)
    kind = Feedback.Kind.NOT_FOR_ME
    said_at = NOON


class ReplyPictureFactory(DjangoModelFactory):
    """A picture that was fetched and drawn anew."""

    class Meta:
        model = ReplyPicture

    reply = factory.SubFactory(ReplyFactory)
    position = 1
    state = ReplyPicture.State.KEPT
    content = b"\xff\xd8\xff a picture"
    width, height = 40, 30


class MarketingSendFactory(DjangoModelFactory):
    class Meta:
        model = MarketingSend

    customer = factory.SubFactory(CustomerFactory)
    channel = "email"
    sent_at = NOON - timedelta(days=3)


class QuietPeriodFactory(DjangoModelFactory):
    class Meta:
        model = QuietPeriod

    customer = factory.SubFactory(CustomerFactory)
    starts_on = NOON.date()
    ends_on = (NOON + timedelta(days=10)).date()
    reason = "travelling"
    entered_at = NOON


class AnsweringPeersFactory(DjangoModelFactory):
    """Nobody like her was written to."""

    class Meta:
        model = AnsweringPeers

    customer = factory.SubFactory(CustomerFactory)
    alike_sms_sent = alike_sms_answered = alike_email_sent = alike_email_answered = 0
    store_sms_sent = store_sms_answered = store_email_sent = store_email_answered = 0


class ClientNoteFactory(DjangoModelFactory):
    """Words; with `rule` and `value` a rule."""

    class Meta:
        model = ClientNote

    customer = factory.SubFactory(CustomerFactory)
    words = factory.Maybe("rule", yes_declaration="", no_declaration="Works in a gallery")
    rule = ""
    written_at = NOON - timedelta(days=43)  # 3 May


class StatedSizeFactory(DjangoModelFactory):
    class Meta:
        model = StatedSize

    customer = factory.SubFactory(CustomerFactory)
    category = factory.SubFactory(CategoryFactory)
    size = "39"
    stated_at = NOON - timedelta(days=43)


class ImportantDateFactory(DjangoModelFactory):
    class Meta:
        model = ImportantDate

    customer = factory.SubFactory(CustomerFactory)
    kind = ImportantDate.Kind.BIRTHDAY
    month, day = 6, 20
    noted_at = NOON - timedelta(days=43)


class DeviceFactory(DjangoModelFactory):
    """A shared tablet, enrolled by a manager of its store."""

    class Meta:
        model = Device

    store = factory.SubFactory(StoreFactory)
    name = "Till tablet"
    enrolled_by = factory.SubFactory(ManagerFactory, store=factory.SelfAttribute("..store"))
    enrolled_at = NOON - timedelta(days=30)
    last_seen_at = NOON - timedelta(hours=1)


class DeviceLoginFactory(DjangoModelFactory):
    """Somebody who signed in on a shared tablet of her store an hour ago."""

    class Meta:
        model = DeviceLogin

    device = factory.SubFactory(DeviceFactory)
    user = factory.SubFactory(UserFactory, store=factory.SelfAttribute("..device.store"))
    logged_in_at = NOON - timedelta(hours=1)


class HoldFactory(DjangoModelFactory):
    """Asked for an hour ago, of a store whose stock is unknown: nothing is set aside."""

    class Meta:
        model = Hold

    lookbook = factory.SubFactory(LookbookFactory)
    customer = factory.SelfAttribute("lookbook.customer")
    store = factory.SelfAttribute("lookbook.store")
    product = factory.SubFactory(ProductFactory)
    size = "38"
    asked_at = NOON - timedelta(hours=1)
    expires_at = NOON + timedelta(hours=47)


class CareTipFactory(DjangoModelFactory):
    class Meta:
        model = CareTip

    category = factory.SubFactory(CategoryFactory)
    text = factory.Sequence(lambda number: f"Let them rest on shoe trees overnight. {number}")


class PromiseFactory(DjangoModelFactory):
    """For today, and not kept yet."""

    class Meta:
        model = Promise

    customer = factory.SubFactory(CustomerFactory)
    falls_to = factory.SubFactory(UserFactory, store=factory.SelfAttribute("..customer.store"))
    words = "Call when the 38 is in"
    due_on = NOON.date()
    made_at = NOON - timedelta(days=3)
    made_by = factory.SelfAttribute("falls_to")


class PutOffFactory(DjangoModelFactory):
    class Meta:
        model = PutOff

    customer = factory.SubFactory(CustomerFactory)
    reason = PutOff.Reason.TOO_SOON
    back_on = (NOON + timedelta(days=14)).date()
    put_off_on = NOON.date()
    put_off_at = NOON
    put_off_by = factory.SubFactory(UserFactory, store=factory.SelfAttribute("..customer.store"))


class GestureFactory(DjangoModelFactory):
    class Meta:
        model = Gesture

    customer = factory.SubFactory(CustomerFactory)
    kind = Gesture.Kind.CALL
    made_at = NOON - timedelta(days=1)
    made_by = factory.SubFactory(UserFactory, store=factory.SelfAttribute("..customer.store"))


class DecisionFactory(DjangoModelFactory):
    """A client who may be written to by either channel and has items, from tonight on."""

    class Meta:
        model = Decision

    customer = factory.SubFactory(CustomerFactory)
    first_night = NOON.date()
    last_purchase_at = NOON - timedelta(days=103)
    facts = 16_681  # addresses, consents and items
    verdict = 1
    rules = 1
    silent_notes = 0
    worth = 50
