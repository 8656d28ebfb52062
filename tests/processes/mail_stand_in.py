"""A mail server on loopback that refuses, breaks off before or after the final dot, or is slow."""

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from enum import StrEnum

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailFault(StrEnum):
    """What can go wrong with a mail."""

    NONE = "none"
    REFUSED = "refused for the moment"
    DROPPED_BEFORE = "dropped before the final dot"
    DROPPED_AFTER = "dropped after the final dot"
    SLOW = "accepted, answered too late"


SHARES = {
    MailFault.REFUSED: 8,
    MailFault.DROPPED_BEFORE: 8,
    MailFault.DROPPED_AFTER: 6,
    MailFault.SLOW: 6,
}


class MailStandIn:
    """The server; the first mail to an address meets its fault, every later one goes through."""

    def __init__(self, addresses: list[str], *, seed: int, slow_seconds: float) -> None:
        deck = [
            fault for fault, share in SHARES.items() for _ in range(len(addresses) * share // 100)
        ]
        deck += [MailFault.NONE] * (len(addresses) - len(deck))
        random.Random(seed).shuffle(deck)
        self.first = dict(zip(addresses, deck, strict=True))
        self.slow_seconds = slow_seconds
        self.asked: Counter[str] = Counter()
        self.accepted: dict[str, list[str]] = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.address = f"smtp://127.0.0.1:{self._port}"

    @contextmanager
    def serving(self) -> Iterator["MailStandIn"]:
        controller = Controller(self, hostname="127.0.0.1", port=self._port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked[address] += 1
        fault = self._fault(address)
        if fault == MailFault.REFUSED:
            return "451 4.7.1 come back later"
        if fault == MailFault.DROPPED_BEFORE:
            return _break_off(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        [address] = envelope.rcpt_tos
        mail = message_from_bytes(envelope.original_content or b"")
        self.accepted.setdefault(address, []).append(str(mail["Message-ID"]))
        if self._fault(address) == MailFault.DROPPED_AFTER:
            return _break_off(server)
        if self._fault(address) == MailFault.SLOW:
            await asyncio.sleep(self.slow_seconds)
        return "250 OK"

    def _fault(self, address: str) -> MailFault:
        return self.first[address] if self.asked[address] == 1 else MailFault.NONE


def _break_off(server: SMTP) -> str:
    assert server.transport is not None
    server.transport.abort()
    return "451 gone"
