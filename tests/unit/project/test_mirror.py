"""Whoever changes a module finds its tests: in the file of its name, or by the line `Covers:` of another."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePath

from presync import settings

PACKAGE = settings.HOME / "plugins" / "presync"
TESTS = settings.HOME / "tests"
KINDS = ("unit", "integration", "e2e")


def modules() -> set[str]:
    """Return the modules as paths within the package; migrations have one test together."""
    paths = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))
    return {p.as_posix() for p in paths if p.name != "__init__.py" and "versions" not in p.parts}


def named_after() -> set[str]:
    """Return the modules that a test file has the name of, in the mirrored folder."""
    files = [path.relative_to(TESTS / kind) for kind in KINDS for path in (TESTS / kind).rglob("test_*.py")]
    return {(file.parent / file.name.removeprefix("test_")).as_posix() for file in files}


def covered() -> dict[str, Path]:
    """Return the modules that a test file says it covers."""
    found: dict[str, Path] = {}
    for path in TESTS.rglob("test_*.py"):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for listed in re.findall(r"^Covers: ((?:.|\n)+?)\.$", text, flags=re.MULTILINE):
            found |= dict.fromkeys((name.strip() for name in listed.split(",")), path)
    return found


def test_every_module_has_tests_that_can_be_found() -> None:
    assert modules() - named_after() - set(covered()) == set()


def test_nothing_is_covered_that_is_not_there() -> None:
    assert set(covered()) - modules() == set()


def test_the_folders_of_tests_are_the_rooms() -> None:
    rooms = {PurePath(module).parent for module in modules()}
    rooms |= {parent for room in rooms for parent in room.parents}
    others = {PurePath(name) for name in ("oracle", "project", "support", "demo", "benchmarks")}
    for kind in ("unit", "integration"):
        folders = {path.parent.relative_to(TESTS / kind) for path in (TESTS / kind).rglob("test_*.py")}
        assert {f for f in folders if f not in rooms and not others & {f, *f.parents}} == set()
