"""`docs/architecture.md` describes the rooms that are there, in the words of their docstrings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from presync import settings

PACKAGE = settings.HOME / "plugins" / "presync"


def rooms_of_the_page() -> dict[str, str]:
    """Return what the page says of each room, by path."""
    page = (settings.HOME / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = page.split("### The rooms of `plugins/presync`")[1].split("```")[1]
    rooms: dict[str, str] = {}
    above: list[str] = []
    for line in tree.strip("\n").splitlines():
        found = re.fullmatch(r"( *)(\w+)/ +(\S.*)", line)
        assert found, line
        above = [*above[: len(found[1]) // 4], found[2]]
        rooms["/".join(above)] = found[3]
    return rooms


def rooms_of_the_package() -> dict[str, str]:
    """Return the first line of each package's docstring, by path; migrations are Alembic's business."""
    found: dict[str, str] = {}
    for init in sorted(PACKAGE.rglob("__init__.py")):
        path = init.parent.relative_to(PACKAGE)
        if path != Path() and "migrations" not in path.parts:
            docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8")))
            assert docstring, init
            found[path.as_posix()] = docstring.splitlines()[0]
    return found


def test_the_page_describes_every_room_in_its_own_words() -> None:
    assert rooms_of_the_page() == rooms_of_the_package()


def test_every_module_lives_in_a_room() -> None:
    loose = {path.name for path in PACKAGE.glob("*.py")}
    assert loose == {"__init__.py", "errors.py", "settings.py"}
