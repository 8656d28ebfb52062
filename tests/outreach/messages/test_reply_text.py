import time

import pytest

from outreach.messages.reply_text import first_paragraph, own_words, text_of_html

QUOTE = "> Dear Amanda,\n>\n> 1. Marlow loafer, $265\n>\n> No more email from us: https://x/u/t/\n"


@pytest.mark.parametrize(
    "mail",
    [
        f"Yes please!\n\nOn Mon, 15 Jun 2026 at 12:00, Maya <notes@shop.example> wrote:\n{QUOTE}",
        f"Yes please!\r\n\r\nOn 15 June 2026 at 12:00,\r\nMaya at Oak Street wrote:\r\n\r\n{QUOTE}",
        f"On Mon, 15 Jun 2026 at 12:00, Maya wrote:\n{QUOTE}\nYes please!\n",
        "Yes please!\n\nOn 15 Jun 2026, at 12:00, Maya <notes@shop.example> wrote:\n\nDear Amanda",
        f"Yes please!\n\nAm 15.06.2026 um 12:00 schrieb Maya <notes@shop.example>:\n{QUOTE}",
        f"Yes please!\n\nLe lun. 15 juin 2026 à 12:00, Maya <n@shop.example> a écrit :\n{QUOTE}",
        f"Yes please!\n\nEl 15/6/2026, a las 12:00, Maya <n@shop.example> escribió:\n{QUOTE}",
        "Yes please!\n\n-----Original Message-----\nFrom: Maya\nDear Amanda",
        "Yes please!\n\n________________________________\nFrom: Maya <notes@shop.example>\n"
        "Sent: Monday, June 15, 2026 12:00 PM\nTo: amanda@example.com\nSubject: New here\n\nDear A",
        "Yes please!\n\n*From:* Maya\n*Sent:* Monday\n*To:* amanda@example.com\n\nDear Amanda",
        "Yes please!\n\nSent from my iPhone\n\nBegin forwarded message:",
        "Yes please!\n\nGet Outlook for Android",
        "Yes please!\n\nVon meinem iPhone gesendet",
        "Yes please!\n\n-- \nAmanda Reyes\nReyes & Daughters, Chicago",
        "  Yes please!  \n\n\n",
    ],
)
def test_own_words_leaves_what_she_quotes_and_signs(mail: str) -> None:
    assert own_words(mail) == "Yes please!"


def test_own_words_keeps_answers_between_the_quotes() -> None:
    mail = "On 15 Jun 2026 Maya wrote:\n> The loafer?\nYes.\n> The boot?\nNo, thank you.\n"

    assert own_words(mail) == "Yes.\nNo, thank you."


@pytest.mark.parametrize(
    "words",
    [
        "On Monday my sister wrote:\nget the brown ones. So I will!",
        "To: my favorite store\nThank you!",
        "I sent it from my sister's house.",
        "Sent from heaven, these shoes.",
        "I would like\n\n- the loafer\n- the boot\n\nand 2 > 1, as they say.",
        "👠" * 50,
        "Do you have 38 -- or 39?",
    ],
)
def test_own_words_keeps_what_only_looks_like_an_end(words: str) -> None:
    assert own_words(words) == words


def test_own_words_is_empty_when_all_is_quoted() -> None:
    assert own_words(f"On 15 Jun 2026 at 12:00, Maya wrote:\n{QUOTE}") == ""


def test_own_words_has_a_limit() -> None:
    assert len(own_words("word " * 10_000)) <= 10_000


@pytest.mark.parametrize(
    "text",
    ["\n" * 300_000, "> " * 150_000, "On x\n" * 60_000, "On 2026 " * 40_000, "From: x\n" * 40_000],
)
def test_own_words_is_not_kept_busy(text: str) -> None:
    started = time.process_time()

    own_words(text)

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "html", ["<div>" * 100_000, "<p>x" * 120_000, "<b>" * 90 + "</i>" * 100_000, "<" * 400_000]
)
def test_text_of_html_is_not_kept_busy(html: str) -> None:
    started = time.process_time()

    text_of_html(html)

    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("words", "first"),
    [("STOP\n\nAmanda", "STOP"), ("Stop it\nnow", "Stop it\nnow"), ("", "")],
)
def test_first_paragraph_ends_at_a_blank_line(words: str, first: str) -> None:
    assert first_paragraph(words) == first


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Yes &amp; no</p><p>Really.</p>", "Yes & no\n\nReally."),
        ("Yes<br>please", "Yes\nplease"),
        ('<div>Yes</div><div class="gmail_quote">On … wrote: <p>Dear</p></div>', "Yes"),
        ('<div>Yes</div><blockquote type="cite"><p>Dear</p></blockquote>', "Yes"),
        ('<p>Yes</p><div id="divRplyFwdMsg">From: Maya</div><div>Dear</div>', "Yes"),
        ("<style>p { color: red }</style><script>alert(1)</script><p>Yes</p>", "Yes"),
        ("<p>unclosed <b>tags <i>everywhere", "unclosed tags everywhere"),
        ("", ""),
    ],
)
def test_text_of_html_reads_what_a_person_would(html: str, text: str) -> None:
    assert text_of_html(html) == text
