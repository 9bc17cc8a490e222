"""Findings from run to run: what is new, what still stands, what was fixed; codes and guids, no names.

A run whose verdict is `error` changes nothing here: what was not checked was not fixed. History only moves
forward: a run that began before one that is recorded already changes nothing either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from presync.control.database import lock, transaction
from presync.control.models import FindingRecord, Run

State = Literal["new", "open"]


@dataclass(frozen=True)
class SeenFinding:
    """A finding of a run, without names. `values_digest` changes with the values that it is about."""

    finding_id: str
    suite: str
    rule: str
    severity: str
    business_code: str = ""
    severa_guid: str = ""
    severa_code: str = ""
    first: str = ""
    last: str = ""
    values_digest: str = ""
    fix_in: str = ""
    waivable: bool = False
    waived: bool = False


@dataclass(frozen=True)
class Standing:
    """How a finding of a run stands: `new` since the run before, or still `open`."""

    state: State
    first_seen_at: datetime
    opened_at: datetime


@dataclass(frozen=True)
class Changes:
    """A run held against the one before: each finding's standing by id, and what is fixed since."""

    standing: Mapping[str, Standing] = field(default_factory=dict)
    fixed: Sequence[FindingRecord] = ()

    def count(self, state: State, besides: Collection[str] = ()) -> int:
        """Return how many findings are in a state, `besides` those of these ids."""
        return sum(s.state == state and name not in besides for name, s in self.standing.items())


def compare_findings(tenant: str, run_id: str, began: datetime, found: Sequence[SeenFinding]) -> Changes:
    """Return what a run changes, whether it is recorded already or not; `began`: when it began to read."""
    with transaction() as session:
        changes = _compare(_history(session, tenant), run_id, began, found)
        outdated = _is_outdated(session, tenant, run_id, began)
        return Changes(changes.standing) if outdated else changes


def record_findings(tenant: str, run_id: str, began: datetime, found: Sequence[SeenFinding]) -> None:
    """Remember the findings of a run that checked everything; a repetition within the run replaces them."""
    with transaction() as session:
        lock(session, f"findings of {tenant}")
        if _is_outdated(session, tenant, run_id, began):
            return
        history = _history(session, tenant)
        changes = _compare(history, run_id, began, found)
        for record in history.values():
            # also what only an earlier try of this very run had found
            if record.fixed_at is None and record.finding_id not in changes.standing:
                record.fixed_run, record.fixed_at = run_id, began
        session.flush()
        rows = [_row(tenant, run_id, began, each, changes) for each in found]
        fresh = [row | _first_seen(run_id, began) for row in rows if row["finding_id"] not in history]
        known = [row for row in rows if row["finding_id"] in history]
        if fresh:
            session.execute(insert(FindingRecord), fresh)
        if known:
            session.execute(update(FindingRecord), known)


def last_changes(tenant: str) -> tuple[Run | None, Run | None, Sequence[FindingRecord]]:
    """Return a tenant's newest run, its newest that checked everything, and all remembered findings."""
    with transaction() as session:
        runs = select(Run).where(Run.tenant == tenant).order_by(Run.started_at.desc(), Run.recorded_at.desc())
        checked = session.scalars(runs.where(Run.status != "error")).first()
        return session.scalars(runs).first(), checked, list(_history(session, tenant).values())


def find_finding(session: Session, tenant: str, finding_id: str) -> FindingRecord | None:
    """Return what is remembered of a finding."""
    return session.get(FindingRecord, (tenant, finding_id))


def is_new(record: FindingRecord, run_id: str) -> bool:
    """Tell whether a finding that stands appeared with this run."""
    return record.opened_run == run_id


def is_fixed_by(record: FindingRecord, run_id: str) -> bool:
    """Tell whether a finding stood before this run and was gone with it."""
    return record.fixed_run == run_id and record.opened_run != run_id


def _compare(
    history: Mapping[str, FindingRecord], run_id: str, began: datetime, found: Sequence[SeenFinding]
) -> Changes:
    standing = {each.finding_id: _standing(history.get(each.finding_id), run_id, began) for each in found}
    gone = [record for record in history.values() if record.finding_id not in standing]
    return Changes(standing, [r for r in gone if r.opened_run != run_id and _stood_before(r, run_id)])


def _stood_before(record: FindingRecord, run_id: str) -> bool:
    return record.fixed_at is None or record.fixed_run == run_id


def _standing(record: FindingRecord | None, run_id: str, began: datetime) -> Standing:
    if record is None:
        return Standing("new", began, began)
    if record.opened_run == run_id:
        return Standing("new", record.first_seen_at, record.opened_at)
    if _stood_before(record, run_id):
        return Standing("open", record.first_seen_at, record.opened_at)
    return Standing("new", record.first_seen_at, began)


def _row(tenant: str, run_id: str, began: datetime, found: SeenFinding, changes: Changes) -> dict[str, Any]:
    standing = changes.standing[found.finding_id]
    opened = {"opened_run": run_id, "opened_at": standing.opened_at} if standing.state == "new" else {}
    seen = {"last_seen_run": run_id, "last_seen_at": began, "fixed_run": None, "fixed_at": None}
    return {**asdict(found), "tenant": tenant, **seen, **opened}


def _first_seen(run_id: str, began: datetime) -> dict[str, Any]:
    return {"first_seen_run": run_id, "first_seen_at": began}


def _history(session: Session, tenant: str) -> dict[str, FindingRecord]:
    records = session.scalars(select(FindingRecord).where(FindingRecord.tenant == tenant))
    return {record.finding_id: record for record in records}


def _is_outdated(session: Session, tenant: str, run_id: str, began: datetime) -> bool:
    later = select(Run.id).where(
        Run.tenant == tenant, Run.run_id != run_id, Run.status != "error", Run.started_at > began
    )
    return session.scalar(later.limit(1)) is not None
