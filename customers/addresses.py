"""Phone numbers and email addresses as people write them, and as we may use them."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

LONGEST_ADDRESS = 254
LONGEST_LOCAL_PART = 64
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
# Plausible, not provable: one @, no blanks, a dotted domain. Only a message shows the rest.
EMAIL = re.compile(
    r"(?P<local>[^\s@<>,;:\"()\[\]\\]+)"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])"
)
LINE_BREAK = "Holds a line break or another control character."


@dataclass(frozen=True)
class Address:
    """An address ready for use, or none and the reason why; `as_written` is kept in any case."""

    address: str
    as_written: str
    unusable_because: str = ""


@lru_cache(maxsize=4_096)
def normalise_phone(text: str, region: str) -> Address:
    """A number in E.164 (`+13125550142`); `region` (`US`) tells how to read one without a +.

    Extensions make a number unusable: a text cannot be sent to one.
    """
    written = text.strip()[:LONGEST_ADDRESS]
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        return Address("", written, "Not a phone number.")
    if number.extension:
        return Address("", written, "A number with an extension cannot receive texts.")
    if not phonenumbers.is_valid_number(number):
        return Address("", written, "No such phone number can exist.")
    return Address(phonenumbers.format_number(number, PhoneNumberFormat.E164), written)


@lru_cache(maxsize=4_096)
def normalise_email(text: str) -> Address:
    """The address in lower case, without surrounding blanks.

    Its case is folded as a whole: nobody has two mailboxes that differ only in it, and an opt-out
    must be found however she is written next time.
    """
    written = text.strip()[:LONGEST_ADDRESS]
    if CONTROL_CHARACTER.search(text.strip()):
        return Address("", " ".join(written.split()), LINE_BREAK)
    found = EMAIL.fullmatch(text.strip())
    if not found or ".." in text or len(found["local"]) > LONGEST_LOCAL_PART:
        return Address("", written, "Not an email address.")
    if len(text.strip()) > LONGEST_ADDRESS:
        return Address("", written, "Too long for an email address.")
    return Address(written.lower(), written)
