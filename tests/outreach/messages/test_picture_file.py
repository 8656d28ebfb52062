"""R34: what comes from outside is drawn anew, and nothing else of it is kept."""

import io
import struct
import zlib

import pytest
from PIL import Image

from outreach.messages import picture_file
from outreach.messages.picture_file import NotAPicture, redrawn

SECRET = b"GPS 41.88 N"


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return out.getvalue()


def taken_sideways() -> bytes:
    """As a phone takes it: lying, with a note to turn it, and the place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SECRET.decode()
    return picture("JPEG", exif=exif)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_redrawn_makes_a_jpeg_of_every_kind(kind: str) -> None:
    drawn = redrawn(picture(kind))

    with Image.open(io.BytesIO(drawn.content)) as seen:
        assert (seen.format, seen.size) == ("JPEG", (40, 30))
    assert (drawn.width, drawn.height) == (40, 30)


def test_redrawn_turns_it_upright_and_forgets_where_it_was_taken() -> None:
    original = taken_sideways()
    assert SECRET in original

    drawn = redrawn(original)

    assert (drawn.width, drawn.height) == (30, 40)
    assert SECRET not in drawn.content
    with Image.open(io.BytesIO(drawn.content)) as seen:
        assert dict(seen.getexif()) == {}


def test_redrawn_leaves_behind_what_hides_after_the_picture() -> None:
    drawn = redrawn(picture("PNG") + b"<script>alert(1)</script>")

    assert b"script" not in drawn.content


def test_redrawn_fits_a_large_one_to_a_screen() -> None:
    drawn = redrawn(picture("PNG", (3200, 1000)))

    assert (drawn.width, drawn.height) == (1600, 500)


def test_redrawn_puts_a_transparent_one_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")

    drawn = redrawn(out.getvalue())

    with Image.open(io.BytesIO(drawn.content)) as seen:
        assert seen.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        picture("BMP"),
        picture("TIFF"),
    ],
    ids=["nothing", "svg", "html", "pdf", "bmp", "tiff"],
)
def test_redrawn_refuses_whatever_is_no_picture_of_ours(content: bytes) -> None:
    with pytest.raises(NotAPicture, match="not a picture that can be shown"):
        redrawn(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_redrawn_refuses_a_broken_one(kind: str) -> None:
    whole = picture(kind, (400, 300))

    with pytest.raises(NotAPicture, match="could not be read"):
        redrawn(whole[:24])


def test_redrawn_refuses_a_bomb_before_it_goes_off() -> None:
    with pytest.raises(NotAPicture):
        redrawn(bomb())


def test_redrawn_refuses_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    content = picture("PNG")
    monkeypatch.setattr(picture_file, "MOST_BYTES", len(content))
    assert redrawn(content).width == 40

    with pytest.raises(NotAPicture, match="too large"):
        redrawn(content + b"\0")
