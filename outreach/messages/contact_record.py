"""What the contact policy has to know of a client, as one column of a query over customers.

Everything comes with the clients themselves: a column of JSON, read once per client, instead of a
query for each table and an object for each row. `contact_facts` makes facts of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject, NullIf

from clienteling import defaults, sending
from clienteling.models import SendingStop, Store, User
from clienteling.prepared import Given, GivenAnyOf, GivenMoment, Moment, Number, Prepared
from customers import consent
from customers.facts import told_columns
from customers.models import Channel, ContactPoint, Customer, CustomerQuerySet, ImportantDate
from outreach.messages import drafts, shifts
from outreach.models import (
    Gesture,
    MailPause,
    MarketingSend,
    PutOff,
    QuietPeriod,
    StateHours,
)
from outreach.models.message import COUNTS_AS_CONTACT, FIRST_MOVES, Message, Reply, State

Record = Mapping[str, Any]

HOURS = ("text_opens", "text_closes", "email_opens", "email_closes")
CAPS = ("cap_messages", "cap_days", "long_cap_messages", "long_cap_days")
STORE_COLUMNS = ("timezone", "region", "city", "default_channel", "holdout_percent", *CAPS, *HOURS)
NOBODY = -1  # the number of nobody, and of no store
GESTURES_REMEMBERED = timedelta(days=180)
A_DAY = timedelta(days=1)
PEERS = tuple(
    f"{who}_{channel}_{what}"
    for who in ("alike", "store")
    for channel in consent.CHANNELS
    for what in ("sent", "answered")
)


@dataclass(frozen=True)
class Asker:
    """Who asks, in numbers: herself, her store, and the store whose clients she may cover.

    `NOBODY` where there is none.
    """

    number: Number = NOBODY
    home: Number = NOBODY
    covers_in: Number = NOBODY


def asker_of(associate: User | None) -> Asker:
    """The numbers of a member of staff; of nobody's for None."""
    if associate is None:
        return Asker()
    home = associate.store_id or NOBODY
    return Asker(associate.pk, home, home if associate.role == User.Role.ASSOCIATE else NOBODY)


def records_of(
    customers: Iterable[Customer], *, associate: User | None, now: datetime
) -> dict[int, Record]:
    """What `contact_facts` makes facts of, for each of these clients as of `now`: one query.

    The store is left out where it is the associate's own: that one is at hand.
    """
    asker = asker_of(associate)
    return dict(
        _RECORDS.rows(
            customers=[each.pk for each in customers],
            now=now,
            number=asker.number,
            home=asker.home,
            covers_in=asker.covers_in,
        )
    )


def with_records(
    customers: CustomerQuerySet, *, associate: User | None, now: datetime
) -> CustomerQuerySet:
    """The same clients, each with the `contact_record` that `records_of` has for her."""
    return with_records_for(customers, asker_of(associate), now=now)


def with_records_for(customers: CustomerQuerySet, asker: Asker, *, now: Moment) -> CustomerQuerySet:
    """The same for whoever is known by numbers, which may be given later."""
    return customers.annotate(contact_record=_record(asker, now))


def asker_to_be_given() -> Asker:
    """For a prepared query: `number`, `home` and `covers_in` are given each time."""
    return Asker(*(Given(name, BigIntegerField()) for name in ("number", "home", "covers_in")))


def _record(asker: Asker, now: Moment) -> JSONObject:
    return JSONObject(
        permissions=consent.column(),
        **told_columns(now),
        offers=_offers(),
        mailings=_mailings(now),
        replies=_replies(now),
        mail_pauses=_mail_pauses(now),
        quiet=_quiet(now),
        put_off=_put_off(now),
        gestures=_gestures(now),
        dates=_important_dates(),
        owner=_signature("associate"),
        is_covered=shifts.covers(asker.number, asker.covers_in, now=now),
        peers=_peers(),
        store=_store_unless(asker.home),
        stores_there=_stores_there(),
        laws=_laws(),
        stops=_stops(asker.home),
        drafts=drafts.column(asker.number, now=now),
    )


def _of_given() -> "QuerySet[Customer, Any]":
    wanted = Customer.objects.filter(pk=GivenAnyOf("customers")).order_by()
    record = _record(asker_to_be_given(), GivenMoment())
    return wanted.annotate(contact_record=record).values_list("pk", "contact_record")


_RECORDS = Prepared(_of_given)


def store_of(record: Record) -> Store | None:
    """The store of a record with the columns that count for hours; None where it has none."""
    columns = record["store"]
    if columns is None:
        return None
    return Store(**{**columns, **{name: time.fromisoformat(columns[name]) for name in HOURS}})


def _offers() -> ArraySubquery:
    """First moves, newest first. One that needs attention counts only if it may have gone out."""
    never_tried = Q(state=State.NEEDS_ATTENTION, intent_at=None)
    answers = Reply.objects.filter(message=OuterRef("pk"), kind=Reply.Kind.WORDS)
    offers = (
        Message.objects.filter(customer=OuterRef("pk"), step__in=FIRST_MOVES)
        .filter(state__in=COUNTS_AS_CONTACT)
        .exclude(never_tried)
        .annotate(made_at=Coalesce("sent_at", "queued_at"))
        .order_by("-made_at")
    )
    return ArraySubquery(
        offers.values(
            row=JSONObject(
                id="pk",
                channel="channel",
                step="step",
                state="state",
                made_at="made_at",
                sender="sender_id",
                by=_signature("sender"),
                is_answered=Exists(answers),
                tip="tip_id",
            )
        )
    )


def _replies(now: Moment) -> ArraySubquery:
    """Her words of the last days, oldest first; their text only while nobody has read them."""
    window_opened_at = now - timedelta(days=defaults.REPLY_WINDOW_DAYS)
    replies = (
        Reply.objects.filter(customer=OuterRef("pk"), kind=Reply.Kind.WORDS, received_at__lte=now)
        .filter(Q(handled_at=None) | Q(received_at__gte=window_opened_at))
        .order_by("received_at", "pk")
    )
    unread = Case(
        When(handled_at=None, read_as="", then=F("body")),
        default=Value(""),
        output_field=TextField(),
    )
    return ArraySubquery(
        replies.values(
            row=JSONObject(
                at="received_at", channel="channel", unread=unread, is_verified="is_verified"
            )
        )
    )


def _mail_pauses(now: Moment) -> ArraySubquery:
    """Until when her mailbox is given a rest; empty while it is not."""
    mailbox = ContactPoint.objects.filter(
        channel=Channel.EMAIL, customer=OuterRef(OuterRef("pk"))
    ).values("address")
    pauses = MailPause.objects.filter(address__in=mailbox, until__gt=now)
    return ArraySubquery(pauses.values(row=JSONObject(until="until")))


def _peers() -> Case:
    """How the others answered; null for a client who was not counted last night."""
    columns = JSONObject(**{name: f"answering_peers__{name}" for name in PEERS})
    return Case(When(answering_peers__isnull=False, then=columns))


def _mailings(now: Moment) -> ArraySubquery:
    """What other systems sent her, as far back as the caps of her store may reach."""
    reach = Coalesce(OuterRef("store__long_cap_days"), Value(defaults.MOST_CAP_DAYS)) + Value(1)
    moment = now if isinstance(now, Given) else Value(now)
    oldest = CombinedExpression(moment, "-", reach * Value(A_DAY), output_field=DateTimeField())
    mailings = MarketingSend.objects.filter(
        customer=OuterRef("pk"), sent_at__gt=oldest, sent_at__lte=now
    )
    return ArraySubquery(
        mailings.order_by("-sent_at").values(row=JSONObject(at="sent_at", campaign="campaign"))
    )


def _quiet(now: Moment) -> ArraySubquery:
    """Her quiet days that are not over; a day of grace for zones behind UTC."""
    periods = QuietPeriod.objects.filter(
        customer=OuterRef("pk"), ends_on__gte=now.date() - timedelta(days=1)
    )
    return ArraySubquery(
        periods.order_by("starts_on").values(
            row=JSONObject(number="pk", starts_on="starts_on", ends_on="ends_on", reason="reason")
        )
    )


def _put_off(now: Moment) -> ArraySubquery:
    """Until when an associate put her off, the longest first; a day of grace as above."""
    standing = PutOff.objects.filter(
        customer=OuterRef("pk"), ended_at=None, back_on__gte=now.date() - timedelta(days=1)
    )
    return ArraySubquery(
        standing.order_by("-back_on", "-pk").values(
            row=JSONObject(number="pk", back_on="back_on", reason="reason")
        )
    )


def _gestures(now: Moment) -> ArraySubquery:
    """What was done for her lately beside writing, newest first."""
    made = Gesture.objects.filter(
        customer=OuterRef("pk"), made_at__lte=now, made_at__gt=now - GESTURES_REMEMBERED
    )
    return ArraySubquery(
        made.order_by("-made_at").values(row=JSONObject(kind="kind", at="made_at", tip="tip_id"))
    )


def _important_dates() -> ArraySubquery:
    """The days of the year that matter to her."""
    dates = ImportantDate.objects.filter(customer=OuterRef("pk")).order_by()
    return ArraySubquery(
        dates.values(row=JSONObject(kind="kind", label="label", month="month", day="day"))
    )


def _stores_there() -> ArraySubquery:
    """The shop's stores in a city of the name that her record has."""
    stores = Store.objects.filter(city__iexact=OuterRef("city")).exclude(city="")
    return ArraySubquery(
        stores.order_by("pk").values(row=JSONObject(timezone="timezone", region="region"))
    )


def _laws() -> ArraySubquery:
    """The stricter states, as lines that are the same for every client and read only once."""
    columns = [Cast(name, TextField()) for name in ("region", "days", "opens", "closes")]
    first, *others = columns
    parts = [part for column in others for part in (Value(" "), column)]
    return ArraySubquery(
        StateHours.objects.order_by("region", "days").values(
            line=Concat(first, *parts, output_field=TextField())
        )
    )


def _signature(person: str) -> Func:
    """`User.signature` of a related person; null where there is nobody."""
    return Coalesce(NullIf(f"{person}__first_name", Value("")), f"{person}__username")


def _stops(home: Number) -> ArraySubquery:
    """What stops her store, or the store of whoever writes to her, from sending."""
    return sending.column(
        SendingStop.objects.standing().filter(
            Q(store=None) | Q(store=OuterRef("store_id")) | Q(store=home)
        )
    )


def _store_unless(home: Number) -> Case:
    elsewhere = Q(store__isnull=False) & ~Q(store=home)
    columns = JSONObject(**{name: f"store__{name}" for name in STORE_COLUMNS}, pk="store_id")
    return Case(When(elsewhere, then=columns))
