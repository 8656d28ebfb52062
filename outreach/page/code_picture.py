"""The square code that an associate's camera reads, as the path of a drawing. Pure."""

from itertools import groupby

import segno

QUIET = 4  # modules of ground around it, without which cameras do not find it


def path_of(address: str) -> tuple[str, int]:
    """The drawing of an address as SVG path data, and the side of its square.

    Runs of dark modules along each row, as rectangles: the page draws them in its own colors, so
    no picture, no style and no script is needed.
    """
    matrix = segno.make(address, error="m", micro=False).matrix
    runs = (
        f"M{start + QUIET} {row + QUIET}h{length}v1h-{length}z"
        for row, modules in enumerate(matrix)
        for start, length in _dark_runs(modules)
    )
    return "".join(runs), len(matrix) + 2 * QUIET


def _dark_runs(modules: bytearray) -> list[tuple[int, int]]:
    found, at = [], 0
    for module, same in groupby(modules):
        length = len(list(same))
        if module & 1:
            found.append((at, length))
        at += length
    return found
