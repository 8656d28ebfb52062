"""Tables of figures on a terminal."""

from collections.abc import Sequence

from clienteling.plain_tables import table_lines


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their headings at once, also into a pipe."""
    print("\n".join(table_lines(headings, rows)), flush=True)
