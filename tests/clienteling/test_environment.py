from datetime import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from clienteling import environment

NAME = "A_VARIABLE"


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def setenv(value: str) -> None:
        monkeypatch.setenv(NAME, value)

    return setenv


@pytest.mark.parametrize(
    ("said", "value"), [("", "default"), ("   ", "default"), ("  a b ", "a b")]
)
def test_text_drops_the_blanks_around_it(say, said: str, value: str) -> None:  # type: ignore[no-untyped-def]
    say(said)

    assert environment.text(NAME, "default") == value


def test_an_unset_variable_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)

    assert environment.text(NAME) == ""
    assert environment.flag(NAME, True) is True
    assert environment.whole_number(NAME, -3, least=-5) == -3
    assert environment.words(NAME, "a,b") == ["a", "b"]
    assert environment.time_of_day(NAME, None) is None
    assert environment.folder(NAME, Path("/var/shop")) == Path("/var/shop")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1", True),
        ("TRUE", True),
        ("yes", True),
        ("On", True),
        ("0", False),
        ("false", False),
        ("No", False),
        ("off", False),
        ("", True),
    ],
)
def test_flag_knows_the_usual_words(say, said: str, value: bool) -> None:  # type: ignore[no-untyped-def]
    say(said)

    assert environment.flag(NAME, True) is value


@pytest.mark.parametrize(("said", "least", "value"), [("8", 0, 8), ("0", 0, 0), (" 1 ", 1, 1)])
def test_whole_number_may_be_as_small_as_its_least(  # type: ignore[no-untyped-def]
    say, said: str, least: int, value: int
) -> None:
    say(said)

    assert environment.whole_number(NAME, 5, least=least) == value


def test_words_are_parted_by_commas(say) -> None:  # type: ignore[no-untyped-def]
    say(" shop.example , ,www.shop.example,")

    assert environment.words(NAME) == ["shop.example", "www.shop.example"]


def test_time_of_day_is_local(say) -> None:  # type: ignore[no-untyped-def]
    say("10:30")

    assert environment.time_of_day(NAME, None) == time(10, 30)


def test_folder_is_absolute(say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    say("media/../files")

    assert environment.folder(NAME, Path("/elsewhere")) == tmp_path.resolve() / "files"


@pytest.mark.parametrize(
    ("read", "said", "sentence"),
    [
        (
            lambda: environment.flag(NAME, False),
            "perhaps",
            "A_VARIABLE must be 1 or 0 (or true or false), not 'perhaps'.",
        ),
        (
            lambda: environment.whole_number(NAME, 8),
            "eight",
            "A_VARIABLE must be a whole number, not 'eight'.",
        ),
        (
            lambda: environment.whole_number(NAME, 8),
            "1.5",
            "A_VARIABLE must be a whole number, not '1.5'.",
        ),
        (
            lambda: environment.whole_number(NAME, 8, least=1),
            "0",
            "A_VARIABLE must be 1 or more, not 0.",
        ),
        (
            lambda: environment.time_of_day(NAME, None),
            "25:00",
            "A_VARIABLE must be a time such as 10:30, not '25:00'.",
        ),
    ],
)
def test_nonsense_is_refused_in_one_sentence(say, read, said: str, sentence: str) -> None:  # type: ignore[no-untyped-def]
    say(said)

    with pytest.raises(ImproperlyConfigured) as refused:
        read()

    assert str(refused.value) == sentence
