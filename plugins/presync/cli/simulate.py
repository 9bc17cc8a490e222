"""The command about what would be: `presync simulate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from presync.cli.tenant_argument import tenant_of
from presync.tenants.entities import Entity

_EXIT: Final = {"ready": 0, "blocked": 1, "error": 2}


def simulate(
    typed: str,
    run: str | None,
    fixes: Path | None,
    exclude: tuple[Entity, ...],
    lists: Path | None,
    *,
    as_json: bool,
) -> int:
    """Print the verdict that a run would have with its fixes applied, and return its exit code."""
    from presync.rehearsal import simulate as rehearsal

    outcome = rehearsal.simulate(tenant_of(typed), run, fixes, exclude, lists)
    if as_json:
        print(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(rehearsal.lines(outcome)))
    return _EXIT[outcome.verdict.status]
