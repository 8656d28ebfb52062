"""What a carrier is given of a frozen message."""

from datetime import timedelta
from typing import Any

import pytest

from outreach import lookbook
from outreach.messages import envelope, unsubscribe_link
from outreach.messages.providers.mail import html_of, text_of
from outreach.models import Message
from tests.factories import (
    NOON,
    LookbookFactory,
    LookbookItemFactory,
    MessageFactory,
    ProductFactory,
    ReplyFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://notes.example.com"


@pytest.fixture
def note() -> Message:
    """Three items: an uploaded photograph, one from a file, and a drawing."""
    pictures: list[dict[str, str]] = [
        {"picture": "products/2026/loafer.JPG"},
        {"image": "pictures/boot & co.png"},
        {"image": "pictures/tote-sand.svg"},
    ]
    book = LookbookFactory()
    for position, picture in enumerate(pictures, start=1):
        product = ProductFactory(name=f'Item "{position}" <b>', **picture)
        LookbookItemFactory(lookbook=book, position=position, product=product)
    return MessageFactory(
        customer=book.customer, lookbook=book, channel="email", to_address="amanda@example.com"
    )


def test_pack_takes_the_pictures_that_mail_programs_draw(note: Message) -> None:
    outgoing = envelope.pack(note)

    assert outgoing.pictures == (
        ('Item "1" <b>', "https://notes.example.com/media/products/2026/loafer.JPG"),
        ('Item "2" <b>', "https://notes.example.com/static/pictures/boot%20%26%20co.png"),
    )
    assert outgoing.page_url == lookbook.url(note.lookbook)
    token = outgoing.unsubscribe_url.rstrip("/").rpartition("/")[2]
    assert unsubscribe_link.message_of(token) == note


def test_pack_writes_also_when_a_picture_was_never_published(
    note: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(image: str) -> str:
        raise ValueError(f"Missing staticfiles manifest entry for {image!r}")

    monkeypatch.setattr("catalog.models.static", missing)

    assert [name for name, _ in envelope.pack(note).pictures] == ['Item "1" <b>']


def test_pack_gives_a_text_neither_pictures_nor_links(note: Message) -> None:
    note.channel = "sms"

    outgoing = envelope.pack(note)

    assert (outgoing.pictures, outgoing.page_url, outgoing.unsubscribe_url) == ((), "", "")


def test_html_shows_every_picture_with_its_name_and_the_way_to_it(note: Message) -> None:
    html = html_of(envelope.pack(note))

    for number, file in ((1, "media/products/2026/loafer.JPG"), (2, "boot%20%26%20co.png")):
        assert f"{file}" in html
        assert f'alt="Item &quot;{number}&quot; &lt;b&gt;"' in html
    assert html.count(f'<a href="{lookbook.url(note.lookbook)}">') == 2
    assert "<b>" not in html


def test_text_and_html_hold_the_postal_address_and_the_way_out(note: Message) -> None:
    outgoing = envelope.pack(note)

    for part in (text_of(outgoing), html_of(outgoing)):
        assert "1 Oak Street, Chicago, IL 60611" in part
        assert outgoing.unsubscribe_url in part


@pytest.mark.parametrize(
    ("provider_id", "named"),
    [
        ("<hers@mail.example>", "<hers@mail.example>"),
        ("sha256:0a1b", ""),
        ("<hers@mail.example>\r\nBcc: all@example.com", ""),
        ("<a@b> <c@d>", ""),
    ],
)
def test_pack_names_the_mail_it_answers(note: Message, provider_id: str, named: str) -> None:
    for number, (each, hours) in enumerate([("<older@mail.example>", 5), (provider_id, 1)]):
        ReplyFactory(
            customer=note.customer,
            channel="email",
            provider="imap",
            provider_id=each,
            received_at=NOON - timedelta(hours=hours, seconds=number),
        )

    note.step = "answer"
    assert envelope.pack(note).answers == named
    note.step = "offer"
    assert envelope.pack(note).answers == ""
