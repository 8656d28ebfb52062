"""Mail that comes in, from a service's webhook, a polled mailbox or the simulated one: one road.

An answer is known by what only our own mail carried (`mail_identity`). The sender's address is the
last resort, and anybody can write it: such words are shown and may stop mail, but they open no
conversation, count as no answer and start nothing. Nor does what a machine wrote.
"""

import logging
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.message import Message as Mail
from email.utils import parseaddr

from django.conf import settings

from customers.addresses import normalise_email
from customers.models import Channel, ContactPoint
from outreach.messages import inbound, keywords, mail_events, mail_identity, pictures, received_mail
from outreach.messages.inbound import WordsEvent
from outreach.messages.mail_events import MailEvent, News
from outreach.messages.providers.simulator import Simulator
from outreach.messages.received_mail import ReceivedMail, Report
from outreach.messages.reply_text import LONGEST_BODY, first_paragraph
from outreach.models import Message, Reply, SimulatedMessage

logger = logging.getLogger(__name__)


def receive(
    mail: Mail,
    *,
    provider: str,
    now: datetime,
    envelope_recipient: str = "",
    envelope_sender: str | None = None,
    is_spam: bool = False,
) -> bool:
    """Take a mail in; False when it was here before, or is nothing to us.

    `provider` is who brought it, and may call it spam. Safe to repeat: a mail is known by its
    Message-ID.
    """
    read = received_mail.read(
        mail, envelope_recipient=envelope_recipient, envelope_sender=envelope_sender
    )
    if read.report:
        return mail_events.apply(_news(read.report, provider=provider, now=now))
    answered = _answered(read)
    sender = read.sender or (answered.to_address if answered else "")
    if not sender or sender in _own_addresses():
        logger.info("A mail without a sender, or our own, was left alone")
        return False
    event = _words(read, sender, answered, provider=provider, now=now)
    is_noise = is_spam or event.kind == Reply.Kind.AUTOMATIC
    if is_noise and answered is None and not _is_known(sender):
        logger.info("A machine's mail from nobody we know was left alone")
        return False
    return inbound.apply(replace(event, enclosed=pictures.drawn(read.pictures)))


def receive_simulated(written: SimulatedMessage) -> bool:
    """Send what a simulated client wrote by the road of a real mail, quotes and all."""
    note = (
        SimulatedMessage.objects.filter(
            channel=Channel.EMAIL,
            address=written.address,
            direction=SimulatedMessage.Direction.TO_CLIENT,
            at__lte=written.at,
        )
        .order_by("-at")
        .first()
    )
    return receive(_as_mail(written, note), provider=Simulator.name, now=written.at)


def _answered(read: ReceivedMail) -> Message | None:
    """Our note that it answers; one to somebody who was erased since is nobody's."""
    if read.answers is None:
        return None
    mails = Message.objects.filter(pk=read.answers, channel=Channel.EMAIL)
    return mails.exclude(to_address="").first()


def _words(
    read: ReceivedMail, sender: str, answered: Message | None, *, provider: str, now: datetime
) -> WordsEvent:
    return WordsEvent(
        provider=provider,
        provider_id=read.key,
        channel=Channel.EMAIL,
        from_address=sender,
        body=_body(read),
        at=now,
        kind=_kind(read),
        message_id=answered.pk if answered else None,
        is_verified=answered is not None,
        left_out=read.left_out,
        payload={"subject": read.subject[:200], "text": read.text[:LONGEST_BODY]},
    )


def _body(read: ReceivedMail) -> str:
    """Her words; and above them her subject, unless it is ours that she answers."""
    is_hers = read.subject and received_mail.bare_subject(read.subject) == read.subject.strip()
    if read.is_automatic or not is_hers:
        return read.words
    return f"{read.subject}\n\n{read.words}".strip()


def _kind(read: ReceivedMail) -> Reply.Kind:
    """A stop is heard from anybody and anything. Other words that carriers of texts act on are
    just words here: nobody would answer her HELP, and START needs more than a From."""
    wish = first_paragraph(read.words) or received_mail.bare_subject(read.subject)
    if keywords.meaning(wish) == Reply.Kind.STOP:
        return Reply.Kind.STOP
    return Reply.Kind.AUTOMATIC if read.is_automatic else Reply.Kind.WORDS


def _news(report: Report, *, provider: str, now: datetime) -> MailEvent:
    bounce = News.HARD_BOUNCE if report.is_hard else News.SOFT_BOUNCE
    return MailEvent(
        provider=provider,
        news=News.COMPLAINT if report.is_complaint else bounce,
        at=now,
        message_id=report.answers,
        payload={"answer": report.remark[:500]} if report.remark else {},
    )


def _is_known(address: str) -> bool:
    return ContactPoint.objects.filter(channel=Channel.EMAIL, address=address).exists()


def _own_addresses() -> set[str]:
    return {normalise_email(parseaddr(settings.EMAIL_SENDER)[1]).address} - {""}


def _as_mail(written: SimulatedMessage, note: SimulatedMessage | None) -> EmailMessage:
    """As a mail program sends an answer: the note quoted below, its Message-ID named."""
    mail = EmailMessage()
    mail["Message-ID"] = f"<{written.pk}@mailbox.invalid>"
    mail["From"] = written.address
    mail["To"] = parseaddr(settings.EMAIL_SENDER)[1]
    mail["Subject"] = f"Re: {note.subject}" if note else written.subject
    quoted = ""
    if note and note.outbox_id:
        mail["In-Reply-To"] = mail["References"] = mail_identity.message_id(note.outbox_id)
        lines = "\n".join(f"> {line}".rstrip() for line in note.body.splitlines())
        quoted = f"\n\nOn {note.at:%d %B %Y at %H:%M}, we wrote:\n{lines}\n"
    mail.set_content(written.body + quoted)
    return mail
