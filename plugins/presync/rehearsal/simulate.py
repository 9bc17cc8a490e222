"""`presync simulate`: the verdict that would result if all fix files of a run were applied.

The proposed exclusion lists (`transfer/`) are applied only where somebody asks for it: they are a choice.

Nothing is touched: the staged data are copied into a scratch folder, changed and checked there. No system is
read or written, nothing is recorded, no gate is passed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from presync.decisions.in_force import SNAPSHOT_FILE, read_snapshot
from presync.decisions.model import Exceptions
from presync.errors import ConfigurationError, IncompleteError
from presync.fixes.apply import apply_to_extracts, apply_to_tenant
from presync.fixes.findings import read_critical
from presync.fixes.model import Finding, FixPlan
from presync.preview import Preview, write_preview
from presync.rehearsal.exclusions import exclude_listed
from presync.report.files.exclusion_lists import FOLDER as LISTS
from presync.report.files.exclusion_lists import read_list
from presync.report.files.fix_files import PROPOSALS_FOLDER, read_fixes
from presync.report.published import Published, Shelf
from presync.rules.catalogue import SUITES
from presync.rules.run_suite import run_suite
from presync.staging.database import DATABASE_FILE
from presync.staging.leftovers import scratch
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, System
from presync.tenants.answers import with_answers
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from presync.verdict.conclude import conclude
from presync.verdict.evidence import FINGERPRINT
from presync.verdict.model import Verdict

RUN: Final = "simulation"
_PRODUCTS: Final = (*SYSTEMS, "database", *(f"results/{suite}" for suite in SUITES))
_SHOWN: Final = 10


@dataclass(frozen=True)
class Simulation:
    """What was rehearsed: the run it began with, what was applied, and the verdict that would result.

    `left` are the critical findings that would still block; `preview` is None where not all could be checked.
    `excluded`: how many records the proposed lists mark, by entity.
    """

    before: Published
    applied: FixPlan
    verdict: Verdict
    left: tuple[Finding, ...]
    preview: Preview | None
    excluded: Mapping[Entity, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return `verdict.json` as it would be."""
        preview = {"preview": self.preview.as_dict()} if self.preview else {}
        return {**self.verdict.as_dict(), **preview}


def simulate(
    tenant: Tenant,
    run: str | None = None,
    fixes: Path | None = None,
    exclude: Collection[Entity] = (),
    lists: Path | None = None,
) -> Simulation:
    """Apply a run's fix files (or those in the folder `fixes`) to a copy of its staged data and check that.

    Without `run`, the tenant's newest run that was checked completely. For the entities in `exclude` the
    proposed exclusion lists (or those in the folder `lists`) are applied too, with the answers they need.
    Raises ConfigurationError or IncompleteError if there is none, if the tenant file is another one by now,
    or if the files do not fit.
    """
    if lists is not None and not exclude:
        raise ConfigurationError(
            f"the lists in {lists} count only for the entities that --exclude names, and it names none, so "
            "nothing was rehearsed. Say --exclude customers, or leave --lists out.",
            source="transfer",
        )
    shelf = Shelf(tenant.tenant)
    before = _chosen(shelf, run)
    store = RunStore(tenant.tenant, before.run_id)
    _require_same_file(tenant, store)
    report = shelf.store(before.run_id).fetch("")
    plan = read_fixes(fixes or report / PROPOSALS_FOLDER, given=fixes is not None)
    folder = lists or report / LISTS
    marks = {e: read_list(folder, e, given=lists is not None) for e in dict.fromkeys(exclude)}
    record = read_snapshot(store.fetch("database"))
    with scratch("simulation") as folder:
        copy = RunStore(tenant.tenant, RUN, root=str(folder))
        changed, decided = exclude_listed(apply_to_tenant(tenant, plan), record.decided, plan, marks)
        _rehearse(changed, plan, store, copy, replace(record, decided=decided))
        verdict = conclude(changed, copy)
        results = [copy.fetch(f"results/{suite}") for suite in SUITES]
        left = [f for f in read_critical(results) if f.finding_id not in verdict.waived_findings]
        preview = _preview(changed, copy, verdict, results, folder)
    excluded = {entity: len(changes) for entity, changes in marks.items()}
    return Simulation(before, plan, verdict, tuple(left), preview, excluded)


def _preview(
    tenant: Tenant, copy: RunStore, verdict: Verdict, results: Sequence[Path], scratch: Path
) -> Preview | None:
    if verdict.status == "error":
        return None
    return write_preview(
        tenant,
        copy.fetch("database") / DATABASE_FILE,
        verdict.build_id,
        [folder / "findings.parquet" for folder in results],
        scratch / "preview.csv",
        waived=verdict.waived_findings,
    )


def _chosen(shelf: Shelf, run: str | None) -> Published:
    """Return the report of the wanted run, else of the newest that was checked and is still staged."""
    reports = shelf.published()
    if run is not None:
        reports = [report for report in reports if run in (report.run_id, report.folder)]
    for report in reports:
        store = RunStore(shelf.tenant, report.run_id)
        if report.status != "error" and all(store.exists(name) for name in _PRODUCTS):
            return report
    missing = f"no run of tenant {shelf.tenant} that was checked completely is still staged"
    if run is not None:
        missing = f"run {run!r} of tenant {shelf.tenant} is not staged, or was not checked completely"
    raise IncompleteError(
        f"{missing}, so there is nothing to rehearse with: its data were removed, or it never ran here. Run "
        "the tenant, then simulate.",
        source=shelf.tenant,
    )


def _require_same_file(tenant: Tenant, store: RunStore) -> None:
    built_for = json.loads((store.fetch("database") / "tenant.json").read_text())["fingerprint"]
    if built_for != tenant.fingerprint:
        raise ConfigurationError(
            f"the file of tenant {tenant.tenant} has changed since run {store.run_id}, so its fix files may "
            "not fit any more. Run the tenant again, then simulate.",
            source=tenant.tenant,
        )


def _rehearse(tenant: Tenant, plan: FixPlan, store: RunStore, copy: RunStore, record: Exceptions) -> None:
    from presync import reconcile

    answered = with_answers(tenant, record.decided)
    folders: dict[System, Path] = {system: store.fetch(system) for system in SYSTEMS}
    copies = apply_to_extracts(
        folders, answered, plan, Path(copy.url), run_id=RUN, seen={FINGERPRINT: tenant.fingerprint}
    )
    with copy.publishing("database") as folder:
        reconcile.build(folder / DATABASE_FILE, answered, copies, record.pairs)
        (folder / SNAPSHOT_FILE).write_text(json.dumps(record.as_dict(), ensure_ascii=False))
    for suite in SUITES:
        with copy.publishing(f"results/{suite}") as folder:
            run_suite(suite, copy.fetch("database") / DATABASE_FILE, folder)


def lines(simulation: Simulation) -> Iterator[str]:
    """Yield what a person reads: verdict before and after, and the rules that still block."""
    before, after = simulation.before, simulation.verdict
    found = f"{before.critical} critical findings"
    yield f"{after.tenant}: run {before.run_id} is {before.status.upper()}: {found}"
    corrections = len(simulation.applied.changes) - sum(simulation.excluded.values())
    told = ", ".join(f"{count} {entity}" for entity, count in simulation.excluded.items())
    marked = f" and with {told} excluded" if told else ""
    yield f"with the {corrections} proposed changes{marked} it would be {after.status.upper()}:"
    for suite in after.suites:
        counts = f"{suite.critical:>5} critical {suite.warning:>5} warnings"
        yield f"  {suite.suite:<20} {suite.status:<8} {counts}"
    for problem in after.errors:
        yield f"  could not be checked: {problem.source}: {problem.message}"
    rules = Counter((finding.suite, finding.rule) for finding in simulation.left)
    for (suite_name, rule), count in rules.most_common(_SHOWN):
        yield f"  left to people: {suite_name}: {rule} ({count})"
    if simulation.preview:
        yield "and the first synchronisation would do this (records of both systems):"
        for entity, outcomes in simulation.preview.as_dict().items():
            told = ", ".join(f"{count} {name}" for name, count in outcomes.items() if count)
            yield f"  {entity:<20} {told or 'nothing'}"
    yield "This was a rehearsal: nothing was changed, recorded or started."
