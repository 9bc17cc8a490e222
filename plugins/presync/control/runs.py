"""Verdicts of runs, and the certificates of those that were `ready`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presync.control.audit import write_audit
from presync.control.companies import Judgement, record_judged
from presync.control.database import now, transaction
from presync.control.models import Certificate, Run
from presync.control.who import Who
from presync.errors import StartError

_CLOCKS = timedelta(minutes=5)  # by which the clocks of two machines may differ
_NAMESPACE = uuid.UUID("2f1d5c1a-6f0e-5a5b-9a53-6f2b7f6b0c11")


def record_run(
    *,
    tenant: str,
    run_id: str,
    status: str,
    started_at: datetime,
    finished_at: datetime,
    rules_version: str,
    build_id: str,
    critical: int,
    warning: int,
    counts: Mapping[str, Any],
    waived: Sequence[str] = (),
    judgement: Judgement | None = None,
) -> None:
    """Remember a run's verdict; a verdict that the same run had before is replaced.

    `judgement`: what the fleet page shows of it.
    """
    with transaction() as session:
        record_judged(session, tenant, judgement or Judgement(run_id, status), started_at)
        run = find_run(session, tenant, run_id)
        if run is None:
            run = Run(tenant=tenant, run_id=run_id)
            session.add(run)
        run.status = status
        run.started_at = started_at
        run.finished_at = finished_at
        run.recorded_at = now()
        run.rules_version = rules_version
        run.build_id = build_id
        run.critical = critical
        run.warning = warning
        run.counts = dict(counts)
        found = {"status": status, "critical": critical, "warning": warning, "waived": list(waived)}
        write_audit(session, tenant, _by(run_id), "verdict", {**found, "rules_version": rules_version})


def record_certificate(
    *,
    tenant: str,
    run_id: str,
    build_id: str,
    rules_version: str,
    fingerprint: str,
    expires_at: datetime,
    bound: Mapping[str, Any],
    relied_on: Sequence[str] = (),
) -> Certificate:
    """Issue the certificate of a run, or return it if these very facts have one already.

    `relied_on`: waivers and other records that the verdict rests on, as the audit trail shows them.
    """
    facts = (tenant, run_id, build_id, rules_version, fingerprint)
    identity = str(uuid.uuid5(_NAMESPACE, "\n".join(facts)))
    with transaction() as session:
        certificate = session.get(Certificate, identity)
        if certificate is None:
            certificate = Certificate(
                id=identity,
                tenant=tenant,
                run_id=run_id,
                issued_at=now(),
                build_id=build_id,
                rules_version=rules_version,
                fingerprint=fingerprint,
                expires_at=expires_at,
                bound=dict(bound),
            )
            session.add(certificate)
            detail = {"certificate": identity, "expires_at": expires_at.isoformat(timespec="seconds")}
            listed = {"rests_on": "; ".join(relied_on)} if relied_on else {}
            write_audit(session, tenant, _by(run_id), "certificate", detail | listed)
        return certificate


def _by(run_id: str) -> Who:
    return Who(f"run {run_id}", "run")


def audit_refusal(tenant: str, run_id: str, **why: str) -> None:
    """Put on the trail that a start was refused: `moved` since the run, or another `reason`."""
    with transaction() as session:
        detail = {"state": "not made", "run": run_id, **why}
        write_audit(session, tenant, _by(run_id), "start", detail)


def newest_bound(tenant: str, run_id: str) -> Mapping[str, Any] | None:
    """Return what the newest certificate of a run is bound to, whether it holds or not."""
    with transaction() as session:
        of_run = select(Certificate.bound).where(Certificate.tenant == tenant, Certificate.run_id == run_id)
        return session.scalars(of_run.order_by(Certificate.issued_at.desc())).first()


def newest_build(tenant: str) -> str | None:
    """Return the newest run whose data could be related at all, whatever its verdict."""
    with transaction() as session:
        built = select(Run.run_id).where(Run.tenant == tenant, Run.build_id != "")
        return session.scalars(built.order_by(Run.started_at.desc(), Run.recorded_at.desc())).first()


def newest_checked(tenant: str) -> Run | None:
    """Return the newest run that was checked completely, by when it began to read."""
    with transaction() as session:
        checked = select(Run).where(Run.tenant == tenant, Run.status != "error", Run.build_id != "")
        return session.scalars(checked.order_by(Run.started_at.desc(), Run.recorded_at.desc())).first()


def find_run(session: Session, tenant: str, run_id: str) -> Run | None:
    """Return a run's recorded verdict."""
    return session.scalar(select(Run).where(Run.tenant == tenant, Run.run_id == run_id))


def find_certificate(tenant: str, run_id: str, fingerprint: str) -> Certificate:
    """Return the certificate on which a start may rest now; raises StartError as `require_certificate`."""
    with transaction() as session:
        return require_certificate(session, tenant, run_id, fingerprint)


def require_certificate(
    session: Session, tenant: str, run_id: str, fingerprint: str, *, made_already: bool = False
) -> Certificate:
    """Return the certificate on which a start may rest.

    `made_already`: a person was asked on a valid one, and has made the start since. Whatever has changed
    meanwhile, it is recorded: forgotten, it would be made again.
    Raises StartError unless the run is recorded as `ready`, no later run ended otherwise, and it has a
    certificate for the same build of the data, the same rules and this very tenant file that holds still.
    """
    of_run = select(Certificate).where(Certificate.tenant == tenant, Certificate.run_id == run_id)
    if made_already:
        known = session.scalars(of_run.order_by(Certificate.issued_at.desc())).first()
        if known is None:
            raise _refusal(tenant, f"run {run_id} has no certificate")
        return known
    run = find_run(session, tenant, run_id)
    if run is None or run.status != "ready":
        verdict = "has no recorded verdict" if run is None else f"is recorded as {run.status!r}, not 'ready'"
        raise _refusal(tenant, f"run {run_id} {verdict}")
    # later by what it read, too: a gate that is cleared is recorded anew, on data as old as before
    later = select(Run).where(
        Run.tenant == tenant,
        Run.status != "ready",
        or_(Run.recorded_at > run.recorded_at, Run.started_at > run.started_at),
    )
    shut = session.scalars(later.order_by(Run.recorded_at.desc())).first()
    if shut is not None:
        raise _refusal(tenant, f"since run {run_id}, run {shut.run_id} ended as {shut.status!r}")
    of_build = of_run.where(
        Certificate.build_id == run.build_id, Certificate.rules_version == run.rules_version
    )
    certificates = {each.fingerprint: each for each in session.scalars(of_build)}
    if not certificates:
        raise _refusal(tenant, f"run {run_id} has no certificate")
    if fingerprint not in certificates:
        raise _refusal(tenant, f"the tenant file has changed since run {run_id} was checked")
    certificate = certificates[fingerprint]
    if certificate.issued_at > now() + _CLOCKS:
        raise _refusal(
            tenant,
            f"the certificate of run {run_id} was issued at {certificate.issued_at:%Y-%m-%d %H:%M} UTC, "
            f"which is in the "
            f"future by this machine's clock: nobody can tell whether it has expired. Set the "
            "clock",
        )
    if certificate.expires_at is None or certificate.expires_at <= now():
        end = (
            "long ago"
            if certificate.expires_at is None
            else f"at {certificate.expires_at:%Y-%m-%d %H:%M} UTC"
        )
        raise _refusal(tenant, f"the certificate of run {run_id} expired {end}")
    return certificate


def _refusal(tenant: str, reason: str) -> StartError:
    return StartError(
        f"the integration of tenant {tenant!r} was not started: {reason}. Nothing may start that was not "
        "checked as it is now. Run the tenant's DAG again and let its gate open.",
        source="start_integration",
    )
