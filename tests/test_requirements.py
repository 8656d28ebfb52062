"""`docs/requirements.md` names real tests, for every requirement of the message."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "requirements.md").read_text()
ASKED = {f"R{number}" for number in [*range(1, 44), 47, 48, 49, 50, 57]}
ROW = re.compile(r"^\| (R\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

ROWS = [(number, proofs) for number, _, proofs in ROW.findall(PAGE)]


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def test_every_requirement_stands_there_once():
    assert sorted(number for number, _ in ROWS) == sorted(ASKED)


def test_every_shown_requirement_names_tests_that_exist():
    for number, proofs in ROWS:
        named = TEST.findall(proofs)
        missing = [
            f"{path}::{name}"
            for path, name in named
            if not (ROOT / path).exists() or name not in names_in(ROOT / path)
        ]
        assert (number, missing) == (number, [])
        assert (number, bool(named)) == (number, True)
