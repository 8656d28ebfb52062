"""The square code: drawn module by module, and read back the same."""

import re

import segno

from outreach.page.code_picture import QUIET, path_of

ADDRESS = "https://notes.example.com/l/Zm9vYmFyYmF6cXV4Zm9vYg/store/"
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def test_path_draws_every_dark_module_and_nothing_else() -> None:
    path, side = path_of(ADDRESS)

    matrix = segno.make(ADDRESS, error="m", micro=False).matrix
    dark = {
        (x + QUIET, y + QUIET)
        for y, row in enumerate(matrix)
        for x, module in enumerate(row)
        if module
    }
    drawn = {
        (int(x) + step, int(y))
        for x, y, length, _ in RUN.findall(path)
        for step in range(int(length))
    }
    assert drawn == dark
    assert RUN.sub("", path) == ""
    assert side == len(matrix) + 2 * QUIET


def test_path_of_a_page_is_small() -> None:
    assert len(path_of(ADDRESS)[0]) < 9_000
