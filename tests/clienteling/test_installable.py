import json
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from clienteling.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def static_file(url: str) -> str | None:
    found = finders.find(url.removeprefix(settings.STATIC_URL))
    return str(found) if found else None


def test_the_manifest_names_icons_that_exist(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")

    manifest = json.loads(answer.content)
    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert all(static_file(icon["src"]) for icon in manifest["icons"])


def test_the_worker_comes_from_the_root_and_keeps_files_that_exist(client: Client) -> None:
    answer = client.get("/sw.js")

    urls = re.findall(r'"(/[^"]+)"', answer.content.decode())
    assert answer["Content-Type"] == "text/javascript"
    assert "no-cache" in answer["Cache-Control"]
    assert urls[0] == "/offline/"
    assert all(static_file(url) for url in urls[1:])


def test_the_page_without_a_connection_says_nothing_about_anybody(client: Client) -> None:
    maya: User = UserFactory(first_name="Maya", username="maya-l")
    as_stranger = client.get("/offline/").content
    client.force_login(maya)

    as_maya = client.get("/offline/").content

    assert as_stranger == as_maya
    assert b"<script" not in as_maya


@pytest.mark.parametrize("url", ["/login/", "/offline/", "/"])
def test_every_page_of_staff_can_be_installed(url: str, client: Client) -> None:
    if url == "/":
        client.force_login(UserFactory())

    assert b'<link rel="manifest" href="/manifest.webmanifest">' in client.get(url).content


def test_a_clients_own_page_installs_nothing(client: Client) -> None:
    assert b"manifest" not in client.get("/l/no-such-page/").content
