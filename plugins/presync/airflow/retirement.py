"""Taking a company out for good: its audit trail is kept as a file, what names its records is removed.

The control database keeps the company's row, its runs, its start and its trail: that an integration was
started once must be known for ever.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from presync import settings
from presync.airflow.housekeeping import area_of, remove_folder
from presync.control.audit import audit_trail
from presync.control.companies import retire
from presync.control.models import UNSETTLED, AuditEntry
from presync.control.starts import find_start
from presync.control.who import Who
from presync.errors import ConfigurationError, IncompleteError
from presync.report.check_logs import remove_logs_of
from presync.tenants.model import NAME, Tenant

_AREAS: Final = ("staging", "reports", "known")
_FIELDS: Final = ("id", "tenant", "at", "who", "who_kind", "what", "detail", "before", "digest")


@dataclass(frozen=True)
class Retired:
    """What was done: where the trail is and how long it is, what was removed, what a person removes.

    `connections` are those that a tenant has unless its file names others; the file is gone.
    """

    tenant: str
    trail: str
    entries: int
    removed: tuple[str, ...]
    connections: tuple[str, ...]


def retire_company(tenant: str, by: str | Who, *, root: str | None = None) -> Retired:
    """Export a company's audit trail, then remove its staged data, reports and logs; again: the rest of it.

    Raises ConfigurationError if its tenant file is still there or nothing is known of it, IncompleteError if
    the trail cannot be read back as it was written; nothing is removed then.
    """
    if not NAME.fullmatch(tenant):  # it becomes part of paths
        raise ConfigurationError(
            f"{tenant!r} is not the name of a tenant, so nothing was done", source=tenant
        )
    _require_no_file(tenant)
    _require_settled(tenant)
    retire(tenant, by)
    entries = audit_trail(tenant)
    trail = _export(tenant, entries, root)
    removed = []
    for name in _AREAS:
        folder = area_of(root, name) / tenant
        if folder.exists():
            remove_folder(folder)
            removed.append(str(folder))
    if logs := remove_logs_of(tenant):
        removed.append(f"{logs} log(s) of presync check")
    named = Tenant(tenant=tenant, title=tenant)
    return Retired(tenant, str(trail), len(entries), tuple(removed), tuple(named.connection_ids))


def _require_no_file(tenant: str) -> None:
    folder = settings.tenants_folder()
    file = folder / f"{tenant}.yaml" if folder.is_dir() else folder
    if file.stem == tenant and file.exists():
        raise ConfigurationError(
            f"the file of tenant {tenant} is still there ({file}), so it was not retired: its DAG would "
            "check it again. Remove the file, wait until the fleet page says so, and retire it then.",
            source=tenant,
        )


def _require_settled(tenant: str) -> None:
    """Raise ConfigurationError while nobody knows whether the integration runs: its data may tell."""
    start = find_start(tenant)
    if start is not None and start.state in UNSETTLED:
        raise ConfigurationError(
            f"nobody knows whether the integration of {tenant} was started (its start is {start.state!r} "
            f"since {start.requested_at:%Y-%m-%d %H:%M} UTC), so it was not retired. Ask the receiver, "
            f"record what you found (presync start {tenant} --confirm --by NAME, or --reset --by NAME), and "
            "retire it then.",
            source=tenant,
        )


def _export(tenant: str, entries: Sequence[AuditEntry], root: str | None) -> Any:
    """Write the trail as `retired/<tenant>-<moment>.jsonl`, an entry a line, and read it back."""
    lines = [json.dumps(_values(entry), ensure_ascii=False) for entry in entries]
    text = "".join(f"{line}\n" for line in lines)
    folder = area_of(root, "retired")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{tenant}-{entries[-1].at:%Y%m%dT%H%M%S}-{entries[-1].id}.jsonl"
    if isinstance(file, Path):
        file.touch(0o600)
    with file.open("wb") as sink:
        sink.write(text.encode())
    if file.read_bytes() != text.encode():
        raise IncompleteError(
            f"the audit trail of {tenant} could not be read back from {file}, so nothing was removed. Free "
            "space there, then retire the company again.",
            source=tenant,
        )
    return file


def _values(entry: AuditEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _FIELDS}
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in values.items()}
