"""Telling associates in the evening: by each store's clock, once, and only who has something."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from clienteling.models import User
from outreach.day import digests
from outreach.messages import staff_mail
from outreach.models import EveningDigest, Notice, WritingStyle
from tests.factories import NOON, ReplyFactory, StoreFactory, UserFactory
from tests.outreach.scenes import lapsed_client

pytestmark = pytest.mark.django_db
SIX = NOON.replace(hour=23)  # 18:00 in Chicago


@pytest.fixture
def associate() -> User:
    return UserFactory(email="maya@shop.example.com")


def busy(associate: User) -> None:
    """A client of hers wrote at noon."""
    customer = lapsed_client(associate, first_name="Amanda", last_name="Reyes")
    ReplyFactory(customer=customer, received_at=NOON, body="Oh lovely!")


def test_digest_comes_at_six_by_the_stores_clock(associate: User) -> None:
    busy(associate)

    before = digests.tell_all(now=SIX - timedelta(seconds=1))
    at_six = digests.tell_all(now=SIX)

    assert (before, at_six) == (0, 1)
    [digest] = EveningDigest.objects.all()
    assert (digest.on, digest.answered, digest.waiting) == (NOON.date(), 1, 1)


def test_each_store_has_its_own_evening(associate: User) -> None:
    in_paris = UserFactory(store=StoreFactory(timezone="Europe/Paris"))
    busy(associate)
    busy(in_paris)

    digests.tell_all(now=NOON)  # 19:00 in Paris

    assert [each.associate for each in EveningDigest.objects.all()] == [in_paris]


def test_digest_comes_once_an_evening_and_again_the_next(associate: User) -> None:
    busy(associate)

    told = [
        digests.tell_all(now=SIX),
        digests.tell_all(now=SIX + timedelta(minutes=5)),
        digests.tell_all(now=SIX + timedelta(days=1)),
    ]

    assert told == [1, 0, 1]
    assert Notice.objects.count() == 2


def test_nobody_is_told_at_night(associate: User) -> None:
    busy(associate)

    assert digests.tell_all(now=SIX + timedelta(hours=4)) == 0


def test_nothing_is_told_to_who_has_nothing(associate: User) -> None:
    lapsed_client(associate)

    assert digests.tell_all(now=SIX) == 0


def test_who_has_left_is_told_nothing(associate: User) -> None:
    busy(associate)
    User.objects.update(is_active=False)

    assert digests.tell_all(now=SIX) == 0


def test_notice_stands_in_the_inbox_in_numbers_alone(associate: User) -> None:
    busy(associate)

    digests.tell_all(now=SIX)

    notice = Notice.objects.get()
    assert (notice.recipient, notice.customer) == (associate, None)
    assert notice.sentence == (
        "Monday: 1 client answered, 0 looked at what you sent, 0 bought; 1 waits for an answer."
    )


def test_asks_as_often_for_one_associate_as_for_three(django_assert_num_queries: Any) -> None:
    store = StoreFactory()
    for _ in range(3):
        lapsed_client(UserFactory(store=store))

    with django_assert_num_queries(1):
        told = digests.tell(store, now=SIX)

    assert (told, Notice.objects.count()) == (0, 0)


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What the mail server was given."""
    found: list[tuple[str, str, str]] = []
    monkeypatch.setattr(staff_mail, "is_possible", lambda: True)
    monkeypatch.setattr(
        staff_mail,
        "send",
        lambda address, *, subject, words: found.append((address, subject, words)),
    )
    return found


def test_mail_goes_once_to_who_asked_for_it_and_names_nobody(
    associate: User, posted: list[tuple[str, str, str]]
) -> None:
    busy(associate)
    WritingStyle.objects.create(associate=associate, wants_evening_mail=True)
    digests.tell_all(now=SIX)

    sent = [digests.mail_all(now=SIX), digests.mail_all(now=SIX + timedelta(minutes=5))]

    assert sent == [1, 0]
    [(address, subject, words)] = posted
    assert (address, subject) == ("maya@shop.example.com", "Your evening")
    assert words.startswith("Monday: 1 client answered")
    assert "/evening/" in words
    for hers in ("Amanda", "Reyes", "lovely"):
        assert hers not in words


@pytest.mark.parametrize("why", ["not asked for", "no address", "no server", "hours ago"])
def test_no_mail_otherwise(
    associate: User, posted: list[Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(associate)
    WritingStyle.objects.create(associate=associate, wants_evening_mail=why != "not asked for")
    if why == "no address":
        User.objects.update(email="")
    if why == "no server":
        monkeypatch.setattr(staff_mail, "is_possible", lambda: False)
    digests.tell_all(now=SIX)

    digests.mail_all(now=SIX + timedelta(hours=7 if why == "hours ago" else 0))

    assert posted == []


def test_mail_that_fails_is_not_repeated(
    associate: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    busy(associate)
    WritingStyle.objects.create(associate=associate, wants_evening_mail=True)
    settings.EMAIL_URL = "smtp://127.0.0.1:1"  # nobody listens there
    digests.tell_all(now=SIX)

    sent = [digests.mail_all(now=SIX), digests.mail_all(now=SIX)]

    assert sent == [0, 0]
    assert mail.outbox == []
