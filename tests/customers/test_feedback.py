from datetime import datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers import feedback
from customers.facts import client_facts
from customers.feedback import KIND_NUMBERS, Kind, Silence
from customers.models import Feedback
from tests.factories import (
    CustomerFactory,
    FeedbackFactory,
    ProductFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

A_DAY = timedelta(days=1)


def standing() -> list[tuple[str, datetime, int | None]]:
    return list(Feedback.objects.values_list("kind", "said_at", "said_by"))


def test_say_writes_a_word_and_by_whom(now: datetime) -> None:
    customer, product, associate = CustomerFactory(), ProductFactory(), UserFactory()

    word = feedback.say(customer, product, Kind.LOVE_IT, at=now, by=associate)

    assert (word.customer, word.product, word.kind) == (customer, product, "love_it")
    assert standing() == [("love_it", now, associate.pk)]


@pytest.mark.parametrize("kind", [Kind.LOVE_IT, Kind.NOT_FOR_ME, Kind.TRIED_NOT_RIGHT])
def test_later_word_takes_the_place_of_an_earlier_one(kind: Kind, now: datetime) -> None:
    customer, product = CustomerFactory(), ProductFactory()
    feedback.say(customer, product, Kind.NOT_FOR_ME, at=now - A_DAY)

    word = feedback.say(customer, product, kind, at=now)

    assert (word.kind, word.said_at) == (kind, now)
    assert Feedback.objects.count() == 1


def test_older_word_that_comes_late_changes_nothing(now: datetime) -> None:
    customer, product = CustomerFactory(), ProductFactory()
    feedback.say(customer, product, Kind.LOVE_IT, at=now)

    word = feedback.say(customer, product, Kind.NOT_FOR_ME, at=now - A_DAY)

    assert (word.kind, word.said_at) == (Kind.LOVE_IT, now)


def test_of_two_words_of_one_moment_the_second_stands(now: datetime) -> None:
    customer, product = CustomerFactory(), ProductFactory()
    feedback.say(customer, product, Kind.LOVE_IT, at=now)

    word = feedback.say(customer, product, Kind.NOT_FOR_ME, at=now)

    assert word.kind == Kind.NOT_FOR_ME


def test_nobody_says_ignored(now: datetime) -> None:
    customer, product = CustomerFactory(), ProductFactory()

    with pytest.raises(ValueError, match="note_ignored"):
        feedback.say(customer, product, Kind.IGNORED, at=now)


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_silence_never_takes_the_place_of_a_word(days: int, now: datetime) -> None:
    word = FeedbackFactory(kind=Kind.LOVE_IT, said_at=now)

    written = feedback.note_ignored(
        [Silence(word.customer_id, word.product_id, now + days * A_DAY)]
    )

    assert (written, standing()) == (0, [("love_it", now, None)])


def test_word_takes_the_place_of_a_silence_noticed_later(now: datetime) -> None:
    silence = FeedbackFactory(kind=Kind.IGNORED, said_at=now)

    word = feedback.say(silence.customer, silence.product, Kind.LOVE_IT, at=now - A_DAY)

    assert (word.kind, word.said_at) == (Kind.LOVE_IT, now - A_DAY)


def test_note_ignored_keeps_the_newest_and_counts_only_what_is_new(now: datetime) -> None:
    customer, product, other = CustomerFactory(), ProductFactory(), ProductFactory()
    silences = [
        Silence(customer.pk, product.pk, now),
        Silence(customer.pk, product.pk, now - A_DAY),
        Silence(customer.pk, other.pk, now),
    ]

    first, again = feedback.note_ignored(silences), feedback.note_ignored(silences)
    later = feedback.note_ignored([Silence(customer.pk, product.pk, now + A_DAY)])

    assert (first, again, later) == (2, 0, 1)
    assert sorted(standing()) == [("ignored", now, None), ("ignored", now + A_DAY, None)]


def test_note_ignored_of_nothing_writes_nothing() -> None:
    assert feedback.note_ignored([]) == 0


def test_forget_takes_back_her_own_word(now: datetime) -> None:
    word = FeedbackFactory(said_at=now - A_DAY)

    first = feedback.forget(word.customer, word.product, at=now)
    again = feedback.forget(word.customer, word.product, at=now)

    assert (first, again, standing()) == (True, False, [])


def test_forget_leaves_a_word_of_the_other_side(now: datetime) -> None:
    associate = UserFactory()
    hers = FeedbackFactory(said_at=now)
    noted = FeedbackFactory(said_at=now, said_by=associate)

    taken = [
        feedback.forget(hers.customer, hers.product, at=now, by=associate),
        feedback.forget(noted.customer, noted.product, at=now),
    ]

    assert (taken, Feedback.objects.count()) == ([False, False], 2)


def test_forget_leaves_what_was_said_later_and_what_nobody_said(now: datetime) -> None:
    later = FeedbackFactory(said_at=now + A_DAY)
    silence = FeedbackFactory(kind=Kind.IGNORED, said_at=now)

    taken = [feedback.forget(each.customer, each.product, at=now) for each in (later, silence)]

    assert (taken, Feedback.objects.count()) == ([False, False], 2)


def test_client_facts_know_what_was_turned_down_up_to_the_moment(now: datetime) -> None:
    customer = CustomerFactory()
    kinds = (Kind.NOT_FOR_ME, Kind.TRIED_NOT_RIGHT, Kind.LOVE_IT, Kind.IGNORED)
    words = {kind: FeedbackFactory(customer=customer, kind=kind, said_at=now) for kind in kinds}
    FeedbackFactory(customer=customer, said_at=now + timedelta(microseconds=1))
    FeedbackFactory(said_at=now)

    facts = client_facts([customer], now=now)[customer.pk]

    assert facts.not_for_her == {
        words[Kind.NOT_FOR_ME].product_id,
        words[Kind.TRIED_NOT_RIGHT].product_id,
    }


@pytest.mark.parametrize("words", [1, 4])
def test_client_facts_read_words_without_a_further_query(words: int, now: datetime) -> None:
    customer = CustomerFactory()
    FeedbackFactory.create_batch(words, customer=customer)

    with CaptureQueriesContext(connection) as asked:
        client_facts([customer], now=now)

    assert len(asked) == 2


def test_read_feedback_is_as_of_a_moment(now: datetime) -> None:
    words = [
        FeedbackFactory(kind=kind, said_at=now - days * A_DAY)
        for days, kind in enumerate(KIND_NUMBERS)
    ]
    FeedbackFactory(said_at=now + timedelta(seconds=1))

    read = feedback.read_feedback(as_of=now)

    order = np.argsort(read.days)
    assert read.customer[order].tolist() == [word.customer_id for word in words]
    assert read.product[order].tolist() == [word.product_id for word in words]
    assert read.kind[order].tolist() == [1, 2, 3, 4]
    assert read.days[order].tolist() == [0, 1, 2, 3]


def test_read_feedback_of_a_silent_shop_is_empty(now: datetime) -> None:
    read = feedback.read_feedback(as_of=now)

    assert (len(read), read.kind.dtype, read.days.dtype) == (0, np.int8, np.int32)


def test_every_kind_has_a_number() -> None:
    assert sorted(KIND_NUMBERS) == sorted(Kind.values)
