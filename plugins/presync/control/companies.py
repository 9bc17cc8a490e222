"""The companies as the fleet page knows them: written by many, each its own part; read in a few queries.

| part | written by |
|---|---|
| what the tenant file says, `file_*` | `sync_companies`: whatever has read all tenant files |
| `began_*` | `record_began`: a run's extracts |
| `judged_*`, `status*`, findings, trend | `record_judged`: the gate, with the verdict |
| `asked_*` | `record_asked`: the question to a person |
| `retired_*` | `retire`: a person |
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from presync.control.audit import write_audit
from presync.control.database import lock, now, transaction
from presync.control.models import Certificate, Company, CompanyDay, FilesRead, Start
from presync.control.who import Who, as_who
from presync.errors import ConfigurationError
from presync.tenants.model import Tenant
from presync.tenants.start import DagStart, WebhookStart

ANSWER: Final = "decision_missing"
"""The rule whose findings an answer to one of the five questions fixes."""
_TREND: Final = 30
_KEPT_DAYS: Final = 400
_READING: Final = 1


@dataclass(frozen=True)
class Facts:
    """All that is known of a company without opening a report. `certificate`: that of the last verdict."""

    company: Company
    certificate: Certificate | None = None
    start: Start | None = None


@dataclass(frozen=True)
class Judgement:
    """What a verdict came to: open (unwaived) findings as `Company` has them, and why it is an error."""

    run_id: str
    status: str
    reason: str = ""
    warning: int = 0
    rules: Mapping[str, Sequence[int]] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def critical(self) -> int:
        """Open critical findings."""
        return sum(self.places.values())


def judged_as(status: str, rules: Mapping[str, Sequence[int]]) -> str:
    """Return what a verdict comes to: `answers` where nothing but missing answers blocks, else its status."""
    blocking = {name.rpartition("/")[2] for name, (critical, _) in rules.items() if critical}
    return "answers" if status == "blocked" and blocking == {ANSWER} else status


def facts_of(tenants: Collection[str] | None = None) -> list[Facts]:
    """Return the facts of these tenants, or of all, sorted by tenant; three queries for any number of them.

    A tenant that was never seen is not among them.
    """
    with transaction() as session:
        companies = session.scalars(select(Company).order_by(Company.tenant)).all()
        judged = Certificate.run_id == Company.judged_run
        valid = (
            select(Certificate)
            .join(Company, (Certificate.tenant == Company.tenant) & judged)
            .order_by(Certificate.issued_at)
        )
        certificates = {each.tenant: each for each in session.scalars(valid)}
        starts = {each.tenant: each for each in session.scalars(select(Start))}
    return [
        Facts(company, certificates.get(company.tenant), starts.get(company.tenant))
        for company in companies
        if tenants is None or company.tenant in tenants
    ]


def never_seen(tenant: str) -> Facts:
    """Return the facts of a company that has a DAG, while nobody has told this database of its file."""
    return Facts(_new(tenant))


def files_read() -> FilesRead | None:
    """Return when all tenant files were read last, or None if they never were."""
    with transaction() as session:
        return session.get(FilesRead, _READING)


def sync_companies(tenants: Iterable[Tenant], broken: Mapping[str, str], refused: int) -> None:
    """Bring the companies in line with all tenant files, read just now.

    `broken`: tenants whose file is refused, with the fault in words; `refused`: how many files are. A company
    that is in neither has lost its file. Never call this after reading a part of the files.
    """
    usable = {tenant.tenant: tenant for tenant in tenants}
    with transaction() as session:
        lock(session, "companies")
        known = {each.tenant: each for each in session.scalars(select(Company))}
        for tenant in usable.values():
            _describe(_company(session, known, tenant.tenant), tenant)
            _set_file(known[tenant.tenant], "ok", "")
        for name, fault in broken.items():
            _set_file(_company(session, known, name), "broken", fault)
        for name in known.keys() - usable.keys() - broken.keys():
            _set_file(known[name], "removed", "")
        session.merge(FilesRead(id=_READING, at=now(), usable=len(usable), refused=refused))


def record_began(tenant: Tenant, run_id: str) -> None:
    """Remember that a run began: one that dies before its verdict is seen by that."""
    with transaction() as session:
        company = _found_or_added(session, tenant.tenant)
        if not company.title:
            _describe(company, tenant)
        # the second extract of a run that is at work changes nothing; a cleared run begins again
        if company.began_run != run_id or _judged_since(company):
            company.began_run, company.began_at = run_id, now()


def record_judged(session: Session, tenant: str, judgement: Judgement, read_at: datetime) -> None:
    """Remember what a verdict came to, in the transaction that records it; `read_at`: of when its data are.

    After an `error` findings stay as the last complete run left them: what was not checked was not fixed.
    An older run that is judged again changes nothing, unless it shuts what a newer one opened.
    """
    moment = now()
    company = _found_or_added(session, tenant)
    outdated = company.judged_run != judgement.run_id and company.read_at and company.read_at > read_at
    if outdated and (judgement.status == "ready" or company.status != "ready"):
        return
    before = judged_as(company.status, company.rules)
    if judgement.status != "error":
        if company.judged_run != judgement.run_id:
            company.places_before = company.places if company.first_checked_at else None
        company.places, company.rules = dict(judgement.places), _plain(judgement.rules)
        company.warning = judgement.warning
        company.trend = _continued(company.trend, moment.date(), judgement.critical)
        company.first_checked_at = company.first_checked_at or moment
    if judgement.status == "ready":
        company.first_ready_at = company.first_ready_at or moment
    after = judged_as(judgement.status, company.rules)
    if company.status_since is None or before != after:
        company.status_since = moment
    company.status, company.reason = judgement.status, judgement.reason
    company.judged_run, company.judged_at, company.read_at = judgement.run_id, moment, read_at
    if company.began_run is None:
        company.began_run, company.began_at = judgement.run_id, moment
    _record_day(session, company, moment.date())


def record_asked(tenant: str, run_id: str, until: datetime) -> None:
    """Remember that a person is asked to approve a run's start, until when."""
    with transaction() as session:
        company = _found_or_added(session, tenant)
        company.asked_run, company.asked_until = run_id, until


def record_answered(tenant: str, run_id: str) -> None:
    """Remember that the question of a run is answered."""
    with transaction() as session:
        company = _found_or_added(session, tenant)
        if company.asked_run == run_id:
            company.asked_run = company.asked_until = None


def retire(tenant: str, by: str | Who) -> None:
    """Take a company whose file was removed off the list of those that need somebody.

    Raises ConfigurationError if nothing is known of it, or its file is still there.
    """
    who = as_who(by)
    with transaction() as session:
        company = session.get(Company, tenant)
        if company is None or company.file_state != "removed":
            found = "is not known" if company is None else "still has its file"
            raise ConfigurationError(
                f"tenant {tenant!r} {found}, so it cannot be retired: only a company whose tenant file was "
                "removed can. Check the name; remove the file first.",
                source=tenant,
            )
        if company.retired_at is None:
            company.retired_at, company.retired_by = now(), who.name
            write_audit(session, tenant, who, "retire", {})


def days_since(first: date, tenants: Collection[str]) -> list[CompanyDay]:
    """Return how companies stood on the days from `first` on, sorted by day; it held until their next."""
    with transaction() as session:
        days = select(CompanyDay).where(CompanyDay.day >= first).order_by(CompanyDay.day)
        return [each for each in session.scalars(days) if each.tenant in tenants]


def _company(session: Session, known: dict[str, Company], tenant: str) -> Company:
    if tenant not in known:
        known[tenant] = _new(tenant)
        session.add(known[tenant])
    return known[tenant]


def _found_or_added(session: Session, tenant: str) -> Company:
    lock(session, "companies")
    known = session.get(Company, tenant)
    if known is None:
        known = _new(tenant)
        session.add(known)
    return known


def _new(tenant: str) -> Company:
    texts = {"title": "", "start_kind": "", "fingerprint": "", "status": "", "reason": ""}
    return Company(
        tenant=tenant,
        file_state="ok",
        file_fault="",
        file_since=now(),
        warning=0,
        rules={},
        places={},
        trend=[],
        **texts,
    )


def _describe(company: Company, tenant: Tenant) -> None:
    company.title, company.country = tenant.title, tenant.country
    company.owner, company.go_live = tenant.owner, tenant.go_live
    company.schedule = tenant.schedule
    company.start_kind = _start_kind(tenant)
    company.fingerprint = tenant.fingerprint


def _start_kind(tenant: Tenant) -> str:
    if isinstance(tenant.start, WebhookStart):
        return "webhook"
    return "dag" if isinstance(tenant.start, DagStart) else "manual"


def _set_file(company: Company, state: str, fault: str) -> None:
    if company.file_state != state:
        company.file_state, company.file_since = state, now()
    company.file_fault = fault
    if state != "removed":
        company.retired_at = company.retired_by = None


def _judged_since(company: Company) -> bool:
    return bool(company.judged_at and company.began_at and company.judged_at >= company.began_at)


def _plain(rules: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    return {name: list(counts) for name, counts in rules.items()}


def _continued(trend: Sequence[Any], day: date, critical: int) -> list[Any]:
    earlier = [point for point in trend if point[0] != day.isoformat()]
    return [*earlier, [day.isoformat(), critical]][-_TREND:]


def _record_day(session: Session, company: Company, day: date) -> None:
    """Remember how a company stands, unless it stands as on the last day that is remembered."""
    found = (company.status, sum(company.places.values()), company.warning)
    session.flush()
    of_company = select(CompanyDay).where(CompanyDay.tenant == company.tenant)
    known = session.scalars(of_company.order_by(CompanyDay.day.desc()).limit(1)).first()
    if known is not None and found == (known.status, known.critical, known.warning):
        return
    if known is None or known.day != day:
        old = CompanyDay.day < day - timedelta(days=_KEPT_DAYS)
        session.execute(delete(CompanyDay).where(CompanyDay.tenant == company.tenant, old))
        known = CompanyDay(tenant=company.tenant, day=day)
        session.add(known)
    known.status, known.critical, known.warning = found
