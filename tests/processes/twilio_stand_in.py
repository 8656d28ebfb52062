"""A stand-in for Twilio: a real HTTP server on loopback that takes and lists messages, with faults.

It follows the published description of the Messages resource (`tests/data/twilio/`), keeps a ledger
of what it accepted, reports by signed callbacks, and breaks in all the ways a network can, before
and after it has accepted. Which create is hit by which fault follows from a seed alone.
"""

import base64
import contextlib
import json
import random
import re
import secrets
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from twilio.request_validator import RequestValidator

DESCRIPTION = json.loads(
    (Path(__file__).parent.parent / "data" / "twilio" / "messages.json").read_text()
)
[PATH] = DESCRIPTION["paths"]
OPERATIONS = DESCRIPTION["paths"][PATH]
FORM = OPERATIONS["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
FILTERS = {each["name"] for each in OPERATIONS["get"]["parameters"] if each["in"] == "query"}
PROPERTIES = DESCRIPTION["components"]["schemas"]["api.v2010.account.message"]["properties"]
ADDRESS = re.compile(PATH.replace("{AccountSid}", r"(AC[0-9a-f]{32})"))
LONGEST_BODY = 1_600


class Fault(StrEnum):
    """What can go wrong with a create."""

    NONE = "none"
    ERROR_BEFORE = "500, nothing accepted"
    ERROR_AFTER = "500 after accepting"
    RESET_BEFORE = "reset, nothing accepted"
    RESET_AFTER = "reset after accepting"
    HANG_AFTER = "accepted, then silence"
    LATE = "accepted after the caller gave up"
    CUT_OFF = "accepted, answer cut off"
    BUSY = "429 with Retry-After"


# The measured plan: 29 in 100 creates.
SHARES = {
    Fault.ERROR_BEFORE: 4,
    Fault.ERROR_AFTER: 4,
    Fault.RESET_BEFORE: 4,
    Fault.RESET_AFTER: 4,
    Fault.HANG_AFTER: 3,
    Fault.LATE: 3,
    Fault.CUT_OFF: 2,
    Fault.BUSY: 5,
}


class FaultPlan:
    """Which create meets which fault, for every address and attempt; the same seed, the same plan.

    The first creates are dealt from a shuffled deck, so that their shares are exact.
    """

    def __init__(self, addresses: list[str], *, seed: int, shares: dict[Fault, int]) -> None:
        self.seed, self.shares = seed, shares
        counted = {fault: len(addresses) * share // 100 for fault, share in shares.items()}
        deck = [fault for fault, number in counted.items() for _ in range(number)]
        deck += [Fault.NONE] * (len(addresses) - len(deck))
        random.Random(seed).shuffle(deck)
        self.first = dict(zip(addresses, deck, strict=True))

    def fault(self, address: str, attempt: int) -> Fault:
        if attempt == 1:
            return self.first.get(address, Fault.NONE)
        clean = 100 - sum(self.shares.values())
        rng = random.Random(f"{self.seed} {address} {attempt}")
        return rng.choices([Fault.NONE, *self.shares], [clean, *self.shares.values()])[0]


@dataclass(frozen=True)
class Accepted:
    """A line of the ledger: what would have reached a telephone."""

    sid: str
    form: dict[str, str]
    at: datetime
    monotonic: float


@dataclass(frozen=True)
class Timing:
    """Seconds: how long a hanging create hangs, and how far the list is behind."""

    hang: float
    list_behind: float
    list_fails_in_100: int = 10


@dataclass
class Ledger:
    """Everything that happened, guarded by one lock."""

    accepted: list[Accepted] = field(default_factory=list)
    creates: Counter[str] = field(default_factory=Counter)
    faults: Counter[Fault] = field(default_factory=Counter)
    lists: int = 0
    said: dict[str, list[str]] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)  # said, and heard
    complaints: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, form: dict[str, str]) -> Accepted:
        sid = "SM" + secrets.token_hex(16)
        line = Accepted(sid, form, datetime.now(UTC), time.monotonic())
        with self.lock:
            self.accepted.append(line)
        return line

    def next_attempt(self, address: str) -> int:
        with self.lock:
            self.creates[address] += 1
            return self.creates[address]

    def visible(self, address: str, *, behind: float) -> list[Accepted]:
        """The list as of some seconds ago, newest first, as Twilio gives it."""
        until = time.monotonic() - behind
        with self.lock:
            own = [each for each in self.accepted if each.form["To"] == address]
        return [each for each in reversed(own) if each.monotonic <= until]

    def complain(self, words: str) -> None:
        with self.lock:
            self.complaints.append(words)


class TwilioStandIn:
    """The server and its ledger; `address` is what TWILIO_API_BASE_URL must say."""

    def __init__(self, plan: FaultPlan, timing: Timing, *, account: str, token: str) -> None:
        self.plan, self.timing = plan, timing
        self.account, self.token = account, token
        self.ledger = Ledger()
        self.is_broken = False  # then every request is answered with 503
        self._reporters = ThreadPoolExecutor(4)
        self._server = self._listen(port=0)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["TwilioStandIn"]:
        self._start()
        try:
            yield self
        finally:
            self._leave()
            self._reporters.shutdown(cancel_futures=True)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens at its address inside the block."""
        port = self._server.server_port
        self._leave()
        yield
        self._server = self._listen(port=port)
        self._start()

    def _listen(self, *, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        server.daemon_threads = True
        return server

    def _start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _leave(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def accept(self, form: dict[str, str]) -> Accepted:
        """Into the ledger; from now on the callbacks are on their way too."""
        line = self.ledger.accept(form)
        self._reporters.submit(self._report, line)
        return line

    def _report(self, line: Accepted) -> None:
        """The callbacks of one message: in any order, some twice, and three in ten never."""
        rng = random.Random(f"{self.plan.seed} {line.form['To']} callbacks")
        statuses = ["sent", "delivered"]
        if rng.random() < 0.3:
            return
        if rng.random() < 0.2:
            statuses.reverse()
        if rng.random() < 0.2:
            statuses += statuses
        for status in statuses:
            time.sleep(rng.uniform(0, 0.05))
            with self.ledger.lock:
                self.ledger.said.setdefault(line.sid, []).append(status)
            if self._tell(line, status):
                with self.ledger.lock:
                    self.ledger.told.setdefault(line.sid, []).append(status)

    def _tell(self, line: Accepted, status: str) -> bool:
        url = line.form["StatusCallback"]
        told = {
            "AccountSid": self.account,
            "MessageSid": line.sid,
            "MessageStatus": status,
            "SmsSid": line.sid,
            "SmsStatus": status,
            "To": line.form["To"],
            "ANewParameter": "that nobody announced",
        }
        signature = RequestValidator(self.token).compute_signature(url, told)
        headers = {"X-Twilio-Signature": signature}
        for _ in range(2):  # Twilio's retry count is 1
            try:
                answer = requests.post(url, told, headers=headers, timeout=15)
            except requests.RequestException:
                continue
            if answer.ok:
                return True
            self.ledger.complain(f"callback answered {answer.status_code}")
        return False

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(_Handler):
            twilio = stand_in

        return Handler


class _Handler(BaseHTTPRequestHandler):
    """One request. HTTP/1.1, since that is what the SDK's pooled connections expect."""

    protocol_version = "HTTP/1.1"
    twilio: TwilioStandIn

    def do_POST(self) -> None:
        form = self._form()
        if self._is_ours(form):
            attempt = self.twilio.ledger.next_attempt(form["To"])
            fault = self.twilio.plan.fault(form["To"], attempt)
            with self.twilio.ledger.lock:
                self.twilio.ledger.faults[fault] += 1
            self._create(form, fault)

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if not self._may_enter():
            return
        if not set(asked) <= FILTERS:
            self.twilio.ledger.complain(f"unknown filter in {sorted(asked)}")
        with self.twilio.ledger.lock:
            self.twilio.ledger.lists += 1
            number = self.twilio.ledger.lists
        rng = random.Random(f"{self.twilio.plan.seed} list {number}")
        if rng.randrange(100) < self.twilio.timing.list_fails_in_100:
            self._error(500, 20500, "Internal Server Error")
            return
        lines = self.twilio.ledger.visible(asked["To"], behind=self.twilio.timing.list_behind)
        size = int(asked.get("PageSize", 50))
        self._answer(200, page_of([self._resource(each) for each in lines[:size]], self.path, size))

    def _create(self, form: dict[str, str], fault: Fault) -> None:
        if fault == Fault.BUSY:
            self._error(429, 20429, "Too Many Requests", {"Retry-After": "1"})
        elif fault == Fault.ERROR_BEFORE:
            self._error(500, 20500, "Internal Server Error")
        elif fault == Fault.RESET_BEFORE:
            self._reset()
        elif fault == Fault.LATE:
            time.sleep(self.twilio.timing.hang)
            self.twilio.accept(form)
            self._reset()
        else:
            self._answer_accepted(self.twilio.accept(form), fault)

    def _answer_accepted(self, line: Accepted, fault: Fault) -> None:
        if fault == Fault.ERROR_AFTER:
            self._error(500, 20500, "Internal Server Error")
        elif fault == Fault.RESET_AFTER:
            self._reset()
        elif fault == Fault.HANG_AFTER:
            time.sleep(self.twilio.timing.hang)
            self._reset()
        elif fault == Fault.CUT_OFF:
            self._answer(201, self._resource(line), cut_off=True)
        else:
            self._answer(201, self._resource(line))

    def _form(self) -> dict[str, str]:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return dict(parse_qsl(body.decode(), keep_blank_values=True))

    def _may_enter(self) -> bool:
        if self.twilio.is_broken:
            self._error(503, 20503, "Service Unavailable")
            return False
        known = base64.b64encode(f"{self.twilio.account}:{self.twilio.token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            self._error(401, 20003, "Authenticate")
            return False
        match = ADDRESS.fullmatch(urlsplit(self.path).path)
        if match is None or match.group(1) != self.twilio.account:
            self._error(404, 20404, "The requested resource was not found")
            return False
        return True

    def _is_ours(self, form: dict[str, str]) -> bool:
        """Refuse what Twilio would refuse, by the description and by its prose."""
        if not self._may_enter():
            return False
        if unknown := set(form) - set(FORM["properties"]):
            self.twilio.ledger.complain(f"unknown parameters {sorted(unknown)}")
        code = refusal_code(form)
        if code:
            self._error(400, code, "Refused")
        return not code

    def _resource(self, line: Accepted) -> dict[str, Any]:
        return resource_of(line, account=self.twilio.account)

    def _error(
        self, status: int, code: int, words: str, headers: dict[str, str] | None = None
    ) -> None:
        about = f"https://www.twilio.com/docs/errors/{code}"
        told = {"code": code, "message": words, "more_info": about, "status": status}
        self._answer(status, told, headers=headers)

    def _answer(
        self,
        status: int,
        told: dict[str, Any],
        *,
        headers: dict[str, str] | None = None,
        cut_off: bool = False,
    ) -> None:
        body = json.dumps(told).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut_off else body)
        except OSError:  # the caller is gone, or was killed
            self.close_connection = True
        if cut_off:
            self.close_connection = True

    def _reset(self) -> None:
        """Break the connection off with a reset instead of an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the caller was killed
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # what was reset takes no last words
            super().finish()

    def log_message(self, *arguments: object) -> None:
        """A server that stays quiet."""


def refusal_code(form: dict[str, str]) -> int:
    """Twilio's code for what is wrong with a create; 0 for nothing."""
    if not form.get("To"):
        return 21604
    if not form.get("Body"):
        return 21602
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return 21603
    if not re.fullmatch(r"\+[1-9]\d{6,14}", form["To"]):
        return 21211
    return 21617 if len(form["Body"]) > LONGEST_BODY else 0


def resource_of(line: Accepted, *, account: str) -> dict[str, Any]:
    """A message as Twilio shows it: `accepted`, not sent yet, its sender not chosen yet."""
    uri = f"/2010-04-01/Accounts/{account}/Messages/{line.sid}"
    service = line.form.get("MessagingServiceSid")
    told: dict[str, Any] = dict.fromkeys(PROPERTIES)
    return told | {
        "sid": line.sid,
        "account_sid": account,
        "messaging_service_sid": service,
        "api_version": "2010-04-01",
        "body": line.form["Body"],
        "to": line.form["To"],
        "from": line.form.get("From"),
        "direction": "outbound-api",
        "status": "accepted" if service else "queued",
        "num_media": "0",
        "num_segments": "0" if service else "1",
        "date_created": format_datetime(line.at),
        "date_updated": format_datetime(line.at),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def page_of(messages: list[dict[str, Any]], uri: str, size: int) -> dict[str, Any]:
    """The first page of a list; the addresses of further pages are relative, as Twilio's are."""
    return {
        "messages": messages,
        "first_page_uri": uri,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": uri,
        "page": 0,
        "page_size": size,
        "start": 0,
        "end": max(0, len(messages) - 1),
    }
