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
from presync.tenants.yaml_document import read_document, refusal
from presync.tenants.yaml_values import Limits, Location


@dataclass(frozen=True)
class TenantFolder:
    """What a set of tenant files holds: `tenants` by file, `faults` as a person should read them."""

    tenants: dict[Path, Tenant]
    faults: list[TenantFileError]


def read_folder(folder: Path) -> TenantFolder:
    """Read every tenant file of a folder; a folder that is not there is a fault, not an empty one."""
    try:
        if not folder.exists():
            return _refused(folder, "there is no such folder or file")
        files = tenant_files(folder)
    except (OSError, ValueError) as error:
        return _refused(folder, f"the folder cannot be read ({type(error).__name__})")
    return read_files(files)


def _refused(folder: Path, reason: str) -> TenantFolder:
    way_out = f"{reason}, so no company is checked; create it or set PRESYNC_TENANTS"
    return TenantFolder({}, [refusal(folder, [(1, "folder", way_out)])])


def read_files(files: Iterable[Path]) -> TenantFolder:
    """Read the given tenant files; each fault's message has a line `file:line: field: reason` per fault."""
    loaded: dict[Path, Tenant] = {}
    faults: list[TenantFileError] = []
    for path in files:
        try:
            loaded[path] = load_tenant(path)
        except TenantFileError as fault:
            faults.append(fault)
        except Exception as error:  # whatever one file does, the others go on
            reason = f"reading it broke off ({type(error).__name__}), which is a fault of Presync: report it"
            faults.append(refusal(path, [(1, "file", reason)]))
    twice = _claimed_twice(loaded)
    faults.extend(twice.values())
    return TenantFolder({p: t for p, t in loaded.items() if p not in twice}, faults)


def _claimed_twice(loaded: dict[Path, Tenant]) -> dict[Path, TenantFileError]:
    by_claim: dict[tuple[str, str], list[Path]] = {}
    for path, tenant in loaded.items():
        for claim in _claims(tenant):
            by_claim.setdefault(claim, []).append(path)
    refused: dict[Path, TenantFileError] = {}
    for (field, claimed), paths in by_claim.items():
        for path in paths if len(paths) > 1 else []:
            others = ", ".join(str(other) for other in paths if other != path)
            reason = (
                f"{claimed!r} is also claimed by {others}; both are refused until one of them is changed "
                "or removed"
            )
            refused.setdefault(path, refusal(path, [(_line_of(field, path), field, reason)]))
    return refused


def _claims(tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Yield what no other tenant may have: its name, and its pair of systems, which is started once."""
    yield "tenant", tenant.tenant
    business, severa = tenant.connection_id("visma_business"), tenant.connection_id("severa")
    database = tenant.visma_business.database
    yield "connection", f"{business}{f'/{database}' if database else ''} with {severa}"


def _line_of(claim: str, path: Path) -> int:
    places: dict[str, list[Location]] = {
        "tenant": [("tenant",)],
        "connection": [("visma_business", "connection"), ("severa", "connection"), ("tenant",)],
    }
    try:
        lines = read_document(path, Limits()).lines
    except TenantFileError:  # it has changed since
        return 1
    return next((lines[place] for place in places[claim] if place in lines), 1)
