import pytest

from customers.addresses import Address, normalise_email, normalise_phone


@pytest.mark.parametrize(
    ("text", "region", "address"),
    [
        ("(312) 555-0142", "US", "+13125550142"),
        ("312.555.0142", "US", "+13125550142"),
        ("+1 312 555 0142", "SE", "+13125550142"),
        (" 08-123 456 78 ", "SE", "+46812345678"),
        ("+44 20 7946 0958", "US", "+442079460958"),
    ],
)
def test_normalise_phone_answers_e164(text: str, region: str, address: str) -> None:
    assert normalise_phone(text, region) == Address(address, text.strip())


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("ask her mother", "Not a phone number."),
        ("12", "No such phone number can exist."),
        ("(111) 555-0142", "No such phone number can exist."),
        ("(312) 555-0142 ext. 9", "A number with an extension cannot receive texts."),
    ],
)
def test_normalise_phone_keeps_an_unusable_number_as_written(text: str, because: str) -> None:
    assert normalise_phone(text, "US") == Address("", text, because)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Elodie@Example.COM ", "elodie@example.com"),
        ("o'brien+shop@mail.example.co.uk", "o'brien+shop@mail.example.co.uk"),
        ("åsa@exempel.se", "åsa@exempel.se"),
    ],
)
def test_normalise_email_folds_the_case(text: str, address: str) -> None:
    assert normalise_email(text) == Address(address, text.strip())


@pytest.mark.parametrize(
    "text",
    [
        *("elodie", "elodie@example", "a b@example.com", "a@@example.com", "a..b@example.com"),
        *("@x.com", "a@-example.com", f"{'a' * 65}@example.com", "<a@example.com>"),
    ],
)
def test_normalise_email_refuses_what_cannot_be_one(text: str) -> None:
    assert normalise_email(text) == Address("", text, "Not an email address.")


def test_normalise_email_refuses_a_line_break_inside() -> None:
    found = normalise_email("a@example.com\r\nBcc: b@example.com")

    assert found.address == ""
    assert found.unusable_because == "Holds a line break or another control character."
