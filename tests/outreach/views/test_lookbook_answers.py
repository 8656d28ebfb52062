"""What she can do on her page beside a word on a piece: keep, come by, write, show, stop."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog.models import Product, StockLevel
from clienteling.models import User
from customers.models import Customer
from outreach.models import Coming, Hold, Lookbook, Notice, PageGesture, Reply
from outreach.page import counter, holds, knocks
from tests.factories import (
    NOON,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ProductFactory,
    StockLevelFactory,
    UserFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client, suggested
from tests.outreach.views.page import Element, form_values, read

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
FROM_HER_PHONE = {"HTTP_USER_AGENT": IPHONE}


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(
        associate, items=0, first_name="Amandine", last_name="Reyesova", customer_id="C-77"
    )


@pytest.fixture
def book(associate: User, amanda: Customer) -> Lookbook:
    page = LookbookFactory(customer=amanda, associate=associate)
    MessageFactory(
        customer=amanda,
        sender=associate,
        to_address="+13125550142",
        lookbook=page,
        state="sent",
        sent_at=NOON,
        intent_at=NOON,
    )
    return page


@pytest.fixture
def loafer(book: Lookbook) -> Product:
    product = ProductFactory(name="Marlow loafer")
    for size, quantity in (("37", 0), ("38", 1), ("39", 2)):
        variant = VariantFactory(product=product, size=size)
        StockLevelFactory(variant=variant, store=book.store, quantity=quantity)
    LookbookItemFactory(lookbook=book, product=product)
    return product


def post(client: Client, book: Lookbook, where: str, **values: Any) -> HttpResponse:
    return client.post(f"/l/{book.token}/{where}", values, **FROM_HER_PHONE)  # type: ignore[return-value]


def page_of(client: Client, book: Lookbook) -> Element:
    return read(client.get(f"/l/{book.token}/", **FROM_HER_PHONE))


def kinds(book: Lookbook) -> list[str]:
    return list(book.gestures.values_list("kind", flat=True))


# --- Hold for me ---------------------------------------------------------------------------------
def test_page_offers_to_keep_the_sizes_that_are_here(
    client: Client, book: Lookbook, loafer: Product
) -> None:
    form = page_of(client, book).one("form", class_="which")

    assert [button["value"] for button in form.all("button")] == ["38", "39"]


def test_hold_keeps_it_and_says_until_when(client: Client, book: Lookbook, loafer: Product) -> None:
    response = post(client, book, "hold/", product=loafer.style, size="38")

    page = page_of(client, book)
    assert response["Location"] == f"/l/{book.token}/#piece-1"
    assert Hold.objects.get().size == "38"
    assert page.one("form", class_="keeping").one("p").text == (
        "Size 38: put aside until Wednesday 12:00. Maya will confirm it."
    )
    assert [button["value"] for button in page.one("form", class_="which").all("button")] == ["39"]
    assert kinds(book) == ["hold"]


def test_confirmed_hold_says_who_keeps_it(
    client: Client, book: Lookbook, loafer: Product, associate: User
) -> None:
    hold = holds.ask(book, loafer, "38", now=NOON)
    holds.answer(hold, "confirm", by=associate, now=NOON)

    words = page_of(client, book).one("form", class_="keeping").one("p").text

    assert words == "Size 38: Maya keeps it for you until Wednesday 12:00."


def test_declined_hold_says_why_and_may_be_asked_for_again(
    client: Client, book: Lookbook, loafer: Product, associate: User
) -> None:
    hold = holds.ask(book, loafer, "38", now=NOON)
    holds.answer(hold, "decline", by=associate, now=NOON, sentence="Its heel is loose.")

    page = page_of(client, book)

    assert page.one("p", class_="sorry").text == "Maya: Its heel is loose."
    assert page.all("form", class_="keeping") == []


def test_hold_is_given_back_by_one_tap(client: Client, book: Lookbook, loafer: Product) -> None:
    post(client, book, "hold/", product=loafer.style, size="38")
    form = page_of(client, book).one("form", class_="keeping")
    button = form.one("button")

    post(client, book, "hold/", product=loafer.style, back=button["value"])

    assert Hold.objects.get().state == "withdrawn"
    assert page_of(client, book).all("form", class_="keeping") == []


def test_hold_that_came_too_late_says_so_at_the_piece(
    client: Client, book: Lookbook, loafer: Product
) -> None:
    holds.ask(LookbookFactory(store=book.store), loafer, "38", now=NOON)

    response = post(client, book, "hold/", product=loafer.style, size="38")

    piece = read(response).one("li", class_="piece")
    assert piece.one(role="alert").text == "Somebody was quicker: that one has just gone."
    assert kinds(book) == []


def test_item_without_sizes_is_kept_by_one_tap(client: Client, book: Lookbook) -> None:
    tote = ProductFactory()
    StockLevelFactory(variant=VariantFactory(product=tote, size=""), store=book.store)
    LookbookItemFactory(lookbook=book, product=tote)
    form = page_of(client, book).one("form", class_="keep")

    client.post(form["action"], {**form_values(form), "size": form.one("button")["value"]})

    assert (Hold.objects.get().product, Hold.objects.get().size) == (tote, "")


def test_item_of_unknown_stock_can_be_asked_for_in_its_sizes(
    client: Client, book: Lookbook
) -> None:
    boot = ProductFactory()
    for size in ("40", "39"):
        VariantFactory(product=boot, size=size)
    LookbookItemFactory(lookbook=book, product=boot)
    form = page_of(client, book).one("form", class_="which")

    post(client, book, "hold/", product=boot.style, size="39")

    assert [button["value"] for button in form.all("button")] == ["39", "40"]
    words = page_of(client, book).one("form", class_="keeping").one("p").text
    assert words == "Size 39: Maya looks whether it is here, and tells you."


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"product": "no-such-style", "size": "38"},
        {"product": "FOREIGN", "size": "38"},
        {"product": "a\x00b", "size": "38"},
        {"product": "OWN", "size": "3\x008"},
        {"product": "OWN", "size": "x" * 500},
        {"product": "OWN", "back": "-1"},
        {"product": "OWN", "back": "'; DROP TABLE"},
    ],
)
def test_hold_takes_nothing_else(
    client: Client, book: Lookbook, loafer: Product, values: dict[str, str]
) -> None:
    styles = {"OWN": loafer.style, "FOREIGN": ProductFactory().style}
    named = {**values, "product": styles.get(values.get("product", ""), values.get("product", ""))}

    response = post(client, book, "hold/", **named)

    assert (response.status_code, Hold.objects.count()) == (404, 0)


def test_hold_of_another_page_is_not_given_back(
    client: Client, book: Lookbook, loafer: Product
) -> None:
    other = holds.ask(LookbookFactory(store=book.store), loafer, "38", now=NOON)

    post(client, book, "hold/", product=loafer.style, back=other.pk)

    other.refresh_from_db()
    assert other.state == "asked"


# --- I'll come by --------------------------------------------------------------------------------
def test_page_offers_three_times_and_remembers_the_chosen(client: Client, book: Lookbook) -> None:
    buttons = page_of(client, book).one("form", class_="visits").all("button")

    post(client, book, "come/", at=buttons[1]["value"])

    page = page_of(client, book)
    labels = [button.text for button in page.one("form", class_="visits").all("button")]
    assert labels == ["Today at 17:00", "Tomorrow at 12:00", "Tomorrow at 17:00"]
    assert page.one(id="come").one("p", class_="kept").text == "Maya expects you tomorrow at 12:00."
    assert Notice.objects.get().recipient == book.associate
    assert kinds(book) == ["coming"]


def test_pressing_the_chosen_time_again_takes_it_back(client: Client, book: Lookbook) -> None:
    first = page_of(client, book).one("form", class_="visits").all("button")[0]
    post(client, book, "come/", at=first["value"])
    pressed = page_of(client, book).one("form", class_="visits").all("button")[0]

    post(client, book, "come/", at=pressed["value"])

    assert (pressed["aria-pressed"], pressed["value"]) == ("true", "")
    assert Coming.objects.get().withdrawn_at == NOON


@pytest.mark.parametrize("at", ["2026-06-15T03:00:00+00:00", "2030-01-01T12:00:00+00:00"])
def test_time_that_is_not_offered_is_refused_with_a_sentence(
    client: Client, book: Lookbook, at: str
) -> None:
    page = read(post(client, book, "come/", at=at))

    fault = page.one(id="come").one(role="alert").text
    assert fault == "That time is no longer free: please choose another."
    assert Coming.objects.count() == 0


def test_nonsense_for_a_time_is_refused(client: Client, book: Lookbook) -> None:
    assert post(client, book, "come/", at="soon").status_code == 404


# --- Reply ---------------------------------------------------------------------------------------
def test_reply_reaches_the_inbox_and_is_not_shown_on_the_page(
    client: Client, book: Lookbook, associate: User
) -> None:
    form = page_of(client, book).one("form", class_="words")

    client.post(form["action"], {**form_values(form), "words": "The loafer!"}, **FROM_HER_PHONE)

    page = page_of(client, book)
    browser = Client()
    browser.force_login(associate)
    assert page.one(id="reply").one("p", class_="kept").text == (
        "Maya has your words, and will answer you."
    )
    assert "The loafer!" not in page.text
    assert "The loafer!" in browser.get("/inbox/").content.decode()
    assert kinds(book) == ["reply"]


def test_words_are_confirmed_in_a_browser_that_counts_as_a_machine(
    client: Client, book: Lookbook
) -> None:
    form = page_of(client, book).one("form", class_="words")

    client.post(
        form["action"],
        {**form_values(form), "words": "The loafer!"},
        headers={"User-Agent": "Mozilla/5.0 (Linux; Android 15) Telegram-Android/11.4"},
    )

    assert page_of(client, book).one(id="reply").one("p", class_="kept").text == (
        "Maya has your words, and will answer you."
    )


def test_reply_sent_twice_is_taken_once(client: Client, book: Lookbook) -> None:
    form = page_of(client, book).one("form", class_="words")

    for _ in range(2):
        client.post(form["action"], {**form_values(form), "words": "Yes!"})

    assert Reply.objects.count() == 1


@pytest.mark.parametrize("said", ["", "   ", "x" * 1_001, "a\x00b"])
def test_reply_without_words_or_with_too_many_says_so(
    client: Client, book: Lookbook, said: str
) -> None:
    form = page_of(client, book).one("form", class_="words")

    page = read(client.post(form["action"], {**form_values(form), "words": said}))

    assert page.one(id="reply").one(role="alert").text == (
        "Please write a few words first, 1,000 characters at most."
    )
    assert Reply.objects.count() == 0


def test_reply_of_markup_is_inert(client: Client, book: Lookbook, associate: User) -> None:
    form = page_of(client, book).one("form", class_="words")
    client.post(form["action"], {**form_values(form), "words": "<img src=x onerror=alert(1)>"})
    browser = Client()
    browser.force_login(associate)

    inbox = browser.get("/inbox/").content.decode()

    assert "<img src=x" not in inbox
    assert "&lt;img src=x onerror=alert(1)&gt;" in inbox


def test_reply_is_taken_ten_times_an_hour(client: Client, book: Lookbook, later: Any) -> None:
    def said(words: str) -> int:
        form = page_of(client, book).one("form", class_="words")
        return client.post(form["action"], {**form_values(form), "words": words}).status_code

    statuses = [said(f"Words {number}") for number in range(knocks.WORDS.most + 1)]
    later(NOON + knocks.WORDS.within)

    assert statuses == [302] * knocks.WORDS.most + [429]
    assert said("An hour later") == 302
    assert Reply.objects.count() == knocks.WORDS.most + 1


def test_wishes_to_keep_something_are_counted(
    client: Client, book: Lookbook, loafer: Product
) -> None:
    statuses = [
        post(client, book, "hold/", product=loafer.style, size="38").status_code
        for _ in range(knocks.HOLDS.most + 1)
    ]

    assert statuses == [302] * knocks.HOLDS.most + [429]


# --- What is a click -----------------------------------------------------------------------------
def test_first_touch_is_told_once(client: Client, book: Lookbook) -> None:
    statuses = [post(client, book, "seen/").status_code for _ in range(2)]

    assert (statuses, kinds(book)) == ([204, 204], ["looked"])


def test_opening_the_page_is_no_click(client: Client, book: Lookbook) -> None:
    page_of(client, book)

    assert kinds(book) == []


@pytest.mark.parametrize("where", ["hold/", "come/", "reply/", "seen/"])
def test_nothing_is_done_by_a_get_or_a_head(client: Client, book: Lookbook, where: str) -> None:
    address = f"/l/{book.token}/{where}"

    statuses = [client.get(address).status_code, client.head(address).status_code]

    assert (statuses, kinds(book)) == ([405, 405], [])


def test_staff_try_the_page_out_and_nothing_is_counted(
    client: Client, book: Lookbook, loafer: Product, associate: User
) -> None:
    client.force_login(associate)
    form = page_of(client, book).one("form", class_="words")
    at = page_of(client, book).one("form", class_="visits").all("button")[0]["value"]

    pages = [
        post(client, book, "hold/", product=loafer.style, size="38"),
        post(client, book, "come/", at=at),
        client.post(form["action"], {**form_values(form), "words": "Hello"}, **FROM_HER_PHONE),
    ]
    post(client, book, "seen/")

    assert [read(page).one(role="alert").text[:18] for page in pages] == ["You are signed in,"] * 3
    assert (Hold.objects.count(), Coming.objects.count(), Reply.objects.count()) == (0, 0, 0)
    assert PageGesture.objects.count() == 0


# --- What went -----------------------------------------------------------------------------------
def test_sold_item_is_named_and_its_understudy_stands_under_its_number(
    client: Client, book: Lookbook, loafer: Product, amanda: Customer
) -> None:
    StockLevel.objects.filter(variant__product=loafer).update(quantity=0)
    suggested(amanda, 4, name="Alder tote")

    piece = page_of(client, book).one("li", class_="piece")

    assert piece.one("h2").text == "1. Alder tote"
    assert piece.one("p", class_="stead").text == ("The Marlow loafer went; I found this instead.")
    assert "Alder tote stands in for it" in Notice.objects.get().sentence


def test_head_changes_nothing(client: Client, book: Lookbook, loafer: Product) -> None:
    StockLevel.objects.update(quantity=0)

    client.head(f"/l/{book.token}/", **FROM_HER_PHONE)

    book.refresh_from_db()
    assert (Notice.objects.count(), book.first_opened_at) == (0, None)


# --- In the store --------------------------------------------------------------------------------
def test_page_shows_its_code_in_letters_and_as_a_square(client: Client, book: Lookbook) -> None:
    page = page_of(client, book)

    code = Lookbook.objects.get(pk=book.pk).code or ""
    assert page.one("p", class_="code").text == counter.spelled(code)
    assert page.one("p", class_="code")["aria-label"] == ", ".join(code)
    assert page.one("svg", role="img").one("path")["d"].startswith("M4 4h7v1h-7z")


def test_square_opens_her_page_in_the_store_for_its_staff_alone(
    book: Lookbook, associate: User
) -> None:
    where = {}
    for name, user in (("stranger", None), ("hers", associate), ("other", UserFactory())):
        browser = Client()
        if user:
            browser.force_login(user)
        where[name] = browser.get(f"/l/{book.token}/store/")["Location"]

    code = Lookbook.objects.get(pk=book.pk).code
    normal = f"/l/{book.token}/"
    assert where == {"stranger": normal, "hers": f"/in-store/{code}/", "other": normal}


# --- Stop ----------------------------------------------------------------------------------------
def test_stop_is_one_tap_away_from_its_question(client: Client, book: Lookbook) -> None:
    [link] = [each for each in page_of(client, book).all("a") if each.text == "Stop these notes"]

    question = read(client.get(link["href"].removeprefix("http://127.0.0.1:8000")))

    assert question.one("h1").text == "Shall we stop writing to you?"


# --- Nothing about her, nothing kept, nobody told -------------------------------------------------
def test_page_and_everything_it_sends_hold_nothing_of_hers(
    client: Client, book: Lookbook, loafer: Product
) -> None:
    answers = [
        client.get(f"/l/{book.token}/"),
        post(client, book, "hold/", product=loafer.style, size="38"),
        client.get(f"/l/{book.token}/"),
    ]
    sent = "".join(f"{answer.headers}{answer.content.decode()}" for answer in answers)

    for needle in ("Amandine", "Reyesova", "C-77", "3125550142", "example.com"):
        assert needle not in sent
    assert [answer.cookies for answer in answers] == [{}, {}, {}]


def test_page_names_no_other_origin(client: Client, book: Lookbook, loafer: Product) -> None:
    words = client.get(f"/l/{book.token}/").content.decode()

    elsewhere = re.findall(r"(?:src|href|action)=\"(?:https?:)?//([^/\"]+)", words)
    assert set(elsewhere) <= {"127.0.0.1:8000"}


@pytest.mark.parametrize("where", ["", "hold/", "come/", "reply/", "seen/"])
def test_answers_after_the_end_and_to_no_page_are_the_same(
    client: Client, book: Lookbook, where: str, later: Any
) -> None:
    later(book.expires_at)

    closed = client.post(f"/l/{book.token}/{where}")
    unknown = client.post(f"/l/AAAAAAAAAAAAAAAAAAAAAA/{where}")

    assert (closed.status_code, unknown.status_code) == (404, 404)
    assert closed.content == unknown.content
    assert closed["Referrer-Policy"] == "no-referrer"
    assert closed["X-Robots-Tag"] == "noindex, nofollow, noarchive"


@pytest.mark.parametrize(
    "token", ["a%00b", "..%2f..%2fetc", "%F0%9F%92%A9", "x" * 3_000, "' OR 1=1 --", "{{7*7}}"]
)
def test_hostile_token_gets_the_neutral_answer(client: Client, db: None, token: str) -> None:
    assert client.get(f"/l/{token}/").status_code == 404


def test_too_many_wrong_addresses_close_every_page_to_that_network(
    client: Client, book: Lookbook, later: Any
) -> None:
    for number in range(knocks.WRONG_PAGE.most):
        client.get(f"/l/wrong-{number}/")

    refused = client.get(f"/l/{book.token}/")
    neighbour = client.get(f"/l/{book.token}/", REMOTE_ADDR="203.0.113.9")
    later(NOON + knocks.WRONG_PAGE.within)
    afterwards = client.get(f"/l/{book.token}/")

    assert [refused.status_code, neighbour.status_code, afterwards.status_code] == [429, 200, 200]
    assert read(refused).one("h1").text == "This page has closed."


def test_page_of_a_store_and_an_item_that_know_little(client: Client, associate: User) -> None:
    page = LookbookFactory(associate=associate, store=None)
    bare = ProductFactory(
        price=None, image="", color="", brand=None, category=None, name="‮ab" + "x" * 190
    )
    LookbookItemFactory(lookbook=page, product=bare)

    drawn = page_of(client, page)

    assert drawn.one("li", class_="piece").one("div", class_="title").one("p").text == (
        "Price on request"
    )
    assert drawn.all("form", class_="visits") == []


@pytest.mark.parametrize("pieces", [1, 3])
def test_page_asks_as_many_questions_for_one_piece_as_for_three(
    client: Client, book: Lookbook, pieces: int, django_assert_num_queries: Any
) -> None:
    for position in range(1, pieces + 1):
        product = ProductFactory()
        StockLevelFactory(variant=VariantFactory(product=product), store=book.store)
        LookbookItemFactory(lookbook=book, product=product, position=position)
    page_of(client, book)

    with django_assert_num_queries(9):
        page = page_of(client, book)

    assert len(page.all("li", class_="piece")) == pieces


def test_moment_of_the_page_is_the_stores(client: Client, book: Lookbook, later: Any) -> None:
    later(datetime.fromisoformat("2026-06-15T18:05:00+00:00") + timedelta(minutes=0))

    assert "Prices and sizes as of 13:05 today" in page_of(client, book).text
