"""R34: pictures are noted with the words and fetched by a worker, once, in its own time."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from clienteling import clock
from outreach.messages import inbound, pictures, simulated_carrier
from outreach.messages.inbound import WordsEvent
from outreach.messages.pictures import Media
from outreach.messages.providers.receipts import Refused, Temporary
from outreach.models import Reply, ReplyPicture
from tests.factories import ReplyFactory
from tests.outreach.messages.worlds import PHONE, associate_with_client

pytestmark = pytest.mark.django_db

KEPT, REFUSED, WAITING = ReplyPicture.State.KEPT, ReplyPicture.State.REFUSED, "waiting"
PICTURE = Media("https://api.twilio.com/…/ME1", "image/jpeg")


class Wire:
    """Answers in turn with bytes or an error, and remembers what it was asked for."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers, self.asked = list(answers), list[str]()

    def __call__(self, source: str) -> bytes:
        self.asked.append(source)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    fake = Wire()
    monkeypatch.setattr(pictures, "fetchers", lambda: {"twilio": fake})
    return fake


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def noted(*media: Media, now: datetime) -> list[ReplyPicture]:
    reply = ReplyFactory(provider="twilio", body="")
    pictures.note(reply, media, now=now)
    return list(reply.pictures.all())


def words(*media: Media, now: datetime) -> WordsEvent:
    return WordsEvent("twilio", "MM1", "sms", PHONE, "", now, media=media)


def test_apply_notes_pictures_with_her_words_and_hints_a_worker(
    now: datetime, hinted: list, django_capture_on_commit_callbacks: Any
) -> None:
    _, amanda = associate_with_client()

    with django_capture_on_commit_callbacks(execute=True):
        inbound.apply(words(PICTURE, PICTURE, PICTURE, now=now))

    reply = Reply.objects.get(customer=amanda)
    numbers = list(reply.pictures.values_list("pk", flat=True))
    assert [each.state for each in reply.pictures.all()] == [WAITING] * 3
    assert hinted == [("fetch_picture", (number,), 0.0) for number in numbers]


def test_apply_the_same_text_twice_notes_its_pictures_once(now: datetime) -> None:
    associate_with_client()

    heard = [inbound.apply(words(PICTURE, now=now)) for _ in range(2)]

    assert (heard, ReplyPicture.objects.count()) == ([True, False], 1)


@pytest.mark.parametrize(
    "kind", ["image/svg+xml", "text/html", "video/mp4", "application/pdf", "image/heic", ""]
)
def test_note_refuses_what_is_not_said_to_be_a_picture(now: datetime, kind: str) -> None:
    [picture] = noted(Media("https://api.twilio.com/x", kind), now=now)

    assert (picture.state, picture.source) == (REFUSED, "")
    assert picture.reason == "Something other than a picture came with it; it was not fetched."


def test_note_takes_no_more_than_a_text_may_hold(now: datetime) -> None:
    assert len(noted(*[PICTURE] * 11, now=now)) == 10


def test_fetch_keeps_a_picture_of_our_own_making(now: datetime, wire: Wire) -> None:
    wire.answers = [photo()]
    [picture] = noted(PICTURE, now=now)

    state = pictures.fetch(picture.pk, now=now)

    picture.refresh_from_db()
    assert (state, picture.state, picture.width, picture.height) == (KEPT, KEPT, 40, 30)
    assert bytes(picture.content).startswith(b"\xff\xd8\xff")
    assert wire.asked == [PICTURE.source]


def test_fetch_asked_five_times_fetches_once(now: datetime, wire: Wire) -> None:
    wire.answers = [photo()]
    [picture] = noted(PICTURE, now=now)

    outcomes = [pictures.fetch(picture.pk, now=now) for _ in range(5)]

    assert outcomes == [KEPT, None, None, None, None]
    assert len(wire.asked) == 1


def test_fetch_leaves_alone_what_another_worker_has(now: datetime, wire: Wire) -> None:
    wire.answers = [photo()]
    [picture] = noted(PICTURE, now=now)
    pictures._claimed(picture.pk, now=now)

    assert pictures.fetch(picture.pk, now=now + timedelta(minutes=4)) is None
    assert pictures.fetch(picture.pk, now=now + timedelta(minutes=5)) == KEPT


def test_fetch_tries_again_later_and_gives_up_in_the_end(now: datetime, wire: Wire) -> None:
    wire.answers = [Temporary("not there yet")] * 5
    [picture] = noted(PICTURE, now=now)
    moments = [now + timedelta(minutes=minutes) for minutes in (0, 1, 6, 36, 156)]

    early = [pictures.fetch(picture.pk, now=each - timedelta(seconds=1)) for each in moments[:1]]
    states = [pictures.fetch(picture.pk, now=each) for each in moments]

    assert (early, states) == ([None], [WAITING] * 4 + [REFUSED])
    picture.refresh_from_db()
    assert picture.reason == "The picture could not be fetched."


@pytest.mark.parametrize("answer", [Refused("", "Not ours."), b"<svg onload=alert(1)>"])
def test_fetch_refuses_for_good(now: datetime, wire: Wire, answer: bytes | Exception) -> None:
    wire.answers = [answer]
    [picture] = noted(PICTURE, now=now)

    outcomes = [pictures.fetch(picture.pk, now=now) for _ in range(2)]

    picture.refresh_from_db()
    assert outcomes == [REFUSED, None]
    assert (bytes(picture.content), bool(picture.reason)) == (b"", True)


def test_fetch_refuses_what_came_by_a_carrier_that_is_gone(now: datetime, wire: Wire) -> None:
    reply = ReplyFactory(provider="somebody else")
    pictures.note(reply, [PICTURE], now=now)

    assert pictures.fetch(reply.pictures.get().pk, now=now) == REFUSED
    assert wire.asked == []


def test_hint_due_names_what_waits_and_nothing_else(
    now: datetime, wire: Wire, hinted: list
) -> None:
    wire.answers = [photo()]
    first, second, _ = noted(PICTURE, PICTURE, Media("x", "text/html"), now=now)
    pictures.fetch(first.pk, now=now)

    named = pictures.hint_due(now=now + timedelta(seconds=10))

    assert (named, hinted) == (1, [("fetch_picture", (second.pk,), 0.0)])
    assert pictures.hint_due(now=now + timedelta(seconds=9)) == 0


def test_simulated_phone_sends_a_picture_by_the_same_road(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, amanda = associate_with_client()
    monkeypatch.setattr(clock, "now", lambda: now)

    simulated_carrier.write(channel="sms", address=PHONE, body="", has_picture=True, now=now)

    picture = ReplyPicture.objects.get(reply__customer=amanda)
    assert pictures.fetch(picture.pk, now=now) == KEPT
