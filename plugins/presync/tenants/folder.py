"""All tenant files at once: the good ones, and what is wrong with the others.

A broken file costs only its own tenant. Two files that claim the same tenant, or the same two systems, are
both refused, because nobody can tell which of them describes the company.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from presync.errors import TenantFileError
from presync.tenants.model import Tenant, load_tenant, tenant_files


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
    by_claim: dict[tuple[str, str], list[Path]] = {}
    for path, tenant in loaded.items():
        for claim in _claims(tenant):
            by_claim.setdefault(claim, []).append(path)
    told: set[Path] = set()
    for (field, claimed), paths in by_claim.items():
        for path in paths if len(paths) > 1 else []:
            others = ", ".join(str(other) for other in paths if other != path)
            fault = TenantFileError(
                f"{path}:{_line_of(field, path)}: {field}: {claimed!r} is also claimed by {others}; "
                "both are refused until one of them is changed or removed",
                source=str(path),
            )
            yield from () if path in told else [fault]
            told.add(path)


def _claims(tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Yield what no other tenant may have: its name, and its pair of systems, which is started once."""
    yield "tenant", tenant.tenant
    business, severa = tenant.connection_id("visma_business"), tenant.connection_id("severa")
    database = tenant.visma_business.database
    yield "connection", f"{business}{f'/{database}' if database else ''} with {severa}"


def _line_of(field: str, path: Path) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((i for i, line in enumerate(lines, 1) if line.lstrip().startswith(f"{field}:")), 1)
