import pytest

from outreach.messages import keywords
from outreach.models import Reply


@pytest.mark.parametrize(
    "body",
    [
        *("STOP", "stop", " Stop ", "STOPALL", "Unsubscribe", "CANCEL", "end", "QUIT", "REVOKE"),
        *("OPTOUT", "opt out", "Opt-Out", "Stop.", "STOP!", "\nstop\r\n"),
    ],
)
def test_meaning_takes_a_stop_word_that_is_the_whole_message(body: str) -> None:
    assert keywords.meaning(body) == Reply.Kind.STOP


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("START", Reply.Kind.START),
        ("unstop", Reply.Kind.START),
        ("help", Reply.Kind.HELP),
        ("Yes", Reply.Kind.WORDS),
        ("can't stop wearing them!", Reply.Kind.WORDS),
        ("I will stop by on Friday", Reply.Kind.WORDS),
        ("", Reply.Kind.WORDS),
    ],
)
def test_meaning_leaves_sentences_to_a_person(body: str, kind: Reply.Kind) -> None:
    assert keywords.meaning(body) == kind


@pytest.mark.parametrize(
    "body",
    [
        "please stop texting me",
        "Please stop",
        "Stop please",
        "remove me",
        "Take me off your list",
        "wrong number",
        "Don’t text me again",
        "I want to opt out of this",
        "no more messages",
        "Leave me alone",
    ],
)
def test_may_ask_to_stop_hears_a_wish_in_free_words(body: str) -> None:
    assert keywords.may_ask_to_stop(body)


@pytest.mark.parametrize(
    "body",
    [
        "can't stop wearing them!",
        "I'll stop by on Friday",
        "Please stop by my office with them",
        "Could you write me the price?",
        "Remove the laces and I take them",
        "These are the wrong size",
    ],
)
def test_may_ask_to_stop_is_quiet_about_shopping(body: str) -> None:
    assert not keywords.may_ask_to_stop(body)
