import pytest

from outreach.messages import segments
from outreach.messages.segments import Encoding, Segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "remaining"),
    [
        ("", Encoding.GSM7, 0, 0, 160),
        ("a" * 160, Encoding.GSM7, 160, 1, 0),
        ("a" * 161, Encoding.GSM7, 161, 2, 145),
        ("a" * 306, Encoding.GSM7, 306, 2, 0),
        ("a" * 307, Encoding.GSM7, 307, 3, 152),
        ("€" * 80, Encoding.GSM7, 160, 1, 0),
        ("€" * 81, Encoding.GSM7, 162, 2, 143),
        ("é" * 160, Encoding.GSM7, 160, 1, 0),
        ("a" * 68 + "👠", Encoding.UCS2, 70, 1, 0),
        ("a" * 69 + "👠", Encoding.UCS2, 71, 2, 63),
        ("ж" * 70, Encoding.UCS2, 70, 1, 0),
        ("ж" * 71, Encoding.UCS2, 71, 2, 63),
    ],
)
def test_count_cuts_where_the_carrier_cuts(
    text: str, encoding: Encoding, units: int, parts: int, remaining: int
) -> None:
    counted = segments.count(text)

    assert (counted.encoding, counted.units, counted.count, counted.remaining) == (
        encoding,
        units,
        parts,
        remaining,
    )


def test_count_never_tears_an_emoji_between_two_parts() -> None:
    text = "a" * 66 + "👠" + "a" * 10  # the emoji would be units 67 and 68 of the first part

    counted = segments.count(text)

    assert (counted.count, counted.remaining) == (2, 67 - 12)


def test_count_never_tears_an_escaped_character_between_two_parts() -> None:
    text = "a" * 152 + "€" + "a" * 152  # 306 units would fill two parts, were the euro divisible

    assert segments.count(text).count == 3


def test_count_names_each_odd_character_once() -> None:
    assert segments.count("“Hi” — it’s “her”") == Segments(
        Encoding.UCS2, 17, 1, 53, ("“", "”", "—", "’")
    )


def test_in_plain_characters_keeps_the_words_and_saves_a_part() -> None:
    text = "It’s in — really…" + "a" * 100

    plain = segments.in_plain_characters(text)

    assert plain == "It's in - really..." + "a" * 100
    assert (segments.count(text).count, segments.count(plain).count) == (2, 1)
