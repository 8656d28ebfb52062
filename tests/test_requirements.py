"""`docs/requirements.md` names real tests, and leaves no requirement of the message unmentioned."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "requirements.md").read_text()
ASKED = {f"R{number}" for number in [*range(1, 44), 57]}
ROW = re.compile(r"^\| (R\d+) \| (.+?) \|(?: (.+?) \|)?$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

SHOWN_PART, OPEN_PART = PAGE.split("## Not yet")
SHOWN = {number: proofs for number, _, proofs in ROW.findall(SHOWN_PART)}
OPEN = {number: reason for number, reason, _ in ROW.findall(OPEN_PART)}


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def test_every_requirement_is_shown_or_listed_as_open():
    assert set(SHOWN) | set(OPEN) == ASKED


def test_every_number_stands_once_in_each_table():
    for part in (SHOWN_PART, OPEN_PART):
        numbers = [row[0] for row in ROW.findall(part)]
        assert len(numbers) == len(set(numbers))


def test_every_shown_requirement_names_tests_that_exist():
    for number, proofs in SHOWN.items():
        named = TEST.findall(proofs)
        missing = [
            f"{path}::{name}"
            for path, name in named
            if not (ROOT / path).exists() or name not in names_in(ROOT / path)
        ]
        assert (number, missing) == (number, [])
        assert (number, bool(named)) == (number, True)


def test_every_open_requirement_gives_its_reason():
    assert [number for number, reason in OPEN.items() if len(reason.split()) < 4] == []
