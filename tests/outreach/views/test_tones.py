"""Warm, Brief, Formal: what a tap does, with htmx and without."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.models import Variant
from clienteling.models import User
from customers.models import Customer
from outreach.models import ClientTone, Draft, KeptNote, Message, TemplateVersion, WritingStyle
from tests.factories import NOON, CustomerFactory, MessageFactory, ReplyFactory, UserFactory
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import form_values, read

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate, customer_id="C-1")


def note_form(shop: Client) -> Any:
    return read(shop.get("/")).one(data_client="C-1").one("form", class_="note")


def tap(shop: Client, tone: str, form: Any, *, htmx: bool = True, **changes: str) -> Any:
    values = {**form_values(form), "tone": tone, **changes}
    return shop.post("/clients/C-1/tone/", values, **(HTMX if htmx else {}))


def words(part: Any) -> str:
    return str(part.one("textarea").text)


def chosen(part: Any) -> list[str]:
    return [each.text for each in part.all("button", aria_pressed="true")]


def test_card_offers_three_tones_and_none_of_her_own_before_she_kept_one(
    shop: Client, amanda: Customer
) -> None:
    form = note_form(shop)

    assert [each.text for each in form.all("button", name="tone")] == ["Warm", "Brief", "Formal"]
    assert chosen(form) == ["Warm"]


def test_tap_redraws_the_note_alone_in_the_tone(shop: Client, amanda: Customer) -> None:
    before = note_form(shop)

    part = read(tap(shop, "brief", before))

    assert part.one("form", class_="note")["id"] == f"note-form-{amanda.pk}"
    assert chosen(part) == ["Brief"]
    assert words(part) != words(before)
    assert part.all("article") == []


def test_tone_is_remembered_for_the_client_and_for_nobody_else(
    shop: Client, amanda: Customer, associate: User
) -> None:
    lapsed_client(associate, customer_id="C-2")
    tap(shop, "formal", note_form(shop))

    page = read(shop.get("/"))

    assert chosen(page.one(data_client="C-1")) == ["Formal"]
    assert chosen(page.one(data_client="C-2")) == ["Warm"]
    [stored] = ClientTone.objects.all()
    assert (stored.tone, stored.chosen_by, stored.chosen_at) == ("formal", associate, NOON)


def test_associates_own_tone_holds_where_none_was_chosen(
    shop: Client, amanda: Customer, associate: User
) -> None:
    WritingStyle.objects.create(associate=associate, tone="formal")

    assert chosen(note_form(shop)) == ["Formal"]


def test_words_of_her_own_stay_and_she_is_asked(shop: Client, amanda: Customer) -> None:
    part = read(tap(shop, "brief", note_form(shop), body="Amanda, your boots are in!"))

    assert words(part).strip() == "Amanda, your boots are in!"
    assert "These are your own words" in part.one(class_="rests ask-own").text
    assert part.one("button", name="replace")["value"] == "brief"


def test_words_of_her_own_go_when_she_says_so(shop: Client, amanda: Customer) -> None:
    form = note_form(shop)

    part = read(tap(shop, "", form, body="Amanda, your boots are in!", replace="brief"))

    assert "boots" not in words(part)
    assert chosen(part) == ["Brief"]


def test_words_she_let_go_do_not_come_back(shop: Client, amanda: Customer, associate: User) -> None:
    Draft.objects.create(
        customer=amanda,
        author=associate,
        step="offer",
        channel="sms",
        body="Amanda, your boots are in!",
        kept_at=NOON,
    )
    form = note_form(shop)

    tap(shop, "", form, body="Amanda, your boots are in!", replace="brief")

    assert "boots" in words(form)
    assert "boots" not in words(note_form(shop))


def test_line_ends_of_a_browser_are_no_words_of_her_own(shop: Client, amanda: Customer) -> None:
    form = note_form(shop)
    body = form_values(form)["body"].replace("\n", "\r\n") + "\r\n"

    part = read(tap(shop, "brief", form, body=body))

    assert part.all("button", name="replace") == []


def test_without_htmx_the_day_comes_back_with_the_tone(shop: Client, amanda: Customer) -> None:
    answer = tap(shop, "brief", note_form(shop), htmx=False)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert chosen(note_form(shop)) == ["Brief"]


def test_without_htmx_her_words_are_kept_on_her_page(shop: Client, amanda: Customer) -> None:
    answer = tap(shop, "brief", note_form(shop), htmx=False, body="Amanda, your boots are in!")

    page = read(answer)
    assert words(page.one("form", class_="note")).strip() == "Amanda, your boots are in!"
    assert page.one("button", name="replace")["formaction"] == "/clients/C-1/tone/"


@pytest.mark.parametrize("values", [{"tone": "shouting"}, {"tone": ""}, {"channel": "pigeon"}])
def test_nonsense_is_not_found(shop: Client, amanda: Customer, values: dict[str, str]) -> None:
    answer = shop.post("/clients/C-1/tone/", {"tone": "warm", "channel": "sms", **values})

    assert answer.status_code == 404


def test_client_of_another_store_is_not_found(shop: Client, amanda: Customer) -> None:
    elsewhere = CustomerFactory(associate=UserFactory())

    answer = shop.post(
        f"/clients/{elsewhere.customer_id}/tone/", {"tone": "warm", "channel": "sms"}
    )

    assert answer.status_code == 404
    assert ClientTone.objects.count() == 0


def test_note_says_what_it_rests_on_and_marks_it(shop: Client, amanda: Customer) -> None:
    Variant.objects.update(size="")

    line = note_form(shop).one(class_="rests")

    assert line.text.startswith("Rests on: bought Linden flat in March")
    assert [mark.text for mark in line.all("mark")] == ["Linden flat", "March"]


def test_what_she_was_really_sent_last_is_not_drafted_again(
    shop: Client, amanda: Customer, associate: User
) -> None:
    draft = words(note_form(shop))
    MessageFactory(
        customer=amanda,
        sender=associate,
        state="delivered",
        body=f"{draft.strip()} And one word more of mine.",
        created_at=NOON - timedelta(days=60),
        queued_at=NOON - timedelta(days=60),
        sent_at=NOON - timedelta(days=60),
        delivered_at=NOON - timedelta(days=60),
    )

    again = words(note_form(shop))

    sentences = [each for each in draft.strip().rstrip(".?").split(". ") if each]
    assert [each for each in sentences if each in again] == []


def template(associate: User, body: str, number: int = 1, **values: Any) -> TemplateVersion:
    return TemplateVersion.objects.create(
        **{
            "store": associate.store,
            "step": "offer",
            "channel": "sms",
            "tone": "warm",
            "number": number,
            "body": body,
            "written_by": associate,
            "written_at": NOON,
            **values,
        }
    )


def send(shop: Client, form: Any, **changes: str) -> Any:
    return shop.post("/clients/C-1/send/", {**form_values(form), **changes}, **HTMX)


def test_sent_message_keeps_the_version_it_was_made_of(
    shop: Client, amanda: Customer, associate: User
) -> None:
    version = template(associate, "Hello {first_name}, shall I show you {items}?")
    form = note_form(shop)
    template(associate, "Something else for {first_name}.", number=2)

    send(shop, form)

    message = Message.objects.get()
    assert message.body.startswith("Hello Amanda, shall I show you the Marlow loafer")
    assert (message.template_version, message.tone) == (version, "warm")


def test_forged_origin_is_taken_for_none(shop: Client, amanda: Customer) -> None:
    send(shop, note_form(shop), origin="WyJ3YXJtIiwxLDFd:forged:signature")

    message = Message.objects.get()
    assert (message.template_version, message.kept_note, message.tone) == (None, None, "")


def test_template_given_back_to_the_house_is_no_longer_drafted(
    shop: Client, amanda: Customer, associate: User
) -> None:
    template(associate, "Hello {first_name}, shall I show you {items}?")
    template(associate, "", number=2)

    assert "shall I show you" not in words(note_form(shop))


def test_template_of_another_store_is_none_of_ours(shop: Client, amanda: Customer) -> None:
    template(UserFactory(), "Hello {first_name}, shall I show you {items}?")

    assert "shall I show you" not in words(note_form(shop))


def test_her_own_phrase_is_a_fourth_choice_with_how_it_did(
    shop: Client, amanda: Customer, associate: User
) -> None:
    earlier = MessageFactory(
        customer__associate=associate,
        customer__store=associate.store,
        sender=associate,
        state="delivered",
        sent_at=NOON - timedelta(days=30),
        delivered_at=NOON - timedelta(days=30),
    )
    ReplyFactory(customer=earlier.customer, message=earlier)
    phrase = KeptNote.objects.create(
        associate=associate,
        made_from=earlier,
        step="offer",
        channel="sms",
        body="Good morning {first_name}, coffee and {items}?",
        state=KeptNote.State.KEPT,
        decided_at=NOON,
    )

    part = read(tap(shop, "own", note_form(shop)))

    assert chosen(part) == ["Your words"]
    assert words(part).startswith("Good morning Amanda, coffee and the Marlow loafer")
    assert "answered 1 of 1" in part.text
    send(shop, part.one("form", class_="note"))
    assert Message.objects.get(customer=amanda).kept_note == phrase


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Amanda, COME AND LOOK at these.", "“COME LOOK” in capitals reads as shouting."),
        ("Amanda, see bit.ly/boots please.", "“bit.ly/boots” leads to somebody else’s page"),
        ("Amanda, the loafer is $1.", "“$1” is not the price of any of the items."),
    ],
)
def test_slip_in_her_own_words_is_said_before_sending(
    shop: Client, amanda: Customer, body: str, sentence: str
) -> None:
    part = read(send(shop, note_form(shop), body=body))

    assert sentence in part.one(class_="wrong").text
    assert Message.objects.count() == 0


def test_slip_that_was_meant_goes_the_second_time(shop: Client, amanda: Customer) -> None:
    form = note_form(shop)
    warned = read(send(shop, form, body="Amanda, the loafer is $1."))

    send(shop, warned.one("form", class_="note"))

    assert Message.objects.get().body.startswith("Amanda, the loafer is $1.")


def test_slip_that_was_changed_into_another_is_said_again(shop: Client, amanda: Customer) -> None:
    warned = read(send(shop, note_form(shop), body="Amanda, the loafer is $1."))

    again = read(send(shop, warned.one("form", class_="note"), body="Amanda, it is $2."))

    assert "“$2”" in again.one(class_="wrong").text
    assert Message.objects.count() == 0


@pytest.mark.parametrize("body", ["Amanda, our sale begins.", "Hi {first_name}, come in."])
def test_discount_and_unfilled_place_are_refused_however_often(
    shop: Client, amanda: Customer, body: str
) -> None:
    part = read(send(shop, note_form(shop), body=body))
    send(shop, part.one("form", class_="note"))

    assert Message.objects.count() == 0
