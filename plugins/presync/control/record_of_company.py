"""Everything on record about one company, in a fixed number of queries: codes and no names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from presync.control.audit import newest_entry_id
from presync.control.database import transaction
from presync.control.models import (
    AuditEntry,
    Certificate,
    ConfirmedPairRecord,
    Decision,
    FindingRecord,
    RefusedTable,
    Run,
    Start,
    WaiverRecord,
)

PAGE: Final = 25
"""Findings, runs and entries of the trail that are shown at once."""


@dataclass(frozen=True)
class Wanted:
    """What of a company's findings and history is asked for; `page` counts from 1."""

    rule: str = ""
    text: str = ""
    page: int = 1
    whole_trail: bool = False
    all_runs: bool = False


@dataclass(frozen=True)
class RunRow:
    """A verdict, and what changed with it. `new` and `fixed` count findings whose last change that was."""

    run: Run
    new: int
    fixed: int
    waived: int


@dataclass(frozen=True)
class CompanyRecord:
    """What is on record. `rules`: standing findings by (rule, severity), `matching`: those asked for."""

    newest_entry: int
    state: str
    runs: Sequence[RunRow]
    runs_in_all: int
    findings: Sequence[FindingRecord]
    matching: int
    rules: Mapping[tuple[str, str], int]
    waivers: Mapping[str, WaiverRecord]
    pairs: Sequence[ConfirmedPairRecord]
    answers: Mapping[str, Decision]
    certificate: Certificate | None
    start: Start | None
    trail: Sequence[AuditEntry]
    trail_in_all: int
    refused: Sequence[str]


def company_record(tenant: str, wanted: Wanted) -> CompanyRecord:
    """Return what is on record about a company."""
    with transaction() as session:
        stands = (FindingRecord.tenant == tenant, FindingRecord.fixed_at.is_(None))
        matches = (*stands, *_matching(wanted))
        of_trail = select(AuditEntry).where(AuditEntry.tenant == tenant).order_by(AuditEntry.id.desc())
        runs, runs_in_all = _runs(session, tenant, wanted)
        return CompanyRecord(
            newest_entry=newest_entry_id(session, tenant),
            state=_state(session, tenant),
            runs=runs,
            runs_in_all=runs_in_all,
            findings=session.scalars(
                select(FindingRecord)
                .where(*matches)
                .order_by(FindingRecord.severity, FindingRecord.opened_at, FindingRecord.finding_id)
                .offset(PAGE * (max(1, wanted.page) - 1))
                .limit(PAGE)
            ).all(),
            matching=_count(session, FindingRecord, *matches),
            rules=_rules(session, stands),
            waivers={each.finding_id: each for each in _in_force(session, WaiverRecord, tenant)},
            pairs=_in_force(session, ConfirmedPairRecord, tenant),
            answers={each.entity: each for each in _in_force(session, Decision, tenant)},
            certificate=session.scalars(
                select(Certificate)
                .where(Certificate.tenant == tenant)
                .order_by(Certificate.issued_at.desc())
                .limit(1)
            ).first(),
            start=session.scalar(select(Start).where(Start.tenant == tenant)),
            trail=session.scalars(of_trail.limit(None if wanted.whole_trail else PAGE)).all(),
            trail_in_all=_count(session, AuditEntry, AuditEntry.tenant == tenant),
            refused=_fallen(session, tenant),
        )


def company_state(tenant: str) -> tuple[int, str]:
    """Return what changes with anything on record: the trail's newest entry, a digest of the rest."""
    with transaction() as session:
        return newest_entry_id(session, tenant), _state(session, tenant)


def _state(session: Session, tenant: str) -> str:
    """Return a digest of what tasks record without an entry of its own: verdicts and findings."""
    seen = select(func.max(FindingRecord.last_seen_at), func.max(FindingRecord.fixed_at), func.count())
    found = session.execute(seen.where(FindingRecord.tenant == tenant)).one()
    recorded = session.scalar(select(func.max(Run.recorded_at)).where(Run.tenant == tenant))
    return hashlib.sha256(repr((tuple(found), recorded)).encode()).hexdigest()[:16]


def _matching(wanted: Wanted) -> list[ColumnElement[bool]]:
    matches: list[ColumnElement[bool]] = [FindingRecord.rule == wanted.rule] if wanted.rule else []
    if wanted.text:
        columns = ("finding_id", "rule", "business_code", "severa_guid", "severa_code", "first", "last")
        matches.append(
            or_(*(getattr(FindingRecord, name).icontains(wanted.text, autoescape=True) for name in columns))
        )
    return matches


def _rules(session: Session, stands: Sequence[ColumnElement[bool]]) -> dict[tuple[str, str], int]:
    by = (FindingRecord.severity, FindingRecord.rule)
    counted = select(*by, func.count()).where(*stands).group_by(*by).order_by(*by)
    return {(rule, severity): count for severity, rule, count in session.execute(counted)}


def _runs(session: Session, tenant: str, wanted: Wanted) -> tuple[list[RunRow], int]:
    newest = select(Run).where(Run.tenant == tenant).order_by(Run.started_at.desc(), Run.recorded_at.desc())
    runs = session.scalars(newest.limit(None if wanted.all_runs else PAGE)).all()
    names = [run.run_id for run in runs]
    new = _by_run(session, tenant, FindingRecord.opened_run, names)
    fixed = _by_run(session, tenant, FindingRecord.fixed_run, names)
    waived = _waived(session, tenant, names)
    rows = [
        RunRow(run, new.get(run.run_id, 0), fixed.get(run.run_id, 0), waived.get(run.run_id, 0))
        for run in runs
    ]
    return rows, _count(session, Run, Run.tenant == tenant)


def _by_run(session: Session, tenant: str, column: Any, runs: Sequence[str]) -> dict[str, int]:
    counted = select(column, func.count()).where(FindingRecord.tenant == tenant, column.in_(runs))
    return {str(run): int(count) for run, count in session.execute(counted.group_by(column))}


def _waived(session: Session, tenant: str, runs: Sequence[str]) -> dict[str, int]:
    """Return how many findings each verdict left out as waived, as the trail has it."""
    by = [f"run {run}" for run in runs]
    entries = select(AuditEntry.who, AuditEntry.detail).where(
        AuditEntry.tenant == tenant, AuditEntry.what == "verdict", AuditEntry.who.in_(by)
    )
    return {
        who.removeprefix("run "): len(detail.get("waived") or ())
        for who, detail in session.execute(entries.order_by(AuditEntry.id))
    }


def _fallen(session: Session, tenant: str) -> list[str]:
    """Return tables and columns, with their system, because of which the newest extracts were refused."""
    fallen = (
        select(RefusedTable)
        .where(RefusedTable.tenant == tenant, RefusedTable.fallen)
        .order_by(RefusedTable.system, RefusedTable.table)
    )
    return [f"{each.system}.{each.table.partition(':')[0]}" for each in session.scalars(fallen)]


def _in_force(session: Session, kind: Any, tenant: str) -> Sequence[Any]:
    given = select(kind).where(kind.tenant == tenant, kind.withdrawn_at.is_(None)).order_by(kind.id)
    return session.scalars(given).all()


def _count(session: Session, kind: Any, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(*conditions)) or 0
