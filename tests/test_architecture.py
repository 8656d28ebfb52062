"""The import arrow, read off the syntax trees: outreach → customers → catalog, never back.

Below all three lies the floor of `clienteling`; above them its roof. Inside outreach the views know
the day and the proof, both know the messages, and the messages know neither. What the client does
on her page stands between: it knows the messages, and the day knows it. The decision record asks
the day's rules and draws with the proof's pens; neither knows of it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("clienteling", "catalog", "customers", "outreach")
ROOF = {
    "clienteling.settings",
    "clienteling.urls",
    "clienteling.celery",
    "clienteling.supervisor",
    "clienteling.broker",
    "clienteling.health",
    "clienteling.command_line",
    "clienteling.local_database",
    "clienteling.management",
    "clienteling.demo",
}

# What each part may import, of the project's own; a part may always import itself.
MAY_IMPORT = {
    "clienteling": {"clienteling"},
    "catalog": {"clienteling", "catalog"},
    "customers": {"clienteling", "catalog", "customers"},
    "outreach": {"clienteling", "catalog", "customers", "outreach"},
}
INSIDE_OUTREACH = {
    "outreach.models": {"outreach.models"},
    "outreach.messages": {"outreach.models", "outreach.messages", "outreach.lookbook"},
    "outreach.lookbook": {"outreach.models", "outreach.lookbook"},
    "outreach.page": {"outreach.models", "outreach.messages", "outreach.lookbook", "outreach.page"},
    "outreach.day": {
        "outreach.models",
        "outreach.messages",
        "outreach.lookbook",
        "outreach.page",
        "outreach.day",
    },
    "outreach.proof": {"outreach.models", "outreach.messages", "outreach.proof"},
    "outreach.decisions": {
        "outreach.models",
        "outreach.messages",
        "outreach.day",
        "outreach.proof",
        "outreach.decisions",
    },
}


def modules() -> Iterator[tuple[str, Path]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if ".migrations." not in name:
                yield name.removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, prefixes: set[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


MODULES = list(modules())


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_imports_follow_the_arrow(name, path):
    own = [imported for imported in imports(path) if imported.split(".")[0] in APPS]
    if not within(name, ROOF):
        allowed = MAY_IMPORT[name.split(".")[0]]
        assert [imported for imported in own if not within(imported, allowed)] == []
        expected = ["clienteling.celery.app"] if name == "clienteling" else []
        assert [imported for imported in own if within(imported, ROOF)] == expected
    for part, allowed in INSIDE_OUTREACH.items():
        if within(name, {part}):
            outward = [imported for imported in own if imported.startswith("outreach.")]
            assert [imported for imported in outward if not within(imported, allowed)] == []


def test_the_engine_knows_no_django_no_clock_and_no_database():
    forbidden = {"django", "psycopg", "celery", "clienteling", "catalog", "time", "random"}
    for name, path in MODULES:
        if within(name, {"customers.recommender"}):
            assert [found for found in imports(path) if found.split(".")[0] in forbidden] == []


@pytest.mark.parametrize(
    "name",
    ["customers.bgnbd", "customers.rhythm", "customers.appropriateness", "outreach.day.notes"],
)
def test_rules_are_pure(name):
    path = dict(MODULES)[name]
    impure = {"django", "psycopg", "celery"}
    assert [found for found in imports(path) if found.split(".")[0] in impure] == []
    assert not within("clienteling.clock", set(imports(path)))


def test_packages_have_empty_inits_except_where_a_package_is_its_face():
    faces = {"clienteling", "customers.models", "outreach.models"}
    for name, path in MODULES:
        if path.name == "__init__.py" and name not in faces:
            assert (name, path.read_text()) == (name, "")
