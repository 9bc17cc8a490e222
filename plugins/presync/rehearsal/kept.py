"""The newest rehearsal of each tenant, kept as lines that people read: rules and counts, no names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from presync.errors import PresyncError
from presync.staging.store import RunStore
from presync.tenants.model import Tenant

_NEWEST: Final = "newest"
_FILE: Final = "rehearsal.json"


def run_prefix(tenant: str) -> str:
    """Return how the ids of a tenant's rehearsals begin."""
    return f"rehearse__{tenant}__"


def rehearse(tenant: Tenant, rehearsal: str) -> Mapping[str, Any]:
    """Rehearse the corrections of a tenant's newest report, and keep what came of it, also why it could not.

    `rehearsal` is the id under which it was asked for. Returns what `kept` returns.
    """
    from presync.rehearsal.simulate import lines, simulate

    result: dict[str, Any] = {"rehearsal": rehearsal}
    try:
        found = simulate(tenant)
    except PresyncError as error:
        result |= {"status": "error", "lines": [error.message]}
    else:
        result |= {"status": found.verdict.status, "lines": list(lines(found))}
    result["made_at"] = datetime.now(UTC).isoformat(timespec="seconds")
    with _store(tenant.tenant).publishing("") as folder:
        (folder / _FILE).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    return result


def kept(tenant: str) -> Mapping[str, Any] | None:
    """Return `{rehearsal, status, lines, made_at}` of the newest rehearsal, or None if there is none."""
    try:
        text = (_store(tenant).fetch("") / _FILE).read_text(encoding="utf-8")
        found = json.loads(text)
    except (PresyncError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _store(tenant: str) -> RunStore:
    return RunStore(tenant, _NEWEST, area="rehearsals")
