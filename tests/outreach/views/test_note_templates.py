"""A manager's own words for notes: refused, previewed, saved in versions, brought back."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from clienteling.models import User
from customers.models import Customer
from outreach.models import TemplateVersion
from tests.factories import ManagerFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}
URL = "/notes/offer/sms/warm/"
GOOD = "Hello {first_name}, {associate} here. Shall I show you {items}?"


@pytest.fixture
def manager(associate: User) -> User:
    return ManagerFactory(store=associate.store, first_name="Marta")


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1")


def save(desk: Client, body: str, *, after: int = 0, url: str = URL, **values: str) -> Any:
    return desk.post(url, {"act": "save", "body": body, "after": after, **values})


def test_overview_says_whose_words_stand_where(desk: Client, amanda: Customer) -> None:
    save(desk, GOOD)

    page = read(desk.get("/notes/"))

    places = [link.text for link in page.all("a") if link["href"].startswith(URL)]
    assert len(places) == 1
    assert "Version 1, Marta, 15 June" in places[0]
    assert page.text.count("The house’s words") == 35


def test_save_writes_a_version_and_who_made_it(desk: Client, manager: User) -> None:
    answer = save(desk, GOOD)

    version = TemplateVersion.objects.get()
    assert answer.status_code == 302
    assert (version.number, version.body, version.written_by) == (1, GOOD, manager)
    assert version.store == manager.store


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{{ client.owner.password }}", "is program text"),
        ("Hi {% load secrets %}", "is program text"),
        ("Hi {0.__class__}", "is not a place that is filled here"),
        ("Hi {first_name.__class__}", "is not a place that is filled here"),
        ("Hi {tip}", "is not a place that is filled here"),
        ("Hi {first_name", "A brace stands alone"),
        ("Hi {first_name}, our sale begins.", "speaks of a discount"),
        ("Hi {first_name}, see bit.ly/boots.", "somebody else’s page"),
        ("Hi {first_name}, COME LOOK NOW.", "reads as shouting"),
        ("Hi {first_name}, from $99.", "is not the price of any"),
        ("Hi [name], come in.", "was not filled in"),
        ("   ", "needs words"),
        ("long " * 300, "at most 1,000 characters"),
    ],
)
def test_words_that_cannot_be_a_template_are_refused_and_kept_in_the_form(
    desk: Client, amanda: Customer, body: str, sentence: str
) -> None:
    page = read(save(desk, body))

    assert sentence in page.one(id="preview").text
    assert page.one("textarea", name="body").text == " ".join(body.split())
    assert TemplateVersion.objects.count() == 0


def test_subject_is_checked_as_well(desk: Client, amanda: Customer) -> None:
    page = read(save(desk, GOOD, url="/notes/offer/email/warm/", subject="{{ settings }}"))

    assert "is program text" in page.one(id="preview").text
    assert TemplateVersion.objects.count() == 0


def test_hostile_words_are_inert_on_the_page(desk: Client, amanda: Customer) -> None:
    answer = save(desk, "<script>alert(1)</script><img src=x onerror=alert(1)> {first_name}")

    assert b"<script>alert" not in answer.content
    assert b"<img src=x" not in answer.content


def preview(desk: Client, body: str, **values: str) -> Any:
    return read(desk.post(URL, {"act": "preview", "body": body, **values}, **HTMX))


def test_preview_shows_the_words_as_a_real_client_would_get_them(
    desk: Client, amanda: Customer
) -> None:
    part = preview(desk, GOOD)

    assert "As Amanda would get it today:" in part.text
    assert "Hello Amanda, Maya here. Shall I show you the Marlow loafer" in part.text
    assert "1 segment" in part.text
    assert part.all("form") == []
    assert TemplateVersion.objects.count() == 0


def test_preview_marks_the_facts(desk: Client, amanda: Customer) -> None:
    part = preview(desk, "{first_name}, your {purchase} of {month} came to mind.")

    assert [mark.text for mark in part.all("mark")] == ["Linden flat", "March"]


def test_preview_says_why_this_client_gets_the_houses_words(desk: Client, amanda: Customer) -> None:
    part = preview(desk, "The {item} would suit your {owned} well.")

    assert "Nothing is known for {owned}. Amanda gets the house’s words:" in part.text


def test_preview_is_of_the_client_that_was_chosen(
    desk: Client, amanda: Customer, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-2", first_name="Zoe", days=200)

    assert "As Zoe would get it" in preview(desk, GOOD, customer="C-2").text
    assert "As Amanda would get it" in preview(desk, GOOD, customer="C-99").text


def test_preview_without_script_is_the_page_with_the_words_kept(
    desk: Client, amanda: Customer
) -> None:
    page = read(desk.post(URL, {"act": "preview", "body": GOOD}))

    assert page.one("textarea", name="body").text == GOOD
    assert "Hello Amanda, Maya here." in page.one(id="preview").text


def test_preview_says_where_nobody_is_lapsed(desk: Client) -> None:
    assert "there is no client to try it on" in preview(desk, GOOD).text


@pytest.mark.parametrize("step", ["thanks", "greeting", "tip", "service", "kindness"])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_every_step_has_its_page_and_preview(
    desk: Client, amanda: Customer, step: str, channel: str
) -> None:
    page = read(
        desk.post(
            f"/notes/{step}/{channel}/formal/",
            {"act": "preview", "body": "Dear {first_name}, a word from {associate} this morning."},
        )
    )

    assert "Dear Amanda, a word from Maya this morning." in page.one(id="preview").text


@pytest.mark.parametrize(
    "url", ["/notes/answer/sms/warm/", "/notes/offer/pigeon/warm/", "/notes/offer/sms/loud/"]
)
def test_place_that_does_not_exist_is_not_found(desk: Client, url: str) -> None:
    assert desk.get(url).status_code == 404


@pytest.mark.parametrize("number", ["999999", "x", "9" * 30])
def test_store_that_is_not_hers_is_not_found(desk: Client, number: str) -> None:
    assert desk.get(f"{URL}?store={number}").status_code == 404
    assert save(desk, GOOD, store=number).status_code == 404


def test_manager_of_several_stores_writes_for_the_one_she_chose(
    desk: Client, manager: User
) -> None:
    other = ManagerFactory().store
    manager.managed_stores.add(other)

    save(desk, GOOD, store=str(other.pk))

    assert TemplateVersion.objects.get().store == other


def test_every_save_is_a_version_and_old_ones_are_listed(desk: Client) -> None:
    save(desk, GOOD)
    save(desk, "Good morning {first_name}, do come and see {items}.", after=1)

    page = read(desk.get(URL))

    listed = [item.one("b").text for item in page.one(class_="switches past versions").all("li")]
    assert listed == ["Version 2", "Version 1"]
    assert page.one("textarea", name="body").text.startswith("Good morning")


def test_version_saved_meanwhile_is_not_overwritten(desk: Client) -> None:
    save(desk, GOOD)

    page = read(save(desk, "Good morning {first_name}, do come in.", after=0))

    assert "Somebody saved a newer version meanwhile" in page.one(id="preview").text
    assert page.one("textarea", name="body").text.startswith("Good morning")
    assert [each.body for each in TemplateVersion.objects.all()] == [GOOD]


def test_saving_again_after_that_is_refused_until_she_has_looked(desk: Client) -> None:
    save(desk, GOOD)
    page = read(save(desk, "Good morning {first_name}, do come in.", after=0))

    again = desk.post(URL, {**form_values(page.one("form", id="template-form")), "act": "save"})

    assert again.status_code == 200
    assert TemplateVersion.objects.count() == 1


def test_old_version_is_brought_back_as_a_new_one(desk: Client) -> None:
    save(desk, GOOD)
    save(desk, "Good morning {first_name}, do come and see {items}.", after=1)

    desk.post(URL, {"act": "bring-back", "version": 1, "after": 2})

    newest = TemplateVersion.objects.order_by("-number").first()
    assert newest is not None
    assert (newest.number, newest.body) == (3, GOOD)
    assert newest.brought_back is not None
    assert newest.brought_back.number == 1


def test_version_of_another_place_is_not_brought_back(desk: Client) -> None:
    save(desk, GOOD, url="/notes/offer/sms/brief/")

    answer = desk.post(URL, {"act": "bring-back", "version": 1, "after": 0})

    assert answer.status_code == 404


def test_place_is_given_back_to_the_house(desk: Client, amanda: Customer) -> None:
    save(desk, GOOD)

    desk.post(URL, {"act": "house", "after": 1})

    assert list(TemplateVersion.objects.values_list("number", "body")) == [(2, ""), (1, GOOD)]
    assert "the house’s words" in read(desk.get("/notes/")).all("summary")[0].text


def test_versions_are_never_changed_nor_removed(desk: Client) -> None:
    save(desk, GOOD)

    for change in (
        lambda: TemplateVersion.objects.update(body="Other words."),
        lambda: TemplateVersion.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize("clients", [1, 3])
def test_pages_ask_as_often_for_one_client_as_for_three(
    desk: Client, associate: User, clients: int, django_assert_num_queries: Any
) -> None:
    for number in range(clients):
        lapsed_client(associate, customer_id=f"C-{number}")
    save(desk, GOOD)

    with django_assert_num_queries(4):
        overview = read(desk.get("/notes/"))
    with django_assert_num_queries(11):
        page = read(desk.get(URL))

    assert "1 of your own" in overview.all("summary")[0].text
    assert len(page.one("select", id="template-customer").all("option")) == clients
