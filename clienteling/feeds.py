"""Files that other systems hand us: CSV, plain or `.gz`, read as a stream and never trusted.

Whatever the file, memory stays the same: a batch of rows, and at most one broken record. Damage
costs the rows it touches, each named with its file and line, and no others.
"""

import csv
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any

BATCH_ROWS = 2_000
LONGEST_LINE = 1_000_000  # characters; whatever is longer is no CSV file
ZIPPED_BLOCK = 16_384  # bytes; a block unzips to at most a thousand times as much
GZIP_HEADER = 16 + zlib.MAX_WBITS
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SAMPLE = 1_000  # refused rows that a report itself carries

REJECTS_HEADER = ("file", "line", "column", "reason", "value")
CUT_OFF = "The file is damaged or cut off here: the rows before were read."


class FeedError(Exception):
    """Nothing of the file can be read; the text is a sentence for whoever sent it."""

    def __init__(self, sentence: str, *, column: str = "") -> None:
        super().__init__(sentence)
        self.column = column


@dataclass(frozen=True)
class Rejection:
    """A row, or a cell of it, that was not loaded. `line` is the physical line, from 1."""

    file: str
    line: int
    column: str
    reason: str
    value: str = ""


@dataclass(frozen=True)
class ImportReport:
    """What became of one file. Every count is of rows; `read` is the sum of the others."""

    file: str
    noun: str
    read: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejected: int = 0
    warnings: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()  # the first thousand

    @property
    def sentence(self) -> str:
        """`3 stores read, 2 added, 0 changed, 1 unchanged, 0 refused`."""
        counts = f"{self.created:,} added, {self.changed:,} changed, {self.unchanged:,} unchanged"
        repeated = f", {self.repeated:,} repeated" if self.repeated else ""
        return f"{self.read:,} {self.noun} read, {counts}{repeated}, {self.rejected:,} refused"


class Rejects:
    """The file of refused rows: started anew, and only touched when there is something to tell."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: IO[str] | None = None

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None and self.path.exists():
            self._open()  # yesterday's refusals are not today's
        if self._file is not None:
            self._file.close()

    def add(self, rejection: Rejection) -> None:
        """Write one line; cells that a spreadsheet would run as a formula are made plain text."""
        file = self._file or self._open()
        cells = (rejection.column, rejection.reason, rejection.value)
        plain = [neutralised(cell) for cell in cells]
        csv.writer(file, lineterminator="\n").writerow([rejection.file, rejection.line, *plain])
        self.count += 1

    def _open(self) -> IO[str]:
        self._file = self.path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        csv.writer(self._file, lineterminator="\n").writerow(REJECTS_HEADER)
        return self._file


def neutralised(cell: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


@dataclass(frozen=True)
class Batch:
    """Some rows, each with the physical line it starts on and as many cells as the header."""

    lines: Sequence[int]
    rows: list[list[str]]


class Feed:
    """One file, and whom to tell of its refused rows (`on_reject`) and of `progress` (rows so far).

    Bytes that are not UTF-8 survive as lone surrogates, for the reader of the cell to refuse.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str = "",
        on_reject: Callable[[Rejection], None] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.path = path
        self.name = name or path.name
        self.on_reject = on_reject
        self.progress = progress
        self.warnings: list[str] = []

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The columns' names, in lower case; raises ``FeedError`` when they cannot be had."""
        with self._opened() as records:
            first = next(records.whole(), None)
        if first is None:
            raise FeedError("The file is empty: a header row is missing.")
        names = tuple(cell.strip().lower() for cell in first[1])
        _check_header(names)
        return names

    def batches(self, refuse: Callable[[Rejection], None]) -> Iterator[Batch]:
        """The rows after the header; what cannot be one is told to `refuse`, in passing."""
        header = self.header
        with self._opened() as records:
            records.expect(self.name, header, refuse)
            one_by_one = records.whole()
            while True:
                batch = records.plain_batch() or _batch(islice(one_by_one, BATCH_ROWS))
                if not batch.rows:
                    break
                yield batch
            records.report_end()
            self.warnings += records.warnings

    def _opened(self) -> "_Records":
        try:
            return _Records(_open_bytes(self.path))
        except OSError as error:
            raise FeedError(f"The file cannot be read: {error.strerror or error}.") from error


class _Records:
    """CSV records of one opened file. After a broken one, reading goes on with the line after
    its first: a quote that is never closed must not swallow the rest of the file."""

    def __init__(self, source: "io.BufferedReader | _Unzipped") -> None:
        self.warnings: list[str] = []
        self._source = source
        self._lines = _Lines(source)
        self._name = ""
        self._header: tuple[str, ...] = ()
        self._refuse: Callable[[Rejection], None] = lambda rejection: None
        self._skip_header = False

    def __enter__(self) -> "_Records":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._source.close()

    def expect(
        self, name: str, header: tuple[str, ...], refuse: Callable[[Rejection], None]
    ) -> None:
        """Pass over the header, and know whom to tell of broken records from now on."""
        self._name, self._header, self._refuse = name, header, refuse
        self._skip_header = True

    def plain_batch(self) -> Batch | None:
        """The next rows at once, where each is one unbroken line: nearly always, and much faster.

        Otherwise None, and the lines wait to be read by ``whole``.
        """
        lines = [] if self._skip_header else self._lines.ahead(BATCH_ROWS)
        if not lines:
            return None
        try:
            rows = list(csv.reader(lines, strict=True))
        except csv.Error:
            rows = []
        # As many records as lines: each line is one. A cut line may be the last, without an end.
        is_plain = len(rows) == len(lines) == "".join(lines).count("\n")
        if not is_plain or set(map(len, rows)) != {len(self._header)}:
            self._lines.give_back(lines)
            return None
        return Batch(self._lines.pass_over(len(lines)), rows)

    def whole(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the line it starts on; blank lines are passed over."""
        lines = self._lines
        reader = csv.reader(lines, strict=True)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._tell(lines.record_starts, "", _why_broken(error))
                lines.go_back()
                reader = csv.reader(lines, strict=True)
                continue
            start = lines.record_starts
            if self._skip_header or not row:
                self._skip_header = self._skip_header and not row
                lines.finish_record()
            elif self._header and len(row) != len(self._header):
                self._refuse_ragged(start, row)
            else:
                lines.finish_record()
                yield start, row

    def _refuse_ragged(self, line: int, row: list[str]) -> None:
        """Tell of a row with too few or too many cells; one of several lines is read again."""
        wanted, found = len(self._header), len(row)
        column = self._header[found] if found < wanted else ""
        self._tell(line, column, f"The row has {found} cells where the header has {wanted}.")
        if self._lines.spans_several:
            self._lines.go_back()
        else:
            self._lines.finish_record()

    def report_end(self) -> None:
        """Tell how the file ended, where it did not end as files do."""
        if self._lines.damaged_at:
            self._tell(self._lines.damaged_at, "", CUT_OFF)
        elif self._lines.unended_line:
            self.warnings.append(
                f"Line {self._lines.unended_line:,}, the last, has no line end: if the file was "
                "cut off, its last cell may be too."
            )

    def _tell(self, line: int, column: str, reason: str) -> None:
        self._refuse(Rejection(self._name, line, column, reason))


class _Lines:
    """The physical lines, remembering those of the record being read so as to go back to them."""

    def __init__(self, source: "io.BufferedReader | _Unzipped") -> None:
        self.record_starts = 1
        self.damaged_at = 0
        self.unended_line = 0
        self._source = source
        buffered = source if isinstance(source, io.BufferedReader) else io.BufferedReader(source)
        self._text = io.TextIOWrapper(
            buffered, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._as_they_come = iter(partial(self._text.readline, LONGEST_LINE), "")
        self._of_record: list[str] = []
        self._again: list[str] = []

    def __iter__(self) -> Iterator[str]:
        read, remember = self._text.readline, self._of_record
        while True:
            line = self._again.pop() if self._again else read(LONGEST_LINE)
            if not line or (line[-1] != "\n" and not self._accepts_end(line)):
                self._note_damage()
                return
            remember.append(line)
            yield line

    @property
    def spans_several(self) -> bool:
        return len(self._of_record) > 1

    def ahead(self, count: int) -> list[str]:
        """Up to so many lines as they come; none while others wait to be read again."""
        return [] if self._again else list(islice(self._as_they_come, count))

    def give_back(self, lines: list[str]) -> None:
        """Have lines that were read ahead come again."""
        self._again += reversed(lines)

    def pass_over(self, count: int) -> range:
        """Count so many lines as read; answers their numbers."""
        start = self.record_starts
        self.record_starts += count
        return range(start, start + count)

    def finish_record(self) -> None:
        self.record_starts += len(self._of_record)
        self._of_record.clear()

    def go_back(self) -> None:
        """Give up the record's first line and read its others again."""
        self._again += reversed(self._of_record[1:])
        self.record_starts += 1
        self._of_record.clear()

    def _accepts_end(self, line: str) -> bool:
        """Whether a line without a line feed may be a row: old line ends, or the last one."""
        if line[-1] == "\r":
            return True
        if len(line) >= LONGEST_LINE or self._is_cut:
            self.damaged_at = self._next_line
            return False
        self.unended_line = self._next_line
        return True

    def _note_damage(self) -> None:
        if self._is_cut and not self.damaged_at:
            self.damaged_at = self._next_line

    @property
    def _is_cut(self) -> bool:
        return isinstance(self._source, _Unzipped) and self._source.is_cut

    @property
    def _next_line(self) -> int:
        return self.record_starts + len(self._of_record)


class _Unzipped(io.RawIOBase):
    """The bytes inside a `.gz`. One that is damaged ends early, and says so in `is_cut`."""

    def __init__(self, zipped: io.BufferedReader) -> None:
        self.is_cut = False
        self._zipped = zipped
        self._machine = zlib.decompressobj(GZIP_HEADER)
        self._ready = memoryview(b"")
        self._has_ended = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._zipped.close()
        super().close()

    def readinto(self, buffer: Any, /) -> int:
        while not self._ready and not self._has_ended:
            self._ready = memoryview(self._next_block())
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _next_block(self) -> bytes:
        zipped = self._machine.unused_data or self._zipped.read(ZIPPED_BLOCK)
        if not zipped:
            self._has_ended, self.is_cut = True, not self._machine.eof
            return b""
        if self._machine.eof:  # several members in a row are one file
            self._machine = zlib.decompressobj(GZIP_HEADER)
        try:
            return self._machine.decompress(zipped)
        except zlib.error:
            self._has_ended = self.is_cut = True
            return b""


def _batch(records: Iterable[tuple[int, list[str]]]) -> Batch:
    pairs = list(records)
    return Batch([line for line, _ in pairs], [row for _, row in pairs])


def _open_bytes(path: Path) -> "io.BufferedReader | _Unzipped":
    file = path.open("rb")
    start = file.peek(2)[:2]
    if path.suffix == ".gz":
        if start and start != b"\x1f\x8b":
            file.close()
            raise FeedError("The file is named .gz but is not compressed with gzip.")
        return _Unzipped(file)
    if start in UTF_16_MARKS:
        file.close()
        raise FeedError("The file is in UTF-16: save it as UTF-8.")
    return file


def _check_header(names: tuple[str, ...]) -> None:
    for name in names:
        if not name.isprintable():
            raise FeedError("The header is not UTF-8 text: save the file as UTF-8.")
        if name and names.count(name) > 1:
            raise FeedError("The header names this column twice.", column=name)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise FeedError("The header has one column: cells must be separated by commas.")


def _why_broken(error: csv.Error) -> str:
    said = str(error)
    if "end of data" in said or "field limit" in said:
        return "A quote is opened and never closed."
    if "expected after" in said:
        return 'A quote inside a quoted cell must be doubled ("").'
    return f"Is not CSV: {said}."
