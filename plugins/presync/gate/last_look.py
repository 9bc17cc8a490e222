"""The last look before a start: is everything still as it was when it was checked?

Everything that was read is read again, by the same readers, into a folder that is thrown away, and compared
by fingerprints with what the certificate is bound to. What was approved is what is started, or nothing is.
Where the run's own extract is still there, the rows that differ are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from presync.control.models import Certificate
from presync.control.runs import audit_refusal, find_certificate, newest_bound
from presync.control.systems import systems_of
from presync.decisions.answers import decided_answers
from presync.decisions.in_force import exceptions_in_force
from presync.errors import PresyncError, StartError
from presync.gate.certificate import changed_fields, changed_record, changed_suites
from presync.staging.differences import row_differences
from presync.staging.extract import ExtractWriter
from presync.staging.fingerprints import Fingerprints, folder_fingerprints, moved
from presync.staging.leftovers import scratch
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, System
from presync.tenants.answers import with_answers
from presync.tenants.model import Tenant

Reader = Callable[[Tenant, ExtractWriter], Mapping[str, Any]]
_SHOWN: Final = 10


def require_unmoved(tenant: Tenant, run_id: str, readers: Callable[[System], Reader]) -> None:
    """Return if the run's certificate holds and nothing that it is bound to has moved since.

    Raises StartError that says what moved, or whatever a reader raises when a system cannot be read.
    """
    certificate = _certificate(tenant, run_id)
    bound = certificate.bound or {}
    answered = with_answers(tenant, decided_answers(tenant))
    changes = (
        _stated(tenant, certificate)
        or list(_looked(answered, run_id, readers, bound))
        # once more: reading may take hours, and nothing may start on what was taken back meanwhile
        or _stated(tenant, certificate)
    )
    if changes:
        audit_refusal(tenant.tenant, run_id, moved="; ".join(changes[:_SHOWN]))
        raise StartError(
            f"the integration of tenant {tenant.tenant!r} was not started: since run {run_id} was checked, "
            f"something has changed, and what is started must be what was checked. {_list(changes)}\n"
            "Run the tenant's DAG again, at a time when nobody works in these registers.",
            source="start_integration",
        )


def _certificate(tenant: Tenant, run_id: str) -> Certificate:
    """Return the certificate that holds; where the tenant file has changed, the refusal names its fields."""
    try:
        return find_certificate(tenant.tenant, run_id, tenant.fingerprint)
    except StartError as error:
        audit_refusal(tenant.tenant, run_id, reason=error.message)
        said = (newest_bound(tenant.tenant, run_id) or {}).get("tenant") or {}
        changes = list(changed_fields(said, tenant.rested_on)) if said else []
        if not changes:
            raise
        raise StartError(
            f"{error.message} In the tenant file, or in defaults.yaml: {_list(changes)}", source=error.source
        ) from None


def _stated(tenant: Tenant, certificate: Certificate) -> list[str]:
    """Return how the rules and what is on record are not as they were."""
    bound = certificate.bound or {}
    changes = list(_rules(certificate))
    in_force = exceptions_in_force(tenant, decided_answers(tenant))
    if in_force.fingerprint != bound.get("on_record"):
        details = changed_record(bound.get("exceptions"), in_force.as_dict())
        changes.append(_with("what is on record (waivers, answers, confirmed pairs)", list(details)))
    return changes


def _rules(certificate: Certificate) -> Iterator[str]:
    from presync.rules.suite import rules_version

    if rules_version() != certificate.rules_version:
        suites = changed_suites((certificate.bound or {}).get("suites") or {})
        details = [f"{', '.join(suites)} in expectations/" if suites else "Presync's own release has changed"]
        yield _with(f"the rules: version {certificate.rules_version} is now {rules_version()}", details)


def _looked(
    tenant: Tenant, run_id: str, readers: Callable[[System], Reader], bound: Mapping[str, Any]
) -> Iterator[str]:
    """Read both systems again and yield what is not as it was."""
    before: Fingerprints = bound.get("tables") or {}
    for system in SYSTEMS:
        with scratch("look") as folder:
            writer = ExtractWriter(folder, system, tenant=tenant.tenant, run_id=run_id, background=False)
            seen = readers(system)(tenant, writer)
            writer.finish()
            yield from _identity(system, bound, seen)
            known = {table: found for table, found in before.items() if table.startswith(f"{system}.")}
            for table, difference in moved(known, folder_fingerprints(folder, system)):
                details = _rows(RunStore(tenant.tenant, run_id), folder, system, table, known)
                yield _with(f"{table}: {difference}", details)


def _identity(system: System, bound: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a system is another one than the one that was checked, by its own word."""
    part = "organisation" if system == "severa" else "company"
    before, now = (getattr(systems_of(said), part) for said in (bound, seen))
    if before != now:
        yield f"{system}: the {part} {before or 'of unknown identity'} is now {now or 'of unknown identity'}"


def _rows(store: RunStore, new: Path, system: System, table: str, before: Fingerprints) -> list[str]:
    """Return which rows differ, if the extract that was checked is still there."""
    import duckdb

    name = table.partition(".")[2]
    try:
        old = store.fetch(system)
        if (before.get(table) or {}).get("values") or folder_fingerprints(old, system)[table] != before[
            table
        ]:
            return []
        return list(row_differences(old, new, system, name))
    except (PresyncError, OSError, KeyError, duckdb.Error):  # what is refused is refused without details too
        return []


def _with(change: str, details: list[str]) -> str:
    return f"{change} ({'; '.join(details)})" if details else change


def _list(changes: list[str]) -> str:
    lines = [f"\n- {change}" for change in changes[:_SHOWN]]
    more = len(changes) - _SHOWN
    return "".join(lines) + (f"\n- … and {more} more" if more > 0 else "")
