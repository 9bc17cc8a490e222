"""Gathers what a run published and follows it back to the extracts: what it cannot follow is a problem.

A cleared task can leave the product of an older extract behind, and a killed one half a run. So nothing is
taken for granted: results must be of this build of the database, the build of these extracts, the extracts
of this run and this tenant file.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from presync.control.systems import IDENTITY
from presync.decisions.in_force import SNAPSHOT_FILE, read_snapshot
from presync.decisions.model import Exceptions, Waiver
from presync.errors import PresyncError
from presync.rules.baseline import Deviation
from presync.rules.catalogue import SUITES
from presync.rules.findings_reader import read_findings
from presync.rules.result import SuiteResult, contradictions, read_result
from presync.staging.database import DATABASE_FILE, reading
from presync.staging.extract import Manifest, read_manifest
from presync.staging.fingerprints import Fingerprints, read_fingerprints, whole
from presync.staging.made_by import MadeBy, parse_made_by, this_version
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, System
from presync.tenants.answers import with_answers
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant
from presync.verdict.model import EntityCounts, Problem, SuiteVerdict
from presync.verdict.right_systems import SOURCE, not_compared, question
from presync.verdict.versions import other_versions
from presync.verdict.waivers import Applied, WaiverState, apply_waivers, waiver_states

FINGERPRINT = "tenant_fingerprint"


@dataclass
class Evidence:
    """What was found; `problems` lists everything that could not be checked, causes first."""

    suites: list[SuiteVerdict] = field(default_factory=list)
    counts: dict[str, EntityCounts] = field(
        default_factory=lambda: {entity: EntityCounts() for entity in ENTITIES}
    )
    build_id: str = ""
    rules_version: str = ""
    made_by: MadeBy = field(default_factory=this_version)
    started_at: datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    exceptions: Exceptions | None = None
    fingerprints: Fingerprints = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    not_compared: tuple[str, ...] = ()
    waivers: tuple[WaiverState, ...] = ()
    waived_findings: set[str] = field(default_factory=set)
    deviations: list[Deviation] = field(default_factory=list)


def gather(tenant: Tenant, store: RunStore, ignore: Collection[str]) -> Evidence:
    """Return the evidence of a run. Raises nothing: what cannot be read is a problem.

    `ignore` names tasks whose `errors/<task>` do not count, because they come after the verdict.
    """
    return _Inquiry(tenant, store).conduct(ignore)


class _Inquiry:
    def __init__(self, tenant: Tenant, store: RunStore) -> None:
        self._tenant = tenant
        self._store = store
        self._evidence = Evidence()
        self._missing: list[str] = []
        self._made: dict[str, MadeBy | None] = {}

    def conduct(self, ignore: Collection[str]) -> Evidence:
        with self._noting("presync"):
            self._published_errors(ignore)
        causes, self._evidence.problems = self._evidence.problems, []
        self._database(self._extracts())
        self._right_systems()
        self._suites()
        for message in other_versions(self._made, self._evidence.made_by):
            self._problem("presync", message)
        gaps = self._gaps(known_cause=bool(causes))
        self._evidence.problems = list(dict.fromkeys([*causes, *gaps, *self._evidence.problems]))
        return self._evidence

    @contextmanager
    def _noting(self, source: str) -> Iterator[None]:
        """Turn whatever goes wrong inside into a problem of `source`."""
        try:
            yield
        except PresyncError as error:
            self._problem(error.source, error.message)
        except Exception as error:
            # the text of a foreign exception may hold anything; its kind is enough to find it in the log
            self._problem(
                source,
                f"what {source} published cannot be read ({type(error).__name__}), so it counts as not "
                "checked. Run its task again.",
            )

    def _problem(self, source: str, message: str) -> None:
        self._evidence.problems.append(Problem(source, message))

    def _fetch(self, name: str) -> Path | None:
        if self._store.exists(name):
            return self._store.fetch(name)
        self._missing.append(name)
        return None

    def _published_errors(self, ignore: Collection[str]) -> None:
        for name in self._store.names("errors"):
            task = name.partition("/")[2]
            if task in ignore:
                continue
            with self._noting(task):
                record = json.loads((self._store.fetch(name) / "error.json").read_text())
                self._problem(str(record["source"]), str(record["message"]))

    def _extracts(self) -> dict[System, Manifest]:
        manifests: dict[System, Manifest] = {}
        for system in SYSTEMS:
            with self._noting(system):
                folder = self._fetch(system)
                if folder is not None:
                    manifests[system] = read_manifest(folder, system)
                    self._made[system] = parse_made_by(manifests[system].made_by)
                    self._judge_manifest(system, manifests[system])
                    self._evidence.identity |= manifests[system].seen.get(IDENTITY) or {}
        started = [datetime.fromisoformat(manifest.started_at) for manifest in manifests.values()]
        self._evidence.started_at = min(started, default=None)
        return manifests

    def _judge_manifest(self, system: System, manifest: Manifest) -> None:
        expected = (system, self._store.tenant, self._store.run_id)
        actual = (manifest.system, manifest.tenant, manifest.run_id)
        if actual != expected:
            self._problem(
                system,
                f"the extract of {system} is that of {' / '.join(actual)}, not of this run. Extract again.",
            )
        if manifest.seen.get(FINGERPRINT) != self._tenant.fingerprint:
            self._problem(
                system,
                f"the extract of {system} was made for another version of the file of tenant "
                f"{self._tenant.tenant}: what it maps and answers may differ. Start a new run.",
            )

    def _database(self, manifests: Mapping[System, Manifest]) -> None:
        with self._noting("reconcile"):
            folder = self._fetch("database")
            if folder is None:
                return
            if not (folder / SNAPSHOT_FILE).is_file():
                self._problem(
                    "reconcile",
                    "the run's database is there without the waivers, answers and confirmed pairs that it "
                    "was built with, so nobody knows what it rests on. Run reconcile and the suites again.",
                )
            self._evidence.exceptions = read_snapshot(folder)
            facts = _read_database(folder / DATABASE_FILE)
            self._judge_database(facts["extracts"], manifests)
            if len(facts["builds"]) != 1 or not facts["builds"][0][0]:
                self._problem(
                    "reconcile", "the run's database does not say which build it is. Build it again."
                )
                return
            build_id, code, settings, tenant_file = facts["builds"][0]
            self._evidence.build_id = str(build_id)
            self._made["database"] = parse_made_by({"code": code, "settings": settings})
            if tenant_file != with_answers(self._tenant, self._evidence.exceptions.decided).fingerprint:
                self._problem(
                    "reconcile",
                    "the run's database was built for another version of the file of tenant "
                    f"{self._tenant.tenant}, so its answers and mappings no longer count. Start a new run.",
                )
            self._take_counts(facts["counts"])
            self._evidence.fingerprints = _fingerprints(folder / DATABASE_FILE)
            if not whole(self._evidence.fingerprints):
                self._problem(
                    "reconcile",
                    "the run's database does not hold a fingerprint of every staged table, so nobody could "
                    "tell later whether something has moved. Build it again.",
                )

    def _judge_database(self, rows: list[tuple[Any, ...]], manifests: Mapping[System, Manifest]) -> None:
        built_from = {system: (extract_id, run_id) for system, extract_id, run_id in rows}
        for system, manifest in manifests.items():
            if built_from.get(system) != (manifest.extract_id, self._store.run_id):
                self._problem(
                    "reconcile",
                    f"the run's database was built from another extract of {system} than the one that is "
                    "there now, so the suites examined outdated data. Run reconcile and the suites again.",
                )
        if len(rows) != len(SYSTEMS) or set(built_from) != set(SYSTEMS):
            self._problem("reconcile", "the run's database was not built from one extract of each system.")

    def _take_counts(self, rows: list[tuple[Any, ...]]) -> None:
        counts = {entity: EntityCounts(*(int(value) for value in values)) for entity, *values in rows}
        if len(rows) != len(ENTITIES) or set(counts) != set(ENTITIES):
            self._problem("reconcile", "the run's database does not count every entity once. Build it again.")
        self._evidence.counts |= {entity: counts[entity] for entity in ENTITIES if entity in counts}

    def _right_systems(self) -> None:
        """A person must have said that two systems belong together that do not show it themselves."""
        found = self._evidence
        if not found.build_id or found.exceptions is None:
            return
        found.not_compared = not_compared(found.identity, country=self._tenant.country)
        asked = question(
            self._tenant.tenant,
            found.identity,
            found.counts,
            country=self._tenant.country,
            masked=self._tenant.privacy == "masked",
        )
        if asked and asked.digest not in {each.digest for each in found.exceptions.systems}:
            self._problem(SOURCE, asked.message)

    def _suites(self) -> None:
        versions: dict[str, list[str]] = {}
        exceptions = self._evidence.exceptions
        waivers = exceptions.waivers if exceptions else ()
        states: dict[Waiver, str] = {}
        for suite in SUITES:
            before = len(self._evidence.problems)
            outcome = SuiteVerdict(suite, "error", 0, 0)
            with self._noting(suite):
                folder = self._fetch(f"results/{suite}")
                if folder is not None:
                    result = read_result(folder, suite)
                    versions.setdefault(result.rules_version, []).append(suite)
                    self._made[f"results/{suite}"] = parse_made_by(result.made_by)
                    self._evidence.deviations += result.deviations
                    for message in contradictions(folder, suite, result):
                        self._problem(suite, message)
                    self._judge_build(suite, result.build_id)
                    outcome = SuiteVerdict(suite, "error", result.critical, result.warning)
                    if len(self._evidence.problems) == before:
                        applied = self._waive(waivers, folder, result)
                        states |= applied.states
                        outcome = _outcome(result, applied)
            self._evidence.suites.append(outcome)
        self._evidence.waivers = waiver_states(waivers, states)
        self._evidence.rules_version = " / ".join(sorted(versions))
        if len(versions) > 1 or "" in versions:
            said = "; ".join(f"{', '.join(suites)} under {v or 'none'}" for v, suites in versions.items())
            self._problem(
                "presync",
                f"the suites were checked under different versions of the rules: {said}. A rule that one "
                "version states may be missing from the other. Clear the tasks of all seven suites, with "
                "everything downstream.",
            )

    def _waive(self, waivers: tuple[Waiver, ...], folder: Path, result: SuiteResult) -> Applied:
        """Hold the waivers against the suite's findings, as of the moment when the run read them."""
        if not waivers or self._evidence.exceptions is None:
            return Applied()
        today = self._evidence.exceptions.taken_at.date()
        applied = apply_waivers(waivers, today, result, read_findings(folder))
        self._evidence.waived_findings |= applied.finding_ids
        return applied

    def _judge_build(self, suite: str, build_id: str) -> None:
        if not build_id or build_id != self._evidence.build_id:
            self._problem(
                suite,
                f"suite {suite} examined another build of the run's database than the one that is there now. "
                "Run the suite again.",
            )

    def _gaps(self, *, known_cause: bool) -> Iterator[Problem]:
        """Yield what was never published: the first step that is missing, then all that depends on it."""
        stages = (SYSTEMS, ("database",), tuple(f"results/{suite}" for suite in SUITES))
        earliest = next((stage for stage in stages if set(stage) & set(self._missing)), ())
        first = [] if known_cause else [name for name in earliest if name in self._missing]
        for name in first:
            product = name.partition("/")[2] or name
            yield Problem(
                product,
                f"{product} was never completed in this run and nobody could say why (a killed worker?): "
                "it counts as not checked. Look at its task, and run it again.",
            )
        rest = [_in_words(name) for name in self._missing if name not in first]
        if rest:
            yield Problem("presync", f"because of that, not checked in this run: {', '.join(rest)}.")


def _in_words(name: str) -> str:
    """Return what people call a published name: `database` → how the two fit together."""
    said = {"visma_business": "Visma Business", "severa": "Severa", "database": "how the two fit together"}
    return said.get(name) or name.partition("/")[2].replace("_", " ")


def _outcome(result: SuiteResult, applied: Applied) -> SuiteVerdict:
    critical = result.critical - applied.critical
    waived = len(applied.finding_ids)
    status = "passed" if result.status == "failed" and not critical else result.status
    return SuiteVerdict(result.suite, status, critical, result.warning - applied.warning, waived)


def _fingerprints(file: Path) -> Fingerprints:

    with reading(file) as connection:
        return read_fingerprints(connection)


def _read_database(file: Path) -> dict[str, list[tuple[Any, ...]]]:

    with reading(file) as connection:
        return {
            name: connection.execute(query).fetchall()
            for name, query in (
                ("extracts", "SELECT system, extract_id, run_id FROM checks.extracts"),
                ("builds", "SELECT build_id, code, settings, tenant_file FROM checks.build"),
                ("counts", "SELECT entity, business, severa, excluded, pairs FROM checks.counts"),
            )
        }
