from outreach.messages.holdout import is_held_out


def held_out(percent: int) -> set[int]:
    return {number for number in range(1, 10_001) if is_held_out(number, percent=percent)}


def test_is_held_out_draws_about_the_share_that_was_asked_for() -> None:
    assert held_out(0) == set()
    assert 920 <= len(held_out(10)) <= 1_080
    assert 4_850 <= len(held_out(50)) <= 5_150


def test_is_held_out_answers_the_same_for_ever() -> None:
    assert sorted(held_out(1))[:5] == [280, 421, 620, 682, 822]


def test_a_larger_share_keeps_those_who_were_held_out_before() -> None:
    assert held_out(10) < held_out(20)
