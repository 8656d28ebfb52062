"""R34, R35 on screen: hostile words are words, names run from right to left, nobody is made up."""

import pytest
from django.test import Client

from clienteling.models import User
from customers.models import Consent, ContactPoint, Suppression
from outreach.models import Reply
from tests.factories import (
    ContactPointFactory,
    CustomerFactory,
    ManagerFactory,
    ReplyFactory,
    ReplyPictureFactory,
)
from tests.outreach.views.page import form_values, read

HOSTILE = '<img src=x onerror=alert(1)>"><a hx-get="/logout/">‮evil'
HEBREW = "נועה כהן"


@pytest.fixture
def manager(associate: User) -> User:
    return ManagerFactory(store=associate.store)


@pytest.fixture
def office(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def reply() -> Reply:
    return ReplyFactory(customer=None, from_address="+13125550177", body=HOSTILE)


def test_hostile_words_are_shown_as_words(office: Client, reply: Reply) -> None:
    for path in ("/inbox/unknown/", f"/inbox/unknown/{reply.pk}/"):
        answer = office.get(path)

        words = read(answer).one("p", class_="msg")
        assert (words.text, words["dir"]) == (HOSTILE, "auto")
        assert b"<img src=x" not in answer.content
        assert b"<a hx-get" not in answer.content


def test_manager_finds_a_client_and_gives_her_the_words(
    office: Client, manager: User, reply: Reply
) -> None:
    noa = CustomerFactory(
        first_name="נועה", last_name="כהן", customer_id="C/9", store=manager.store
    )
    page = read(office.get(f"/inbox/unknown/{reply.pk}/?q=כהן"))
    assert HEBREW in [each.text for each in page.all("bdi")]
    form = page.one("ul", class_="switches").one("form")

    answer = office.post(form["action"], form_values(form))

    assert answer["Location"] == "/clients/C/9/thread/"
    reply.refresh_from_db()
    assert (reply.customer, reply.settled_by) == (noa, manager)
    assert ContactPoint.objects.get(customer=noa).address == "+13125550177"
    assert Consent.objects.count() == 0
    shown = read(office.get(answer["Location"]))
    assert "she has agreed to nothing by that" in shown.text


def test_search_and_match_stay_within_her_stores(office: Client, reply: Reply) -> None:
    elsewhere = CustomerFactory(last_name="Zimmer", customer_id="C-2")

    page = read(office.get(f"/inbox/unknown/{reply.pk}/?q=zimmer"))
    answer = office.post(f"/inbox/unknown/{reply.pk}/match/", {"customer_id": "C-2"})

    assert "No client of your stores is called so." in page.text
    assert answer.status_code == 404
    reply.refresh_from_db()
    assert (reply.customer, elsewhere.replies.count()) == (None, 0)


def test_set_aside_empties_the_list(office: Client, reply: Reply) -> None:
    office.post(f"/inbox/unknown/{reply.pk}/set-aside/")

    page = read(office.get("/inbox/unknown/"))

    assert page.all("article") == []
    assert "Set aside. The words stay on record." in page.text


def test_what_a_colleague_settled_is_said(office: Client, reply: Reply) -> None:
    office.post(f"/inbox/unknown/{reply.pk}/set-aside/")

    answers = [
        office.get(f"/inbox/unknown/{reply.pk}/", follow=True),
        office.post(f"/inbox/unknown/{reply.pk}/set-aside/", follow=True),
    ]

    for answer in answers:
        assert "Somebody has settled this already." in read(answer).text


def test_counter_of_a_manager_counts_unknown_senders(
    office: Client, associate: User, reply: Reply
) -> None:
    ReplyFactory(customer=None, from_address=reply.from_address)
    ReplyFactory(customer=None, from_address="+13125550178")
    ReplyFactory(customer=CustomerFactory(store=associate.store))

    assert read(office.get("/pulse/")).one(id="inbox-badge").text == "3 waiting"


def test_counter_of_an_associate_does_not(associate: User, reply: Reply) -> None:
    client = Client()
    client.force_login(associate)

    assert read(client.get("/pulse/")).one(id="inbox-badge").text == ""


def test_one_tap_on_a_wish_to_be_left_alone_suppresses_the_address(
    office: Client, manager: User
) -> None:
    asked = ReplyFactory(customer=None, from_address="+13125550177", body="Please remove me")
    later = ReplyFactory(customer=None, from_address="+13125550177", body="Remove me!!")
    sharing = ContactPointFactory(address="+13125550177")
    page = read(office.get("/inbox/unknown/"))
    form = page.one("form", action=f"/inbox/unknown/{later.pk}/remove/")

    answer = office.post(form["action"], form_values(form), follow=True)

    page = read(answer)
    assert "Nothing goes to this number any more, whoever has it." in page.text
    assert page.all("article") == []
    suppressed = Suppression.objects.get()
    assert (suppressed.address, suppressed.reason) == ("+13125550177", "asked")
    assert Consent.objects.get(customer=sharing.customer).state == "opted_out"
    for reply in (asked, later):
        reply.refresh_from_db()
        assert (reply.customer, reply.settled_by) == (None, manager)


def test_one_tap_is_offered_where_the_words_sound_like_it(office: Client, reply: Reply) -> None:
    page = read(office.get("/inbox/unknown/"))
    by_herself = read(office.get(f"/inbox/unknown/{reply.pk}/"))

    remove = f"/inbox/unknown/{reply.pk}/remove/"
    assert page.all("form", action=remove) == []
    assert by_herself.one("form", action=remove)


def test_what_was_set_aside_can_be_brought_back(office: Client, reply: Reply) -> None:
    office.post(f"/inbox/unknown/{reply.pk}/set-aside/")
    form = read(office.get("/inbox/unknown/")).one("details").one("form")

    page = read(office.post(form["action"], form_values(form), follow=True))

    assert len(page.all("article")) == 1
    assert page.all("details", class_="fold") == []
    reply.refresh_from_db()
    assert (reply.handled_at, reply.settled_by, reply.settled_at) == (None, None, None)


def test_what_was_brought_back_stays_suppressed(office: Client, reply: Reply) -> None:
    office.post(f"/inbox/unknown/{reply.pk}/remove/")

    office.post(f"/inbox/unknown/{reply.pk}/bring-back/")

    reply.refresh_from_db()
    assert reply.handled_at is None
    assert Suppression.objects.get().lifted_at is None


def test_what_became_a_clients_is_not_brought_back(office: Client, manager: User) -> None:
    hers = ReplyFactory(customer=CustomerFactory(store=manager.store))

    answer = office.post(f"/inbox/unknown/{hers.pk}/bring-back/")

    assert answer.status_code == 404


def test_pictures_of_strangers_are_for_managers(
    office: Client, associate: User, reply: Reply
) -> None:
    picture = ReplyPictureFactory(reply=reply)
    her_browser = Client()
    her_browser.force_login(associate)

    page = read(office.get(f"/inbox/unknown/{reply.pk}/"))

    assert page.one("img", loading="lazy")["src"] == f"/pictures/{picture.pk}/"
    assert office.get(f"/pictures/{picture.pk}/").status_code == 200
    assert her_browser.get(f"/pictures/{picture.pk}/").status_code == 404


@pytest.mark.parametrize("senders", [1, 3])
def test_list_asks_as_many_questions_for_one_as_for_three(
    office: Client, senders: int, django_assert_num_queries
) -> None:
    for number in range(senders):
        ReplyFactory(customer=None, from_address=f"+1312555017{number}")

    with django_assert_num_queries(4):
        page = read(office.get("/inbox/unknown/"))

    assert len(page.all("article", class_="strip-card")) == senders
