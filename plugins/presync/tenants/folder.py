"""All tenant files at once: the good ones, and what is wrong with the others.

A broken file costs only its own tenant. Two files that claim the same tenant, or the same two systems, are
both refused, because nobody can tell which of them describes the company.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as value
from pathlib import Path
from typing import Final

from presync.errors import TenantFileError
from presync.tenants.defaults import SharedValues, read_defaults, refused_with
from presync.tenants.model import APPLY_PREFIX, DAG_PREFIX, NAME, Tenant, load_tenant, tenant_files
from presync.tenants.yaml_document import line_of, printable, refusal
from presync.tenants.yaml_values import Location

_PLACES: Final[Mapping[str, tuple[Location, ...]]] = {
    "tenant": (("tenant",),),
    "connection": (("visma_business", "connection"), ("severa", "connection"), ("tenant",)),
}
_Stamp = tuple[int, ...]
_CACHE: Final[dict[Path, tuple[_Stamp, SharedValues, Tenant]]] = {}
_SETTLED: Final = 2_000_000_000
"""Nanoseconds after which a file that is written again has another time stamp on every file system."""


@dataclass(frozen=True)
class TenantFolder:
    """What a set of tenant files holds: `tenants` by file, `faults` as a person should read them.

    `broken`: the tenants that refused files are about, by the files' names, with the fault in words that name
    no other company and no folder: who may see this tenant may not see others. `listed`: the folder could be.
    """

    tenants: dict[Path, Tenant]
    faults: list[TenantFileError]
    broken: dict[str, str] = value(default_factory=dict)
    listed: bool = True


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
    return TenantFolder({}, [refusal(folder, [(1, "folder", way_out)])], listed=False)


def read_files(files: Iterable[Path]) -> TenantFolder:
    """Read the given tenant files; each fault's message has a line `file:line: field: reason` per fault."""
    loaded: dict[Path, Tenant] = {}
    faults: dict[Path, TenantFileError] = {}
    shared: dict[Path, SharedValues | TenantFileError] = {}
    for path in files:
        try:
            if path.parent not in shared:
                shared[path.parent] = _defaults(path.parent)
            loaded[path] = _tenant(path, shared[path.parent])
        except TenantFileError as fault:
            faults[path] = fault
        except Exception as error:  # whatever one file does, the others go on
            reason = f"reading it stopped unexpectedly ({type(error).__name__}): report this fault of Presync"
            faults[path] = refusal(path, [(1, "file", reason)])
    twice = _claimed_twice(loaded)
    good = {path: tenant for path, tenant in loaded.items() if path not in twice}
    told = {path: _own_words(path, fault) for path, fault in faults.items()}
    told |= {path: _TWICE.format(path.name) for path in twice}
    taken = {tenant.tenant for tenant in good.values()}
    broken = {path.stem: words for path, words in told.items() if NAME.fullmatch(path.stem)}
    all_faults = [*faults.values(), *twice.values()]
    return TenantFolder(good, all_faults, {n: w for n, w in broken.items() if n not in taken})


_TWICE: Final = (
    "{}: another tenant file claims the same tenant or the same two systems; both are refused until one of "
    "them is changed or removed. `presync validate` names both"
)


def _own_words(path: Path, fault: TenantFileError) -> str:
    return fault.message.replace(f"{printable(str(path.parent))}/", "")


def read_tenant_of(folder: Path, dag: str) -> TenantFolder:
    """Read the one file of a DAG's tenant, for a task of it: what this costs does not grow with the tenants.

    That no other file claims the same is not seen here. The DAG processor and `presync validate` refuse it,
    and so does the control database before a start (`control.starts`).
    """
    name = dag.removeprefix(APPLY_PREFIX).removeprefix(DAG_PREFIX)
    if name == dag or not NAME.fullmatch(name):
        return TenantFolder({}, [])
    path = folder / f"{name}.yaml" if folder.is_dir() else folder
    # a file of another name can only be another tenant's
    return read_files([path]) if path.name == f"{name}.yaml" else TenantFolder({}, [])


def _defaults(folder: Path) -> SharedValues | TenantFileError:
    """Return what a folder's companies share, or why nobody knows."""
    try:
        return read_defaults(folder)
    except TenantFileError as fault:
        return fault


def _tenant(path: Path, shared: SharedValues | TenantFileError) -> Tenant:
    """Return a file's tenant, without reading it again if nothing has touched it or the defaults since."""
    if isinstance(shared, TenantFileError):
        raise refused_with(path, shared)
    stamp = _stamp(path)
    known = _CACHE.get(path)
    if known is not None and stamp is not None and known[:2] == (stamp, shared):
        return known[2]
    _CACHE.pop(path, None)
    tenant = load_tenant(path, shared)
    if stamp is not None and stamp == _stamp(path):
        _CACHE[path] = (stamp, shared, tenant)
    return tenant


def _stamp(path: Path) -> _Stamp | None:
    """Return what changes when a file does, or None if it is too young to tell."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) < _SETTLED:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _claimed_twice(loaded: Mapping[Path, Tenant]) -> dict[Path, TenantFileError]:
    by_claim: dict[tuple[str, str], list[Path]] = {}
    for path, tenant in loaded.items():
        # a tenant is claimed twice by files of two folders, its systems also by a copied file
        for claim in (("tenant", tenant.tenant), ("connection", tenant.systems.casefold())):
            by_claim.setdefault(claim, []).append(path)
    refused: dict[Path, TenantFileError] = {}
    for (field, _), paths in by_claim.items():
        for path in paths if len(paths) > 1 else []:
            claimed = loaded[path].tenant if field == "tenant" else loaded[path].systems
            others = ", ".join(str(other) for other in paths if other != path)
            reason = (
                f"{claimed!r} is also claimed by {others}; both are refused until one of them is changed "
                "or removed"
            )
            refused.setdefault(path, refusal(path, [(line_of(path, *_PLACES[field]), field, reason)]))
    return refused
