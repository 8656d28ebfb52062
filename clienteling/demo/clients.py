"""Who the clients are: names, addresses, consents, tastes, sizes and rhythms.

Nobody here can be reached: telephone numbers end in 555-0100 to 555-0199, which are kept for
fiction, and mail goes to example.com, .net and .org, which are reserved (RFC 2606).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from clienteling.demo import rhythms, tastes
from clienteling.demo.factories import CustomerFactory
from clienteling.demo.hours import days_before, opening
from clienteling.demo.people_names import NAME_POOLS, UNUSUAL_NAMES
from clienteling.demo.phrases import CONSENT_SOURCES, UNREADABLE_PHONES
from clienteling.demo.staff import Staff
from clienteling.demo.tastes import Taste
from clienteling.demo.wares import CLOTHING_SIZES, MEN_SHOE_SIZES, ONE_SIZE
from clienteling.folding import fold
from clienteling.models import Store, User
from customers.models import Channel, ConsentState, Customer

AREA_CODES = {
    "IL": (312, 773, 872, 708, 847, 630, 224, 331, 779, 464, 815, 217, 309, 618),
    "NY": (212, 646, 917, 718, 347, 929, 516, 914, 585, 716, 518, 315, 607, 845),
    "CA": (415, 628, 510, 408, 650, 707, 925, 213, 310, 323, 424, 818, 626, 949),
}
FIRST_CLIENTS_PHONE = "+13125550142"  # kept for Amanda
FICTIONAL_NUMBERS = range(5550100, 5550200)
MAIL_DOMAINS = ("example.com", "example.org", "example.net")
SUBURBS = {
    "Chicago": ("Evanston", "Oak Park", "Wilmette", "Naperville"),
    "New York": ("Brooklyn", "Hoboken", "White Plains", "Queens"),
    "San Francisco": ("Oakland", "Berkeley", "Palo Alto", "Sausalito"),
}
WOMEN_SHOES = ("35", "36", "36.5", "37", "37.5", "38", "38.5", "39", "39.5", "40", "41")
WOMEN_SHOE_SHARES = (2, 8, 5, 14, 9, 20, 9, 15, 6, 9, 3)
MEN_SHOE_SHARES = (4, 10, 20, 26, 22, 12, 6)
WOMEN_CLOTHES_SHARES = (14, 30, 31, 18, 7)
MEN_CLOTHES_SHARES = (3, 19, 38, 29, 11)
UNASSIGNED_EVERY = 10
UNUSUAL_EVERY = 11  # the odd names come early, so that a small shop has them too
SHARED_PHONE = (6, 9)  # the numbers of the two clients who share a telephone

YES, NO = ConsentState.OPTED_IN, ConsentState.OPTED_OUT
# Of a hundred asked: yes, no, never asked.
ANSWERS_TO_CONSENT = {Channel.SMS: (76, 5, 19), Channel.EMAIL: (68, 6, 26)}


@dataclass(frozen=True)
class Statement:
    """What she said about a channel, and when."""

    channel: str
    state: ConsentState
    at: datetime
    source: str


@dataclass
class Client:
    """A customer being made up, with what the database does not know: why she buys what."""

    customer: Customer
    taste: Taste
    sizes: dict[str, str]
    visits: list[int]  # days ago, the oldest first
    addresses: dict[str, str] = field(default_factory=dict)
    unreadable_phone: str = ""
    statements: list[Statement] = field(default_factory=list)
    bought: dict[int, int] = field(default_factory=dict)  # product number: days ago
    was_texted: bool = False
    last_words: str = ""
    comes_at: time | None = None  # always at this hour, to the store
    is_content: bool = False  # sends nothing back, complains of nothing

    @property
    def store(self) -> Store:
        assert self.customer.store is not None
        return self.customer.store

    @property
    def associate(self) -> User | None:
        return self.customer.associate

    def consent(self, channel: str) -> Statement | None:
        """Her last word on a channel."""
        said = [statement for statement in self.statements if statement.channel == channel]
        return max(said, key=lambda statement: statement.at, default=None)

    def may_receive(self, channel: str) -> bool:
        said = self.consent(channel)
        return bool(said and said.state == YES and self.addresses.get(channel))


def meet(count: int, staff: Staff, *, now: datetime, random: Random) -> Iterator[Client]:
    """That many clients from number 2 on: number 1 is `clienteling.demo.amanda`'s."""
    phones = {store.region: _phones(store.region) for store in staff.stores}
    names = _names(random)
    for number in range(2, count + 1):
        first, last, is_woman = next(names)
        store = staff.stores[number % len(staff.stores)]
        client = _client(number, first, last, is_woman, store, now=now, random=random)
        client.customer.associate = _associate(number, staff.associates[store.code], random)
        _reach(client, number, next(phones[store.region], ""), random)
        client.customer.joined_on = _joined_on(client, now, random)
        _permit(client, opening(store, client.customer.joined_on), random)
        yield client


def share_a_phone(clients: list[Client]) -> None:
    """A couple with one telephone: what one of them says of it holds for both."""
    by_id = {client.customer.customer_id: client for client in clients}
    one, other = (by_id.get(customer_id(number)) for number in SHARED_PHONE)
    if one and other and one.addresses.get("sms"):
        other.addresses["sms"] = one.addresses["sms"]
        other.unreadable_phone = ""


def customer_id(number: int) -> str:
    """The till's code of a client."""
    return f"C-{number:04d}"


def _names(random: Random) -> Iterator[tuple[str, str, bool]]:
    """First name, last name, whether a woman; seldom the same twice."""
    unusual = iter(UNUSUAL_NAMES)
    taken: set[tuple[str, str]] = set()
    drawn = 0
    while True:
        drawn += 1
        odd = next(unusual, None) if drawn % UNUSUAL_EVERY == 0 else None
        first, last, is_woman = odd or _ordinary_name(random)
        if (first, last) in taken and random.random() < 0.95:
            continue
        taken.add((first, last))
        yield first, last, is_woman


def _ordinary_name(random: Random) -> tuple[str, str, bool]:
    shares = [pool.share for pool in NAME_POOLS]
    pool = random.choices(NAME_POOLS, shares)[0]
    of_the_family = random.choices(NAME_POOLS, shares)[0] if random.random() < 0.15 else pool
    is_woman = random.random() < 0.7
    first = random.choice(pool.women if is_woman else pool.men)
    return first, random.choice(of_the_family.last), is_woman


def _client(
    number: int,
    first: str,
    last: str,
    is_woman: bool,
    store: Store,
    *,
    now: datetime,
    random: Random,
) -> Client:
    customer = CustomerFactory.build(
        customer_id=customer_id(number),
        first_name=first,
        last_name=last,
        city=_city(store.city, random),
        birth_year=_birth_year(now.year, random),
        store=store,
        preferred_channel=random.choices(("", "sms", "email"), (45, 35, 20))[0],
        leave_until=_peace(now.date(), random),
    )
    taste = tastes.draw(is_woman=is_woman, random=random)
    return Client(customer, taste, _sizes(is_woman, random), rhythms.draw(random))


def _associate(number: int, associates: list[User], random: Random) -> User | None:
    return None if number % UNASSIGNED_EVERY == 0 else random.choice(associates)


def _city(city: str, random: Random) -> str:
    return city if random.random() < 0.8 else random.choice(SUBURBS[city])


def _birth_year(year: int, random: Random) -> int | None:
    if random.random() < 0.2:
        return None
    return year - max(19, min(82, round(random.gauss(42, 13))))


def _peace(today: date, random: Random) -> date | None:
    """A few asked to be left until a day."""
    return today + timedelta(days=random.randint(5, 60)) if random.random() < 0.012 else None


def _sizes(is_woman: bool, random: Random) -> dict[str, str]:
    if is_woman:
        shoes = random.choices(WOMEN_SHOES, WOMEN_SHOE_SHARES)
        clothes = random.choices(CLOTHING_SIZES, WOMEN_CLOTHES_SHARES)
    else:
        shoes = random.choices(MEN_SHOE_SIZES, MEN_SHOE_SHARES)
        clothes = random.choices(CLOTHING_SIZES, MEN_CLOTHES_SHARES)
    return {
        "Shoes": shoes[0],
        "Clothing": clothes[0],
        "Bags": ONE_SIZE,
        "Accessories": ONE_SIZE,
    }


def _phones(region: str) -> Iterator[str]:
    """Fictional numbers of a region: a hundred for each area code, then no more."""
    numbers = (f"+1{area}{number}" for number in FICTIONAL_NUMBERS for area in AREA_CODES[region])
    return (number for number in numbers if number != FIRST_CLIENTS_PHONE)


def _reach(client: Client, number: int, phone: str, random: Random) -> None:
    chance = random.random()
    if chance < 0.02:
        client.unreadable_phone = random.choice(UNREADABLE_PHONES)
    elif chance < 0.9 and phone:
        client.addresses[Channel.SMS] = phone
    if random.random() < 0.86:
        client.addresses[Channel.EMAIL] = _mail(client.customer, number, random)


def _mail(customer: Customer, number: int, random: Random) -> str:
    """Made of the name where it is written in Latin letters; the number keeps it her own."""
    words = fold(f"{customer.first_name} {customer.last_name}").replace("'", "")
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "." for letter in words)
    name = ".".join(part for part in plain.split(".") if part) or "client"
    return f"{name}.{number}@{random.choice(MAIL_DOMAINS)}"


def _joined_on(client: Client, now: datetime, random: Random) -> date:
    """She left her name at her first visit, or a while ago without buying anything."""
    days_ago = client.visits[0] if client.visits else random.randint(20, 400)
    return days_before(client.store, now, days_ago)


def _permit(client: Client, at: datetime, random: Random) -> None:
    """Most said yes to one channel or both when they joined; some said nothing, a few said no."""
    for channel, shares in ANSWERS_TO_CONSENT.items():
        answer = random.choices((YES, NO, None), shares)[0]
        if answer and (client.addresses.get(channel) or client.unreadable_phone):
            source = random.choice(CONSENT_SOURCES[channel])
            client.statements.append(Statement(channel, answer, at, source))
