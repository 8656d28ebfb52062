"""The simulated world on one page: the shop's clock, her phone, the mailbox, who answers.

It shows what the simulated carrier holds, never our own records, so that a note is seen as its
reader sees it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from clienteling import clock
from clienteling.models import Store, User
from customers.models import Channel, ContactPoint, Customer
from outreach.day import wording
from outreach.messages.providers import personas
from outreach.messages.simulated_carrier import USUAL_SEED
from outreach.models import SimulatedCast, SimulatedMessage
from outreach.models.message import Message, State

PHONES_SHOWN = 12
LETTERS_SHOWN = 12
TEXTS_SHOWN = 60
COMING_SHOWN = 6
SHORT_LINK = 34
ANSWERS = ("Yes please", "STOP", "Who is this?")
MAIL_ANSWERS = ("Yes please",)
WINDS = (
    ("minutes", 60, "1 hour on"),
    ("until", "morning", "To 9:00"),
    ("minutes", 24 * 60, "A day on"),
    ("minutes", 7 * 24 * 60, "A week on"),
)
MORNING = time(9)
LINK = re.compile(r"https?://[^\s<>\"]+")
HREF = re.compile(r'href="([^"]+)"')
NUMBERED = re.compile(r"\d+\. ")

FROM_CLIENT = SimulatedMessage.Direction.FROM_CLIENT


@dataclass(frozen=True)
class Text:
    """A bubble on her phone: `in` came from the shop, `me` is her own. Its link is split out."""

    side: str
    before: str
    link: str
    link_label: str
    after: str
    small: str
    day: str


@dataclass(frozen=True)
class Phone:
    """A simulated phone."""

    address: str
    title: str
    line: str
    url: str
    texts: tuple[Text, ...]
    persona: str = ""


@dataclass(frozen=True)
class PhoneLink:
    owner: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class LetterLink:
    owner: str
    subject: str
    url: str
    at: str
    iso: str
    is_current: bool


@dataclass(frozen=True)
class Part:
    """A paragraph of a letter, or the list of its items without their numbers."""

    lines: tuple[str, ...]
    is_list: bool = False


@dataclass(frozen=True)
class Said:
    words: str
    at: str


@dataclass(frozen=True)
class Letter:
    """An open email, and all that its reader has answered since. `unsubscribe_url` may be ""."""

    key: str
    reader: str
    address: str
    subject: str
    parts: tuple[Part, ...]
    said: tuple[Said, ...]
    unsubscribe_url: str


@dataclass(frozen=True)
class Mailbox:
    """`url` asks again and names `newest`, the key of the newest letter: same one, no news."""

    url: str
    newest: str
    letters: tuple[LetterLink, ...]
    letter: Letter | None
    answers: tuple[str, ...] = MAIL_ANSWERS


@dataclass(frozen=True)
class Wind:
    """A button: the name and value it posts, and what it says."""

    name: str
    value: int | str
    label: str


@dataclass(frozen=True)
class Clock:
    """Hands in degrees."""

    time: str
    date: str
    hour: int
    minute: int
    can_wind: bool
    winds: tuple[Wind, ...] = tuple(Wind(*wind) for wind in WINDS)
    ticks: tuple[int, ...] = tuple(range(0, 360, 30))


@dataclass(frozen=True)
class Coming:
    at: str
    words: str


@dataclass(frozen=True)
class Cast:
    """Whether the people answer by themselves; `people` says who may be among them."""

    is_on: bool
    seed: int
    people: tuple[str, ...] = tuple(each.name for each in personas.CAST)


@dataclass(frozen=True)
class Bench:
    """The whole page."""

    clock: Clock
    coming: tuple[Coming, ...]
    cast: Cast
    phone: Phone | None
    phones: tuple[PhoneLink, ...]
    mailbox: Mailbox
    answers: tuple[str, ...] = ANSWERS


def bench(
    user: User, store: Store, *, address: str = "", letter: UUID | None = None, now: datetime
) -> Bench:
    """The simulated world as this member of staff may see it: the clients of her stores."""
    owners, called = _owners(user), SimulatedCast.objects.first()
    addresses = _latest_addresses(Channel.SMS, owners)
    chosen = address if address in owners[Channel.SMS] else next(iter(addresses), "")
    return Bench(
        clock=_clock(store, now),
        coming=tuple(_coming(user, store, now)),
        cast=Cast(called is not None, called.seed if called else USUAL_SEED),
        phone=phone(user, store, address=chosen, now=now) if chosen else None,
        phones=tuple(
            PhoneLink(str(owners[Channel.SMS][each]), url(address=each), each == chosen)
            for each in addresses
        ),
        mailbox=mailbox(user, store, letter=letter, now=now),
    )


def phone(user: User, store: Store, *, address: str, now: datetime) -> Phone | None:
    """One phone; None for a number that belongs to nobody this member of staff looks after."""
    owner = _owners(user)[Channel.SMS].get(address)
    if owner is None:
        return None
    called = SimulatedCast.objects.first()
    held = SimulatedMessage.objects.filter(channel=Channel.SMS, address=address, error_code="")
    texts = list(held.order_by("-at")[:TEXTS_SHOWN])[::-1]
    return Phone(
        address=address,
        title=f"{owner}’s phone",
        line=address,
        url=url(address=address),
        texts=tuple(_texts(texts, store, now)),
        persona=personas.persona_of(address, seed=called.seed).name if called else "",
    )


def mailbox(user: User, store: Store, *, letter: UUID | None, now: datetime) -> Mailbox:
    """The newest emails, and one of them open: the one asked for, or the newest."""
    owners = _owners(user)[Channel.EMAIL]
    letters = list(
        SimulatedMessage.objects.filter(channel=Channel.EMAIL, address__in=list(owners))
        .exclude(direction=FROM_CLIENT)
        .order_by("-at")[:LETTERS_SHOWN]
    )
    opened = next((each for each in letters if each.pk == letter), next(iter(letters), None))
    newest = str(letters[0].pk) if letters else ""
    return Mailbox(
        url=url(newest=newest, **({"letter": str(letter)} if letter else {})),
        newest=newest,
        letters=tuple(_letter_link(each, owners, opened, store, now) for each in letters),
        letter=_letter(opened, owners, store, now) if opened else None,
    )


def _owners(user: User) -> dict[str, dict[str, Customer]]:
    """Whose address it is, by channel: only those the simulated carrier has heard of."""
    known = SimulatedMessage.objects.order_by().values("address")
    points = ContactPoint.objects.filter(
        address__in=known, customer__store__in=Store.objects.visible_to(user).values("pk")
    ).select_related("customer")
    owners: dict[str, dict[str, Customer]] = {channel: {} for channel in Channel.values}
    for point in points:
        owners[point.channel].setdefault(point.address, point.customer)
    return owners


def _latest_addresses(channel: Channel, owners: dict[str, dict[str, Customer]]) -> list[str]:
    held = SimulatedMessage.objects.filter(channel=channel, address__in=list(owners[channel]))
    seen = held.order_by("-at").values_list("address", flat=True)
    return list(dict.fromkeys(seen))[:PHONES_SHOWN]


def _texts(texts: Sequence[SimulatedMessage], store: Store, now: datetime) -> Iterable[Text]:
    today, last_day = store.local(now).date(), None
    for text in texts:
        day = store.local(text.at).date()
        yield _text(
            text,
            store,
            wording.capital(wording.day_words(day, on=today)) if day != last_day else "",
        )
        last_day = day


def _text(text: SimulatedMessage, store: Store, day: str) -> Text:
    before, link, after = _split_at_link(text.body)
    if text.has_picture:
        before = f"[a picture] {before}".rstrip()
    return Text(
        side="me" if text.direction == FROM_CLIENT else "in",
        before=before,
        link=link,
        link_label=wording.shortened(link.partition("//")[2], SHORT_LINK),
        after=after,
        small=wording.clock_words(text.at, store.zone),
        day=day,
    )


def _split_at_link(body: str) -> tuple[str, str, str]:
    match = LINK.search(body)
    if match is None:
        return body, "", ""
    return body[: match.start()], match.group(), body[match.end() :]


def _letter_link(
    letter: SimulatedMessage,
    owners: dict[str, Customer],
    opened: SimulatedMessage | None,
    store: Store,
    now: datetime,
) -> LetterLink:
    return LetterLink(
        owner=f"To {owners[letter.address]}",
        subject=letter.subject,
        url=letter_url(letter.pk),
        at=wording.moment_words(letter.at, store.zone, now=now),
        iso=letter.at.isoformat(),
        is_current=opened is not None and letter.pk == opened.pk,
    )


def _letter(
    letter: SimulatedMessage, owners: dict[str, Customer], store: Store, now: datetime
) -> Letter:
    answers = SimulatedMessage.objects.filter(
        channel=letter.channel, address=letter.address, direction=FROM_CLIENT, at__gte=letter.at
    )
    return Letter(
        key=str(letter.pk),
        reader=owners[letter.address].called,
        address=letter.address,
        subject=letter.subject,
        parts=tuple(_parts(letter.body)),
        said=tuple(
            Said(each.body, wording.moment_words(each.at, store.zone, now=now))
            for each in answers.order_by("at")
        ),
        unsubscribe_url=_unsubscribe_url(letter.html),
    )


def _parts(body: str) -> Iterable[Part]:
    for paragraph in filter(str.strip, body.split("\n\n")):
        lines = paragraph.strip().splitlines()
        if all(map(NUMBERED.match, lines)):
            yield Part(tuple(NUMBERED.sub("", line, count=1) for line in lines), is_list=True)
        else:
            yield Part(tuple(lines))


def _unsubscribe_url(html: str) -> str:
    """The link that ends these mails, as the carrier was given it."""
    place = reverse("unsubscribe", args=["token"]).removesuffix("token/")
    return next((link for link in HREF.findall(html) if place in link), "")


def _clock(store: Store, now: datetime) -> Clock:
    local = store.local(now)
    return Clock(
        time=wording.clock_words(now, store.zone),
        date=wording.date_line(local.date()),
        hour=(local.hour % 12) * 30 + local.minute // 2,
        minute=local.minute * 6,
        can_wind=clock.is_shifted(),
    )


def next_morning(store: Store, now: datetime) -> datetime:
    """The next time it is nine in the morning on the store's clock."""
    local = store.local(now)
    morning = datetime.combine(local.date(), MORNING, tzinfo=store.zone)
    return morning if morning > local else morning + timedelta(days=1)


def _coming(user: User, store: Store, now: datetime) -> Iterable[Coming]:
    """What waits for its hour, the next first."""
    waiting = (
        Message.objects.visible_to(user)
        .filter(state=State.QUEUED, send_after__gt=now)
        .select_related("customer")
        .order_by("send_after")
    )
    for message in waiting[:COMING_SHOWN]:
        kind = Channel(message.channel).label
        yield Coming(
            at=wording.when_words(message.send_after or now, store.zone, now=now),
            words=f"{kind} to {message.customer} leaves",
        )


def is_known(user: User, channel: str, address: str) -> bool:
    """Whether it is the address of a client this member of staff looks after, and has traffic."""
    return address in _owners(user)[channel]


def url(**said: str) -> str:
    """The page with this phone or letter open."""
    return f"{reverse('simulator')}?{urlencode(said)}" if said else reverse("simulator")


def letter_url(letter: UUID) -> str:
    """The page with this letter open, scrolled to the mailbox."""
    return f"{url(letter=str(letter))}#mailbox"
