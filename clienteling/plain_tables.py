"""Tables of figures for a terminal."""

from collections.abc import Sequence


def table_lines(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The lines of the table: the first column to the left, the others to the right.

    Floats have the decimals of `figure`, None is a dash.
    """
    cells = [list(headings), *([figure(value) for value in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(headings))]
    return ["  ".join(_aligned(row, widths)).rstrip() for row in cells]


def figure(value: object) -> str:
    """A value as people read it: three digits that count, thousands set apart."""
    if value is None:
        return "-"
    if isinstance(value, float):
        decimals = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
        return f"{value:,.{decimals}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
