"""Hundreds of messages through real worker processes and a faulty carrier; then the reckoning.

Used by the tests, with fewer messages, and by `make bench`.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from outreach.models import Message
from outreach.models.message import IN_FLIGHT, State
from tests.factories import MessageFactory, StoreFactory, UserFactory
from tests.outreach.messages.worlds import client_of
from tests.processes.mail_stand_in import MailStandIn
from tests.processes.shop_processes import ShopProcesses, free_port, shop_processes
from tests.processes.twilio_stand_in import SHARES, Fault, FaultPlan, Timing, TwilioStandIn

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token of the stand-in"
THEIR_CITY = "Port Postmeridian"  # on no list
KILL_AT = 0.4  # of the messages accepted
LOOK_SECONDS = 0.25
LAST_CALLBACKS_SECONDS = 30  # a machine of many neighbours may stand still for some
# Quick, but with a grace longer than the hang and the list's delay together, which is the point.
PACE = {
    "TWILIO_TIMEOUT_SECONDS": "1",
    "EMAIL_TIMEOUT_SECONDS": "1",
    "OUTBOX_GRACE_SECONDS": "5",
    "OUTBOX_SWEEP_SECONDS": "1",
}
HANG_SECONDS, LIST_BEHIND_SECONDS = 1.6, 2.0
HEADINGS = ("first create", "messages", "creates", "accepted", "doubled", "lost", "state true")


class Carrier(Protocol):
    """A faulty carrier as the run needs it."""

    def serving(self) -> AbstractContextManager[object]: ...

    def settings(self, web: str) -> Mapping[str, str]:
        """The environment that makes the shop use it."""

    def accepted(self) -> Mapping[str, Sequence[str]]:
        """The ids it accepted, by address."""

    def creates(self, address: str) -> int: ...

    def fault(self, address: str) -> str:
        """What the first create to an address met."""

    def is_true(self, message: Message, ids: Sequence[str]) -> bool:
        """Whether the row says what the carrier knows."""


@dataclass(frozen=True)
class Fate:
    """What became of one message, by the carrier's ledger and by our row."""

    fault: str
    creates: int
    accepted: int
    state: State
    is_true: bool


@dataclass(frozen=True)
class FaultReport:
    """The reckoning of one run."""

    fates: tuple[Fate, ...]
    in_flight_at_the_kill: int
    seconds: float

    @property
    def accepted(self) -> int:
        return sum(1 for each in self.fates if each.accepted)

    @property
    def doubled(self) -> int:
        return sum(max(0, each.accepted - 1) for each in self.fates)

    @property
    def lost(self) -> int:
        """Neither accepted nor shown to a person."""
        shown = {State.NEEDS_ATTENTION, State.FAILED}
        return sum(1 for each in self.fates if not each.accepted and each.state not in shown)

    @property
    def untrue(self) -> int:
        return sum(1 for each in self.fates if not each.is_true)

    @property
    def states(self) -> Counter[State]:
        return Counter(each.state for each in self.fates)

    def rows(self) -> list[tuple[object, ...]]:
        """A line for every fault, and one for all."""
        by_fault: dict[str, list[Fate]] = {}
        for each in sorted(self.fates, key=lambda fate: fate.fault):
            by_fault.setdefault(each.fault, []).append(each)
        return [_row(name, fates) for name, fates in [*by_fault.items(), ("all", self.fates)]]


def _row(name: str, fates: Sequence[Fate]) -> tuple[object, ...]:
    part = FaultReport(tuple(fates), 0, 0.0)
    creates = sum(each.creates for each in fates)
    true = len(fates) - part.untrue
    return (name, len(fates), creates, part.accepted, part.doubled, part.lost, true)


class TwilioCarrier:
    """Twilio's stand-in as the run's carrier."""

    def __init__(
        self, addresses: list[str], *, seed: int, shares: Mapping[Fault, int] = SHARES
    ) -> None:
        plan = FaultPlan(addresses, seed=seed, shares=dict(shares))
        timing = Timing(HANG_SECONDS, LIST_BEHIND_SECONDS)
        self.twilio = TwilioStandIn(plan, timing, account=ACCOUNT, token=TOKEN)

    def serving(self) -> AbstractContextManager[object]:
        return self.twilio.serving()

    def settings(self, web: str) -> Mapping[str, str]:
        return {
            "PUBLIC_BASE_URL": web,
            "TWILIO_API_BASE_URL": self.twilio.address,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32,
        }

    def accepted(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        with self.twilio.ledger.lock:
            for each in self.twilio.ledger.accepted:
                found.setdefault(each.form["To"], []).append(each.sid)
        return found

    def creates(self, address: str) -> int:
        return self.twilio.ledger.creates[address]

    def fault(self, address: str) -> str:
        return self.twilio.plan.first[address]

    def is_true(self, message: Message, ids: Sequence[str]) -> bool:
        """Delivered where a callback said so and was heard; else sent, under the very id.

        Where it was said and our answer got lost with the database, either is true.
        """
        if not ids:
            return message.state in {State.NEEDS_ATTENTION, State.FAILED}
        ledger = self.twilio.ledger
        was_heard = "delivered" in ledger.told.get(ids[0], [])
        was_said = "delivered" in ledger.said.get(ids[0], [])
        may_be = {State.DELIVERED} if was_heard else {State.SENT, State.DELIVERED}
        wanted = may_be if was_said else {State.SENT}
        return message.state in wanted and message.provider_id == ids[0]


class MailCarrier:
    """A mail server as the run's carrier. It keeps no list that we could look at."""

    def __init__(self, addresses: list[str], *, seed: int) -> None:
        self.mail = MailStandIn(addresses, seed=seed, slow_seconds=HANG_SECONDS)

    def serving(self) -> AbstractContextManager[object]:
        return self.mail.serving()

    def settings(self, web: str) -> Mapping[str, str]:
        return {"PUBLIC_BASE_URL": web, "EMAIL_URL": self.mail.address}

    def accepted(self) -> Mapping[str, Sequence[str]]:
        return {address: list(ids) for address, ids in list(self.mail.accepted.items())}

    def creates(self, address: str) -> int:
        return self.mail.asked[address]

    def fault(self, address: str) -> str:
        return self.mail.first[address]

    def is_true(self, message: Message, ids: Sequence[str]) -> bool:
        """Sent under its Message-ID where the server said so, else a person is told to ask her."""
        if message.state == State.NEEDS_ATTENTION:
            return message.may_have_left
        return bool(ids) and (message.state, message.provider_id) == (State.SENT, ids[0])


def queue_messages(number: int, *, channel: str, now: datetime) -> list[str]:
    """One note to each of so many clients, due now; answers the addresses.

    They live where the store is: their numbers alone would speak for Chicago's hours, too.
    """
    store = StoreFactory(timezone=_zone_in_the_afternoon(now), city=THEIR_CITY, region="")
    associate = UserFactory(store=store)
    addresses = []
    for each in range(number):
        phone, mailbox = f"+1312555{each:04}", f"client{each}@example.com"
        addresses.append(phone if channel == "sms" else mailbox)
        MessageFactory(
            customer=client_of(associate, phone=phone, mailbox=mailbox, city=THEIR_CITY),
            store=store,
            sender=associate,
            channel=channel,
            to_address=addresses[-1],
            body=f"Hi, number {each}: three new pairs came in.",
            created_at=now,
            queued_at=now,
            send_after=now,
            expires_at=now + timedelta(days=7),
        )
    return addresses


def run(carrier: Carrier, addresses: Sequence[str], *, within_seconds: float) -> FaultReport:
    """Let the shop's processes send what is queued, one worker killed on the way."""
    began = time.monotonic()
    deadline = began + within_seconds
    with shop(carrier) as processes:
        for name in ("scheduler", "another-scheduler"):  # each must do no harm to the other
            processes.start_scheduler(name)
        for name in ("first", "second"):
            processes.start_worker(name, concurrency=2)
        wait_for_share(KILL_AT, carrier, processes, of=len(addresses), deadline=deadline)
        in_flight = _kill_one(processes)
        return reckon(carrier, processes, began=began, deadline=deadline, in_flight=in_flight)


@contextmanager
def shop(carrier: Carrier, **settings: str) -> Iterator[ShopProcesses]:
    """A web server and a place for other processes, that use this carrier; all end with it."""
    port = free_port()
    environment = {**PACE, **carrier.settings(f"http://127.0.0.1:{port}"), **settings}
    with (
        tempfile.TemporaryDirectory() as folder,
        carrier.serving(),
        shop_processes(Path(folder), environment) as processes,
    ):
        processes.start_web(port)
        yield processes


def wait_for_share(
    share: float, carrier: Carrier, processes: ShopProcesses, *, of: int, deadline: float
) -> None:
    """Until that part of the messages was accepted."""
    wait(lambda: len(carrier.accepted()) >= share * of, processes, deadline=deadline)


def reckon(
    carrier: Carrier,
    processes: ShopProcesses,
    *,
    began: float,
    deadline: float,
    in_flight: int = 0,
) -> FaultReport:
    """Wait until nothing is on its way any more, and count."""
    wait(_is_all_settled, processes, deadline=deadline)
    last_callbacks = time.monotonic() + LAST_CALLBACKS_SECONDS
    wait(lambda: _is_all_true(carrier), processes, deadline=last_callbacks, must=False)
    return FaultReport(tuple(_fates(carrier)), in_flight, time.monotonic() - began)


def _kill_one(processes: ShopProcesses) -> int:
    """SIGKILL one of the two workers while it has work; its supervisor starts another.

    Answers how many messages were being handed over, by both workers, in that moment.
    """
    sending = Message.objects.filter(state=State.SENDING)
    wait(lambda: sending.count() > 1, processes, deadline=time.monotonic() + 5, must=False)
    processes.kill("first")
    in_flight = sending.count()
    processes.start_worker("third", concurrency=2)
    return in_flight


def _is_all_settled() -> bool:
    return not Message.objects.filter(state__in=(State.QUEUED, *IN_FLIGHT)).exists()


def _is_all_true(carrier: Carrier) -> bool:
    """The last callbacks may still be on their way when the last message is sent."""
    return all(each.is_true for each in _fates(carrier))


def _fates(carrier: Carrier) -> Iterable[Fate]:
    accepted = carrier.accepted()
    for message in Message.objects.order_by("to_address"):
        ids = accepted.get(message.to_address, ())
        yield Fate(
            fault=carrier.fault(message.to_address),
            creates=carrier.creates(message.to_address),
            accepted=len(ids),
            state=State(message.state),
            is_true=carrier.is_true(message, ids),
        )


def wait(
    until: Callable[[], bool], processes: ShopProcesses, *, deadline: float, must: bool = True
) -> None:
    """Look a few times a second; in time it has to happen, unless it need not."""
    while not until():
        processes.assert_all_run()
        if time.monotonic() > deadline:
            assert not must, f"Not in time:\n{_standing()}\n{processes.said()}"
            return
        time.sleep(LOOK_SECONDS)


def _standing() -> dict[str, int]:
    return dict(Counter(Message.objects.values_list("state", flat=True)))


def _zone_in_the_afternoon(now: datetime) -> str:
    """A zone where texts are welcome now, whatever the hour of this machine."""
    east = 14 - now.astimezone(UTC).hour  # from 14 hours east to 9 hours west
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def present() -> datetime:
    """Real time, by which the processes go."""
    return timezone.now()
