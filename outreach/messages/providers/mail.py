"""A mail put together from a frozen note: plain text, HTML, and its headers."""

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from outreach.messages import mail_identity
from outreach.messages.providers.receipts import Outgoing


def compose(outgoing: Outgoing, *, connection: BaseEmailBackend | None) -> EmailMultiAlternatives:
    """The whole mail. Its Message-ID comes from the message's id, so a repeat can be told."""
    _, address = parseaddr(settings.EMAIL_SENDER)
    reply_to = mail_identity.reply_to(outgoing.message_id)
    mail = EmailMultiAlternatives(
        subject=_one_line(outgoing.subject) or _one_line(f"A note from {outgoing.sender_name}"),
        body=text_of(outgoing),
        from_email=formataddr((_sender(outgoing), address)),
        to=[outgoing.to_address],
        reply_to=[reply_to] if reply_to else None,
        connection=connection,
        headers=_headers(outgoing),
    )
    mail.attach_alternative(html_of(outgoing), "text/html")
    return mail


def text_of(outgoing: Outgoing) -> str:
    """The plain part: the frozen words, and below them how to end these mails."""
    return render_to_string("outreach/email/note.txt", {"outgoing": outgoing})


def html_of(outgoing: Outgoing) -> str:
    """The same words as HTML, escaped, with the items' pictures where there are any."""
    paragraphs = [part for part in outgoing.body.split("\n\n") if part.strip()]
    context = {"outgoing": outgoing, "paragraphs": paragraphs}
    return render_to_string("outreach/email/note.html", context)


def _headers(outgoing: Outgoing) -> dict[str, str]:
    headers = {
        "Message-ID": mail_identity.message_id(outgoing.message_id),
        "List-Unsubscribe": f"<{outgoing.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    if outgoing.answers:  # so that her mail program shows both in one thread
        headers |= {"In-Reply-To": outgoing.answers, "References": outgoing.answers}
    return headers


def _sender(outgoing: Outgoing) -> str:
    names = [name for name in (outgoing.sender_name, outgoing.store_name) if name]
    return _one_line(" at ".join(names))


def _one_line(words: str) -> str:
    """No line break may start a header of its own."""
    return " ".join(words.split())
