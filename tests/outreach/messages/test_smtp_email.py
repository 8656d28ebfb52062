"""Against real SMTP servers on loopback: accepting, refusing, and breaking off at either side of
the final dot."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.exceptions import ImproperlyConfigured

from outreach.messages.providers.receipts import Outgoing, Refused, Temporary, Unknown
from outreach.messages.providers.smtp_email import SmtpEmail, parse

NUMBER = UUID("00000000-0000-4000-8000-000000000001")
OUTGOING = Outgoing(
    NUMBER,
    "amanda@example.com",
    "Dear Amanda,\n\n1. Marlow <loafer>, $265\n.\n\nSee them here: https://notes.example.com/l/x/",
    datetime(2026, 6, 15, 17, 0, tzinfo=UTC),
    subject="New here\r\nBcc: everybody@example.com",
    sender_name="Maya\nBcc: everybody@example.com",
    store_name="Oak Street",
    postal_address="1 Oak Street, Chicago, IL 60611",
    unsubscribe_url="https://notes.example.com/u/token/",
)


class Server:
    """Answers RCPT and DATA as told; `None` breaks the connection off instead."""

    def __init__(self, *, rcpt: str | None = "250 OK", data: str | None = "250 OK") -> None:
        self.rcpt, self.data = rcpt, data
        self.taken: list[bytes] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt is None:
            return self._break_off(server)
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope.original_content or b"")
        return self._break_off(server) if self.data is None else self.data

    def _break_off(self, server: SMTP) -> str:
        assert server.transport is not None
        server.transport.abort()
        return "451 gone"


@contextmanager
def serving(server: Server) -> Iterator[SmtpEmail]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield SmtpEmail(f"smtp://127.0.0.1:{port}")
    finally:
        controller.stop()


@pytest.fixture(autouse=True)
def sender(settings: Any) -> None:
    settings.EMAIL_SENDER = "Clienteling <notes@shop.example>"


def test_send_delivers_text_and_html_with_a_way_out() -> None:
    server = Server()

    with serving(server) as carrier:
        receipt = carrier.send(OUTGOING)

    mail = message_from_bytes(server.taken[0], EmailMessage, policy=policy.default)
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert receipt.provider_id == f"<{NUMBER}@shop.example>" == mail["Message-ID"]
    assert mail["List-Unsubscribe"] == "<https://notes.example.com/u/token/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert text.replace("\r\n", "\n").startswith(OUTGOING.body)
    for part in (text, html):
        assert "1 Oak Street, Chicago, IL 60611" in part
        assert "https://notes.example.com/u/token/" in part
    assert "1. Marlow &lt;loafer&gt;, $265" in html


def test_send_lets_no_name_start_a_header_of_its_own() -> None:
    server = Server()

    with serving(server) as carrier:
        carrier.send(OUTGOING)

    mail = message_from_bytes(server.taken[0], EmailMessage, policy=policy.default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "New here Bcc: everybody@example.com"
    assert mail["To"] == "amanda@example.com"


@pytest.mark.parametrize(
    ("server", "code", "unusable"),
    [
        (Server(rcpt="550 5.1.1 no such mailbox"), "550", True),
        (Server(rcpt="554 5.7.1 we do not like you"), "554", False),
        (Server(data="554 5.6.0 looks like spam"), "554", False),
    ],
)
def test_send_takes_a_refusal_for_final(server: Server, code: str, unusable: bool) -> None:
    with serving(server) as carrier, pytest.raises(Refused) as refusal:
        carrier.send(OUTGOING)

    assert (refusal.value.code, refusal.value.unusable) == (code, unusable)


@pytest.mark.parametrize(
    "server", [Server(rcpt="451 4.7.1 greylisted"), Server(data="452 4.3.1 disk full")]
)
def test_send_tries_later_when_it_is_asked_to(server: Server) -> None:
    with serving(server) as carrier, pytest.raises(Temporary):
        carrier.send(OUTGOING)


def test_send_may_try_again_when_it_broke_before_the_dot() -> None:
    server = Server(rcpt=None)

    with serving(server) as carrier, pytest.raises(Temporary):
        carrier.send(OUTGOING)

    assert server.taken == []


def test_send_does_not_know_what_became_of_a_mail_after_the_dot() -> None:
    server = Server(data=None)

    with serving(server) as carrier, pytest.raises(Unknown):
        carrier.send(OUTGOING)

    assert len(server.taken) == 1


def test_send_may_try_again_when_nobody_listens() -> None:
    with serving(Server()) as carrier:
        pass  # its port is free again

    with pytest.raises(Temporary):
        carrier.send(OUTGOING)


def test_parse_reads_user_password_and_port() -> None:
    address = parse("smtps://maya%40shop:p%2Fw@mail.example.com:4650")

    assert (address.scheme, address.hostname, address.port) == ("smtps", "mail.example.com", 4650)


@pytest.mark.parametrize("address", ["imap://mail.example.com", "smtp://", "mail.example.com"])
def test_parse_refuses_nonsense_without_repeating_it(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        parse(address)

    assert str(refusal.value) == "EMAIL_URL must look like smtp://user:password@host:587?tls."
