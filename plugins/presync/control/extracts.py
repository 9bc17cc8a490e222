"""What earlier extracts held: notices that a table or column has lost most of it.

What is not there passes every rule, because there is nothing in it to be wrong. Where there was something
before, it is far more likely that a filter, a right or a mapping has changed: nobody may start on that.

What is there is compared with the most that a complete extract has had since a person last accepted a loss,
so that a loss in small steps is noticed as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presync.control.audit import write_audit
from presync.control.database import now, transaction
from presync.control.models import AcceptedChange, ExtractedTable, RefusedTable
from presync.control.systems import IDENTITY, systems_of
from presync.control.who import Who, as_who
from presync.errors import ConfigurationError
from presync.staging.extract import Manifest
from presync.staging.tables import SYSTEMS, TABLES, System, checked_tables

_IDENTITY: Final = f"{IDENTITY}:"
_ACCEPTED: Final = ""
"""Stands for a run id where a person's word is what later extracts are compared with."""
_MANY: Final = 10
"""Fewer rows or values than these may go without a question, unless nothing is left."""


def record_extract(manifest: Manifest) -> None:
    """Remember how much a complete extract holds; a repetition within the run replaces it where it has more.

    Less would be a loss in small steps, unless a person has accepted it in between.
    """
    with transaction() as session:
        earlier = _of_run(session, manifest)
        session.execute(
            delete(ExtractedTable).where(
                ExtractedTable.tenant == manifest.tenant,
                ExtractedTable.run_id == manifest.run_id,
                ExtractedTable.system == manifest.system,
            )
        )
        recorded_at = now()
        for name, rows in _counted(manifest).items():
            table, _, column = name.partition(".")
            # a column's values are remembered with the size that its table had in the same try
            had = (rows, manifest.rows.get(table) if column else None)
            most, table_rows = max(had, earlier.get(name, had), key=lambda each: each[0])
            session.add(
                ExtractedTable(
                    tenant=manifest.tenant,
                    run_id=manifest.run_id,
                    system=manifest.system,
                    table=name,
                    rows=most,
                    table_rows=table_rows,
                    recorded_at=recorded_at,
                )
            )
        session.flush()
        _forget(session, manifest.tenant, manifest.system)


def _of_run(session: Session, manifest: Manifest) -> dict[str, tuple[int, int | None]]:
    """Return what an earlier try of the same run had, without what was accepted as lost since.

    Rows or values by name, and of a column how many rows its table had then.
    """
    accepted = _accepted(session, manifest.tenant, manifest.system)
    return {
        each.table: (each.rows, each.table_rows)
        for each in _entries(session, manifest.tenant, manifest.system)
        if each.run_id == manifest.run_id
        and (each.table not in accepted or accepted[each.table].accepted_at < each.recorded_at)
    }


def _counted(manifest: Manifest) -> dict[str, int]:
    """Return rows by table, and values by `table.column`."""
    filled = {f"{table}.{c}": n for table, columns in manifest.filled.items() for c, n in columns.items()}
    known = {name: 1} if (name := _identity(manifest)) else {}
    return {**manifest.rows, **filled, **known}


def _identity(manifest: Manifest) -> str:
    """Return what stands for the system that was read, as it names itself; empty if it does not."""
    systems = systems_of(manifest.seen)
    said = systems.organisation if manifest.system == "severa" else systems.company
    return _IDENTITY + hashlib.sha256(said.encode()).hexdigest()[:32] if said else ""


def fallen(manifest: Manifest) -> list[str]:
    """Return a message for each table and column that has lost most of the most that it has had.

    And one if it is another system that was read than before.

    See `has_fallen` for what that is. Left out are tables that the tenant file no longer maps, what no rule
    rests on, columns of a table that has fallen itself, and what a person has accepted since.
    """
    with transaction() as session:
        before = _most(session, manifest.tenant, manifest.system)
        names = [name for name in sorted(before) if _is_compared(name, manifest)]
        tables = {name for name in names if "." not in name and _has_fallen(before[name], manifest)}
        columns = {
            name
            for name in names
            if "." in name and name.partition(".")[0] not in tables and _has_fallen(before[name], manifest)
        }
        _remember_refused(session, manifest, tables | columns)
        return [_message(before[name].entry, _content(name, manifest)) for name in sorted(tables | columns)]


def _remember_refused(session: Session, manifest: Manifest, names: Collection[str]) -> None:
    """Keep what a refused extract had: that, and nothing else, is what a person may accept."""
    of_system = (RefusedTable.tenant == manifest.tenant, RefusedTable.system == manifest.system)
    session.execute(delete(RefusedTable).where(*of_system))
    had = dict.fromkeys(names, 0) | _counted(manifest) if names else {}
    recorded_at = now()
    session.add_all(
        RefusedTable(
            tenant=manifest.tenant,
            system=manifest.system,
            table=name,
            run_id=manifest.run_id,
            rows=rows,
            fallen=name in names,
            recorded_at=recorded_at,
        )
        for name, rows in had.items()
    )


def has_fallen(before: int, now: int, *, share: float = 1.0) -> bool:
    """Tell whether too much is gone: everything, or more than half, and at least ten rows or values.

    `share`: what part of the table's rows is still there; of a column no more can be expected.

    >>> has_fallen(1, 0), has_fallen(20, 10), has_fallen(20, 9), has_fallen(12, 3), has_fallen(12, 2)
    (True, False, True, False, True)
    """
    expected = before * min(1.0, share)
    lost = expected - now
    return (now == 0 and expected >= 1) or (lost > expected / 2 and lost >= _MANY)


def _has_fallen(most: _Most, manifest: Manifest) -> bool:
    table, _, column = most.entry.table.partition(".")
    share = manifest.rows.get(table, 0) / most.table_rows if column and most.table_rows else 1.0
    return has_fallen(most.entry.rows, _content(most.entry.table, manifest), share=share)


def _content(name: str, manifest: Manifest) -> int:
    if name.startswith(_IDENTITY):
        return int(name == (_identity(manifest) or _IDENTITY))
    table, _, column = name.partition(".")
    return manifest.filled.get(table, {}).get(column, 0) if column else manifest.rows.get(table, 0)


def _is_compared(name: str, manifest: Manifest) -> bool:
    table, _, column = name.partition(".")
    if name.startswith(_IDENTITY):
        return True
    checked = checked_tables(manifest.system)
    if table in manifest.not_mapped or table not in checked:
        return False
    # marks of the Group fields come and go with the answers to the five questions
    return not column or (column in checked[table] and not column.endswith("group_value"))


def accept_change(tenant: str, thing: str, *, by: str | Who) -> tuple[System, str]:
    """Record that a person knows why a table or column has lost its content: the next extract may find it so.

    It may find what the refused extract had, no less and no other system. `thing` is a staged table's name or
    `table.column`, with the system in front where both have one of that name (`severa.projects`);
    `severa.identity`: it is rightly another Severa. Returns system and name.
    Raises ConfigurationError if there is no such thing, if `by` is blank, or if the newest extract was not
    refused for it, so that there is nothing to accept.
    """
    system, name = _find(thing)
    who = as_who(by)
    if not who.name:
        raise ConfigurationError("say who accepts this: --by NAME", source=tenant)
    with transaction() as session:
        refused = {each.table: each for each in _refused(session, tenant, system)}
        fallen = {name for name, each in refused.items() if each.fallen}
        if name == IDENTITY:
            name = next((each for each in sorted(fallen) if each.startswith(_IDENTITY)), name)
        if name not in fallen:
            raise ConfigurationError(
                f"there is nothing to accept: the newest extract of {system} for tenant {tenant!r} was not "
                f"refused because of {name}. Check the tenant's and the table's name; to accept a loss, run "
                "the check first, so that everybody can see what is accepted.",
                source=tenant,
            )
        found = [each.table for each in refused.values() if each.table.startswith(_IDENTITY) and each.rows]
        given = AcceptedChange(
            tenant=tenant,
            system=system,
            table=name,
            rows=refused[name].rows,
            table_rows=refused[table].rows if (table := name.partition(".")[0]) in refused else None,
            found=(found or [_IDENTITY])[0] if name.startswith(_IDENTITY) else None,
            accepted_at=now(),
            who=who.name,
            who_kind=who.kind,
        )
        session.add(given)
        told = {} if name.startswith(_IDENTITY) else {"rows": given.rows}
        detail = {"table": f"{system}.{name}", "run": refused[name].run_id, **told}
        write_audit(session, tenant, who, "accept-change", detail)
    return system, name.partition(":")[0]


@dataclass(frozen=True)
class _Most:
    """The most that a table or column has had, and how many rows its table had then."""

    entry: ExtractedTable
    table_rows: int


def _most(session: Session, tenant: str, system: System) -> dict[str, _Most]:
    """Return by name the most that was there since a person last accepted less; of equal ones, the newest.

    What was accepted is what later extracts are compared with.
    """
    accepted = _accepted(session, tenant, system)
    entries = _entries(session, tenant, system)
    rows = {(each.run_id, each.table): each.rows for each in entries}
    most: dict[str, _Most] = {}
    for given in accepted.values():
        if given.rows is not None:
            entry = _as_entry(given)
            later = accepted.get(entry.table, given)
            if later is given or later.accepted_at < given.accepted_at:
                most[entry.table] = _Most(entry, given.table_rows or 0)
    for each in sorted(entries, key=lambda each: (each.rows, each.recorded_at)):
        if each.table in accepted and accepted[each.table].accepted_at >= each.recorded_at:
            continue
        if each.table not in most or most[each.table].entry.rows <= each.rows:
            table = each.table.partition(".")[0]
            older = rows.get((each.run_id, table), 0)
            most[each.table] = _Most(each, older if each.table_rows is None else each.table_rows)
    return most


def _accepted(session: Session, tenant: str, system: System) -> dict[str, AcceptedChange]:
    """Return by name what was accepted last."""
    of_system = (AcceptedChange.tenant == tenant, AcceptedChange.system == system)
    given = session.scalars(select(AcceptedChange).where(*of_system).order_by(AcceptedChange.id))
    return {each.table: each for each in given}


def _as_entry(given: AcceptedChange) -> ExtractedTable:
    """Return what was accepted as if an extract had had it; of an identity, the one that was found."""
    identity = given.found is not None
    return ExtractedTable(
        tenant=given.tenant,
        system=given.system,
        table=given.found if identity else given.table,
        run_id=_ACCEPTED,
        rows=1 if identity else given.rows,
        recorded_at=given.accepted_at,
    )


def _refused(session: Session, tenant: str, system: System) -> Sequence[RefusedTable]:
    of_system = (RefusedTable.tenant == tenant, RefusedTable.system == system)
    return session.scalars(select(RefusedTable).where(*of_system)).all()


def _entries(session: Session, tenant: str, system: System) -> Sequence[ExtractedTable]:
    of_system = (ExtractedTable.tenant == tenant, ExtractedTable.system == system)
    return session.scalars(select(ExtractedTable).where(*of_system)).all()


def _forget(session: Session, tenant: str, system: System) -> None:
    """Remove the extracts that nothing is compared with: all but the newest and those that had the most."""
    entries = _entries(session, tenant, system)
    kept = {max(entries, key=lambda each: each.recorded_at).run_id}
    kept |= {most.entry.run_id for most in _most(session, tenant, system).values()}
    session.execute(
        delete(ExtractedTable).where(
            ExtractedTable.tenant == tenant,
            ExtractedTable.system == system,
            ExtractedTable.run_id.not_in(kept),
        )
    )


def _message(before: ExtractedTable, now_there: int) -> str:
    seen = f"in run {before.run_id}" if before.run_id != _ACCEPTED else "when a loss was accepted"
    if before.table.startswith(_IDENTITY):
        return (
            f"{before.system}: this is another system than the one that was read {seen}, or "
            "it no longer says which one it is. Another company's records would be related to this one's. "
            "Check the connection; if the system is rightly another one, say so: "
            f"presync accept-change {before.tenant} {before.system}.{IDENTITY} --by YOUR-NAME"
        )
    table, _, column = before.table.partition(".")
    of = f"column {column} of table {table} has a value in" if column else f"table {table} has"
    return (
        f"{before.system}: {of} {now_there or 'no'} rows, but had {before.rows} {seen}. "
        "Rules pass on what is not there, so this extract is refused. Find out whether a filter, a right or "
        "a mapping has changed and run again; if the content is rightly gone, say so: "
        f"presync accept-change {before.tenant} {before.system}.{before.table} --by YOUR-NAME"
    )


def _find(thing: str) -> tuple[System, str]:
    parts = thing.split(".")
    given = {parts.pop(0)} if parts[0] in SYSTEMS else set(SYSTEMS)
    name = ".".join(parts)
    found = [s for s in SYSTEMS if s in given and (name == IDENTITY or _exists(s, parts))]
    if len(found) == 1:
        return found[0], name
    known = ", ".join(f"{system}.{each}" for system in SYSTEMS for each in TABLES[system])
    reason = "is in both systems" if found else "is not a staged table or a column of one"
    raise ConfigurationError(f"{thing!r} {reason}; name one of: {known}", source="control")


def _exists(system: System, parts: Sequence[str]) -> bool:
    table, *column = parts or ("",)
    shape = TABLES[system].get(table)
    return shape is not None and (not column or (len(column) == 1 and column[0] in shape))
