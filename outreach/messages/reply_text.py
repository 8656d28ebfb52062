"""What she wrote herself, out of a whole mail: without what she quotes, and without signatures.

Pure. Mail programs quote in a few well-known ways; each is cut where it certainly begins. What
cannot be placed stays: better a line too many in the thread than a word of hers too few.
"""

import re
from html.parser import HTMLParser

LONGEST_BODY = 10_000
# A mail may be made to keep us busy; what stands beyond this is nobody's answer.
MOST_LINES, LONGEST_TEXT, LONGEST_HTML = 5_000, 200_000, 200_000
DEEPEST = 200  # elements inside each other; mail programs nest tables, but not like this
SIGNATURE = re.compile(r"^(--|—|__)\s*$")
QUOTED = re.compile(r"^\s*>")

# "On 15 June 2026 at 12:00, Maya at Oak Street <notes@shop.example> wrote:", perhaps over two
# lines; in the languages in which the large mail programs write it.
INTRODUCTION = re.compile(
    r"""
    ^\s*(?:
        On\b.{5,300}\bwrote
        | (?:Am|Den)\b.{5,300}\b(?:schrieb|skrev)\b.{0,120}
        | Le\b.{5,300}\ba\s+écrit
        | El\b.{5,300}\bescribió
        | Il\b.{5,300}\bha\s+scritto
        | Op\b.{5,300}\bschreef\b.{0,120}
        | Em\b.{5,300}\bescreveu
    )\s*:\s*$
    """,
    re.VERBOSE | re.IGNORECASE,
)
# It names a moment or an address: her own "On Monday my sister wrote:" does not.
DATED = re.compile(r"\d{4}|\d{1,2}:\d\d|@")

DIVIDER = re.compile(
    r"^\s*(?:-{2,}|_{2,})?\s*(?:Original Message|Forwarded message|Begin forwarded message"
    r"|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Messaggio originale)\b.*$",
    re.IGNORECASE,
)
# The block of headers that Outlook puts above what it quotes.
HEADER = re.compile(
    r"^\s*\*?(?:From|Sent|To|Subject|Date|Von|Gesendet|An|Betreff|De|Envoyé|À|Objet|Enviado|Para"
    r"|Asunto|Da|Inviato|Oggetto)\s*:\*?\s*\S",
    re.IGNORECASE,
)
SENT_FROM = re.compile(
    r"^\s*(?:(?:Sent|Get Outlook|Sent with|Sent via)\s(?:from|for|using|with|via)?\b.{0,60}"
    r"|Von meinem .{1,40} gesendet|Envoyé de(?:puis)? mon .{1,40}"
    r"|Enviado desde mi .{1,40}|Inviato da(?:l mio)? .{1,40})$",
    re.IGNORECASE,
)
PHONE_SIGNATURE = re.compile(
    r"iPhone|iPad|Android|mobile|phone|Galaxy|Outlook|Mail|BlackBerry|Proton|Yahoo|Handy|tablet",
    re.IGNORECASE,
)


def own_words(text: str) -> str:
    """Her words in a plain text, whether she wrote above, below or between what she quotes."""
    plain = text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    kept = _before_the_end(_without_quotes(plain.split("\n")[:MOST_LINES]))
    return _tidy("\n".join(kept))


def first_paragraph(words: str) -> str:
    """What stands before the first blank line: a name below a STOP does not make it a letter."""
    return words.strip().split("\n\n")[0].strip()


def text_of_html(html: str) -> str:
    """The words of an HTML mail as plain text; what mail programs mark as a quote is left out."""
    reader = _Reader()
    reader.feed(html[:LONGEST_HTML])
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.written)).strip()


# --- Quotes --------------------------------------------------------------------------------------
def _without_quotes(lines: list[str]) -> list[str]:
    """Drop quoted lines, and the sentence that introduces them."""
    kept: list[str] = []
    place = 0
    while place < len(lines):
        length = _introduction(lines, place)
        if length and not _quote_follows(lines, place + length):
            return kept  # it quotes without marks: all below is ours
        if length or QUOTED.match(lines[place]):
            place += length or 1
            continue
        kept.append(lines[place])
        place += 1
    return kept


def _introduction(lines: list[str], place: int) -> int:
    """How many lines, from here on, introduce a quote; 0 when none does."""
    for length in (1, 2, 3):
        sentence = " ".join(line.strip() for line in lines[place : place + length])
        if INTRODUCTION.match(sentence) and DATED.search(sentence):
            return length
    return 0


def _quote_follows(lines: list[str], place: int) -> bool:
    below = next((line for line in lines[place:] if line.strip()), "")
    return bool(QUOTED.match(below))


def _before_the_end(lines: list[str]) -> list[str]:
    """Up to the first line from which on nothing is hers: a signature, or a copied mail."""
    for place, line in enumerate(lines):
        if SIGNATURE.match(line) or DIVIDER.match(line) or _is_header_block(lines, place):
            return lines[:place]
        if SENT_FROM.match(line) and PHONE_SIGNATURE.search(line):
            return lines[:place]
    return lines


def _is_header_block(lines: list[str], place: int) -> bool:
    """Three headers in a row: one alone may be hers ("To: my sister")."""
    block = [line for line in lines[place : place + 5] if line.strip()][:3]
    return bool(HEADER.match(lines[place])) and len(block) == 3 and all(map(HEADER.match, block))


def _tidy(words: str) -> str:
    lines = [line.rstrip() for line in words.strip().split("\n")]
    while lines and re.fullmatch(r"[_\-*\s]*", lines[-1]):
        lines.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))[:LONGEST_BODY].strip()


# --- HTML ----------------------------------------------------------------------------------------
BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "hr", "table", "ul", "ol"}
SILENT = {"style", "script", "head", "title", "blockquote"}
VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "source"}
QUOTE_MARKS = (
    "gmail_quote",
    "gmail_signature",
    "yahoo_quoted",
    "protonmail_quote",
    "moz-cite-prefix",
)
QUOTE_IDS = ("divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container")


class _Reader(HTMLParser):
    """Collects words; inside a marked quote it is silent until the element ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id") in QUOTE_IDS:
            self.is_over = True  # Outlook: what it copies follows, beside this element
        if tag in BLOCKS and not self._is_silent():
            self.written.append("\n")
        if tag not in VOID and len(self.open) < DEEPEST:
            is_quote = any(mark in given.get("class", "") for mark in QUOTE_MARKS)
            self.open.append((tag, tag in SILENT or is_quote))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self.open]
        if tag in names:
            last = len(names) - 1 - names[::-1].index(tag)
            del self.open[last:]
        if tag in {"p", "div", "li", "tr"} and not self._is_silent():
            self.written.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._is_silent():
            self.written.append(re.sub(r"\s+", " ", data) if data.strip() else " ")

    def _is_silent(self) -> bool:
        return self.is_over or any(silent for _, silent in self.open)
