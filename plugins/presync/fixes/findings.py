"""What the run's database says about an entity's critical findings: who is named, who holds which code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.fixes.model import Finding
from presync.staging.sql import sql
from presync.tenants.entities import Entity

if TYPE_CHECKING:
    import duckdb

NUMBERING: Final = {"customers": "customer_numbering", "projects": "projects"}
_COLUMNS: Final = tuple(name for name in Finding.__dataclass_fields__ if name != "position")


@dataclass(frozen=True)
class Holder:
    """A record of Severa and the code it has now (`key` None: it has none)."""

    record_id: int
    register: str
    guid: str
    name: str
    code: str
    key: str | None
    active: bool
    has_partner: bool
    must_be_unique: bool


@dataclass(frozen=True)
class Match:
    """A pair that a finding is about; `code` and `key` are those of the Visma Business record."""

    finding: Finding
    severa_id: int
    business_id: int
    code: str
    key: str
    alone: bool
    ids: str
    names_equal: bool
    names_alike: bool
    relation: str


@dataclass(frozen=True)
class Facts:
    """An entity's critical findings and the records they touch."""

    entity: Entity
    key_kind: str
    findings: Sequence[Finding]
    matches: Sequence[Match]
    holders: dict[int, Holder]
    used_in_severa: dict[str, Finding] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[str, list[Holder]]:
        """The records that have a code."""
        found: dict[str, list[Holder]] = defaultdict(list)
        for holder in self.holders.values():
            if holder.key is not None:
                found[holder.key].append(holder)
        return found

    @cached_property
    def _by_guid(self) -> dict[tuple[str, str], Holder]:
        return {(holder.guid, holder.register): holder for holder in self.holders.values()}

    def holder_of(self, finding: Finding) -> Holder | None:
        """Return the Severa record that a finding names."""
        return self._by_guid.get((finding.severa_guid, finding.severa_register))


def read_critical(folders: Iterable[Path]) -> list[Finding]:
    """Return the critical findings of suites' result folders, in their order."""
    import pyarrow.parquet as pq

    found: list[Finding] = []
    for folder in folders:
        table = pq.read_table(
            folder / "findings.parquet", columns=list(_COLUMNS), filters=[("severity", "=", "critical")]
        )
        for row in table.to_pylist():
            values = {name: row[name] or "" for name in _COLUMNS}
            found.append(Finding(**values, position=len(found)))
    return found


def register_findings(connection: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    """Make the findings known to SQL as the view `critical`."""
    import pyarrow as pa

    columns: dict[str, Any] = {name: [getattr(f, name) for f in findings] for name in _COLUMNS}
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    arrays["position"] = pa.array([f.position for f in findings], pa.int64())
    connection.register("critical", pa.table(arrays))


def query(connection: duckdb.DuckDBPyConnection, name: str, **values: object) -> list[tuple[Any, ...]]:
    """Run one of the package's SQL files."""
    statement = sql("fixes", name)
    rows: list[tuple[Any, ...]] = connection.execute(statement, values).fetchall()
    return rows


def read_facts(connection: duckdb.DuckDBPyConnection, entity: Entity, findings: Sequence[Finding]) -> Facts:
    """Return what is known about an entity's findings; `register_findings` must have been called."""
    by_id = {finding.finding_id: finding for finding in findings}
    numbering = NUMBERING.get(entity, "")
    own = [finding for finding in findings if finding.suite == entity]
    holders = [Holder(*row) for row in query(connection, "holders", suite=entity, numbering=numbering)]
    matches = [
        Match(by_id[finding_id], *rest) for finding_id, *rest in query(connection, "matches", suite=entity)
    ]
    sides = query(connection, "sides", suite=numbering) if numbering else []
    # fetchall: DuckDB refuses other work while a result is not read to its end
    ((kind,),) = connection.execute(
        "SELECT key_kind FROM checks.answers WHERE suite = ?", [entity]
    ).fetchall()
    return Facts(
        entity,
        str(kind),
        own,
        matches,
        {holder.record_id: holder for holder in holders},
        used_in_severa={number: by_id[i] for i, system, number in sides if system == "severa"},
    )
