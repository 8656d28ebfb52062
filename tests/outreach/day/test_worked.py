import pytest

from outreach.day.worked import Worked


def worked(good: int, sent: int) -> Worked:
    return Worked(sent=sent, answered=good, bought=0, worked=good)


def test_interval_holds_the_share_and_narrows_with_every_note() -> None:
    few, many = worked(4, 5), worked(80, 100)

    assert few.interval == pytest.approx((0.3446, 0.7596), abs=0.001)
    assert many.interval[0] < 81 / 104 < many.interval[1]
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]


def test_rank_puts_nine_of_ten_before_one_of_one() -> None:
    phrases = {
        "one of one": worked(1, 1),
        "nine of ten": worked(9, 10),
        "none of three": worked(0, 3),
    }

    assert sorted(phrases, key=lambda name: -phrases[name].rank) == [
        "nine of ten",
        "one of one",
        "none of three",
    ]


def test_phrase_never_sent_stands_at_the_shops_experience() -> None:
    assert worked(0, 0).interval == pytest.approx((0.0345, 0.5358), abs=0.001)


def test_words_say_what_was_counted_and_how_sure_it_is() -> None:
    tried = Worked(sent=5, answered=4, bought=1, worked=4)

    assert tried.counts == "answered 4 of 5, 1 bought"
    assert tried.outlook == "of ten more, 3 to 8 are likely to work"
