from datetime import timedelta

import pytest
from django.test import Client

from catalog.models import Product
from clienteling.models import User
from customers.models import Customer
from outreach.models import Lookbook
from tests.factories import (
    NOON,
    LookbookFactory,
    LookbookItemFactory,
    ProductFactory,
    StockLevelFactory,
    VariantFactory,
)
from tests.outreach.scenes import lapsed_client
from tests.outreach.views.page import read

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
    cheaper = put_into(book, 2, size_38=0)
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
