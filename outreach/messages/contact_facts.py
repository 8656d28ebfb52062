"""The contact policy's facts, for any number of clients in one query."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from clienteling import defaults, sending
from clienteling.models import Store, User
from customers import consent
from customers.appropriateness import selling_blockers
from customers.consent import Permission
from customers.facts import only_complaints, told_of
from customers.models import Channel, Customer, ImportantDate
from outreach.messages import contact_record, drafts, keywords
from outreach.messages.channel_choice import Answered, Habit
from outreach.messages.contact_policy import (
    USUAL_LIMITS,
    ChannelFacts,
    Contact,
    ContactFacts,
    DayOfTheYear,
    Deed,
    Limits,
    PutOffUntil,
    QuietDays,
    day,
)
from outreach.messages.contact_record import Record
from outreach.messages.holdout import is_held_out
from outreach.messages.whereabouts import Place, place_of_store, places_of
from outreach.messages.windows import Hours, Laws, Span, Week, email_hours, text_hours
from outreach.models import PutOff
from outreach.models.message import HANDED_OVER, IN_FLIGHT, State, Step

ON_ITS_WAY = (State.QUEUED, *IN_FLIGHT)
WENT_OUT = (*HANDED_OVER, *IN_FLIGHT)
ALL_DAY = Span(time(0), time(0))
USUAL_TEXTS = Span(defaults.TEXT_OPENS, defaults.TEXT_CLOSES)
USUAL_MAIL = Span(defaults.EMAIL_OPENS, defaults.EMAIL_CLOSES)


@dataclass(frozen=True)
class _StoreFacts:
    """What counts of a client's store: its clock, place, hours and caps, channel and hold-out."""

    zone: ZoneInfo
    place: Place | None = None
    texts: Span = USUAL_TEXTS
    mail: Span = USUAL_MAIL
    default_channel: str = defaults.DEFAULT_CHANNEL
    holdout_percent: int = 0
    limits: Limits = USUAL_LIMITS

    @property
    def reach_days(self) -> int:
        """How far back the caps look."""
        return max(days for _, days in self.limits.caps)


@dataclass
class _Gathered:
    """One client's messages and answers while they are being put together."""

    contacts: list[Contact] = field(default_factory=list)
    is_on_its_way: bool = False
    sent: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    last_words_at: datetime | None = None
    last_words_channel: str = ""
    has_unconfirmed_words: bool = False
    may_have_asked_to_stop: bool = False
    silent_notes: int = 0
    last_note_on: date | None = None


def contact_facts(
    customers: Iterable[Customer],
    *,
    associate: User | None,
    now: datetime,
    records: Mapping[int, Record] | None = None,
    apart_from: UUID | None = None,
) -> dict[int, ContactFacts]:
    """The facts of these clients by primary key, as `associate` would find them at `now`.

    One query; none when the caller has the `records` already (`contact_record.with_records`, for
    this associate and moment). `apart_from` leaves out one message: the one whose own sending is
    being asked about.
    """
    customers = list(customers)
    if records is None:
        records = contact_record.records_of(customers, associate=associate, now=now)
    home = associate.store if associate else None
    stores: dict[int | None, _StoreFacts] = {}
    found = {}
    for each in customers:
        record = records[each.pk]
        if each.store_id not in stores:
            stores[each.store_id] = _store_facts(contact_record.store_of(record) or home)
        store = stores[each.store_id]
        gathered = _gathered(each, record, store, associate, now, apart_from)
        found[each.pk] = _facts(each, record, gathered, store, associate, now)
    return found


def notes_counted(record: Record) -> tuple[int, int]:
    """How many notes went out to her, and how many offers among them she answered: a glance at the
    record, as the channels of her `ContactFacts` say it together."""
    went_out = [each for each in record["offers"] if each["state"] in WENT_OUT]
    answered = sum(each["is_answered"] for each in went_out if each["step"] == Step.OFFER)
    return len(went_out), answered


def _gathered(
    customer: Customer,
    record: Record,
    store: _StoreFacts,
    associate: User | None,
    now: datetime,
    apart_from: UUID | None,
) -> _Gathered:
    gathered = _Gathered()
    _gather_answers(gathered, record, now)
    _gather_contacts(gathered, record, store, associate, now, apart_from)
    _gather_mailings(gathered, record, store.zone)
    _gather_silence(gathered, record, store.zone, customer.last_purchase_at, apart_from)
    _gather_replies(gathered, record)
    return gathered


def _gather_contacts(
    gathered: _Gathered,
    record: Record,
    store: _StoreFacts,
    associate: User | None,
    now: datetime,
    apart_from: UUID | None,
) -> None:
    """First moves, newest first, as far back as a cap may reach."""
    oldest, own = now - timedelta(days=store.reach_days + 1), str(apart_from)
    for offer in record["offers"]:
        made_at = datetime.fromisoformat(offer["made_at"])
        if made_at <= oldest:
            return
        if offer["id"] == own:
            continue
        by = "You" if associate and offer["sender"] == associate.pk else offer["by"]
        gathered.contacts.append(Contact(made_at.astimezone(store.zone).date(), by))
        gathered.is_on_its_way |= offer["state"] in ON_ITS_WAY


def _gather_mailings(gathered: _Gathered, record: Record, zone: ZoneInfo) -> None:
    """Others' mailings count like notes of ours; they are filed between them by their day."""
    for mailing in record["mailings"]:
        by = f"Marketing ({mailing['campaign']})" if mailing["campaign"] else "Marketing"
        on = datetime.fromisoformat(mailing["at"]).astimezone(zone).date()
        gathered.contacts.append(Contact(on, by))
    gathered.contacts.sort(key=lambda contact: contact.on, reverse=True)


def _gather_silence(
    gathered: _Gathered,
    record: Record,
    zone: ZoneInfo,
    last_visit_at: datetime | None,
    apart_from: UUID | None,
) -> None:
    """How many notes in a row brought neither an answer nor a visit, the newest first."""
    own = str(apart_from)
    for offer in record["offers"]:
        if offer["state"] not in WENT_OUT or offer["step"] != Step.OFFER or offer["id"] == own:
            continue  # thanks and tips ask for no answer, so silence after them says nothing
        made_at = datetime.fromisoformat(offer["made_at"])
        if offer["is_answered"] or (last_visit_at and last_visit_at >= made_at):
            return
        gathered.silent_notes += 1
        gathered.last_note_on = gathered.last_note_on or made_at.astimezone(zone).date()


def _gather_answers(gathered: _Gathered, record: Record, now: datetime) -> None:
    """An offer of the last days may still be answered: until then it says nothing.

    Of habits only offers speak: thanks and tips ask for no answer.
    """
    asked_before = now - timedelta(days=defaults.REPLY_DAYS)
    for offer in record["offers"]:
        if offer["state"] not in WENT_OUT:
            continue
        channel, is_answered = offer["channel"], offer["is_answered"]
        gathered.sent[channel] += 1
        if offer["step"] != Step.OFFER:
            continue
        gathered.answered[channel] += is_answered
        had_time = datetime.fromisoformat(offer["made_at"]) <= asked_before
        gathered.asked[channel] += is_answered or had_time


def _gather_replies(gathered: _Gathered, record: Record) -> None:
    """Her last words, and whether unread ones may be a wish to be left alone.

    Words that may be anybody's can ask us to stop, but open no conversation.
    """
    for reply in record["replies"]:
        if reply["is_verified"]:
            gathered.last_words_at = datetime.fromisoformat(reply["at"])
            gathered.last_words_channel = reply["channel"]
        else:
            gathered.has_unconfirmed_words = True
        gathered.may_have_asked_to_stop |= keywords.may_ask_to_stop(reply["unread"])


def _facts(
    customer: Customer,
    record: Record,
    gathered: _Gathered,
    store: _StoreFacts,
    associate: User | None,
    now: datetime,
) -> ContactFacts:
    permissions = consent.permissions_of(record["permissions"])
    told = told_of(record, now=now)
    client = only_complaints(customer.pk, told.complaints)
    stops = sending.read(record["stops"])
    places = _places(customer, record, permissions[Channel.SMS].address, store)
    hours = _hours(places, store.texts, store.mail, tuple(record["laws"]))
    return ContactFacts(
        customer_id=customer.pk,
        zone=store.zone,
        zones=tuple(sorted({place.zone for place in places})),
        channels={
            channel: _channel(
                permissions[channel],
                gathered,
                _habit(channel, gathered, record["peers"]),
                hours[channel],
                stops,
                _rest_until(record) if channel == Channel.EMAIL else None,
                store.zone,
            )
            for channel in consent.CHANNELS
        },
        preferred_channel=customer.preferred_channel,
        default_channel=store.default_channel,
        leave_until=customer.leave_until,
        quiet_days=tuple(_quiet_days(record)),
        put_off=_put_off(record),
        deeds=tuple(_deeds(record)),
        dates=tuple(_dates(record)),
        is_held_out=is_held_out(customer.pk, percent=store.holdout_percent),
        silent_notes=gathered.silent_notes,
        last_note_on=gathered.last_note_on,
        claimed_by=_claimed_by(customer, associate, record["owner"]),
        is_covered=record["is_covered"],
        contacts=tuple(gathered.contacts),
        is_on_its_way=gathered.is_on_its_way,
        last_words_at=gathered.last_words_at,
        last_words_channel=gathered.last_words_channel,
        has_unconfirmed_words=gathered.has_unconfirmed_words,
        may_have_asked_to_stop=gathered.may_have_asked_to_stop,
        selling_blockers=tuple(selling_blockers(client, now=now)),
        limits=store.limits,
        told=told,
        drafts=drafts.read(record["drafts"]),
    )


def _habit(channel: str, gathered: _Gathered, peers: Mapping[str, int] | None) -> Habit:
    """Hers as of now; the others' as they were counted last night."""
    own = Answered(gathered.asked[channel], gathered.answered[channel])
    if peers is None:
        return Habit(own)
    alike, store = (
        Answered(peers[f"{who}_{channel}_sent"], peers[f"{who}_{channel}_answered"])
        for who in ("alike", "store")
    )
    return Habit(own, alike, store)


def _channel(
    permission: Permission,
    gathered: _Gathered,
    habit: Habit,
    window: Hours,
    stops: tuple[sending.Stop, ...],
    rests_until: datetime | None,
    zone: ZoneInfo,
) -> ChannelFacts:
    stopped = [each.sentence for each in stops if each.channel in ("", permission.channel)]
    rest = _rest(rests_until, zone) if rests_until else ""
    return ChannelFacts(
        address=permission.address,
        unusable_because=rest if permission.is_usable else permission.unusable_because,
        unusable_until=rests_until if permission.is_usable else None,
        consent=permission.state or "",
        is_suppressed=permission.suppressed,
        window=window,
        sent=gathered.sent[permission.channel],
        answered=gathered.answered[permission.channel],
        habit=habit,
        stopped_because=stopped[0] if stopped else "",
    )


def _rest_until(record: Record) -> datetime | None:
    """When her mailbox is written to again, where it is not for a while."""
    for pause in record["mail_pauses"]:
        return datetime.fromisoformat(pause["until"])
    return None


def _rest(until: datetime, zone: ZoneInfo) -> str:
    return f"the last mails came back, next try from {day(until.astimezone(zone).date())}"


def _store_facts(store: Store | None) -> _StoreFacts:
    """The facts of her store; the shop's defaults for a client who has none."""
    if store is None:
        return _StoreFacts(ZoneInfo("UTC"))
    return _StoreFacts(
        zone=store.zone,
        place=place_of_store(store.timezone, store.region, store.city),
        texts=Span(store.text_opens, store.text_closes),
        mail=Span(store.email_opens, store.email_closes),
        default_channel=store.default_channel,
        holdout_percent=store.holdout_percent,
        limits=Limits(store.contact_caps),
    )


def _places(customer: Customer, record: Record, phone: str, store: _StoreFacts) -> frozenset[Place]:
    there = frozenset(
        place_of_store(each["timezone"], each["region"], customer.city)
        for each in record["stores_there"]
    )
    return places_of(city=customer.city, phone=phone, store=store.place, stores_there=there)


@lru_cache(maxsize=1_024)
def _hours(
    places: frozenset[Place], texts: Span, mail: Span, laws: tuple[str, ...]
) -> Mapping[str, Hours]:
    """When each channel may be used; the same for everybody in the same places."""
    return {
        Channel.SMS.value: text_hours(texts, places=places, laws=_laws(laws)),
        Channel.EMAIL.value: email_hours(mail, places=places),
    }


@lru_cache(maxsize=8)
def _laws(lines: tuple[str, ...]) -> Laws:
    """`FL 0123456 08:00:00 20:00:00` and its like, by state."""
    found: dict[str, tuple[Week, ...]] = {}
    for line in lines:
        region, days, opens, closes = line.split(" ")
        span = Span(time.fromisoformat(opens), time.fromisoformat(closes))
        week = tuple(span if str(day) in days else ALL_DAY for day in range(7))
        found[region] = (*found.get(region, ()), week)
    return found


def _quiet_days(record: Record) -> Iterable[QuietDays]:
    for period in record["quiet"]:
        starts_on, ends_on = map(date.fromisoformat, (period["starts_on"], period["ends_on"]))
        yield QuietDays(starts_on, ends_on, period["reason"], period["number"])


def _put_off(record: Record) -> PutOffUntil | None:
    """The one that holds longest."""
    for each in record["put_off"]:
        return PutOffUntil(
            date.fromisoformat(each["back_on"]), PutOff.Reason(each["reason"]), each["number"]
        )
    return None


def _deeds(record: Record) -> Iterable[Deed]:
    """Gestures, and the notes that went out, by what they were."""
    for gesture in record["gestures"]:
        yield Deed(gesture["kind"], datetime.fromisoformat(gesture["at"]), gesture["tip"])
    for note in record["offers"]:
        yield Deed(note["step"], datetime.fromisoformat(note["made_at"]), note["tip"])


def _dates(record: Record) -> Iterable[DayOfTheYear]:
    for each in record["dates"]:
        words = each["label"] or ImportantDate.Kind(each["kind"]).label.lower()
        yield DayOfTheYear(words, each["month"], each["day"])


def _claimed_by(customer: Customer, associate: User | None, owner: str) -> str:
    """Who else looks after her; "" for the associate's own and her store's unassigned clients."""
    if associate is None or customer.associate_id == associate.pk:
        return ""
    if customer.associate_id is not None:
        return owner
    return "" if customer.store_id == associate.store_id else "Another store"
