"""The manager's first report: what happened to the notes of a period, by store and associate.

Every number follows the definition printed beside it (`DEFINITIONS`). Associates are listed by
name and never ranked. Uplift against a control group is another page's subject: what is counted
here followed a note, which does not prove that it came from the note.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from clienteling import defaults
from clienteling.models import Store, User

SMALL_GROUP = 30  # shares over fewer clients swing too much to be compared

DEFINITIONS = (
    (
        "Sent",
        "Offers handed to a carrier or mail server in the period; taken-back ones excluded.",
    ),
    (
        "Delivered",
        "Of those, the ones the carrier confirmed. “Unknown” has no receipt, “failed” came back.",
    ),
    (
        "Replied",
        f"Clients who wrote back in words within {defaults.REPLY_DAYS} days of the delivery, "
        "of all clients with a delivered note. STOP and its kin are not replies.",
    ),
    (
        "Clicked",
        "Clients who did something on their page that only a person does (touched it, answered, "
        f"asked us to keep something) within {defaults.ATTRIBUTION_DAYS} days of the delivery, of "
        "all clients with a delivered note. “Only opened” may have been a scanner or a preview.",
    ),
    (
        "Bought with her page in hand",
        "Items an associate saw a client buy when her code was shown in the store: certain, and "
        "the first claim on a sale. “In the till” are those whose line has come from there since.",
    ),
    (
        "Bought afterwards",
        f"Clients who kept a purchase made within {defaults.ATTRIBUTION_DAYS} days of the delivery "
        "(returns taken off), of all clients with a delivered note.",
    ),
    (
        "Asked to stop",
        f"Clients who answered STOP within {defaults.ATTRIBUTION_DAYS} days of the delivery.",
    ),
    (
        "Answered within",
        "Median time from a client’s first unanswered words to our answer, counted only while her "
        "store is open. What was put away without an answer is not in it.",
    ),
)

OUTCOMES = """
WITH note AS (
    SELECT store_id, sender_id, customer_id, sent_at, delivered_at, state, lookbook_id
      FROM outreach_message
     WHERE step = 'offer' AND store_id = ANY(%(stores)s)
       AND sent_at >= %(since)s AND sent_at < %(until)s
), outcome AS (
    SELECT note.*,
           delivered_at IS NOT NULL AS delivered,
           EXISTS (SELECT FROM outreach_reply reply
                    WHERE reply.customer_id = note.customer_id AND reply.kind = 'words'
                      AND reply.is_verified
                      AND reply.received_at >= note.delivered_at
                      AND reply.received_at < note.delivered_at + %(reply_window)s) AS replied,
           EXISTS (SELECT FROM outreach_pagegesture gesture
                    WHERE gesture.lookbook_id = note.lookbook_id
                      AND gesture.at < note.delivered_at + %(purchase_window)s) AS clicked,
           EXISTS (SELECT FROM outreach_lookbook page
                    WHERE page.id = note.lookbook_id
                      AND page.first_opened_at < note.delivered_at + %(purchase_window)s) AS opened,
           EXISTS (SELECT FROM outreach_reply reply
                    WHERE reply.customer_id = note.customer_id AND reply.kind = 'stop'
                      AND reply.received_at >= note.delivered_at
                      AND reply.received_at < note.delivered_at + %(purchase_window)s) AS stopped,
           (SELECT coalesce(sum(line.quantity), 0) > 0 FROM customers_lineitem line
             WHERE line.customer_id = note.customer_id
               AND line.purchased_at >= note.delivered_at
               AND line.purchased_at < least(note.delivered_at + %(purchase_window)s, %(now)s)
           ) AS bought
      FROM note
)
"""

BY_ASSOCIATE = (
    OUTCOMES
    + """
SELECT grouping(store_id), grouping(sender_id), store_id, sender_id,
       count(*), count(*) FILTER (WHERE delivered), count(*) FILTER (WHERE state = 'failed'),
       count(DISTINCT customer_id) FILTER (WHERE delivered),
       count(DISTINCT customer_id) FILTER (WHERE replied),
       count(DISTINCT customer_id) FILTER (WHERE bought),
       count(DISTINCT customer_id) FILTER (WHERE stopped),
       count(*) FILTER (WHERE delivered_at + %(purchase_window)s > %(now)s),
       count(DISTINCT customer_id) FILTER (WHERE clicked),
       count(DISTINCT customer_id) FILTER (WHERE opened AND NOT clicked)
  FROM outcome
 GROUP BY GROUPING SETS ((), (store_id), (store_id, sender_id))
"""
)

BY_MONTH = (
    OUTCOMES
    + """
SELECT date_trunc('month', sent_at AT TIME ZONE %(zone)s)::date AS month, count(*),
       count(DISTINCT customer_id) FILTER (WHERE delivered),
       count(DISTINCT customer_id) FILTER (WHERE replied),
       count(DISTINCT customer_id) FILTER (WHERE bought)
  FROM outcome
 GROUP BY month ORDER BY month
"""
)


@dataclass(frozen=True)
class Share:
    """So many of so many clients; no share of nobody, and a warning where a group is small."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None

    @property
    def is_small(self) -> bool:
        return self.whole < SMALL_GROUP


@dataclass(frozen=True)
class Outcome:
    """What became of one group's notes. Notes are counted as notes, the shares count clients."""

    sent: int
    delivered: int
    failed: int
    clients: int
    replied: int
    bought: int
    stopped: int
    still_counting: int
    clicked: int = 0
    only_opened: int = 0

    @property
    def unknown(self) -> int:
        return self.sent - self.delivered - self.failed

    @property
    def delivered_share(self) -> Share:
        return Share(self.delivered, self.sent)

    @property
    def replied_share(self) -> Share:
        return Share(self.replied, self.clients)

    @property
    def clicked_share(self) -> Share:
        return Share(self.clicked, self.clients)

    @property
    def bought_share(self) -> Share:
        return Share(self.bought, self.clients)


NOTHING = Outcome(0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class AssociateRow:
    name: str
    outcome: Outcome


@dataclass(frozen=True)
class StoreRow:
    name: str
    outcome: Outcome
    associates: tuple[AssociateRow, ...]


@dataclass(frozen=True)
class MonthRow:
    """One calendar month in the shop's zone."""

    month: date
    sent: int
    replied: Share
    bought: Share


@dataclass(frozen=True)
class OutreachReport:
    since: datetime
    until: datetime
    total: Outcome
    stores: tuple[StoreRow, ...]
    months: tuple[MonthRow, ...]


def outreach_report(
    stores: Sequence[Store], *, days: int, now: datetime, months: int = 12
) -> OutreachReport:
    """What became of the offers of the last `days` days of these stores, and month by month.

    The caller chooses the stores from `visible_to(user)`; three queries, whatever their number.
    """
    since = now - timedelta(days=days)
    groups = _rows(BY_ASSOCIATE, stores, since=since, now=now)
    return OutreachReport(
        since=since,
        until=now,
        total=next((_outcome(row) for row in groups if row[0] == 1), NOTHING),
        stores=_store_rows(stores, groups),
        months=_month_rows(stores, months=months, now=now),
    )


def _rows(query: str, stores: Sequence[Store], *, since: datetime, now: datetime) -> list[Any]:
    parameters: dict[str, Any] = {
        "stores": [store.pk for store in stores],
        "since": since,
        "until": now,
        "now": now,
        "reply_window": timedelta(days=defaults.REPLY_DAYS),
        "purchase_window": timedelta(days=defaults.ATTRIBUTION_DAYS),
        "zone": stores[0].timezone if stores else "UTC",
    }
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def _outcome(row: Sequence[Any]) -> Outcome:
    return Outcome(*row[4:14])


def _store_rows(stores: Iterable[Store], groups: Sequence[Any]) -> tuple[StoreRow, ...]:
    names = _names(row[3] for row in groups if row[3] is not None)
    totals = {row[2]: _outcome(row) for row in groups if row[0] == 0 and row[1] == 1}
    return tuple(
        StoreRow(
            name=store.name,
            outcome=totals.get(store.pk, NOTHING),
            associates=_associate_rows(store, groups, names),
        )
        for store in stores
    )


def _associate_rows(
    store: Store, groups: Sequence[Any], names: dict[int, str]
) -> tuple[AssociateRow, ...]:
    rows = [
        AssociateRow(names[row[3]], _outcome(row))
        for row in groups
        if row[0] == 0 and row[1] == 0 and row[2] == store.pk
    ]
    return tuple(sorted(rows, key=lambda row: row.name))


def _names(user_ids: Iterable[int]) -> dict[int, str]:
    people = User.objects.in_bulk(set(user_ids))
    return {pk: person.get_full_name() or person.username for pk, person in people.items()}


def _month_rows(stores: Sequence[Store], *, months: int, now: datetime) -> tuple[MonthRow, ...]:
    since = _first_of_month(now, stores, months)
    rows = _rows(BY_MONTH, stores, since=since, now=now)
    return tuple(
        MonthRow(month, sent, Share(replied, clients), Share(bought, clients))
        for month, sent, clients, replied, bought in rows
    )


def _first_of_month(now: datetime, stores: Sequence[Store], months: int) -> datetime:
    local = stores[0].local(now) if stores else now
    index = local.year * 12 + local.month - months
    year, month = divmod(index, 12)
    return local.replace(
        year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
