"""Which carrier serves a channel: the real one where it is configured, else the simulated one."""

from django.conf import settings

from customers.models import Channel
from outreach.messages.providers.receipts import Provider
from outreach.messages.providers.service_mail import ServiceMail
from outreach.messages.providers.simulator import Simulator
from outreach.messages.providers.smtp_email import SmtpEmail
from outreach.messages.providers.twilio_sms import TwilioSms


def for_channel(channel: str) -> Provider:
    """The carrier that takes new messages of this channel."""
    if channel == Channel.SMS and settings.TWILIO_IS_CONFIGURED:
        return TwilioSms()
    if channel == Channel.EMAIL and settings.EMAIL_SERVICE:
        return ServiceMail(settings.EMAIL_SERVICE)
    if channel == Channel.EMAIL and settings.EMAIL_URL:
        return SmtpEmail(settings.EMAIL_URL)
    return Simulator(channel)


def of_message(channel: str, provider: str) -> Provider | None:
    """The carrier that was given a message, None when it is not configured any more."""
    carrier = for_channel(channel)
    if carrier.name == provider:
        return carrier
    return Simulator(channel) if provider == Simulator.name else None


def simulator_is_used() -> bool:
    """Whether some channel is served by the simulated carrier."""
    return any(for_channel(channel).name == Simulator.name for channel in Channel.values)
