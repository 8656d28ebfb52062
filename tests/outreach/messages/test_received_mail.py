"""Mails as they come in, well formed and not."""

from email import message_from_bytes, policy
from email.message import Message as Mail
from typing import Any
from uuid import UUID

import pytest

from outreach.messages.received_mail import Report, bare_subject, read

NUMBER = UUID("0a1b2c3d-0000-4000-8000-0123456789ab")
OURS = f"<{NUMBER}@shop.example>"


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.EMAIL_SENDER = "Oak Street <notes@shop.example>"


def parsed(*headers: str, body: str = "Yes please!") -> Mail:
    lines = [*headers, "", body]
    return message_from_bytes("\r\n".join(lines).encode())


def test_read_takes_what_matters() -> None:
    mail = read(
        parsed(
            "From: Amanda Reyes <Amanda@Example.com>",
            "To: notes@shop.example",
            "Subject: =?utf-8?q?Re=3A_Sch=C3=B6ne_Schuhe?=",
            "Message-ID: <CAEPk3R@mail.example.org>",
            f"In-Reply-To: {OURS}",
            body="Yes please!\r\n\r\n-- \r\nAmanda",
        )
    )

    assert (mail.key, mail.sender, mail.subject) == (
        "<CAEPk3R@mail.example.org>",
        "amanda@example.com",
        "Re: Schöne Schuhe",
    )
    assert (mail.words, mail.answers, mail.left_out) == ("Yes please!", NUMBER, 0)
    assert mail.text == "Yes please!\n\n-- \nAmanda"
    assert (mail.is_automatic, mail.report) == (False, None)


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation)",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "List-Id: <shoes.lists.example>",
        "Return-Path: <>",
        "Subject: Automatic reply: New here",
        "Subject: Out of Office: New here",
        "Subject: =?utf-8?q?Abwesenheitsnotiz=3A_Neu?=",
        "From: Mail Delivery System <MAILER-DAEMON@mail.example.org>",
        "From: no-reply@example.com",
    ],
)
def test_read_tells_a_machine_from_a_person(header: str) -> None:
    assert read(parsed(header)).is_automatic
    assert not read(parsed("From: amanda@example.com", "Auto-Submitted: no")).is_automatic


def test_read_believes_the_envelope_of_a_service() -> None:
    assert read(parsed("From: a@example.com"), envelope_sender="").is_automatic
    assert not read(parsed("From: a@example.com"), envelope_sender="a@example.com").is_automatic


def test_read_names_a_mail_without_an_id_by_what_it_says() -> None:
    keys = [
        read(parsed("From: a@example.com", "Date: Mon, 15 Jun 2026 12:00:00 -0500", body=body)).key
        for body in ("one", "one", "two")
    ]
    too_long = read(parsed(f"Message-ID: <{'a' * 300}@x>")).key

    assert keys[0] == keys[1] != keys[2]
    assert all(key.startswith("sha256:") for key in (*keys, too_long))


def test_read_counts_files_and_prefers_the_plain_words() -> None:
    mail = parsed(
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        body="--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
        "--c\r\nContent-Type: text/html\r\n\r\n<p>as html</p>\r\n"
        "--c\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\nYXMgcGxhaW4g4oKs\r\n--c--\r\n"
        '--b\r\nContent-Type: image/jpeg; name="shoe.jpg"\r\n'
        "Content-Disposition: attachment\r\n\r\n/9j/\r\n"
        '--b\r\nContent-Type: text/plain; name="note.txt"\r\n\r\nnot her words\r\n'
        "--b\r\nContent-Type: application/pgp-signature\r\n\r\n---\r\n--b--",
    )

    found = read(mail)

    assert (found.words, found.left_out) == ("as plain €", 2)


def test_read_makes_words_of_a_mail_that_is_only_html() -> None:
    mail = parsed("Content-Type: text/html; charset=utf-8", body="<p>Yes</p><p>Love, A.</p>")

    assert read(mail).words == "Yes\n\nLove, A."


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: \xff\xfe <a@example.com>\r\nSubject: =?x-no-such?q?=FF?=\r\n\r\n\xff\x00hello",
        b"Content-Type: text/plain; charset=x-no-such\r\n\r\nhello",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nnonsense\r\n--b\r\n"
        b"Content-Type: message/rfc822\r\n\r\n\r\n--b--",
        b'From: "a@example.com" <\r\nTo: <<>>,,\r\nMessage-ID: <\r\n\r\nhello',
        b"Subject: " + b"=?utf-8?b?" * 500 + b"\r\n\r\nhello",
    ],
)
def test_read_copes_with_anything(content: bytes) -> None:
    for kind in (policy.compat32, policy.default):
        mail = read(message_from_bytes(content, policy=kind))
        assert "\x00" not in mail.words + mail.subject + mail.key + mail.sender
        assert mail.report is None


@pytest.mark.parametrize(
    ("subject", "bare"),
    [("Re: STOP", "STOP"), ("AW: Re: stop ", "stop"), ("Reading list", "Reading list"), ("", "")],
)
def test_bare_subject_drops_the_marks_of_an_answer(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare


# --- Reports -------------------------------------------------------------------------------------
def report(*, kind: str, machine: str, original: str) -> Mail:
    """A report as RFC 3462 has it: words, fields for machines, and the mail it is about."""
    return parsed(
        "From: Mail Delivery System <mailer-daemon@mx.example.com>",
        "To: notes@shop.example",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"',
        body=f"--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{machine}\r\n--b\r\n{original}\r\n--b--\r\n",
    )


WHOLE = f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {OURS}\r\nSubject: New here\r\n\r\nDear A"
HEADERS = f"Content-Type: text/rfc822-headers\r\n\r\nSubject: New here\r\nMessage-ID: {OURS}\r\n"


def failure(action: str, status: str, diagnostic: str) -> str:
    return (
        "Reporting-MTA: dns; mx.example.com\r\n\r\n"
        "Final-Recipient: rfc822; amanda@example.com\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {diagnostic}\r\n"
    )


@pytest.mark.parametrize("original", [WHOLE, HEADERS])
@pytest.mark.parametrize(
    ("status", "diagnostic", "is_hard"),
    [
        ("5.1.1", "550 5.1.1 User unknown", True),
        ("5.0.0", "550 5.1.1 User unknown", True),
        ("5.2.2", "552 5.2.2 Mailbox full", False),
        ("4.4.1", "connection timed out", False),
        ("5.7.1", "554 5.7.1 rejected as spam", False),
    ],
)
def test_read_understands_a_bounce(
    original: str, status: str, diagnostic: str, is_hard: bool
) -> None:
    machine = failure("failed", status, diagnostic)

    mail = read(report(kind="delivery-status", machine=machine, original=original))

    assert mail.report == Report(NUMBER, is_hard=is_hard, remark=f"{status} smtp; {diagnostic}")
    assert mail.is_automatic


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_read_takes_no_delay_for_a_bounce(action: str) -> None:
    machine = failure(action, "4.4.1", "try later")

    mail = read(report(kind="delivery-status", machine=machine, original=WHOLE))

    assert (mail.report, mail.is_automatic) == (None, True)


def test_read_understands_a_complaint() -> None:
    machine = "Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n"

    mail = read(report(kind="feedback-report", machine=machine, original=WHOLE))

    assert mail.report == Report(NUMBER, is_complaint=True)


def test_read_does_not_know_whose_a_report_without_our_id_is() -> None:
    original = "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <somebody@else>\r\n"
    machine = failure("failed", "5.1.1", "550 5.1.1")

    mail = read(report(kind="delivery-status", machine=machine, original=original))

    assert mail.report is not None
    assert mail.report.answers is None
