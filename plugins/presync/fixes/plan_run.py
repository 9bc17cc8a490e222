"""The proposals for a run: from its published extracts, database and results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from presync.decisions.in_force import read_snapshot
from presync.decisions.model import ConfirmedPair
from presync.fixes.apply import apply_to_extracts
from presync.fixes.findings import read_critical
from presync.fixes.model import ByHand, Finding, FixPlan
from presync.fixes.propose import propose
from presync.rules.catalogue import SUITES
from presync.staging.database import DATABASE_FILE, reading
from presync.staging.leftovers import scratch
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, System
from presync.tenants.answers import with_answers
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant


def plan_run(tenant: Tenant, store: RunStore, waived: Collection[str] = ()) -> FixPlan:
    """Return the proposals for a run that was checked completely; findings in `waived` may stand.

    Raises IncompleteError if something of the run is not there.
    """
    published = store.fetch("database")
    record = read_snapshot(published)
    return plan_fixes(
        with_answers(tenant, record.decided),
        published / DATABASE_FILE,
        {system: store.fetch(system) for system in SYSTEMS},
        {suite: store.fetch(f"results/{suite}") for suite in SUITES},
        waived=waived,
        confirmed=record.pairs,
    )


def plan_fixes(
    tenant: Tenant,
    database: Path,
    folders: Mapping[System, Path],
    results: Mapping[str, Path],
    *,
    waived: Collection[str] = (),
    confirmed: Sequence[ConfirmedPair] = (),
) -> FixPlan:
    """Return the proposals for the findings in `results` (folder by suite), as `database` was built."""

    findings = [f for f in read_critical(results.values()) if f.finding_id not in waived]
    if not findings:
        return FixPlan()
    follows = tenant.visma_business.projects.customer is not None
    entities = tuple(entity for entity in ENTITIES if not (follows and entity == "projects"))
    with reading(database) as connection:
        first = [f for f in findings if not (follows and f.suite == "projects")]
        plan = propose(connection, tenant, first, entities)
    if follows:
        own = [finding for finding in findings if finding.suite == "projects"]
        _add_projects(plan, own, _Base(tenant, database, folders, waived, confirmed))
    return plan


@dataclass(frozen=True)
class _Base:
    """What a rehearsal begins with."""

    tenant: Tenant
    database: Path
    folders: Mapping[System, Path]
    waived: Collection[str]
    confirmed: Sequence[ConfirmedPair]


def _add_projects(plan: FixPlan, findings: list[Finding], base: _Base) -> None:
    """Add the projects' proposals: a renumbered customer takes its projects along, so they are looked at as
    they will be then."""
    if not any(change.register == "customers" for change in plan.severa):
        _propose_projects(plan, base, base.database, findings)
        return
    with scratch("fixes") as folder:
        database, then = _rehearse(plan, base, folder)
        _propose_projects(plan, base, database, then)
    open_then = {finding.finding_id for finding in then}
    plan.by_hand += [
        ByHand(finding, "it goes away when the customers have the numbers that are proposed for them")
        for finding in findings
        if finding.finding_id not in open_then
    ]


def _propose_projects(plan: FixPlan, base: _Base, database: Path, findings: list[Finding]) -> None:

    with reading(database) as connection:
        projects = propose(connection, base.tenant, findings, ("projects",), invoices=False)
    plan.severa += projects.severa
    plan.visma_business += projects.visma_business
    plan.tenant += projects.tenant
    plan.counters |= projects.counters
    plan.by_hand += projects.by_hand


def _rehearse(plan: FixPlan, base: _Base, scratch: Path) -> tuple[Path, list[Finding]]:
    """Return the database with the plan applied so far, and the projects' critical findings in it."""
    from presync import reconcile
    from presync.rules.run_suite import run_suite

    copies = apply_to_extracts(base.folders, base.tenant, plan, scratch / "extracts", run_id="rehearsal")
    database, out = scratch / DATABASE_FILE, scratch / "projects"
    # customers' similar names, which no finding about projects rests on, would cost more than all the rest
    reconcile.build(database, base.tenant, copies, base.confirmed, similar=("projects",))
    out.mkdir()
    run_suite("projects", database, out)
    return database, [f for f in read_critical([out]) if f.finding_id not in base.waived]
