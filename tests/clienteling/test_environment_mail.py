import pytest
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.webhooks.base import AnymailBaseWebhookView
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from clienteling import environment_mail
from clienteling.environment_mail import SERVICES, anymail_settings, reply_address, service


@pytest.mark.parametrize("address", ["", "smtp://mail.example.com", "smtps://u:p@mail.example.com"])
def test_service_is_none_for_a_mail_server(address: str) -> None:
    assert service(address) is None
    assert anymail_settings(address, secret="a:b", timeout=15) == {}


def test_anymail_settings_carry_the_options_under_the_services_name() -> None:
    address = "mailgun://?api_key=k%2By&sender_domain=mg.example.com&webhook_signing_key=s"

    assert anymail_settings(address, secret="shop:word", timeout=7) == {
        "MAILGUN_API_KEY": "k+y",
        "MAILGUN_SENDER_DOMAIN": "mg.example.com",
        "MAILGUN_WEBHOOK_SIGNING_KEY": "s",
        "WEBHOOK_SECRET": "shop:word",
        "REQUESTS_TIMEOUT": 7,
    }


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("smtp://", "EMAIL_URL must look like smtp://user:password@host:587?tls."),
        (
            "pigeon://?api_key=hunter2",
            "EMAIL_URL must begin with one of smtp, smtps, brevo, mailgun, mailjet, mandrill, "
            "postmark, resend, sendgrid, sparkpost, and then ://",
        ),
        (
            "mailjet://?api_key=hunter2",
            "EMAIL_URL lacks secret_key: mailjet://?api_key=…&secret_key=…",
        ),
    ],
)
def test_service_refuses_nonsense_without_repeating_a_secret(address: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        service(address)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_has_the_classes_it_is_said_to_have(name: str) -> None:
    classes = SERVICES[name].classes
    kinds = ["Combined"] if name == "mandrill" else ["Tracking", "Inbound"]

    views = [import_string(f"anymail.webhooks.{name}.{classes}{kind}WebhookView") for kind in kinds]
    backend = import_string(f"anymail.backends.{name}.EmailBackend")
    assert all(issubclass(view, AnymailBaseWebhookView) for view in views)
    assert issubclass(backend, AnymailRequestsBackend)


@pytest.mark.parametrize("secret", ["word", "shop:", ":word"])
def test_webhook_secret_needs_a_name_and_a_password(secret: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        environment_mail.webhook_secret(secret)


@pytest.mark.parametrize("address", ["", "replies@in.example.com", "replies+@in.example.com"])
def test_reply_address_is_one_plain_address_or_none(address: str) -> None:
    assert reply_address(address) == address


@pytest.mark.parametrize("address", ["replies", "Shop <a@example.com>", "a@x.com, b@x.com"])
def test_reply_address_refuses_anything_else(address: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        reply_address(address)


def test_mailbox_reads_its_parts() -> None:
    found = environment_mail.mailbox("imaps://shop%40example.com:p%2Fw@mail.example.com/Answers")

    assert found is not None
    assert (found.scheme, found.hostname, found.path) == ("imaps", "mail.example.com", "/Answers")
    assert environment_mail.mailbox("") is None


@pytest.mark.parametrize("address", ["mail.example.com", "imaps://mail.example.com", "pop3://a@b"])
def test_mailbox_refuses_nonsense(address: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        environment_mail.mailbox(address)
