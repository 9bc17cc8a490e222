"""All tenant files at once: the good ones, and what is wrong with the others.

A broken file costs only its own tenant. Two files that claim the same tenant are both refused, because nobody
can tell which of them describes the company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from presync.errors import TenantFileError
from presync.tenants import Tenant, load_tenant, tenant_files


@dataclass(frozen=True)
class TenantFolder:
    """What a set of tenant files holds: `tenants` by file, `faults` as a person should read them."""

    tenants: dict[Path, Tenant]
    faults: list[TenantFileError]


def read_folder(folder: Path) -> TenantFolder:
    """Read every tenant file of a folder; a folder that is not there is a fault, not an empty one."""
    if not folder.exists():
        fault = TenantFileError(
            f"{folder}:1: folder: there is no such folder or file, so no company is checked; "
            "create it or set PRESYNC_TENANTS",
            source=folder.name,
        )
        return TenantFolder({}, [fault])
    return read_files(tenant_files(folder))


def read_files(files: Iterable[Path]) -> TenantFolder:
    """Read the given tenant files; each fault's message has a line `file:line: field: reason` per fault."""
    loaded: dict[Path, Tenant] = {}
    faults: list[TenantFileError] = []
    for path in files:
        try:
            loaded[path] = load_tenant(path)
        except TenantFileError as fault:
            faults.append(fault)
    faults.extend(_claimed_twice(loaded))
    refused = {fault.source for fault in faults}
    return TenantFolder({p: t for p, t in loaded.items() if str(p) not in refused}, faults)


def _claimed_twice(loaded: dict[Path, Tenant]) -> Iterator[TenantFileError]:
    by_name: dict[str, list[Path]] = {}
    for path, tenant in loaded.items():
        by_name.setdefault(tenant.tenant, []).append(path)
    for name, paths in by_name.items():
        for path in paths if len(paths) > 1 else []:
            others = ", ".join(str(other) for other in paths if other != path)
            yield TenantFileError(
                f"{path}:{_line_of_name(path)}: tenant: {name!r} is also claimed by {others}; "
                "both are refused until one of them is renamed or removed",
                source=str(path),
            )


def _line_of_name(path: Path) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((i for i, line in enumerate(lines, 1) if line.startswith("tenant:")), 1)
