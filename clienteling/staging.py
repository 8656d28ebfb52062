"""From a feed's rows to tables, in sets: copied into a temporary table, checked, then merged.

Each cell is read in Python by its column's reader, once per distinct value, on its way into the
temporary table `staged`. What needs other rows or tables is asked of the database, in one query
per question. One file is one transaction; a row is loaded whole or refused.

The file is the truth for the columns it has: a blank cell makes the value unknown again. A column
that the file lacks is left as it is.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from clienteling.cells import Doubted, Reader, Refused
from clienteling.feeds import SAMPLE, Batch, Feed, FeedError, ImportReport, Rejection
from clienteling.locks import DatabaseLock

MOST_REMEMBERED = 50_000  # cells per column; clearing them now and then keeps memory flat
WARNINGS_OF_A_KIND = 10
WORTH_ANALYZING = 5_000  # rows; fewer do not mislead the planner
WORTH_LOADING_BARE = 50_000  # rows; fewer are loaded before the indexes would be rebuilt
NOTHING = "\\N"
COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
WORK_MEMORY = "96MB"  # for sorting and hashing a whole file; only inside the import

# Primary keys stay, and whatever another table points at. Unique ones come first, keys after.
CONSTRAINTS_TO_LIFT = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint lifted
WHERE conrelid = ANY(%s::regclass[]) AND (contype = 'f' OR (contype = 'u' AND NOT EXISTS (
    SELECT FROM pg_constraint pointing
    WHERE pointing.contype = 'f' AND pointing.conindid = lifted.conindid)))
ORDER BY contype DESC, conname
"""
INDEXES_TO_LIFT = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
"""


@dataclass(frozen=True)
class Column:
    """A column of the temporary table, read from the file's column of that name or of `source`."""

    name: str
    read: Reader
    kind: str = "text"
    is_required: bool = False
    source: str = ""

    @property
    def origin(self) -> str:
        return self.source or self.name


@dataclass(frozen=True)
class Layout:
    """A kind of file: its columns, what its rows are called, and which columns name a row."""

    noun: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


class Oddity(str):
    """A cell that its reader refused or doubted, in a column of otherwise plain strings."""

    reason: str
    is_refused: bool
    __slots__ = ("is_refused", "reason")


class ColumnReader(dict[str, str]):
    """Cell as in the file → cell as COPY takes it, each distinct one read once."""

    def __init__(self, column: Column, position: int) -> None:
        super().__init__()
        self.column = column
        self.position = position
        self.has_oddities = False

    def __missing__(self, cell: str) -> str:
        try:
            written: str | Oddity = as_copied(self._read(cell))
        except Refused as refusal:
            written = self._odd(NOTHING, str(refusal), is_refused=True)
        except Doubted as doubt:
            written = self._odd(as_copied(doubt.kept), str(doubt), is_refused=False)
        self[cell] = written
        return written

    def take(self, cells: Sequence[str]) -> list[str]:
        if len(self) > MOST_REMEMBERED:
            self.clear()
        return list(map(self.__getitem__, cells))

    def _read(self, cell: str) -> str | None:
        text = cell.strip()
        if not text:
            if self.column.is_required:
                raise Refused("Is blank.")
            return None
        damage = why_damaged(text)
        if damage:
            if self.column.source:
                return None  # the cell's own column tells of it
            raise Refused(damage)
        return self.column.read(text)

    def _odd(self, written: str, reason: str, *, is_refused: bool) -> Oddity:
        oddity = Oddity(written)
        oddity.reason, oddity.is_refused = reason, is_refused
        self.has_oddities = True
        return oddity


def why_damaged(text: str) -> str:
    """What in the text no database column could hold; empty when there is nothing."""
    if "\0" in text:
        return "Holds a NUL byte."
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return "Is not UTF-8: save the file as UTF-8."
    return ""


def as_copied(text: str | None) -> str:
    """Text as PostgreSQL's COPY format wants it."""
    return NOTHING if text is None else text.translate(COPY_ESCAPES)


class Staging:
    """One feed's rows in the temporary table `staged`, and the account of what became of them.

    The table has the layout's columns and `at_line`, the physical line. Only one can be open at a
    time in a connection.
    """

    def __init__(self, feed: Feed, layout: Layout) -> None:
        self.feed = feed
        self.layout = layout
        self.read = 0
        self.repeated = 0
        self.rejected = 0
        self._rejections: list[Rejection] = []
        self._warnings: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}

    def has(self, column: str) -> bool:
        """Whether the file has this column."""
        return column in self.feed.header

    def present(self, *columns: str) -> list[str]:
        """Those of these columns that the file has."""
        return [column for column in columns if self.has(column)]

    def load(self) -> None:
        """Read the file into `staged`; raises ``FeedError`` when its header will not do."""
        self._check_header()
        wanted = ", ".join(f"{column.name} {column.kind}" for column in self.layout.columns)
        run(f"CREATE TEMP TABLE staged (at_line integer, {wanted}) ON COMMIT DROP")
        readers = [
            ColumnReader(column, self.feed.header.index(column.origin))
            for column in self.layout.columns
            if self.has(column.origin)
        ]
        names = ", ".join(reader.column.name for reader in readers)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY staged (at_line, {names}) FROM STDIN") as copy,
        ):
            for batch in self.feed.batches(self._refuse_record):
                copy.write(self._checked(batch, readers))
                self.read += len(batch.rows)
                if self.feed.progress:
                    self.feed.progress(self.read)
        run("ANALYZE staged")
        for sentence in self.feed.warnings:
            self.warn(sentence)

    def refuse(self, query: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Take the rows out that `query` answers with (at_line, column, reason, value)."""
        with connection.cursor() as cursor:
            # Streamed, since a file may well be refused as a whole.
            found = cursor.cursor.stream(
                f"WITH bad AS ({query}), gone AS (DELETE FROM staged USING bad"  # noqa: S608
                " WHERE staged.at_line = bad.at_line) SELECT * FROM bad ORDER BY 1",
                parameters,
            )
            count = 0
            for line, column, reason, value in found:
                self.reject(Rejection(self.feed.name, line, column, reason, value or ""))
                count += 1
        self.rejected += count
        return count

    def refuse_unknown(self, column: str, *, within: str, noun: str) -> None:
        """Take the rows out whose `column` is given and not found in `within` (table.column)."""
        table, key = within.split(".")
        self.refuse(
            f"""
            SELECT at_line, '{column}', '{noun} ' || staged.{column} || ' is not known.',
                   staged.{column}
            FROM staged LEFT JOIN {table} known ON known.{key} = staged.{column}
            WHERE staged.{column} IS NOT NULL AND known.{key} IS NULL
            """  # noqa: S608
        )

    def refuse_repeats(self) -> None:
        """Keep the first row of each key. The same again is a warning, other content a refusal."""
        keys = ", ".join(self.layout.key)
        if not first_value(
            f"SELECT EXISTS (SELECT FROM staged GROUP BY {keys} HAVING count(*) > 1)"  # noqa: S608
        ):
            return
        content = ", ".join(
            column.name for column in self.layout.columns if self.has(column.origin)
        )
        run(
            f"""
            CREATE TEMP TABLE staged_repeat ON COMMIT DROP AS
            SELECT at_line, first_line, content IS NOT DISTINCT FROM first_content AS is_same
            FROM (
                SELECT at_line, ROW({content})::text AS content,
                       first_value(at_line) OVER same AS first_line,
                       first_value(ROW({content})::text) OVER same AS first_content
                FROM staged WINDOW same AS (PARTITION BY {keys} ORDER BY at_line)
            ) told WHERE at_line <> first_line
            """  # noqa: S608
        )
        self._drop_same()
        self.refuse(
            f"""
            SELECT at_line, '{self.layout.key[0]}',
                   'Says otherwise than line ' || first_line || ', which was kept.',
                   concat_ws(' ', {keys})
            FROM staged_repeat JOIN staged USING (at_line)
            """  # noqa: S608
        )
        run("DROP TABLE staged_repeat")

    def reject(self, rejection: Rejection) -> None:
        """Pass a refusal on; the caller counts rows, since one row may have several."""
        if len(self._rejections) < SAMPLE:
            self._rejections.append(rejection)
        if self.feed.on_reject:
            self.feed.on_reject(rejection)

    def warn(self, sentence: str, *, kind: str = "", times: int = 1) -> None:
        """Note something the sender should know; of one `kind`, the first few are spelled out."""
        kind = kind or sentence
        examples = self._examples.setdefault(kind, [])
        if len(examples) < WARNINGS_OF_A_KIND:
            examples.append(sentence)
            times -= 1
        self._warnings[kind] += times

    def report(self, *, created: int, changed: int) -> ImportReport:
        """The account, given how many of the rows left are new or differ from what was known."""
        left = self.read - self.repeated - self.rejected
        return ImportReport(
            file=self.feed.name,
            noun=self.layout.noun,
            read=self.read,
            created=created,
            changed=changed,
            unchanged=left - created - changed,
            repeated=self.repeated,
            rejected=self.rejected,
            warnings=tuple(self._all_warnings()),
            rejections=tuple(self._rejections),
        )

    def _all_warnings(self) -> Iterator[str]:
        for kind, examples in self._examples.items():
            yield from examples
            if self._warnings[kind] > 0:
                yield f"… and {self._warnings[kind]:,} more: {kind}"

    def _check_header(self) -> None:
        origins = {column.origin for column in self.layout.columns}
        required = [column.name for column in self.layout.columns if column.is_required]
        missing = [name for name in required if not self.has(name)]
        if missing:
            raise FeedError(f"The header lacks {' and '.join(missing)}.", column=", ".join(missing))
        unknown = [name or "(no name)" for name in self.feed.header if name not in origins]
        if unknown:
            self.warn(f"Columns that mean nothing here were passed over: {', '.join(unknown)}.")

    def _refuse_record(self, rejection: Rejection) -> None:
        self.read += 1
        self.rejected += 1
        self.reject(rejection)

    def _checked(self, batch: Batch, readers: list[ColumnReader]) -> str:
        columns = list(zip(*batch.rows, strict=True))
        cells = [reader.take(columns[reader.position]) for reader in readers]
        records = zip(map(str, batch.lines), *cells, strict=True)
        refused = self._tell_oddities(batch, readers, cells)
        if refused:
            self.rejected += len(refused)
            kept = [record for row, record in enumerate(records) if row not in refused]
            return "".join(map("{}\n".format, map("\t".join, kept)))
        return "\n".join(map("\t".join, records)) + "\n"

    def _tell_oddities(
        self, batch: Batch, readers: list[ColumnReader], cells: list[list[str]]
    ) -> set[int]:
        """Report the odd cells of a batch; answers the positions of the rows to leave out."""
        refused = set()
        for reader, column in zip(readers, cells, strict=True):
            if not reader.has_oddities:
                continue
            for row, cell in enumerate(column):
                if isinstance(cell, Oddity):
                    self._tell_oddity(batch, row, reader, cell)
                    if cell.is_refused:
                        refused.add(row)
        return refused

    def _tell_oddity(self, batch: Batch, row: int, reader: ColumnReader, oddity: Oddity) -> None:
        line, name = batch.lines[row], reader.column.origin
        value = batch.rows[row][reader.position].strip()
        if oddity.is_refused:
            self.reject(Rejection(self.feed.name, line, name, oddity.reason, value))
        else:
            kind = f"{name}: {oddity.reason}"
            self.warn(f"Line {line:,}, {kind} ({value[:80]!r})", kind=kind)

    def _drop_same(self) -> None:
        first = first_value("SELECT min(at_line) FROM staged_repeat WHERE is_same")
        self.repeated += run(
            "DELETE FROM staged USING staged_repeat gone"
            " WHERE gone.at_line = staged.at_line AND gone.is_same"
        )
        if first is not None:
            self.warn(
                f"{self.repeated:,} rows repeat another word for word and were counted once, "
                f"the first at line {first:,}."
            )


@contextlib.contextmanager
def staged(feed: Feed, layout: Layout, *, dry_run: bool) -> Iterator[Staging]:
    """A transaction with the feed's rows in `staged`; a dry run leaves nothing behind."""
    with transaction.atomic():
        # Two imports at once would count, and number, past each other.
        run("SELECT pg_advisory_xact_lock(%s)", [DatabaseLock.IMPORT])
        previous = first_value("SHOW work_mem")
        run("SELECT set_config('work_mem', %s, true)", [WORK_MEMORY])
        staging = Staging(feed, layout)
        staging.load()
        staging.refuse_repeats()
        yield staging
        # What was written must hold now: a later file's transaction is another matter.
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("SET CONSTRAINTS ALL DEFERRED")
        run("DROP TABLE staged")
        run("SELECT set_config('work_mem', %s, true)", [previous])
        if dry_run:
            transaction.set_rollback(True)


@dataclass(frozen=True)
class Target:
    """A table to merge rows into.

    `key` names its unique columns. `columns` maps a column to the expression of its value, and
    `when_new` does the same for columns that an existing row keeps.
    """

    table: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    when_new: Mapping[str, str]


def merge(target: Target, source: str, parameters: Mapping[str, Any] | None = None) -> None:
    """Insert or update the rows that `source` (a FROM clause) gives.

    Which rows were written is found in the temporary table `merged` (id, is_new), made anew.
    A row that already says all of it is not written.
    """
    kept = [name for name in target.columns if name not in target.key]
    values = {**target.columns, **target.when_new}
    query = sql.SQL(
        """
        WITH written AS (
            INSERT INTO {table} AS old ({names}) SELECT {expressions} FROM {source}
            ON CONFLICT ({key}) {action} RETURNING id, xmax = 0 AS is_new
        ) INSERT INTO merged SELECT id, is_new FROM written
        """
    ).format(
        table=sql.Identifier(target.table),
        names=sql.SQL(", ").join(map(sql.Identifier, values)),
        expressions=sql.SQL(", ".join(values.values())),
        source=sql.SQL(source),
        key=sql.SQL(", ").join(map(sql.Identifier, target.key)),
        action=_where_different(kept),
    )
    run("DROP TABLE IF EXISTS pg_temp.merged")
    run("CREATE TEMP TABLE merged (id bigint PRIMARY KEY, is_new boolean) ON COMMIT DROP")
    run(query.as_string(connection.connection), parameters)


def _where_different(columns: list[str]) -> sql.Composable:
    if not columns:
        return sql.SQL("DO NOTHING")
    names = [sql.Identifier(name) for name in columns]
    pairs = [sql.SQL("{0} = excluded.{0}").format(name) for name in names]
    old = [sql.SQL("old.{}").format(name) for name in names]
    new = [sql.SQL("excluded.{}").format(name) for name in names]
    comma = sql.SQL(", ")
    return sql.SQL("DO UPDATE SET {} WHERE ROW({}) IS DISTINCT FROM ROW({})").format(
        comma.join(pairs), comma.join(old), comma.join(new)
    )


def merged_counts() -> tuple[int, int]:
    """How many rows the last ``merge`` added, and how many it changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged"
        )
        created, changed = cursor.fetchone()
    return created, changed


def run(query: str, parameters: Any = None) -> int:
    """Execute one statement; answers how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.rowcount)


def first_value(query: str, parameters: Any = None) -> Any:
    """The first column of the first row of the answer; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def all_rows(query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """The whole answer, for queries that answer few rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def note_new_sizes(*tables: str) -> None:
    """Let the planner know that these tables have grown."""
    for table in tables:
        run(f"ANALYZE {table}")


@contextlib.contextmanager
def bare(*tables: str) -> Iterator[None]:
    """Load into these tables without their foreign keys and indexes, and put them back at the end.

    Checking a key and entering it in six indexes, row by row, costs several times the load itself;
    all at once it is a join and a sort. The tables, and those they point at, are locked meanwhile,
    for readers too: for loads that outweigh what is there.
    """
    # What is still to be checked would forbid changing the tables.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    constraints = all_rows(CONSTRAINTS_TO_LIFT, [list(tables)])
    for table, name, _ in constraints:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = all_rows(INDEXES_TO_LIFT, [list(tables)])
    for name, _ in indexes:
        run(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        run(definition)
    for table, name, definition in constraints:
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def outweighs(rows: int, table: str) -> bool:
    """Whether so many new rows are more than the table holds, and enough to bother."""
    if rows < WORTH_LOADING_BARE:
        return False
    held = f"SELECT count(*) FROM (SELECT FROM {table} LIMIT %s) held"  # noqa: S608
    return bool(first_value(held, [rows]) < rows)
