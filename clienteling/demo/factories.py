"""factory-boy's part: each row of the demo shop with its ordinary values filled in.

Everything is built, never saved one by one; `clienteling.demo.copying` stores the lists. What comes
in tens of thousands (purchases, their lines, stock levels) is copied as plain rows instead, since
making objects of them would take longer than all the rest. What is random is decided by the
callers, with the shop's own seeded generator.
"""

from factory.base import Factory
from factory.declarations import LazyAttribute, SelfAttribute

from catalog.models import Brand, Category, Product, Variant
from clienteling.folding import fold
from clienteling.models import Store, User
from customers.models import (
    Consent,
    ConsentEvent,
    ContactPoint,
    Customer,
    ServiceCase,
    Suppression,
)
from outreach.models import Lookbook, LookbookItem, Message, Reply, SimulatedMessage
from outreach.models.message import State, Step

SIMULATOR = "simulator"


class StoreFactory(Factory[Store]):
    class Meta:
        model = Store


class UserFactory(Factory[User]):
    class Meta:
        model = User

    role = User.Role.ASSOCIATE
    email = LazyAttribute(lambda user: f"{user.username}@shop.example.com")


class BrandFactory(Factory[Brand]):
    class Meta:
        model = Brand


class CategoryFactory(Factory[Category]):
    class Meta:
        model = Category


class ProductFactory(Factory[Product]):
    class Meta:
        model = Product

    search_name = LazyAttribute(lambda product: fold(product.name))


class VariantFactory(Factory[Variant]):
    class Meta:
        model = Variant

    sku = LazyAttribute(
        lambda variant: f"{variant.product.style}-{variant.size.replace(' ', '')}".upper()
    )


class CustomerFactory(Factory[Customer]):
    class Meta:
        model = Customer

    search_name = LazyAttribute(
        lambda customer: fold(f"{customer.last_name} {customer.first_name}")
    )
    search_first_name = LazyAttribute(lambda customer: fold(customer.first_name))


class ContactPointFactory(Factory[ContactPoint]):
    class Meta:
        model = ContactPoint

    as_written = SelfAttribute("address")


class ConsentFactory(Factory[Consent]):
    class Meta:
        model = Consent


class ConsentEventFactory(Factory[ConsentEvent]):
    class Meta:
        model = ConsentEvent

    entered_at = SelfAttribute("recorded_at")


class SuppressionFactory(Factory[Suppression]):
    class Meta:
        model = Suppression


class ServiceCaseFactory(Factory[ServiceCase]):
    class Meta:
        model = ServiceCase


class LookbookFactory(Factory[Lookbook]):
    class Meta:
        model = Lookbook


class LookbookItemFactory(Factory[LookbookItem]):
    class Meta:
        model = LookbookItem

    price = SelfAttribute("product.price")


class MessageFactory(Factory[Message]):
    class Meta:
        model = Message

    step = Step.OFFER
    state = State.DELIVERED
    store = SelfAttribute("customer.store")
    provider = SIMULATOR
    tone = ""  # nobody drafted it here
    attempts = 1
    queued_at = SelfAttribute("created_at")


class ReplyFactory(Factory[Reply]):
    class Meta:
        model = Reply

    kind = Reply.Kind.WORDS
    provider = SIMULATOR


class SimulatedMessageFactory(Factory[SimulatedMessage]):
    class Meta:
        model = SimulatedMessage
