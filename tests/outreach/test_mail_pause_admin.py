from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from outreach.models import MailPause
from tests.factories import NOON, AdminFactory

pytestmark = pytest.mark.django_db

LIST = "admin:outreach_mailpause_changelist"


def test_an_admin_finds_a_resting_mailbox_and_ends_its_rest(client: Client) -> None:
    client.force_login(AdminFactory())
    for address in ("amanda@example.com", "zoe@example.com"):
        MailPause.objects.create(address=address, paused_at=NOON, until=NOON + timedelta(days=30))
    amanda = MailPause.objects.get(address="amanda@example.com")

    page = client.get(reverse(LIST), {"q": "amanda"}).content.decode()
    client.post(
        reverse(LIST),
        {"action": "delete_selected", "_selected_action": [amanda.pk], "post": "yes"},
    )

    assert ("amanda@example.com" in page, "zoe@example.com" in page) == (True, False)
    assert [pause.address for pause in MailPause.objects.all()] == ["zoe@example.com"]


def test_a_rest_is_neither_made_nor_changed_by_hand(client: Client) -> None:
    client.force_login(AdminFactory())
    pause = MailPause.objects.create(address="a@example.com", paused_at=NOON, until=NOON)

    added = client.get(reverse("admin:outreach_mailpause_add"))
    changed = client.post(
        reverse("admin:outreach_mailpause_change", args=[pause.pk]), {"address": "b@example.com"}
    )

    assert (added.status_code, changed.status_code) == (403, 403)
