"""Who has no card today, counted by reason and named, a page at a time: 27 others are resting.

Read from the record of last night, so that a book of any length is one short query. What happened
since corrects it: who was written to or has bought has moved on, and everybody who is named is
asked about again, as of now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, F, OuterRef, SmallIntegerField, When
from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Customer, CustomerQuerySet
from outreach.day import wording
from outreach.day.resting import most_pressing
from outreach.decisions import answer, verdicts
from outreach.decisions.packing import code_of
from outreach.messages import contact_record
from outreach.messages.contact_facts import contact_facts
from outreach.messages.contact_policy import ContactFacts, decide
from outreach.models import DecisionNight, Message
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES

PAGE_SIZE = 50
ANOTHER_DAY = "another-day"
ANOTHER_DAY_WORDS = "due, but the day’s cards are full"
SINCE_WORDS = "free again since last night"

People = Any
"""Customers with what the record says of them: columns that only the query knows."""


@dataclass(frozen=True)
class Reason:
    """A reason with how many rest for it; `url` shows them alone."""

    code: str
    words: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class Rests:
    """One client who rests, and why, as of now."""

    customer_id: str
    name: str
    url: str
    why_url: str
    sentence: str


@dataclass(frozen=True)
class Page:
    """The page. `as_of` is the moment of the record, "" while there is none."""

    where: str
    as_of: str
    sentence: str
    total: int
    reasons: tuple[Reason, ...]
    people: tuple[Rests, ...]
    all_url: str
    is_one_reason: bool
    previous_url: str = ""
    next_url: str = ""
    page_line: str = ""


def page(user: User, store: Store, *, reason: str = "", number: int = 1, now: datetime) -> Page:
    """A page of those who rest: of an associate's book, or of a manager's store. Four queries."""
    night = DecisionNight.objects.first()
    if night is None:
        return _empty(user, store)
    people = _recorded(user, store, night)
    counted = _counted(people, store)
    total = sum(counted.values())
    wanted = reason if reason in counted else ""
    chosen = _of_reason(people, wanted, store)
    in_all = counted[wanted] if wanted else total - counted.get(ANOTHER_DAY, 0)
    number = max(1, min(number, -(-in_all // PAGE_SIZE)))
    begin = (number - 1) * PAGE_SIZE
    rows = list(_with_records(chosen, user, now)[begin : begin + PAGE_SIZE])
    return Page(
        where=_where(user, store),
        as_of=wording.moment_words(night.as_of, store.zone, now=now),
        sentence=_sentence(total),
        total=total,
        reasons=tuple(_reasons(counted, wanted)),
        people=tuple(_rests(rows, user, now)),
        all_url=_url(),
        is_one_reason=bool(wanted),
        previous_url=_url(wanted, number - 1) if number > 1 else "",
        next_url=_url(wanted, number + 1) if begin + PAGE_SIZE < in_all else "",
        page_line=f"{begin + 1:,} to {begin + len(rows):,} of {in_all:,}" if rows else "",
    )


def count(user: User, store: Store) -> int:
    """How many rest, as the page counts them: two queries."""
    night = DecisionNight.objects.first()
    return sum(_counted(_recorded(user, store, night), store).values()) if night else 0


# --- From the record ------------------------------------------------------------------------------
def _recorded(user: User, store: Store, night: DecisionNight) -> People:
    """Everybody of the book whom the last night found away, each with a `rests_for` verdict.

    Who has bought since then is no longer away; who was written to since rests for that. Those
    about to lapse and free have a tab of their own in the day: they do not rest.
    """
    since = Message.objects.filter(
        customer=OuterRef("pk"),
        step__in=FIRST_MOVES,
        state__in=COUNTS_AS_CONTACT,
        queued_at__gt=night.as_of,
    )
    elsewhere = [verdicts.NUMBERS[code] for code in (*verdicts.NOT_AWAY, verdicts.DUE_EARLY)]
    return (
        _book(user, store)
        .filter(decisions__last_night=None, decisions__first_night__lte=night.night)
        .exclude(last_purchase_at__gt=night.as_of)
        .annotate(
            verdict=F("decisions__verdict"),
            worth=F("decisions__worth"),
            next_on=F("decisions__next_on"),
            rests_for=Case(
                When(Exists(since), then=verdicts.NUMBERS["contacted-recently"]),
                default=F("decisions__verdict"),
                output_field=SmallIntegerField(),
            ),
        )
        .exclude(verdict__in=elsewhere)
    )


def _book(user: User, store: Store) -> CustomerQuerySet:
    if user.role == User.Role.ASSOCIATE:
        return Customer.objects.in_book_of(user)
    return Customer.objects.visible_to(user).filter(store=store)


def _counted(people: People, store: Store) -> dict[str, int]:
    """How many rest, by reason, the most frequent first. Of the due so many have cards today."""
    rows = people.order_by().values_list("rests_for").annotate(count=Count("pk"))
    counts: dict[str, int] = {}
    for number, count in rows:
        code = code_of(number)
        code = ANOTHER_DAY if code == verdicts.DUE else code
        counts[code] = counts.get(code, 0) + count
    counts[ANOTHER_DAY] = max(0, counts.get(ANOTHER_DAY, 0) - store.cards_per_day)
    return dict(
        sorted(
            ((code, count) for code, count in counts.items() if count), key=lambda each: -each[1]
        )
    )


def _of_reason(people: People, reason: str, store: Store) -> People:
    """Those who rest for it; for every reason, without who is due, where none is named."""
    due = verdicts.NUMBERS[verdicts.DUE]
    if reason == ANOTHER_DAY:
        waiting = people.filter(rests_for=due).order_by(F("worth").desc(nulls_last=True), "pk")
        return waiting.filter(pk__in=waiting.values("pk")[store.cards_per_day :])
    if reason:
        people = people.filter(rests_for=verdicts.NUMBERS[reason])
    return people.exclude(rests_for=due).order_by(
        F("next_on").asc(nulls_last=True), "search_name", "pk"
    )


# --- As of now ------------------------------------------------------------------------------------
def _with_records(people: People, user: User, now: datetime) -> CustomerQuerySet:
    return contact_record.with_records(people, associate=_viewpoint(user), now=now)


def _viewpoint(user: User) -> User | None:
    """A manager asks for the shop: nobody's client is a colleague's then."""
    return user if user.role == User.Role.ASSOCIATE else None


def _rests(customers: Sequence[Customer], user: User, now: datetime) -> Iterable[Rests]:
    records = {each.pk: each.contact_record for each in customers}  # type: ignore[attr-defined]
    contacts = contact_facts(customers, associate=_viewpoint(user), now=now, records=records)
    for each in customers:
        yield Rests(
            customer_id=each.customer_id,
            name=str(each),
            url=reverse("client", args=[each.customer_id]),
            why_url=answer.url_of(each),
            sentence=_why(each, contacts[each.pk], now),
        )


def _why(customer: Customer, contact: ContactFacts, now: datetime) -> str:
    """What the rules say this minute; the night's reason where they say nothing."""
    decision = decide(contact, now=now)
    if decision.blockers:
        return most_pressing(decision.blockers).sentence
    code = code_of(customer.verdict)  # type: ignore[attr-defined]  # annotated by _recorded
    if code == verdicts.DUE:
        return f"{wording.capital(ANOTHER_DAY_WORDS)}."
    if code == verdicts.NOTHING_TO_SHOW:
        return "Nothing new that suits was found last night."
    return f"{wording.capital(SINCE_WORDS)}."


# --- Words ----------------------------------------------------------------------------------------
def _reasons(counted: dict[str, int], wanted: str) -> Iterable[Reason]:
    for code, count in counted.items():
        words = ANOTHER_DAY_WORDS if code == ANOTHER_DAY else verdicts.COUNTED[code]
        yield Reason(code, wording.capital(words), count, _url(code), code == wanted)


def _sentence(total: int) -> str:
    if not total:
        return "Nobody is resting."
    verb = "is" if total == 1 else "are"
    return f"{total:,} {'client' if total == 1 else 'clients'} {verb} resting."


def _where(user: User, store: Store) -> str:
    if user.role == User.Role.ASSOCIATE:
        return f"{user.signature}’s book · {store.name}"
    return store.name


def _empty(user: User, store: Store) -> Page:
    return Page(_where(user, store), "", "", 0, (), (), _url(), is_one_reason=False)


def _url(reason: str = "", number: int = 1) -> str:
    said = {"reason": reason, "page": str(number) if number > 1 else ""}
    query = urlencode({key: value for key, value in said.items() if value})
    return f"{reverse('resting')}?{query}" if query else reverse("resting")
