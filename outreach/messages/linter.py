"""What is wrong with the words of a note, in sentences for whoever writes it. Pure.

A *fault* must not leave the shop: a word of discounts, a place nobody filled in. A *doubt* is said
before sending and may be meant: a price that is not the items', shouting, a stranger's link.
Drafts and templates must be free of both.
"""

import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

DISCOUNT_WORDS = re.compile(
    r"\b(sales?|discount\w*|promo\w*|coupons?|vouchers?|clearance|bargains?|mark-?downs?|cheap\w*"
    r"|half price|reduced|deals?)\b|\d\s*%|\b(percent|%)\s*off\b",
    re.IGNORECASE,
)
UNFILLED = re.compile(r"[{}]|\[[^\]]*\]|<[^>]*>|%\(|\b(None|null|undefined|nan)\b")
PRICE = re.compile(
    r"(?:[$€£¥]|\b(?:USD|EUR|GBP|CAD|AUD|CHF)\b)\s?(\d[\d,]*(?:\.\d{1,2})?)"
    r"|(\d[\d,]*(?:\.\d{1,2})?)\s?(?:[€£]|\b(?:USD|EUR|GBP|CAD|AUD|CHF|dollars?|euros?|pounds?)\b)",
    re.IGNORECASE,
)
LINK = re.compile(r"(?:https?://|www\.)[^\s<>]+", re.IGNORECASE)
BARE_LINK = re.compile(
    r"(?<![@\w./-])(?:[A-Za-z0-9-]+\.)+(?:com|net|org|shop|store|io|co|me|ly|link|app|biz|info)"
    r"(?:/\S*)?(?![\w@])"  # small letters at the end: "Come on.Me too" is a slip, not a link
)
SHOUTED_WORD = re.compile(r"\b[^\W\d_]{4,}\b")
LEAST_SHOUTED = 2  # one word in capitals may be a brand's name
MANY_MARKS = re.compile(r"[!?]{2,}")
MOST_EXCLAMATIONS = 2


def faults(words: str) -> list[str]:
    """What must not leave the shop: words of a discount, and places nobody filled in."""
    return [*discounts(words), *unfilled(words)]


def discounts(words: str) -> list[str]:
    """Words of a discount: the house has none to offer."""
    found = DISCOUNT_WORDS.search(words)
    return [f"“{found.group().strip()}” speaks of a discount."] if found else []


def unfilled(words: str) -> list[str]:
    """Places nobody filled in."""
    found = UNFILLED.search(words)
    return [f"“{found.group()}” was not filled in."] if found else []


def doubts(
    words: str, *, prices: Collection[Decimal | None] = (), own_host: str = "", own_words: str = ""
) -> list[str]:
    """What may be a mistake: shouting, links of others, prices that are none of `prices`.

    `own_host` is where our own links lead. `own_words` are names (of the items, the store, the
    client) that may be written in capitals.
    """
    return [
        *_shouting(words, own_words),
        *_links(words, own_host),
        *_prices(words, prices),
    ]


def _shouting(words: str, own_words: str) -> list[str]:
    names = own_words.casefold()
    plain = LINK.sub(" ", words)
    shouted = [
        each
        for each in SHOUTED_WORD.findall(plain)
        if each.isupper() and each != each.lower() and each.casefold() not in names
    ]
    if len(shouted) >= LEAST_SHOUTED:
        return [f"“{' '.join(shouted[:3])}” in capitals reads as shouting."]
    if MANY_MARKS.search(plain) or plain.count("!") > MOST_EXCLAMATIONS:
        return ["So many exclamation marks read as shouting."]
    return []


def _links(words: str, own_host: str) -> list[str]:
    found = [*LINK.findall(words), *BARE_LINK.findall(LINK.sub(" ", words))]
    foreign = [each for each in found if not own_host or _host(each) != own_host.casefold()]
    if not foreign:
        return []
    return [f"“{_shortened(foreign[0])}” leads to somebody else’s page; her own link is added."]


def _host(link: str) -> str:
    address = link if "://" in link else f"https://{link}"
    try:
        return (urlsplit(address).netloc or "").casefold()
    except ValueError:
        return ""


def _prices(words: str, prices: Collection[Decimal | None]) -> list[str]:
    known = {price for price in prices if price is not None}
    for found in PRICE.finditer(LINK.sub(" ", words)):
        amount = _amount(found.group(1) or found.group(2))
        if amount is not None and amount not in known:
            return [f"“{found.group().strip()}” is not the price of any of the items."]
    return []


def _amount(written: str) -> Decimal | None:
    try:
        return Decimal(written.replace(",", ""))
    except InvalidOperation:
        return None


def _shortened(words: str) -> str:
    return words if len(words) <= 40 else f"{words[:39]}…"
