"""A note that was not sent, or may have been: she is told on her own screen, for a week."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from clienteling.models import User
from customers.models import Customer
from outreach.messages import outbox, sweeping
from outreach.messages.providers.receipts import Temporary, Unknown
from outreach.models import Message
from tests.factories import NOON, MessageFactory
from tests.outreach.messages.worlds import FakeCarrier
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, form_values, read

GRACE = timedelta(seconds=120)
DUE = NOON + timedelta(seconds=8)


@pytest.fixture(autouse=True)
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1")


def tap_send(shop: Client) -> Message:
    """Send Amanda's note as her associate does, from the day's page."""
    form = read(shop.get("/")).one("article", data_client="C-1").one("form", class_="note")
    shop.post(form["action"], form_values(form), HTTP_HX_REQUEST="true")
    return Message.objects.get()


def told(shop: Client) -> tuple[str, str]:
    """What the day says of her note, under which heading."""
    page = read(shop.get("/"))
    headings = [each.text for each in page.all("h2")]
    strip: Element = page.one("article", data_client="C-1")
    return headings[headings.index(strip.one("h2").text) - 1], strip.one("p").text


def test_a_note_past_its_time_is_told_on_the_day(
    shop: Client, carrier: FakeCarrier, later: Any
) -> None:
    carrier.answers = [Temporary("down", retry_after=10**9)]
    message = tap_send(shop)
    outbox.deliver(message.pk, now=DUE)

    later(NOON + timedelta(days=7))
    sweeping.sweep(now=NOON + timedelta(days=7))

    assert told(shop) == ("Needs you", "Needs you. It was not sent in time.")
    assert outbox.deliver(message.pk, now=NOON + timedelta(days=7)) is None
    assert len(carrier.given) == 1


def test_a_note_out_of_rounds_is_told_on_the_day_and_in_the_thread(
    shop: Client, carrier: FakeCarrier
) -> None:
    carrier.answers = [Unknown(), Unknown(), Unknown()]
    message = tap_send(shop)
    moment: datetime = DUE

    for _ in range(3):
        outbox.deliver(message.pk, now=moment)
        sweeping.settle(now=moment + GRACE)
        sweeping.settle(now=moment + 2.5 * GRACE)
        moment += 3 * GRACE

    reason = "The carrier did not take it in 3 attempts."
    assert told(shop) == ("Sent today", f"Needs you. {reason}")
    thread = read(shop.get("/clients/C-1/thread/"))
    [bubble] = [each for each in thread.all("p") if "failed" in each.attributes.get("class", "")]
    assert bubble.one("small").text.endswith(f"needs attention · {reason}")
    assert (sweeping.sweep(now=moment).enqueued, len(carrier.given)) == (0, 3)


@pytest.mark.parametrize(("days", "is_shown"), [(1, True), (7, True), (8, False)])
def test_what_came_to_need_her_at_night_is_told_for_a_week(
    shop: Client, associate: User, later: Any, days: int, is_shown: bool
) -> None:
    MessageFactory(
        customer=Customer.objects.get(),
        sender=associate,
        state="needs_attention",
        reason="The 38 sold out.",
        queued_at=NOON,
        settled_at=NOON,
    )

    later(NOON + timedelta(days=days))

    page = read(shop.get("/"))
    strips = [each.one("p").text for each in page.all("article", data_earlier=None)]
    assert ("Needs you. The 38 sold out." in strips) == is_shown
    assert page.one("span", data_count="sent").text == "0"
