"""An associate goes off shift, and a colleague of the store finds and answers her clients."""

import pytest
from django.test import Client

from clienteling.models import User
from outreach.messages import shifts
from outreach.models import Message, OffShift
from tests.factories import NOON, ManagerFactory, ReplyFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, form_values, read


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def shop(associate: User) -> Client:
    return browser_of(associate)


@pytest.fixture
def noor(associate: User) -> User:
    return UserFactory(store=associate.store, first_name="Noor")


def sections(page: Element) -> dict[str, list[str]]:
    """Who waits, under which heading."""
    return {
        group.all("h2")[0].text: [each["data-client"] for each in group.all("article")]
        for group in page.all("div", class_="waiting")
    }


def test_associate_goes_off_shift_and_comes_back_by_a_tap(shop: Client, associate: User) -> None:
    form = read(shop.get("/inbox/")).one("form", class_="menu")
    page = read(shop.post(form["action"], {**form_values(form), "until": "back"}, follow=True))
    assert page.one("div", class_="shift").one("p").text == (
        "Off shift until you are back: colleagues answer your clients."
    )

    form = page.one("div", class_="shift").one("form")
    page = read(shop.post(form["action"], form_values(form), follow=True))

    assert page.one("div", class_="shift").one("p").text == (
        "On shift: your clients’ answers come to you."
    )
    assert OffShift.objects.get().ended_by == associate


def test_off_shift_till_the_store_opens_again(shop: Client, associate: User) -> None:
    shop.post(f"/inbox/cover/{associate.pk}/off/", {"until": "opening"})

    off = OffShift.objects.get()
    assert off.until is not None
    assert associate.store is not None
    assert associate.store.local(off.until).isoformat() == "2026-06-16T10:00:00-05:00"


def test_off_shift_until_some_other_time_does_not_exist(shop: Client, associate: User) -> None:
    answer = shop.post(f"/inbox/cover/{associate.pk}/off/", {"until": "christmas"})

    assert (answer.status_code, OffShift.objects.count()) == (404, 0)


def test_colleague_sees_them_apart_and_counted(associate: User, noor: User) -> None:
    ReplyFactory(customer=lapsed_client(noor, customer_id="C-1"))
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-2"))
    shifts.go_off(associate, by=associate, until=None, now=NOON)

    browser = browser_of(noor)

    assert sections(read(browser.get("/inbox/"))) == {
        "Waiting for you": ["C-1"],
        "Covering for Maya": ["C-2"],
    }
    assert read(browser.get("/pulse/")).one(id="inbox-badge").text == "2 waiting"


def test_colleague_answers_and_the_thread_says_for_whom(associate: User, noor: User) -> None:
    ReplyFactory(customer=lapsed_client(associate, customer_id="C-2"))
    shifts.go_off(associate, by=associate, until=None, now=NOON)
    browser = browser_of(noor)
    page = read(browser.get("/clients/C-2/thread/"))
    assert "Covering for Maya" in [each.text for each in page.all("span")]
    form = page.one("form", class_="compose")

    browser.post(form["action"], {**form_values(form), "body": "With pleasure."})

    message = Message.objects.get()
    assert (message.sender, message.covering_for) == (noor, associate)
    seen_by_maya = read(browser_of(associate).get("/clients/C-2/thread/"))
    assert "Noor · for Maya · 12:00 · text · on its way" in seen_by_maya.one(role="log").text


def test_colleague_puts_away_what_needs_no_answer(associate: User, noor: User) -> None:
    reply = ReplyFactory(customer=lapsed_client(associate, customer_id="C-2"))
    browser = browser_of(noor)
    assert browser.post("/clients/C-2/handled/").status_code == 404
    shifts.go_off(associate, by=associate, until=None, now=NOON)

    browser.post("/clients/C-2/handled/")

    reply.refresh_from_db()
    assert reply.handled_at == NOON


def test_manager_says_it_for_somebody_who_is_ill(associate: User) -> None:
    office = browser_of(ManagerFactory(store=associate.store, first_name="Ines"))
    form = read(office.get("/inbox/cover/")).one("ul", class_="switches").one("form")

    page = read(office.post(form["action"], {**form_values(form), "until": "back"}, follow=True))

    line = page.one("ul", class_="switches").one("li")
    assert line.one("p").text.endswith("Off shift since 12:00, said by Ines")
    assert OffShift.objects.get().associate == associate


def test_manager_finds_only_her_own_people(associate: User) -> None:
    UserFactory(first_name="Elsewhere")
    office = browser_of(ManagerFactory(store=associate.store))

    page = read(office.get("/inbox/cover/"))

    assert [each.text for each in page.one("ul", class_="switches").all("b")] == ["Maya Lindqvist"]


@pytest.mark.parametrize("people", [1, 3])
def test_list_asks_as_many_questions_for_one_as_for_three(
    associate: User, people: int, django_assert_num_queries
) -> None:
    for _ in range(people - 1):
        UserFactory(store=associate.store)
    office = browser_of(ManagerFactory(store=associate.store))

    with django_assert_num_queries(4):
        page = read(office.get("/inbox/cover/"))

    assert len(page.one("ul", class_="switches").all("li")) == people
