from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import Product
from clienteling.models import User
from customers.models import Customer, Feedback
from outreach.models import Lookbook
from tests.factories import (
    NOON,
    FeedbackFactory,
    LookbookFactory,
    LookbookItemFactory,
    ProductFactory,
    StockLevelFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import Element, read

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
IMESSAGE = f"{IPHONE} facebookexternalhit/1.1 Facebot Twitterbot/1.0"


@pytest.fixture
def amanda(associate: User) -> Customer:
    return lapsed_client(associate)


@pytest.fixture
def book(associate: User, amanda: Customer) -> Lookbook:
    return LookbookFactory(customer=amanda, associate=associate)


def put_into(book: Lookbook, position: int, **sizes: int) -> Product:
    product = ProductFactory(name=f"Piece {position}")
    for size, quantity in sizes.items():
        variant = VariantFactory(product=product, size=size.removeprefix("size_"))
        StockLevelFactory(variant=variant, store=book.store, quantity=quantity)
    LookbookItemFactory(lookbook=book, product=product, position=position)
    return product


def opened_at(book: Lookbook) -> object:
    return Lookbook.objects.get(pk=book.pk).first_opened_at


def test_lookbook_shows_price_and_sizes_as_they_are_now(client: Client, book: Lookbook) -> None:
    put_into(book, 1, size_37=0, size_38=2)
    cheaper = put_into(book, 2, size_38=1)
    put_into(book, 3)
    Product.objects.filter(pk=cheaper.pk).update(price=199)

    page = read(client.get(f"/l/{book.token}/"))

    pieces = page.all("li", class_="piece")
    sizes = [size.text for size in pieces[0].one("ul", class_="sizes").all("li")]
    assert [piece.one("h2").text for piece in pieces] == ["1. Piece 1", "2. Piece 2", "3. Piece 3"]
    assert sizes == ["37 gone", "38"]
    assert "$265" in pieces[0].text
    assert "$199" in pieces[1].text


def test_lookbook_is_neither_indexed_nor_kept_nor_told_on(client: Client, book: Lookbook) -> None:
    response = client.get(f"/l/{book.token}/")

    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    assert response.cookies == {}


def test_lookbook_closes_at_the_end_of_its_last_day(client: Client, book: Lookbook, later) -> None:  # type: ignore[no-untyped-def]
    later(book.expires_at - timedelta(seconds=1))
    last = client.get(f"/l/{book.token}/")
    later(book.expires_at)
    closed = client.get(f"/l/{book.token}/")
    unknown = client.get("/l/no-such-token/")

    assert last.status_code == 200
    assert (closed.status_code, unknown.status_code) == (404, 404)
    assert closed.content == unknown.content
    assert closed.headers == unknown.headers
    assert closed["Referrer-Policy"] == "no-referrer"


def test_lookbook_is_opened_by_a_person_once(client: Client, book: Lookbook, later) -> None:  # type: ignore[no-untyped-def]
    client.get(f"/l/{book.token}/", headers={"User-Agent": IPHONE})
    later(NOON + timedelta(hours=1))
    client.get(f"/l/{book.token}/", headers={"User-Agent": IPHONE})

    assert opened_at(book) == NOON


def test_lookbook_is_not_opened_by_a_previewer_or_a_head(client: Client, book: Lookbook) -> None:
    preview = client.get(f"/l/{book.token}/", headers={"User-Agent": IMESSAGE})
    head = client.head(f"/l/{book.token}/", headers={"User-Agent": IPHONE})

    assert (preview.status_code, head.status_code, head.content) == (200, 200, b"")
    assert opened_at(book) is None


def test_lookbook_is_not_opened_by_the_one_who_sent_it(
    client: Client, book: Lookbook, associate: User
) -> None:
    client.force_login(associate)

    client.get(f"/l/{book.token}/", headers={"User-Agent": IPHONE})

    assert opened_at(book) is None


def say(client: Client, book: Lookbook, product: Product, kind: str):  # type: ignore[no-untyped-def]
    """What the button sends; the page that follows."""
    return client.post(f"/l/{book.token}/", {"product": product.style, "kind": kind}, follow=True)


def standing() -> list[tuple[str, str, int | None]]:
    return list(Feedback.objects.values_list("product__style", "kind", "said_by"))


def answers(page: Element, product: Product) -> dict[str, tuple[str, str]]:
    """The buttons under a piece: what each would send, and whether it is pressed."""
    piece = page.one("li", data_product=product.style)
    buttons = piece.one("form", class_="answers").all("button")
    return {each.text: (each["value"], each["aria-pressed"]) for each in buttons}


def said_of(page: Element) -> list[str]:
    """What stands under each piece about her answer."""
    return [piece.one("p", class_="kept").text for piece in page.all("li", class_="piece")]


def test_lookbook_asks_what_she_makes_of_each_piece(client: Client, book: Lookbook) -> None:
    product = put_into(book, 1)

    page = read(client.get(f"/l/{book.token}/"))

    assert answers(page, product) == {
        "Love it": ("love_it", "false"),
        "Not for me": ("not_for_me", "false"),
    }
    assert said_of(page) == [""]
    assert page.one(id="said")["role"] == "status"


@pytest.mark.parametrize(
    ("kind", "pressed", "sentence"),
    [
        ("love_it", "Love it", "Maya will see that you love it."),
        ("not_for_me", "Not for me", "Thank you. Maya will not show you this one again."),
    ],
)
def test_lookbook_writes_her_word_down_and_shows_it(
    client: Client, book: Lookbook, kind: str, pressed: str, sentence: str
) -> None:
    product, other = put_into(book, 1), put_into(book, 2)

    response = say(client, book, product, kind)

    page = read(response)
    assert response.redirect_chain == [(f"/l/{book.token}/#piece-1", 302)]
    assert standing() == [(product.style, kind, None)]
    assert answers(page, product)[pressed] == ("", "true")
    assert [value[1] for value in answers(page, other).values()] == ["false", "false"]
    assert said_of(page) == [sentence, ""]
    assert opened_at(book) is None  # this test's browser says nothing of itself


def test_lookbook_takes_a_repeated_answer_once_and_back_on_the_next_press(  # type: ignore[no-untyped-def]
    client: Client, book: Lookbook, later
) -> None:
    product = put_into(book, 1)
    say(client, book, product, "love_it")
    say(client, book, product, "love_it")

    twice = standing()
    later(NOON + timedelta(minutes=1))
    page = read(say(client, book, product, ""))
    say(client, book, product, "")

    assert twice == [(product.style, "love_it", None)]
    assert standing() == []
    assert answers(page, product)["Love it"] == ("love_it", "false")


def test_lookbook_lets_her_change_her_mind(client: Client, book: Lookbook) -> None:
    product = put_into(book, 1)
    say(client, book, product, "love_it")

    page = read(say(client, book, product, "not_for_me"))

    assert standing() == [(product.style, "not_for_me", None)]
    assert {name: value[1] for name, value in answers(page, product).items()} == {
        "Love it": "false",
        "Not for me": "true",
    }


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"kind": "love_it"},
        {"product": "no-such-style", "kind": "love_it"},
        {"product": "a\x00b", "kind": "love_it"},
        {"product": "x" * 9_000, "kind": "love_it"},
        {"product": "OWN", "kind": "ignored"},
        {"product": "OWN", "kind": "tried_not_right"},
        {"product": "OWN", "kind": "'; DROP TABLE"},
        {"product": "FOREIGN", "kind": "not_for_me"},
    ],
)
def test_lookbook_takes_no_other_words(
    client: Client, book: Lookbook, words: dict[str, str]
) -> None:
    styles = {"OWN": put_into(book, 1).style, "FOREIGN": ProductFactory().style}
    named = words.get("product", "")

    response = client.post(f"/l/{book.token}/", {**words, "product": styles.get(named, named)})

    assert (response.status_code, standing()) == (404, [])


def test_lookbook_takes_no_words_once_it_has_closed(  # type: ignore[no-untyped-def]
    client: Client, book: Lookbook, later
) -> None:
    product = put_into(book, 1)
    later(book.expires_at)

    response = say(client, book, product, "love_it")

    assert (response.status_code, standing()) == (404, [])


def test_lookbook_does_not_take_the_words_of_staff_for_hers(
    client: Client, book: Lookbook, associate: User
) -> None:
    product = put_into(book, 1)
    client.force_login(associate)

    page = read(say(client, book, product, "love_it"))

    assert standing() == []
    assert page.one(role="alert").text.startswith("You are signed in")


def test_lookbook_keeps_to_itself_what_the_associate_noted(
    client: Client, book: Lookbook, associate: User, amanda: Customer
) -> None:
    product = put_into(book, 1)
    FeedbackFactory(customer=amanda, product=product, kind="not_for_me", said_by=associate)

    page = read(say(client, book, product, ""))

    assert standing() == [(product.style, "not_for_me", associate.pk)]
    assert answers(page, product)["Not for me"] == ("not_for_me", "false")


def test_answer_to_a_lookbook_keeps_the_headers_and_sets_no_cookie(
    client: Client, book: Lookbook
) -> None:
    product = put_into(book, 1)

    response = client.post(f"/l/{book.token}/", {"product": product.style, "kind": "love_it"})

    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "private, no-store"
    assert response.cookies == {}


def test_lookbook_needs_no_form_token(book: Lookbook) -> None:
    product = put_into(book, 1)

    response = say(Client(enforce_csrf_checks=True), book, product, "love_it")

    assert (response.status_code, len(standing())) == (200, 1)
