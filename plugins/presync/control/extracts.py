"""Row counts of earlier extracts: notices that a register has become empty, and a person's word that it may.

An empty register passes every rule, because there is nothing in it to be wrong. Where there was something
before, it is far more likely that a filter, a right or a mapping has changed: nobody may start on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from presync.control.audit import write_audit
from presync.control.database import now, transaction
from presync.control.models import AcceptedEmpty, ExtractedTable
from presync.errors import ConfigurationError
from presync.staging.extract import Manifest
from presync.staging.tables import BACKGROUND_TABLES, SYSTEMS, TABLES, System


def record_extract(manifest: Manifest) -> None:
    """Remember a complete extract's row counts; a repetition within the run replaces them."""
    with transaction() as session:
        session.execute(
            delete(ExtractedTable).where(
                ExtractedTable.tenant == manifest.tenant,
                ExtractedTable.run_id == manifest.run_id,
                ExtractedTable.system == manifest.system,
            )
        )
        recorded_at = now()
        session.add_all(
            ExtractedTable(
                tenant=manifest.tenant,
                run_id=manifest.run_id,
                system=manifest.system,
                table=table,
                rows=rows,
                recorded_at=recorded_at,
            )
            for table, rows in manifest.rows.items()
        )


def emptied_tables(manifest: Manifest) -> list[str]:
    """Return a message for each table that is empty now and was not in the last complete extract.

    Tables that the tenant file no longer maps are not meant to have rows, and on those that only help people
    no rule rests. A table whose emptiness a person
    has accepted since that extract is left out as well.
    """
    with transaction() as session:
        earlier = _last_extract(session, manifest.tenant, manifest.system)
        fallen = [
            before
            for before in earlier
            if before.rows > 0
            and manifest.rows.get(before.table, 0) == 0
            and before.table not in manifest.not_mapped
            and before.table not in BACKGROUND_TABLES
            and not _is_accepted(session, before)
        ]
    return [_message(before) for before in sorted(fallen, key=lambda before: before.table)]


def accept_empty(tenant: str, table: str, *, by: str) -> tuple[System, str]:
    """Record that a person knows why a table is empty now: the next extract may find it so.

    `table` is a staged table's name, with its system in front where both have one of that name
    (`severa.projects`). Returns system and table. Raises ConfigurationError if there is no such table, if
    `by` is blank, or if the table was never seen filled, so that nothing is to be accepted.
    """
    system, name = _find(table)
    if not by.strip():
        raise ConfigurationError("say who accepts this: --by NAME", source=tenant)
    with transaction() as session:
        rows = {before.table: before.rows for before in _last_extract(session, tenant, system)}
        if not rows.get(name):
            raise ConfigurationError(
                f"there is nothing to accept: the last complete extract of {system} for tenant {tenant!r} "
                f"had no rows in {name}, or there was none. Check the tenant's and the table's name.",
                source=tenant,
            )
        session.add(
            AcceptedEmpty(tenant=tenant, system=system, table=name, accepted_at=now(), who=by.strip())
        )
        write_audit(session, tenant, by.strip(), "accept-empty", {"table": f"{system}.{name}"})
    return system, name


def _last_extract(session: Session, tenant: str, system: System) -> Sequence[ExtractedTable]:
    of_system = (ExtractedTable.tenant == tenant, ExtractedTable.system == system)
    newest: datetime | None = session.scalar(select(func.max(ExtractedTable.recorded_at)).where(*of_system))
    if newest is None:
        return ()
    return session.scalars(
        select(ExtractedTable).where(*of_system, ExtractedTable.recorded_at == newest)
    ).all()


def _is_accepted(session: Session, before: ExtractedTable) -> bool:
    accepted = select(AcceptedEmpty.id).where(
        AcceptedEmpty.tenant == before.tenant,
        AcceptedEmpty.system == before.system,
        AcceptedEmpty.table == before.table,
        AcceptedEmpty.accepted_at >= before.recorded_at,
    )
    return session.scalar(accepted.limit(1)) is not None


def _message(before: ExtractedTable) -> str:
    return (
        f"{before.system}: table {before.table} has no rows, but had {before.rows} in run {before.run_id}. "
        "Every rule would pass on an empty table, so this extract is refused. Find out whether a filter, a "
        "right or a mapping has changed and run again; if the table is rightly empty, say so: "
        f"presync accept-empty {before.tenant} {before.system}.{before.table} --by YOUR-NAME"
    )


def _find(table: str) -> tuple[System, str]:
    given, _, name = table.rpartition(".")
    found = [system for system in SYSTEMS if name in TABLES[system] and given in {"", system}]
    if len(found) == 1:
        return found[0], name
    known = ", ".join(f"{system}.{each}" for system in SYSTEMS for each in TABLES[system])
    reason = "is in both systems" if found else "is not a staged table"
    raise ConfigurationError(f"{table!r} {reason}; name one of: {known}", source="control")
