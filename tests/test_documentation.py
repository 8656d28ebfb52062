"""The documentation names every setting, and no setting that does not exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READERS = {"text", "flag", "whole_number", "words", "time_of_day", "folder"}
READ_OUTSIDE_SETTINGS = {"LOCALDB_BIN", "PORT", "PYTHON", "CHROMIUM"}


def variables_read_in_settings() -> set[str]:
    tree = ast.parse((ROOT / "clienteling" / "settings.py").read_text())
    return {
        str(call.args[0].value)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in READERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def variables_documented() -> set[str]:
    rows = (ROOT / "docs" / "settings.md").read_text().splitlines()
    first_cells = [row.split("|")[1] for row in rows if row.startswith("| `")]
    return {name for cell in first_cells for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}


def test_every_variable_is_documented_and_every_documented_one_is_read():
    assert variables_documented() == variables_read_in_settings() | READ_OUTSIDE_SETTINGS


def test_links_inside_the_documentation_lead_somewhere():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for page in pages:
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        missing = [target for target in targets if not (page.parent / target).exists()]
        assert (page.name, missing) == (page.name, [])
