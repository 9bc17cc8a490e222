"""The package's SQL files: each lies beside the code that runs it, in `<room>/sql/<name>.sql`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


@cache
def sql(room: str, name: str) -> str:
    """Return the text of `<room>/sql/<name>.sql`, such as `sql("reconcile", "pairs")`."""
    return (_PACKAGE / room / "sql" / f"{name}.sql").read_text(encoding="utf-8")
