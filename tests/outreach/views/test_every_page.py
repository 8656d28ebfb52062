"""What holds for every page: no inline style or script, hostile words stay words, one h1."""

import pytest
from django.test import Client
from django.urls import reverse

from clienteling.models import User
from customers.models import Customer
from outreach.models.message import Step
from tests.factories import (
    NOON,
    ClientNoteFactory,
    FeedbackFactory,
    ImportantDateFactory,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ReplyFactory,
    ServiceCaseFactory,
)
from tests.outreach.scenes import lapsed_client, suggested
from tests.outreach.views.page import Element, read

HOSTILE = '"><img src=x onerror=alert(1)><a hx-get=/steal style=color:red>'
STAFF_PAGES = ("day", "client", "thread", "why-not", "inbox", "clients", "new-in", "evening")


@pytest.fixture
def amanda(associate: User) -> Customer:
    """A client whose every word is hostile, and what hangs on her."""
    customer = lapsed_client(
        associate, customer_id="C-1", first_name=HOSTILE, last_name=HOSTILE, city=HOSTILE
    )
    suggested(customer, 4, name=HOSTILE, color=HOSTILE[:60])
    ServiceCaseFactory(customer=customer, summary=HOSTILE, closed_at=NOON)
    book = LookbookFactory(customer=customer, associate=associate)
    LookbookItemFactory(lookbook=book, product__name=HOSTILE)
    sent = {"state": "delivered", "sent_at": NOON, "delivered_at": NOON, "step": Step.ANSWER}
    MessageFactory(customer=customer, sender=associate, body=HOSTILE, lookbook=book, **sent)
    ReplyFactory(customer=customer, body=HOSTILE)
    for kind in ("love_it", "not_for_me"):
        FeedbackFactory(customer=customer, product__name=HOSTILE, kind=kind)
    ClientNoteFactory(customer=customer, words=HOSTILE, written_by=associate)
    ClientNoteFactory(customer=customer, rule="material", value=HOSTILE)
    ImportantDateFactory(customer=customer, kind="other", label=HOSTILE)
    lapsed_client(associate, first_name=HOSTILE, last_name="Second")
    return customer


def opened(client: Client, name: str) -> Element:
    arguments = ["C-1"] if name in {"client", "thread", "why-not"} else []
    response = client.get(reverse(name, args=arguments))
    assert response.status_code == 200
    return read(response)


def assert_harmless(page: Element) -> None:
    for element in page.walk():
        names = set(element.attributes)
        assert not any(name.startswith(("on", "hx-on")) for name in names)
        assert "style" not in names
        assert element.tag != "style"
        assert element.tag != "script" or element["src"]
        assert element.attributes.get("hx-get") != "/steal"
        assert element.attributes.get("src") != "x"


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_page_keeps_hostile_words_inert(
    name: str, client: Client, associate: User, amanda: Customer
) -> None:
    client.force_login(associate)

    page = opened(client, name)

    assert_harmless(page)
    assert len(page.all("h1")) == 1
    assert page.one("html")["lang"] == "en"


def test_titles_differ(client: Client, associate: User, amanda: Customer) -> None:
    client.force_login(associate)

    titles = [opened(client, name).one("title").text for name in STAFF_PAGES]

    assert len(set(titles)) == len(STAFF_PAGES)


def test_lookbook_keeps_hostile_words_inert_and_names_nobody(
    client: Client, amanda: Customer
) -> None:
    [book] = amanda.lookbooks.all()

    response = client.get(reverse("lookbook", args=[book.token]))

    page = read(response)
    assert_harmless(page)
    assert [script["type"] for script in page.all("script")] == ["module"]
    assert page.one("li", class_="piece").one("h2").text.startswith("1. ")
    assert response.cookies == {}
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"


def test_lookbook_says_nothing_of_its_client(client: Client, associate: User) -> None:
    customer = lapsed_client(associate, first_name="Wilhelmina", last_name="Quastenberg")
    book = LookbookFactory(customer=customer, associate=associate)
    LookbookItemFactory(lookbook=book)

    text = client.get(reverse("lookbook", args=[book.token])).content.decode()

    for secret in ("Wilhelmina", "Quastenberg", customer.customer_id, "+1312555"):
        assert secret not in text


def test_lookbook_answers_wrong_and_expired_links_alike(client: Client, associate: User) -> None:
    expired = LookbookFactory(
        customer=lapsed_client(associate), associate=associate, expires_at=NOON
    )

    wrong = client.get(reverse("lookbook", args=["no-such-token"]))
    old = client.get(reverse("lookbook", args=[expired.token]))

    assert wrong.status_code == old.status_code == 404
    assert wrong.content == old.content
    assert wrong.headers == old.headers


def test_lookbook_takes_no_words_behind_a_wrong_link(client: Client, db: None) -> None:
    assert client.post(reverse("lookbook", args=["token"])).status_code == 404
