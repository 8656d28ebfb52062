"""Parts drawn once for equal values, and what must be new in each of them all the same."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory

from clienteling import clock, jinja
from clienteling.models import User

CLOCK = "{{ clock_on(note.words) }} in Rome"
PART = "<p>{{ note.words }} by {{ request.user.pk }}</p>{{ csrf_input }}{{ form_token() }}"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PROOF = re.compile(r'name="csrfmiddlewaretoken" value="(\w{64})"')


class Note(NamedTuple):
    words: str


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The parts really drawn, by name."""
    made, engine = [], engines["jinja2"]

    def get_template(name: str) -> object:
        made.append(name)
        return engine.from_string(CLOCK if name == "clock.html" else PART)

    monkeypatch.setattr(engine, "get_template", get_template)
    jinja._drawn.cache_clear()
    yield made
    jinja._drawn.cache_clear()


def asked_by(number: int | None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = User(pk=number) if number else AnonymousUser()
    return request


def drawn(*notes: Note, by: int | None = 1) -> str:
    return jinja.drawn_once("a.html", asked_by(by), "note", notes)


def test_equal_values_are_drawn_once(drawings: list[str]) -> None:
    for words in ("Hello", "Hello", "Good evening", "Hello"):
        assert f"<p>{words} by 1</p>" in drawn(Note(words))

    assert len(drawings) == 2


def test_what_one_reads_is_not_shown_to_another(drawings: list[str]) -> None:
    for number in (1, 2, None):
        assert drawn(Note("Hello"), by=number).startswith(f"<p>Hello by {number}</p>")

    assert len(drawings) == 3


def test_each_has_its_own_proof_and_form_token(drawings: list[str]) -> None:
    first, second = (drawn(Note("Hello")) for _ in range(2))

    for pattern in (UUID, PROOF):
        assert [len(pattern.findall(each)) for each in (first, second)] == [1, 1]
        assert pattern.findall(first) != pattern.findall(second)
    assert len(drawings) == 1


def test_each_of_several_has_a_form_token_of_its_own(drawings: list[str]) -> None:
    both = drawn(Note("Hello"), Note("Good evening"))

    assert len(set(UUID.findall(both))) == 2
    assert len(set(PROOF.findall(both))) == 1
    assert drawn() == ""


def test_clocks_of_a_kept_part_tell_the_time_of_now(
    drawings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = []
    for minute in (0, 5):
        moment = datetime(2026, 6, 15, 17, minute, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        words.append(jinja.drawn_once("clock.html", asked_by(1), "note", [Note("Europe/Rome")]))

    assert words == ["19:00 in Rome", "19:05 in Rome"]
    assert len(drawings) == 1


def test_values_are_escaped(drawings: list[str]) -> None:
    assert "<p>&lt;script&gt; by 1</p>" in drawn(Note("<script>"))


def test_words_that_look_like_a_place_stay_words(drawings: list[str]) -> None:
    """The places are unguessable, so nobody's words can be taken for one."""
    words = "(csrf) {token} {{ csrf_input }}"

    assert f"<p>{words} by 1</p>" in drawn(Note(words))
