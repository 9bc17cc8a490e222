"""The verdict of a run, concluded from what the run published."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from presync.rules.catalogue import SUITES
from presync.staging.store import RunStore
from presync.tenants.model import Tenant
from presync.verdict.evidence import gather
from presync.verdict.model import Problem, SuiteVerdict, Verdict, VerdictStatus

if TYPE_CHECKING:
    from presync.control.companies import Judgement

logger = logging.getLogger(__name__)
AFTER_THE_VERDICT = frozenset({"gate", "start_integration"})


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
        identity=evidence.identity,
        not_compared=evidence.not_compared,
        made_by=evidence.made_by,
        deviations=tuple(evidence.deviations),
    )


def _status(suites: list[SuiteVerdict], problems: list[Problem]) -> VerdictStatus:
    complete = [suite.suite for suite in suites] == list(SUITES)
    if problems or not complete or any(suite.status == "error" for suite in suites):
        return "error"
    if any(suite.status != "passed" or suite.critical for suite in suites):
        return "blocked"
    return "ready"


def record_verdict(verdict: Verdict, store: RunStore | None = None) -> None:
    """Remember a verdict in the control database; the start asks there, not in the run's files.

    `store`: the run's, from which the fleet page learns where which findings stand.
    """
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
        judgement=_judgement(verdict, store),
    )


def _judgement(verdict: Verdict, store: RunStore | None) -> Judgement:
    """Return what the fleet page shows; where the run's files cannot be read, the verdict alone.

    The verdict must be on record in any case: what is not would leave the last one standing.
    """
    from presync.verdict.judgement import judge

    try:
        return judge(verdict, store)
    except Exception as error:
        logger.warning("the findings of run %s cannot be counted (%s)", verdict.run_id, type(error).__name__)
        return judge(verdict, None)
