"""Answers that come drop by drop, over real sockets: every call ends, and says what it knows."""

import contextlib
import importlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import requests

from clienteling.environment_mail import anymail_settings, service
from outreach.messages.providers.deadline import Deadline, DeadlineAdapter
from outreach.messages.providers.receipts import Outgoing, Temporary, Unknown
from outreach.messages.providers.service_mail import ServiceMail
from outreach.messages.providers.smtp_email import SmtpEmail
from outreach.messages.providers.twilio_sms import TwilioSms

NOON = datetime(2026, 6, 15, 17, 0, tzinfo=UTC)
OUTGOING = Outgoing(UUID("00000000-0000-4000-8000-000000000001"), "+13125550142", "Hi Amanda", NOON)
TIMEOUT, MOST = 1, 5  # seconds: what is asked for, and what a busy machine may make of it
DROPS = 0.2  # seconds from one byte to the next
HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n"
Serve = Callable[[socket.socket], None]


@contextmanager
def listening(serve: Serve) -> Iterator[str]:
    """A server for one connection, and its address. An answer whole would take over a minute."""

    def accept() -> None:
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
    thread.join(timeout=5)


def trickle(connection: socket.socket, whole: bytes) -> None:
    """Let it come a byte at a time, until the other side has had enough."""
    for byte in whole:
        connection.sendall(bytes([byte]))
        time.sleep(DROPS)


def slow_head(connection: socket.socket) -> None:
    connection.recv(65_536)
    trickle(connection, HEAD)


def slow_body(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(HEAD)
    trickle(connection, b'{"sid": "SM1"' + b" " * 380)


def slow_greeting(connection: socket.socket) -> None:
    trickle(connection, b"220 " + b"x" * 400)


def slow_after_the_dot(connection: socket.socket) -> None:
    """An SMTP server that takes the mail, and then cannot get its answer out."""
    take_mail(connection)
    trickle(connection, b"2" * 3 + b"-" + b"x" * 400)


def cut_off_after_the_dot(connection: socket.socket) -> None:
    """An SMTP server that takes the mail, and is gone after half a code."""
    take_mail(connection)
    connection.sendall(b"25")


def take_mail(connection: socket.socket) -> None:
    connection.sendall(b"220 here\r\n")
    for line in connection.makefile("rb"):
        if line == b".\r\n":
            return
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
        elif line.upper().startswith((b"EHLO", b"MAIL FROM", b"RCPT")):
            connection.sendall(b"250 fine\r\n")


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    importlib.import_module("twilio.rest")  # takes seconds, once
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "secret"
    settings.TWILIO_MESSAGING_SERVICE_SID = "MG1"
    settings.TWILIO_TIMEOUT_SECONDS = settings.EMAIL_TIMEOUT = TIMEOUT


@pytest.mark.parametrize("serve", [slow_head, slow_body])
def test_a_text_whose_answer_trickles_is_unknown_in_time(serve: Serve, settings: Any) -> None:
    with listening(serve) as address:
        settings.TWILIO_API_BASE_URL = f"http://{address}"
        began = time.monotonic()

        with pytest.raises(Unknown):
            TwilioSms().send(OUTGOING)

        assert TIMEOUT <= time.monotonic() - began < MOST


def test_a_list_that_trickles_is_unavailable_in_time(settings: Any) -> None:
    with listening(slow_body) as address:
        settings.TWILIO_API_BASE_URL = f"http://{address}"
        began = time.monotonic()

        with pytest.raises(Temporary):
            TwilioSms().sent_to("+13125550142", since=NOON, now=NOON)

        assert time.monotonic() - began < MOST


@pytest.mark.parametrize(
    ("serve", "outcome"), [(slow_greeting, Temporary), (slow_after_the_dot, Unknown)]
)
def test_a_mail_server_that_trickles_is_left_in_time(
    serve: Serve, outcome: type[Exception]
) -> None:
    with listening(serve) as address:
        began = time.monotonic()

        with pytest.raises(outcome):
            SmtpEmail(f"smtp://{address}").send(OUTGOING)

        assert TIMEOUT <= time.monotonic() - began < MOST


@pytest.mark.parametrize("serve", [slow_head, slow_body])
def test_a_mail_service_that_trickles_is_unknown_in_time(serve: Serve, settings: Any) -> None:
    with listening(serve) as address:
        url = f"postmark://?server_token=t&api_url=http://{address}/"
        settings.ANYMAIL = anymail_settings(url, secret="", timeout=TIMEOUT)
        began = time.monotonic()

        with pytest.raises(Unknown):
            ServiceMail(service(url)).send(replace(OUTGOING, to_address="amanda@example.com"))

        assert TIMEOUT <= time.monotonic() - began < MOST


def test_half_a_code_after_the_dot_says_nothing() -> None:
    with listening(cut_off_after_the_dot) as address, pytest.raises(Unknown):
        SmtpEmail(f"smtp://{address}").send(OUTGOING)


def test_a_call_that_ends_in_time_is_not_cut() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with listening(answer) as address, requests.Session() as session:
        session.mount("http://", DeadlineAdapter(TIMEOUT))

        assert session.get(f"http://{address}/").text == "ok"


def test_what_is_shown_too_late_is_cut_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0) as deadline:
        time.sleep(0.1)

        deadline.watch(ours)

        assert ours.recv(1) == b""


def test_a_connection_is_cut_also_after_tls_has_taken_it_over() -> None:
    ours, theirs = socket.socketpair()
    with theirs, Deadline(0.3) as deadline:
        deadline.watch(ours)
        context = ssl.create_default_context()

        with pytest.raises(OSError, match=r"(?i)eof|closed|reset|broken"):
            context.wrap_socket(ours, server_hostname="carrier.example.com")
