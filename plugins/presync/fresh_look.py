"""The last look before a start: is everything still as it was when it was checked?

Everything that was read is read again, by the same readers, into a folder that is thrown away, and compared
by fingerprints with what the certificate is bound to. What was approved is what is started, or nothing is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from presync.control.runs import find_certificate
from presync.errors import StartError
from presync.exceptions import decided_answers, exceptions_in_force, with_answers
from presync.staging.extract import ExtractWriter
from presync.staging.fingerprints import Fingerprints, folder_fingerprints, moved
from presync.staging.tables import SYSTEMS, System
from presync.tenants import Tenant

Reader = Callable[[Tenant, ExtractWriter], Mapping[str, Any]]
_SHOWN: Final = 10


def require_unmoved(tenant: Tenant, run_id: str, readers: Callable[[System], Reader]) -> None:
    """Return if the run's certificate holds and nothing that it is bound to has moved since.

    Raises StartError that says what moved, or whatever a reader raises when a system cannot be read.
    """
    certificate = find_certificate(tenant.tenant, run_id, tenant.fingerprint)
    bound = certificate.bound or {}
    decided = decided_answers(tenant)
    changes = list(_rules(certificate.rules_version))
    if exceptions_in_force(tenant, decided).fingerprint != bound.get("on_record"):
        changes.append("what is on record (waivers, answers, confirmed pairs)")
    if not changes:
        now = _read_again(with_answers(tenant, decided), run_id, readers)
        changes = list(moved(bound.get("tables") or {}, now))
    if changes:
        raise StartError(
            f"the integration of tenant {tenant.tenant!r} was not started: since run {run_id} was checked, "
            f"something has moved, and what is started must be what was checked. {_list(changes)}\n"
            "Run the tenant's DAG again, at a time when nobody works in these registers.",
            source="start_integration",
        )


def _rules(version: str) -> Iterator[str]:
    from presync.rules.suites import rules_version

    if rules_version() != version:
        yield f"the rules: version {version} is now {rules_version()}"


def _read_again(tenant: Tenant, run_id: str, readers: Callable[[System], Reader]) -> Fingerprints:
    found: dict[str, Mapping[str, Any]] = {}
    for system in SYSTEMS:
        with tempfile.TemporaryDirectory(prefix="presync-look-") as name:
            writer = ExtractWriter(Path(name), system, tenant=tenant.tenant, run_id=run_id, background=False)
            readers(system)(tenant, writer)
            writer.finish()
            found |= folder_fingerprints(Path(name), system)
    return found


def _list(changes: list[str]) -> str:
    lines = [f"\n- {change}" for change in changes[:_SHOWN]]
    more = len(changes) - _SHOWN
    return "".join(lines) + (f"\n- … and {more} more" if more > 0 else "")
