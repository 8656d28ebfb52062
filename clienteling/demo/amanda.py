"""Amanda, the demo's first client: the story that the whole product exists to make true.

A young professional in Chicago who loves shoes, came every six weeks for two years, answers texts,
and has not been in for 103 days. Nothing puts her on top of the day but these facts.
"""

from datetime import datetime, time, timedelta

from clienteling.demo import hours, tastes
from clienteling.demo.clients import FIRST_CLIENTS_PHONE, YES, Client, Statement, customer_id
from clienteling.demo.correspondence import Correspondence, Occasion
from clienteling.demo.factories import CustomerFactory
from clienteling.demo.staff import Staff
from clienteling.demo.wares import ONE_SIZE
from customers.models import Channel

EMAIL = "amanda.reyes@example.com"
AGE = 29
DAYS_AWAY = 103
USUAL_GAP = 41
# Back in time from her last visit; the median is her usual gap.
GAPS = (41, 36, 44, 41, 39, 47, 41, 35, 43, 41, 38, 52, 41, 40, 45, 41, 37, 48, 41)
COMES_AT = time(9, 10)  # before work: by mid-morning her days away are full ones
# Before which visits, counted back from the last, she was written to, and whether she answered.
NOTES = ((0, True), (2, True), (4, False), (6, True), (7, True))
NOTE_DAYS_BEFORE = 4


def introduce(staff: Staff, *, now: datetime) -> Client:
    """Her record, before she has bought anything."""
    store = staff.stores[0]
    visits = _visits(now.astimezone(store.zone))
    joined_on = hours.days_before(store, now, visits[0])
    customer = CustomerFactory.build(
        customer_id=customer_id(1),
        first_name="Amanda",
        last_name="Reyes",
        city=store.city,
        birth_year=now.year - AGE,
        joined_on=joined_on,
        store=store,
        associate=staff.shoe_guy,
        preferred_channel=Channel.SMS,
    )
    said_at = datetime.combine(joined_on, COMES_AT, tzinfo=store.zone)
    return Client(
        customer,
        taste=_taste(),
        sizes={"Shoes": "38", "Clothing": "S", "Bags": ONE_SIZE, "Accessories": ONE_SIZE},
        visits=visits,
        addresses={Channel.SMS: FIRST_CLIENTS_PHONE, Channel.EMAIL: EMAIL},
        statements=[Statement(Channel.SMS, YES, said_at, "signed at the till")],
        comes_at=COMES_AT,
        is_content=True,
    )


def remember_notes(client: Client, correspondence: Correspondence) -> None:
    """Five texts in the last year, each before a visit; she answered four."""
    latest_first = client.visits[::-1]
    for which, answered in sorted(NOTES, reverse=True):
        visit = latest_first[which]
        occasion = Occasion(visit + NOTE_DAYS_BEFORE, visit=visit)
        correspondence.offer(client, Channel.SMS, occasion, answered=answered)


def _visits(now: datetime) -> list[int]:
    """Her days, the oldest first; the last one lies exactly `DAYS_AWAY` full days back."""
    days = [_days_of_the_last_visit(now)]
    for gap in GAPS:
        days.append(days[-1] + gap)
    return days[::-1]


def _days_of_the_last_visit(now: datetime) -> int:
    """A day more when she came later in the day than it is now, or the clocks were changed."""
    on = now.date() - timedelta(days=DAYS_AWAY)
    last = datetime.combine(on, COMES_AT, tzinfo=now.tzinfo)
    is_short = (now - last) // timedelta(days=1) < DAYS_AWAY
    return DAYS_AWAY + 1 if is_short else DAYS_AWAY


def _taste() -> tastes.Taste:
    return tastes.taste(
        subcategories=["Loafers", "Heels", "Boots"],
        colors=["cognac", "bordeaux", "chocolate", "black"],
        brands=["Fenn & Alder", "Sabine Cortes", "Linnea Skog"],
        price=260,
        is_woman=True,
    )
