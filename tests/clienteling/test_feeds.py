import gzip
from pathlib import Path

import pytest

from clienteling.feeds import CUT_OFF, Feed, FeedError, Rejection, Rejects, neutralised

HEADER = "sku,name\n"


def read(path: Path) -> tuple[list[tuple[int, list[str]]], list[Rejection], Feed]:
    feed, refused = Feed(path), []
    rows = [
        pair
        for batch in feed.batches(refused.append)
        for pair in zip(batch.lines, batch.rows, strict=True)
    ]
    return rows, refused, feed


def file_of(folder: Path, content: str | bytes, name: str = "products.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_feed_reads_rows_with_the_line_each_starts_on(tmp_path: Path) -> None:
    path = file_of(tmp_path, HEADER + '1,"Two\nlines"\n\n2,Last\n')

    rows, refused, feed = read(path)

    assert feed.header == ("sku", "name")
    assert rows == [(2, ["1", "Two\nlines"]), (5, ["2", "Last"])]
    assert refused == []
    assert feed.warnings == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_feed_reads_every_kind_of_line_end(tmp_path: Path, end: str) -> None:
    path = file_of(tmp_path, f"sku,name{end}1,One{end}2,Two{end}")

    rows, refused, _ = read(path)

    assert rows == [(2, ["1", "One"]), (3, ["2", "Two"])]
    assert refused == []


def test_feed_takes_off_a_byte_order_mark_and_folds_the_header(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"\xef\xbb\xbf SKU ,Name\n1,One\n")

    assert Feed(path).header == ("sku", "name")


def test_feed_reads_gzip_of_several_members(tmp_path: Path) -> None:
    content = gzip.compress(HEADER.encode() + b"1,One\n") + gzip.compress(b"2,Two\n")

    rows, refused, _ = read(file_of(tmp_path, content, "products.csv.gz"))

    assert rows == [(2, ["1", "One"]), (3, ["2", "Two"])]
    assert refused == []


def test_feed_reads_a_cut_gzip_up_to_the_cut(tmp_path: Path) -> None:
    lines = [f"{number},Name {number * 7919}" for number in range(20_000)]
    whole = gzip.compress((HEADER + "\n".join(lines) + "\n").encode())

    rows, refused, feed = read(file_of(tmp_path, whole[: len(whole) // 2], "products.csv.gz"))

    assert 0 < len(rows) < 20_000
    assert [",".join(row) for _, row in rows] == lines[: len(rows)]
    assert refused == [Rejection(feed.name, len(rows) + 2, "", CUT_OFF)]


def test_feed_reads_damaged_gzip_up_to_the_damage(tmp_path: Path) -> None:
    lines = [f"{number},Name {number * 7919}" for number in range(20_000)]
    zipped = bytearray(gzip.compress((HEADER + "\n".join(lines) + "\n").encode()))
    zipped[-8] ^= 0xFF  # the checksum at the end

    rows, refused, feed = read(file_of(tmp_path, bytes(zipped), "products.csv.gz"))

    assert [",".join(row) for _, row in rows] == lines[: len(rows)]
    assert [(rejection.file, rejection.reason) for rejection in refused] == [(feed.name, CUT_OFF)]


def test_feed_warns_of_a_last_line_without_end(tmp_path: Path) -> None:
    rows, refused, feed = read(file_of(tmp_path, HEADER + "1,One\n2,Tw"))

    assert rows == [(2, ["1", "One"]), (3, ["2", "Tw"])]
    assert refused == []
    assert feed.warnings == [
        "Line 3, the last, has no line end: if the file was cut off, its last cell may be too."
    ]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("1", "name", "The row has 1 cells where the header has 2."),
        ("1,One,more", "", "The row has 3 cells where the header has 2."),
        ('1,"One" more', "", 'A quote inside a quoted cell must be doubled ("").'),
        ('1,"One', "", 'A quote inside a quoted cell must be doubled ("").'),
    ],
)
def test_feed_refuses_a_broken_row_and_reads_on(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    path = file_of(tmp_path, f'{HEADER}{row}\n2,"Two"\n3,Three\n')

    rows, refused, feed = read(path)

    assert rows == [(3, ["2", "Two"]), (4, ["3", "Three"])]
    assert refused == [Rejection(feed.name, 2, column, reason)]


def test_feed_does_not_let_an_open_quote_swallow_the_rest(tmp_path: Path) -> None:
    many = "".join(f"{number},Name\n" for number in range(30_000))

    rows, refused, feed = read(file_of(tmp_path, f'{HEADER}1,"open\n{many}'))

    assert len(rows) == 30_000
    assert refused == [Rejection(feed.name, 2, "", "A quote is opened and never closed.")]


def test_feed_reads_the_second_line_of_a_ragged_record_again(tmp_path: Path) -> None:
    rows, refused, _ = read(file_of(tmp_path, f'{HEADER}1,"open\n2,"more",x\n3,Three\n'))

    assert rows == [(4, ["3", "Three"])]
    assert [rejection.line for rejection in refused] == [2, 3]


def test_feed_gives_up_on_a_line_without_end(tmp_path: Path) -> None:
    rows, refused, feed = read(file_of(tmp_path, HEADER + "1,One\n" + "x" * 2_500_000))

    assert rows == [(2, ["1", "One"])]
    assert refused == [Rejection(feed.name, 3, "", CUT_OFF)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty: a header row is missing."),
        (b"sku,name,sku\n", "The header names this column twice."),
        (b"sku;name\n", "The header has one column: cells must be separated by commas."),
        (b"sku,caf\xe9\n", "The header is not UTF-8 text: save the file as UTF-8."),
        ("sku,name\n".encode("utf-16"), "The file is in UTF-16: save it as UTF-8."),
    ],
)
def test_feed_says_why_nothing_can_be_read(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(FeedError) as raised:
        _ = Feed(file_of(tmp_path, content)).header

    assert str(raised.value) == sentence


def test_feed_says_that_a_gz_is_none(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="not compressed with gzip"):
        _ = Feed(file_of(tmp_path, HEADER, "products.csv.gz")).header


def test_feed_says_that_a_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="No such file"):
        _ = Feed(tmp_path / "products.csv").header


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_neutralised_puts_an_apostrophe_before_a_formula(start: str) -> None:
    assert neutralised(f"{start}1+1") == f"'{start}1+1"


def test_neutralised_leaves_other_text() -> None:
    assert neutralised("1+1") == "1+1"


def test_rejects_writes_a_plain_row(tmp_path: Path) -> None:
    with Rejects(tmp_path / "rejects.csv") as rejects:
        rejects.add(Rejection("stock.csv", 4, "sku", "SKU =1+1 is not known.", "=1+1"))

    assert (tmp_path / "rejects.csv").read_text() == (
        "file,line,column,reason,value\nstock.csv,4,sku,SKU =1+1 is not known.,'=1+1\n"
    )
    assert rejects.count == 1


def test_rejects_makes_no_file_when_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with Rejects(tmp_path / "rejects.csv"):
        pass

    assert not (tmp_path / "rejects.csv").exists()


def test_rejects_clears_an_earlier_file(tmp_path: Path) -> None:
    (tmp_path / "rejects.csv").write_text("yesterday's\n")

    with Rejects(tmp_path / "rejects.csv"):
        pass

    assert (tmp_path / "rejects.csv").read_text() == "file,line,column,reason,value\n"
