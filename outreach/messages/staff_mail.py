"""A mail to a member of staff, by the same server or service as the notes."""

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage

from outreach.messages.providers.service_mail import ServiceMail
from outreach.messages.providers.smtp_email import SmtpEmail


class NotSent(Exception):  # noqa: N818
    """The server or the service did not take it, or nobody knows."""


def is_possible() -> bool:
    """Whether a mail server or service is named; the simulated one is for clients alone."""
    return bool(settings.EMAIL_URL)


def send(address: str, *, subject: str, words: str) -> None:
    """Hand it over, once. Raises ``NotSent``."""
    letter = EmailMessage(subject, words, settings.EMAIL_SENDER, [address])
    try:
        if settings.EMAIL_SERVICE:
            ServiceMail(settings.EMAIL_SERVICE).post(letter)
        else:
            SmtpEmail(settings.EMAIL_URL).post(letter)
    except (OSError, AnymailError) as error:  # smtplib's exceptions are OSErrors too
        raise NotSent from error
