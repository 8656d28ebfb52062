"""Three stores in three cities, and who works in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password

from clienteling.demo import copying
from clienteling.demo.factories import StoreFactory, UserFactory
from clienteling.models import Pin, Store, User

# Chicago first: the shop as a whole counts its days in the first store's zone.
STORES = (
    ("oak-street", "Oak Street", "Chicago", "IL", "America/Chicago", "60600"),
    ("mercer-row", "Mercer Row", "New York", "NY", "America/New_York", "10000"),
    ("hayes-lane", "Hayes Lane", "San Francisco", "CA", "America/Los_Angeles", "94100"),
)
ASSOCIATES = {
    "oak-street": (
        ("shoeguy", "Daniel", "Okafor"),
        ("maya", "Maya", "Lindqvist"),
        ("rosa", "Rosa", "Delgado"),
        ("henry", "Henry", "Whitcomb"),
    ),
    "mercer-row": (
        ("amina", "Amina", "Yusuf"),
        ("julien", "Julien", "Marchetti"),
        ("soojin", "Soo-jin", "Park"),
        ("beatrice", "Beatrice", "Holm"),
    ),
    "hayes-lane": (
        ("kiran", "Kiran", "Bhatia"),
        ("elena", "Elena", "Vasquez"),
        ("tobias", "Tobias", "Lund"),
        ("naomi", "Naomi", "Sinclair"),
    ),
}
FIRST_ASSOCIATE = "shoeguy"
PIN = "4826"  # everybody's on a shared tablet, once she has signed in there with the password
MANAGER, ADMIN = "manager", "admin"
USERNAMES = (
    *(username for people in ASSOCIATES.values() for username, *_ in people),
    *(MANAGER, ADMIN),
)


@dataclass(frozen=True)
class Staff:
    """The stores in order, and the associates of each by the store's code."""

    stores: list[Store]
    associates: dict[str, list[User]]

    @property
    def shoe_guy(self) -> User:
        return self.associates[self.stores[0].code][0]


def hire() -> Staff:
    """Store the stores, twelve associates, their manager and the admin."""
    stores = [_store(*facts) for facts in STORES]
    copying.store(stores)
    password = make_password(settings.DEMO_PASSWORD)  # slow on purpose, so once for all
    associates = {
        store.code: [
            UserFactory.build(
                username=username, first_name=first, last_name=last, store=store, password=password
            )
            for username, first, last in ASSOCIATES[store.code]
        ]
        for store in stores
    }
    copying.store(person for people in associates.values() for person in people)
    manager, admin = _manager(stores[0], password), _admin(password)
    copying.store([manager, admin])
    manager.managed_stores.set(stores)
    return Staff(stores, associates)


def give_pins(people: Iterable[User], *, now: datetime) -> None:
    """Four digits for everybody who may have a face on a tablet."""
    digits_hash = make_password(PIN)
    Pin.objects.bulk_create(
        Pin(user=person, digits_hash=digits_hash, set_at=now)
        for person in people
        if person.role != User.Role.ADMIN
    )


def _store(code: str, name: str, city: str, region: str, timezone: str, postcode: str) -> Store:
    return StoreFactory.build(
        code=code,
        name=name,
        city=city,
        region=region,
        timezone=timezone,
        postal_address=f"1 {name}, {city}, {region} {postcode}",
    )


def _manager(store: Store, password: str) -> User:
    return UserFactory.build(
        username=MANAGER,
        first_name="Ingrid",
        last_name="Castellane",
        role=User.Role.MANAGER,
        store=store,
        password=password,
    )


def _admin(password: str) -> User:
    return UserFactory.build(
        username=ADMIN,
        first_name="Robin",
        last_name="Hale",
        role=User.Role.ADMIN,
        is_staff=True,
        is_superuser=True,
        password=password,
    )
