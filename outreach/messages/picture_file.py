"""Making a picture of our own out of bytes from outside. Pure.

What came is decoded and drawn anew as a JPEG: scripts, comments, hidden files and the place where
it was taken stay behind. Only four formats are even tried; SVG and HTML are not among them.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
MOST_BYTES = 5 * 1024 * 1024  # what a text may carry
MOST_BYTES_OF_MAIL = 15 * 1024 * 1024  # what a telephone makes of a photograph, and more
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_600
QUALITY = 82
BACKGROUND = "white"


class NotAPicture(Exception):  # noqa: N818
    """These bytes cannot be shown; the sentence says so."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Drawn:
    """A JPEG and its size in pixels."""

    content: bytes
    width: int
    height: int


def redrawn(content: bytes, *, most_bytes: int | None = None) -> Drawn:
    """The picture as a JPEG, upright, at most 1,600 pixels long; raises ``NotAPicture``."""
    if len(content) > (most_bytes or MOST_BYTES):
        raise NotAPicture("The picture was too large to be taken in.")
    if not _is_known(content):
        raise NotAPicture("This is not a picture that can be shown.")
    try:
        picture = _decoded(content)
    except NotAPicture:
        raise
    except Exception:  # a decoder fed by strangers may raise anything at all
        raise NotAPicture("The picture could not be read.") from None
    return _encoded(picture)


def _is_known(content: bytes) -> bool:
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith(MAGIC)


def _decoded(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture("The picture was too large to be taken in.")
        picture.load()
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _without_transparency(upright)


def _without_transparency(picture: Image.Image) -> Image.Image:
    seen = picture.convert("RGBA")
    plain = Image.new("RGB", seen.size, BACKGROUND)
    plain.paste(seen, mask=seen.getchannel("A"))
    return plain


def _encoded(picture: Image.Image) -> Drawn:
    """Of the pixels alone: a new picture has no comment and no EXIF to carry over."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Drawn(out.getvalue(), picture.width, picture.height)
