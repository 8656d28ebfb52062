from datetime import date, timedelta

from outreach.day import rhythm_picture
from outreach.day.rhythm_picture import RhythmPicture

TODAY = date(2026, 6, 15)


def visits(*days_ago: int) -> list[date]:
    return [TODAY - timedelta(days=days) for days in days_ago]


def test_drawn_puts_visits_on_a_line_and_the_gap_to_today() -> None:
    picture = rhythm_picture.drawn(visits(100, 200, 150), today=TODAY)

    assert picture == RhythmPicture(
        dots=(8, 79, 150),
        base="M8 10H150",
        gap="M156 10H288",
        since="Nov 2025",
        label="3 visits since November 2025, then none for 100 days",
    )


def test_drawn_of_one_visit_has_no_line_before_it() -> None:
    picture = rhythm_picture.drawn(visits(1), today=TODAY)

    assert picture == RhythmPicture(
        dots=(8,),
        base="",
        gap="M14 10H288",
        since="Jun 2026",
        label="1 visit in June 2026, then none for a day",
    )


def test_drawn_of_a_visit_today_stays_inside_the_picture() -> None:
    picture = rhythm_picture.drawn(visits(10, 0), today=TODAY)

    assert picture is not None
    assert (picture.dots, picture.gap) == ((8, 292), "M292 10H288")
    assert picture.label == "2 visits since June 2026, the last of them today"


def test_drawn_keeps_the_last_ten_visits_and_says_so() -> None:
    ten = rhythm_picture.drawn(visits(*range(10, 110, 10)), today=TODAY)
    eleven = rhythm_picture.drawn(visits(*range(10, 120, 10)), today=TODAY)

    assert ten is not None
    assert eleven is not None
    assert (len(ten.dots), len(eleven.dots)) == (10, 10)
    assert ten.label == "10 visits since March 2026, then none for 10 days"
    assert eleven.label == "The last 10 visits since March 2026, then none for 10 days"


def test_drawn_counts_a_day_once_and_the_future_not_at_all() -> None:
    picture = rhythm_picture.drawn([*visits(40, 40, 20), TODAY + timedelta(days=1)], today=TODAY)

    assert picture is not None
    assert len(picture.dots) == 2


def test_drawn_of_a_client_who_never_bought_is_nothing() -> None:
    assert rhythm_picture.drawn([], today=TODAY) is None
    assert rhythm_picture.drawn([TODAY + timedelta(days=1)], today=TODAY) is None
