"""Writing a night down: every client of a book, but only what is new takes room.

The night's rows are copied into a temporary table and held against the stretches that go on. Where
nothing is new, nothing is written; else the old stretch ends and a new one begins. All in one
transaction: a crash leaves the last night whole, and the same night again changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from time import monotonic

from django.db import connection, transaction

from clienteling.locks import DatabaseLock, alone_in
from clienteling.models import Store
from outreach.decisions import gathering
from outreach.decisions.gathering import Decided
from outreach.decisions.packing import Row, packed
from outreach.messages.contact_policy import USUAL_LIMITS
from outreach.models import DecisionNight, DecisionRules

KEPT_NIGHTS = 90
WORTH_NOTICING = 10  # tenths of a point: a smaller change of worth does not end a stretch
WORK_MEMORY = "96MB"  # for joining a whole chain; only inside the transaction

# What ends a stretch. Worth moves a little every night; of the contacts only the newest counts, for
# an older one that leaves the window of the caps changes nothing by itself.
COMPARED = tuple(name for name in Row._fields if name not in ("worth", "contacted_on"))

STAGE = """
CREATE TEMP TABLE decided ON COMMIT DROP AS
SELECT customer_id, {columns} FROM outreach_decision WITH NO DATA
"""
FIND_NEW = f"""
CREATE TEMP TABLE changed ON COMMIT DROP AS
SELECT decided.customer_id
  FROM decided LEFT JOIN outreach_decision going
    ON going.customer_id = decided.customer_id AND going.last_night IS NULL
 WHERE going.customer_id IS NULL
    OR ({", ".join(f"going.{name}" for name in COMPARED)}, going.contacted_on[1],
        going.worth IS NULL)
       IS DISTINCT FROM
       ({", ".join(f"decided.{name}" for name in COMPARED)}, decided.contacted_on[1],
        decided.worth IS NULL)
    OR abs(going.worth - decided.worth) >= {WORTH_NOTICING}
"""  # noqa: S608
# A stretch that began this very night was written by an earlier run of it.
TAKE_BACK = """
DELETE FROM outreach_decision going
 WHERE going.last_night IS NULL AND going.first_night = %(night)s
   AND (EXISTS (SELECT FROM changed WHERE changed.customer_id = going.customer_id)
        OR NOT EXISTS (SELECT FROM decided WHERE decided.customer_id = going.customer_id))
"""
END = """
UPDATE outreach_decision going SET last_night = %(night)s - 1
 WHERE going.last_night IS NULL
   AND (EXISTS (SELECT FROM changed WHERE changed.customer_id = going.customer_id)
        OR NOT EXISTS (SELECT FROM decided WHERE decided.customer_id = going.customer_id))
"""
BEGIN = """
INSERT INTO outreach_decision (customer_id, first_night, {columns})
SELECT customer_id, %(night)s, {columns} FROM decided JOIN changed USING (customer_id)
"""
FORGET = "DELETE FROM outreach_decision WHERE last_night < %(oldest)s"


class CannotRecord(Exception):  # noqa: N818
    """The night cannot be written down; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Recorded:
    """What a night came to. `changed` counts the clients whose verdict or inputs were new."""

    night: date
    clients: int
    changed: int
    due: int
    seconds: float

    @property
    def sentence(self) -> str:
        return (
            f"Decided about {self.clients:,} clients for {self.night:%d %B %Y} "
            f"in {self.seconds:.1f} s: {self.due:,} may be written to, "
            f"{self.changed:,} changed since the night before."
        )


@dataclass(frozen=True)
class RulesKey:
    """The numbers of a store that are an input of its clients' verdicts."""

    lapse_days: int
    cards_per_day: int
    cap_messages: int
    cap_days: int
    long_cap_messages: int
    long_cap_days: int
    silent_notes: int = USUAL_LIMITS.silent_notes
    rest_days: int = USUAL_LIMITS.rest_days

    @classmethod
    def of(cls, store: Store | None) -> "RulesKey":
        known = store or Store()
        return cls(**{each.name: getattr(known, each.name) for each in fields(cls)[:6]})


def record(
    night: date, *, as_of: datetime, now: datetime, progress: Callable[[int], None] | None = None
) -> Recorded:
    """Write down the verdicts of a night as of a moment, about every client of a book.

    `progress` hears how many are done. Raises ``CannotRecord`` while another run is under way,
    and for a night before one that is written down already.
    """
    with alone_in(DatabaseLock.DECISIONS) as is_ours:
        if not is_ours:
            raise CannotRecord("Another run is writing the decisions down.")
        _refuse_the_past(night)
        started = monotonic()
        with transaction.atomic():
            clients, due = _stage(as_of, now, progress)
            changed = _merge(night)
            DecisionNight.objects.update_or_create(
                night=night,
                defaults={
                    "as_of": as_of,
                    "recorded_at": now,
                    "clients": clients,
                    "changed": changed,
                    "due": due,
                },
            )
            _forget_before(night - timedelta(days=KEPT_NIGHTS - 1))
            _run("DROP TABLE decided, changed")  # now: an outer transaction may record again
    return Recorded(night, clients, changed, due, monotonic() - started)


def _refuse_the_past(night: date) -> None:
    """Stretches only go on at their end: a night in between would have to cut them."""
    newest = DecisionNight.objects.order_by("-night").values_list("night", flat=True).first()
    if newest and newest > night:
        raise CannotRecord(
            f"The night of {newest:%d %B %Y} is written down already; an earlier one cannot be."
        )


def _stage(
    as_of: datetime, now: datetime, progress: Callable[[int], None] | None
) -> tuple[int, int]:
    """Copy every verdict into `decided`, a chunk at a time; answers how many, and how many due."""
    clients = due = 0
    numbers: dict[RulesKey, int] = {}
    _run(f"SET LOCAL work_mem = '{WORK_MEMORY}'")
    _run(STAGE.format(columns=", ".join(Row._fields)))
    for chunk in gathering.decided(gathering.of_books(), as_of=as_of, now=now):
        _copy(chunk, numbers, as_of)
        clients += len(chunk)
        due += sum(each.verdict.is_due for each in chunk)
        if progress:
            progress(clients)
    _run("ANALYZE decided")
    return clients, due


def _copy(chunk: Iterable[Decided], numbers: dict[RulesKey, int], as_of: datetime) -> None:
    columns = ", ".join(("customer_id", *Row._fields))
    rows = [(each.customer_id, *_row(each, numbers, as_of)) for each in chunk]
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY decided ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _row(decided: Decided, numbers: dict[RulesKey, int], as_of: datetime) -> Row:
    key = RulesKey.of(decided.store)
    if key not in numbers:
        rules, _ = DecisionRules.objects.get_or_create(**asdict(key))
        numbers[key] = rules.pk
    return packed(
        decided.inputs, decided.verdict, rules=numbers[key], worth=decided.worth, now=as_of
    )


def _merge(night: date) -> int:
    """End the stretches that are over and begin the new ones; answers how many are new."""
    parameters = {"night": night}
    _run(FIND_NEW)
    _run("ANALYZE changed")
    _run(TAKE_BACK, parameters)
    _run(END, parameters)
    return _run(BEGIN.format(columns=", ".join(Row._fields)), parameters)


def _forget_before(oldest: date) -> None:
    _run(FORGET, {"oldest": oldest})
    DecisionNight.objects.filter(night__lt=oldest).delete()


def _run(statement: str, parameters: dict[str, date] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
