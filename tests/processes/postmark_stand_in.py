"""A mail service on loopback that takes mails as Postmark does, with faults, and reports them.

It breaks before and after it has accepted, in the ways of `twilio_stand_in.Fault`, and calls the
shop's webhook with name and password; three deliveries in ten are never reported.
"""

import contextlib
import json
import random
import socket
import struct
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from outreach.models import Message
from outreach.models.message import State
from tests.processes.twilio_stand_in import SHARES, Fault, FaultPlan

TOKEN, SECRET = "a token of the stand-in", ("shop", "a password of the stand-in")
REPORTED = 0.7


class PostmarkStandIn:
    """The server; `accepted` are the ids it gave, by address, `told` those whose news was heard."""

    def __init__(self, addresses: list[str], *, seed: int, hang_seconds: float) -> None:
        self.plan = FaultPlan(addresses, seed=seed, shares=SHARES)
        self.hang_seconds = hang_seconds
        self.web = ""
        self.asked: Counter[str] = Counter()
        self.accepted: dict[str, list[str]] = {}
        self.told: set[str] = set()
        self.complaints: list[str] = []
        self._lock = threading.Lock()
        self._reporters = ThreadPoolExecutor(4)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    @contextmanager
    def serving(self) -> Iterator["PostmarkStandIn"]:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._reporters.shutdown(cancel_futures=True)

    def next_fault(self, address: str) -> Fault:
        with self._lock:
            self.asked[address] += 1
            return self.plan.fault(address, self.asked[address])

    def accept(self, mail: dict[str, Any]) -> str:
        """Into the ledger; from now on its report is on the way too."""
        number = str(uuid.uuid4())
        with self._lock:
            self.accepted.setdefault(mail["To"], []).append(number)
        self._reporters.submit(self._report, number, mail)
        return number

    def _report(self, number: str, mail: dict[str, Any]) -> None:
        rng = random.Random(f"{self.plan.seed} {mail['To']} report")
        if rng.random() > REPORTED:
            return
        told = {
            "RecordType": "Delivery",
            "MessageID": number,
            "Recipient": mail["To"],
            "DeliveredAt": "2026-06-15T17:00:09Z",
            "Metadata": mail["Metadata"],
            "ANewField": "that nobody announced",
        }
        url = f"{self.web}/webhooks/email/postmark/tracking/"
        for _ in range(2):
            time.sleep(rng.uniform(0, 0.05))
            with contextlib.suppress(requests.RequestException):
                answer = requests.post(url, json=told, auth=SECRET, timeout=15)
                if answer.ok:
                    self.told.add(number)
                else:
                    self.complaints.append(f"report answered {answer.status_code}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(_Handler):
            service = stand_in

        return Handler


class _Handler(BaseHTTPRequestHandler):
    """One mail."""

    protocol_version = "HTTP/1.1"
    service: PostmarkStandIn

    def do_POST(self) -> None:
        mail = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if (self.path, self.headers.get("X-Postmark-Server-Token")) != ("/email", TOKEN):
            self._answer(401, {"ErrorCode": 10, "Message": "Bad or missing server token."})
            return
        fault = self.service.next_fault(mail["To"])
        if fault == Fault.BUSY:
            self._answer(429, {"ErrorCode": 429, "Message": "Rate limit"}, retry_after="1")
        elif fault == Fault.ERROR_BEFORE:
            self._answer(500, {})
        elif fault == Fault.RESET_BEFORE:
            self._reset()
        else:
            self._take(mail, fault)

    def _take(self, mail: dict[str, Any], fault: Fault) -> None:
        if fault == Fault.LATE:
            time.sleep(self.service.hang_seconds)
        number = self.service.accept(mail)
        if fault == Fault.HANG_AFTER:
            time.sleep(self.service.hang_seconds)
        if fault in {Fault.LATE, Fault.HANG_AFTER, Fault.RESET_AFTER}:
            self._reset()
        elif fault == Fault.ERROR_AFTER:
            self._answer(500, {})
        else:
            told = {"To": mail["To"], "MessageID": number, "ErrorCode": 0, "Message": "OK"}
            self._answer(200, told, cut_off=fault == Fault.CUT_OFF)

    def _answer(
        self, status: int, told: dict[str, Any], *, retry_after: str = "", cut_off: bool = False
    ) -> None:
        body = json.dumps(told).encode()
        with contextlib.suppress(OSError):  # the caller is gone, or was killed
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut_off else body)
        self.close_connection = self.close_connection or cut_off

    def _reset(self) -> None:
        """Break the connection off with a reset instead of an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *arguments: object) -> None:
        """A server that stays quiet."""


class PostmarkCarrier:
    """The stand-in as the carrier of a `fault_run`."""

    def __init__(self, addresses: list[str], *, seed: int, hang_seconds: float) -> None:
        self.service = PostmarkStandIn(addresses, seed=seed, hang_seconds=hang_seconds)

    def serving(self) -> AbstractContextManager[object]:
        return self.service.serving()

    def settings(self, web: str) -> Mapping[str, str]:
        self.service.web = web
        return {
            "PUBLIC_BASE_URL": web,
            "EMAIL_URL": f"postmark://?server_token={TOKEN}&api_url={self.service.address}",
            "EMAIL_WEBHOOK_SECRET": ":".join(SECRET),
        }

    def accepted(self) -> Mapping[str, Sequence[str]]:
        return {address: list(ids) for address, ids in list(self.service.accepted.items())}

    def creates(self, address: str) -> int:
        return self.service.asked[address]

    def fault(self, address: str) -> str:
        return self.service.plan.first[address]

    def is_true(self, message: Message, ids: Sequence[str]) -> bool:
        """Delivered where the service said so; else sent under its id, or a person is to ask."""
        if ids and ids[0] in self.service.told:
            return (message.state, message.provider_id) == (State.DELIVERED, ids[0])
        if message.state == State.NEEDS_ATTENTION:
            return message.may_have_left
        return bool(ids) and (message.state, message.provider_id) == (State.SENT, ids[0])
