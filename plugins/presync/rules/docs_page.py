"""The part of `docs/rules.md` that is written from the suites: `python -m presync.rules.docs_page`.

A section for each rule, under its id: what it finds, why it matters, how it is fixed, in which suites and how
severe it is there, and where its source, its SQL and its examples are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from presync import settings
from presync.rules.catalogue import SUITES
from presync.rules.suite import Statement, load_suite, stated_once

BEGIN: Final = "<!-- written from expectations/*.json by `make rules`; do not edit below -->"
_FEEDS: Final = re.compile(r"^ *-- feeds: (.+)$", flags=re.MULTILINE)
_RECONCILE: Final = Path(__file__).parents[1] / "reconcile"

Stated = tuple[str, Statement]


def page() -> Path:
    """Return where the page is."""
    return settings.HOME / "docs" / "rules.md"


def rendered(page_text: str) -> str:
    """Return the page with everything below the marker written anew from the suites."""
    head, _, _ = page_text.partition(BEGIN)
    rules: dict[str, list[Stated]] = {}
    for suite in SUITES:
        for statement in load_suite(suite).statements:
            rules.setdefault(statement.rule, []).append((suite, statement))
    body = "\n\n".join(_section(rule, stated) for rule, stated in rules.items())
    return f"{head}{BEGIN}\n\n## Rule by rule\n{body}\n"


def sql_files() -> dict[str, list[Path]]:
    """Return the SQL files that say that they feed a rule (`-- feeds: rule, rule (column)`), by rule."""
    found: dict[str, list[Path]] = {}
    for path in sorted(_RECONCILE.rglob("*.sql")):
        for line in _FEEDS.findall(path.read_text(encoding="utf-8")):
            for rule in re.sub(r"\([^)]*\)", "", line).split(","):
                files = found.setdefault(rule.strip(), [])
                if path not in files:
                    files.append(path)
    return found


def _section(rule: str, stated: Sequence[Stated]) -> str:
    first = stated[0][1]
    lines = [
        f"### {rule}",
        f"{first.problem}. {stated_once(statement.why for _, statement in stated)}",
        "",
        f"*Fix:* {stated_once(statement.fix for _, statement in stated)}",
        "",
        "| suite | severity | what must hold | examined rows | required |",
        "|---|---|---|---|---|",
        *(_row(suite, statement) for suite, statement in stated),
        "",
        _links(rule),
    ]
    return "\n".join(lines)


def _row(suite: str, statement: Statement) -> str:
    examined = f"`{statement.table}`" + (f" where `{statement.condition}`" if statement.condition else "")
    arguments = ", ".join(f"{key} {value!r}" for key, value in statement.requirement.items())
    cells = (
        f"`{suite}`",
        statement.severity + ("" if statement.waivable else ", cannot be waived"),
        statement.description,
        examined,
        f"`{statement.type}`: {arguments}",
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _links(rule: str) -> str:
    files = [(f"source/{rule}.yaml", f"../expectations/source/{rule}.yaml")]
    files += [(path.name, f"../{path.relative_to(settings.HOME)}") for path in sql_files().get(rule, [])]
    files.append((f"cases/{rule}.yaml", f"../tests/oracle/cases/{rule}.yaml"))
    return "Stated, computed, tested: " + " · ".join(f"[{name}]({target})" for name, target in files)


if __name__ == "__main__":
    page().write_text(rendered(page().read_text(encoding="utf-8")), encoding="utf-8")
