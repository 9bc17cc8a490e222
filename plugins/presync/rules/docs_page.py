"""The part of `docs/rules.md` that is written from the suites: `python -m presync.rules.document`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from presync import settings
from presync.rules.catalogue import SUITES
from presync.rules.suite import Statement, load_suite

BEGIN: Final = "<!-- written from expectations/*.json by `make rules`; do not edit below -->"
_HEAD: Final = "| rule | | what must hold | examined rows | required |\n|---|---|---|---|---|"


def page() -> Path:
    """Return where the page is."""
    return settings.HOME / "docs" / "rules.md"


def rendered(page_text: str) -> str:
    """Return the page with everything below the marker written anew from the suites."""
    head, _, _ = page_text.partition(BEGIN)
    body = "\n\n".join(_suite(name) for name in SUITES)
    return f"{head}{BEGIN}\n\n{body}\n"


def _suite(name: str) -> str:
    suite = load_suite(name)
    rows = "\n".join(_row(statement) for statement in suite.statements)
    return f"## Suite `{name}`\n{suite.description}\n\n{_HEAD}\n{rows}"


def _row(statement: Statement) -> str:
    examined = f"`{statement.table}`" + (f" where `{statement.condition}`" if statement.condition else "")
    arguments = ", ".join(f"{key} {value!r}" for key, value in statement.requirement.items())
    cells = (
        f"`{statement.rule}`",
        statement.severity + ("" if statement.waivable else ", cannot be waived"),
        f"{statement.description} *{statement.why}*",
        examined,
        f"`{statement.type}`: {arguments}",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    page().write_text(rendered(page().read_text(encoding="utf-8")), encoding="utf-8")
