import pytest

from clienteling.folding import fold


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        ("Amanda", "amanda"),
        ("  Élodie  O'Brien ", "elodie o'brien"),
        ("O\tBrien\n", "o brien"),
        ("Søren Łukasz Đurđa", "soren lukasz durda"),
        ("Groß", "gross"),
        ("GROẞ", "gross"),
        ("Œuvre Æsir Þór Ðagur", "oeuvre aesir thor dagur"),
        ("İpek Işık", "ipek isik"),
        ("Zo\u0065\u0301", "zoe"),
        ("ｆｕｌｌ", "full"),
        ("李 小龍", "李 小龍"),
        ("", ""),
    ],
)
def test_fold_leaves_what_a_person_types(words: str, folded: str) -> None:
    assert fold(words) == folded


@pytest.mark.parametrize("words", ["Élodie  O'Brien", "İpek Işık", "Groß", "Œuvre", " A  b "])
def test_fold_of_folded_words_changes_nothing(words: str) -> None:
    assert fold(fold(words)) == fold(words)


def test_fold_finds_composed_and_decomposed_letters_alike() -> None:
    assert fold("\u00e9") == fold("e\u0301") == "e"
