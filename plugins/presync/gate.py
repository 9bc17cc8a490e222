"""Verdict, gate, certificate: nothing starts unless everything was checked and nothing critical stands.

The gate fails closed: what is missing, half, outdated or contradictory counts as not checked, and what was
not checked counts as `error`, which shuts the gate exactly as `blocked` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from presync import settings
from presync.bound import bound_to, rests_on
from presync.control.models import Certificate
from presync.errors import NotReadyError
from presync.evidence import gather
from presync.privacy import names_masked
from presync.staging.database import FILE
from presync.staging.store import RunStore
from presync.suite_result import read_result
from presync.suites import SUITES
from presync.tenants import Tenant
from presync.verdict import EntityCounts, Problem, SuiteVerdict, Verdict, VerdictStatus
from presync.waivers import IN_FORCE

__all__ = [
    "EntityCounts",
    "Problem",
    "SuiteVerdict",
    "Verdict",
    "check_gate",
    "conclude",
    "issue_certificate",
    "record_verdict",
]

AFTER_THE_VERDICT = frozenset({"gate", "start_integration"})
_EXAMPLES = 3


def conclude(tenant: Tenant, store: RunStore, *, ignore: Collection[str] = AFTER_THE_VERDICT) -> Verdict:
    """Return the verdict of a run from what it published; it never raises because of what it finds.

    `ignore` names the tasks whose published errors do not count, because they come after the verdict.
    """
    evidence = gather(tenant, store, ignore)
    finished_at = datetime.now(UTC)
    return Verdict(
        tenant=store.tenant,
        run_id=store.run_id,
        status=_status(evidence.suites, evidence.problems),
        # a worker whose clock is ahead must not make the data younger than they are
        started_at=min(evidence.started_at or finished_at, finished_at),
        finished_at=finished_at,
        rules_version=evidence.rules_version,
        suites=tuple(evidence.suites),
        counts=evidence.counts,
        errors=tuple(evidence.problems),
        build_id=evidence.build_id,
        waivers=evidence.waivers,
        waived_findings=frozenset(evidence.waived_findings),
        exceptions=evidence.exceptions,
        fingerprints=evidence.fingerprints,
        names_masked=tenant.privacy == "masked",
    )


def _status(suites: list[SuiteVerdict], problems: list[Problem]) -> VerdictStatus:
    complete = [suite.suite for suite in suites] == list(SUITES)
    if problems or not complete or any(suite.status == "error" for suite in suites):
        return "error"
    if any(suite.status != "passed" or suite.critical for suite in suites):
        return "blocked"
    return "ready"


def record_verdict(verdict: Verdict) -> None:
    """Remember a verdict in the control database; the start asks there, not in the run's files."""
    from presync.control.runs import record_run

    record_run(
        tenant=verdict.tenant,
        run_id=verdict.run_id,
        status=verdict.status,
        started_at=verdict.started_at,
        finished_at=verdict.finished_at,
        rules_version=verdict.rules_version,
        build_id=verdict.build_id,
        critical=verdict.critical,
        warning=verdict.warning,
        counts={entity: asdict(counts) for entity, counts in verdict.counts.items()},
        waived=sorted(verdict.waived_findings),
    )


def check_gate(verdict: Verdict, store: RunStore, report: str) -> None:
    """Return if the verdict is `ready`; else raise NotReadyError that says what to change.

    `report` is where the report is (a link or a path); the message ends with it.
    """
    if verdict.status == "ready":
        return
    lines = [*_headline(verdict), *_errors(verdict), *_critical(verdict, store), f"Report: {report}"]
    raise NotReadyError("\n".join(lines), source="gate")


def issue_certificate(tenant: Tenant, verdict: Verdict) -> Certificate:
    """Record that this run was `ready`: for this build of the data, these rules, this tenant file.

    It is bound to the fingerprints of what was checked and to what was on record, and expires some time after
    the data were read, or with the first waiver that it rests on. Raises NotReadyError if that has passed: a
    gate that is cleared days later, or a run half of which was.
    """
    from presync.control.runs import record_certificate

    if verdict.status != "ready" or verdict.tenant != tenant.tenant:
        raise NotReadyError(
            f"run {verdict.run_id} of tenant {verdict.tenant} is {verdict.status!r}: it gets no certificate",
            source="gate",
        )
    expires_at = _expiry(verdict)
    if expires_at <= verdict.finished_at:
        raise NotReadyError(
            f"the integration of {verdict.tenant} must not be started on run {verdict.run_id}: nothing "
            f"critical was found, but its data were read at {verdict.started_at:%Y-%m-%d %H:%M} UTC, and "
            f"what was found held until {expires_at:%Y-%m-%d %H:%M} UTC. Start a new run.",
            source="gate",
        )
    return record_certificate(
        tenant=verdict.tenant,
        run_id=verdict.run_id,
        build_id=verdict.build_id,
        rules_version=verdict.rules_version,
        fingerprint=tenant.fingerprint,
        expires_at=expires_at,
        bound=bound_to(tenant, verdict),
        rests_on=rests_on(verdict),
    )


def _expiry(verdict: Verdict) -> datetime:
    ends = [verdict.started_at + timedelta(hours=settings.certificate_hours())]
    for state in verdict.waivers:
        if state.state == IN_FORCE:
            ends.append(datetime.combine(state.waiver.until, time.max, UTC))
    return min(ends)


def _headline(verdict: Verdict) -> Iterator[str]:
    if verdict.status == "blocked":
        yield (
            f"The integration of {verdict.tenant} must not be started: everything was checked, and "
            f"{verdict.critical} critical finding(s) stand. Mend them and run again."
        )
    else:
        yield (
            f"The integration of {verdict.tenant} must not be started: not everything could be checked in "
            f"run {verdict.run_id}, and what was not checked counts as not passed. Mend this and run again."
        )


def _errors(verdict: Verdict) -> Iterator[str]:
    for problem in verdict.errors:
        yield f"- {problem.source}: {problem.message}"


def _critical(verdict: Verdict, store: RunStore) -> Iterator[str]:
    if verdict.critical and not _may_be_told(verdict, store):
        yield (
            f"- {verdict.critical} critical finding(s), not told here: they were found before the tenant "
            "asked for masked names, and would show them."
        )
        return
    for suite in verdict.suites:
        if not suite.critical:
            continue
        try:
            folder = store.fetch(f"results/{suite.suite}")
            yield from _critical_of(suite.suite, folder, verdict.waived_findings)
        except Exception as error:  # a message about findings must not replace the verdict itself
            yield f"- {suite.suite}: {suite.critical} critical (not readable: {type(error).__name__})"


def _may_be_told(verdict: Verdict, store: RunStore) -> bool:
    if not verdict.names_masked:
        return True
    return store.exists("database") and names_masked(store.fetch("database") / FILE)


def _critical_of(suite: str, folder: Path, waived: Collection[str]) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from presync.report.wording import problem_title

    titles = {each.rule: each.title for each in read_result(folder, suite).expectations}
    findings = pq.read_table(
        folder / "findings.parquet",
        columns=["finding_id", "rule", "message", "fix"],
        filters=[("severity", "=", "critical")],
    )
    findings = findings.filter(
        pc.invert(pc.is_in(findings["finding_id"], pa.array(sorted(waived), pa.string())))
    )
    for rule in pc.unique(findings["rule"]).to_pylist():
        of_rule = findings.filter(pc.equal(findings["rule"], rule))
        yield f"- {suite}: {problem_title(rule, titles.get(rule) or rule)} ({rule}): {of_rule.num_rows}"
        for finding in of_rule.slice(0, _EXAMPLES).to_pylist():
            yield f"    {finding['message']} Fix: {finding['fix']}"
        if of_rule.num_rows > _EXAMPLES:
            yield f"    … and {of_rule.num_rows - _EXAMPLES} more"
