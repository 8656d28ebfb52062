"""Who carries email, read from `EMAIL_URL`, and where answers come in; nonsense stops the start.

A mail server is `smtp://…` or `smtps://…`. A mail service is its name with django-anymail's own
options for it: ``postmark://?server_token=…``. No refusal repeats the address: it holds secrets.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

SERVERS = ("smtp", "smtps")
MAILBOXES = ("imap", "imaps")
ONE_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")


@dataclass(frozen=True)
class Service:
    """A mail service, as far as django-anymail's classes for it differ in what we use.

    `required`: the options it cannot do without. `extra_headers`: what makes it leave our
    Message-ID alone; None where it puts its own in its place, or is not known to keep ours.
    """

    name: str
    classes: str
    required: tuple[str, ...]
    extra_headers: tuple[tuple[str, str], ...] | None = None
    may_untrack: bool = False


# Those that both report deliveries and hand on what they receive. Left out: Amazon SES and Postal,
# which need packages of their own; MailerSend, which keeps List-Unsubscribe for its largest
# customers. All three can be had as a mail server.
SERVICES = {
    service.name: service
    for service in (
        Service("brevo", "Brevo", ("api_key",)),
        Service(
            "mailgun",
            "Mailgun",
            ("api_key", "sender_domain", "webhook_signing_key"),
            extra_headers=(),
            may_untrack=True,
        ),
        Service("mailjet", "Mailjet", ("api_key", "secret_key"), may_untrack=True),
        Service("mandrill", "Mandrill", ("api_key", "webhook_key"), may_untrack=True),
        Service(
            "postmark",
            "Postmark",
            ("server_token",),
            extra_headers=(("X-PM-KeepID", "true"),),
            may_untrack=True,
        ),
        Service("resend", "Resend", ("api_key",)),
        Service("sendgrid", "SendGrid", ("api_key",), extra_headers=(), may_untrack=True),
        Service("sparkpost", "SparkPost", ("api_key",), may_untrack=True),
    )
}


def service(address: str) -> Service | None:
    """The mail service an address names; None for a mail server, or for no address at all.

    Raises ``ImproperlyConfigured`` for anything else, or when a required option is missing.
    """
    parts = urlsplit(address)
    scheme = parts.scheme
    if scheme in SERVERS and not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp://user:password@host:587?tls.")
    if not address or scheme in SERVERS:
        return None
    if scheme not in SERVICES:
        known = ", ".join((*SERVERS, *sorted(SERVICES)))
        raise ImproperlyConfigured(f"EMAIL_URL must begin with one of {known}, and then ://")
    found, given = SERVICES[scheme], _options(address)
    missing = [name for name in found.required if not given.get(name)]
    if missing:
        example = "&".join(f"{name}=…" for name in found.required)
        raise ImproperlyConfigured(
            f"EMAIL_URL lacks {' and '.join(missing)}: {scheme}://?{example}"
        )
    return found


def anymail_settings(address: str, *, secret: str, timeout: int) -> dict[str, Any]:
    """The ``ANYMAIL`` setting for an address; `timeout` in seconds, for each call."""
    found = service(address)
    if found is None:
        return {}
    options = {f"{found.name}_{name}".upper(): value for name, value in _options(address).items()}
    return {**options, "WEBHOOK_SECRET": secret, "REQUESTS_TIMEOUT": timeout}


def webhook_secret(secret: str) -> str:
    """The name and password a mail service shows; raises ``ImproperlyConfigured`` without both."""
    name, _, password = secret.partition(":")
    if secret and not (name and password):
        raise ImproperlyConfigured("EMAIL_WEBHOOK_SECRET must look like name:password.")
    return secret


def reply_address(address: str) -> str:
    """Where answers go; raises ``ImproperlyConfigured`` for what is not one plain address."""
    if address and not ONE_ADDRESS.fullmatch(address):
        raise ImproperlyConfigured(
            "EMAIL_REPLY_TO must be an address such as replies+@in.example.com."
        )
    return address


def mailbox(address: str) -> SplitResult | None:
    """The mailbox that is polled; None without an address. Raises ``ImproperlyConfigured``."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in MAILBOXES or not parts.hostname or not parts.username:
        raise ImproperlyConfigured(
            "IMAP_URL must look like imaps://user:password@mail.example.com/INBOX."
        )
    return parts


def _options(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
