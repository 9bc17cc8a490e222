"""A run's report: verdict, findings, Data Docs and Great Expectations' raw results, published at once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

from presync import settings
from presync.errors import IncompleteError
from presync.fixes.counter_texts import CounterTexts
from presync.preview import Preview, Series, write_preview
from presync.report.files.about import Origin
from presync.report.files.exclusion_lists import write_questions
from presync.report.files.findings import write_findings
from presync.report.files.fix_files import write_proposals
from presync.report.files.preview import write_preview_sheet
from presync.report.masked_reports import NAMES, empty_reports_with_names, require_masked
from presync.report.pages.render import Page, write_data_docs
from presync.report.published import Shelf
from presync.report.suite_results import Suite, read_suites
from presync.report.wording import SUITES
from presync.rules.result import VALIDATION
from presync.staging.database import DATABASE_FILE
from presync.staging.store import RunStore, folder_name
from presync.tenants.model import Tenant
from presync.transfer_questions import Questions
from presync.verdict.history import Memory, write_changes

_PROPOSED: Final = "Severa's counter from here on"


class VerdictLike(Protocol):
    """What the report needs of a verdict: the values of `verdict.json`, and the build that was examined."""

    @property
    def build_id(self) -> str:
        """Return the `build_id` of the database that the suites examined; empty if there is none."""

    def as_dict(self) -> Mapping[str, Any]:
        """Return the values of `verdict.json`."""


def build_report(
    tenant: Tenant,
    store: RunStore,
    verdict: VerdictLike,
    memory: Memory | None = None,
    *,
    gate: Mapping[str, Any] | None = None,
) -> str:
    """Publish the report of a run, make it `latest`, let old ones go; return where it is (path or URL).

    `memory` is what is remembered of its findings from earlier runs, if anybody looked; `gate` what the gate
    decided (`state`, `until`, `decided_at`), if it has.
    Raises IncompleteError if what the verdict speaks of is not there: a report never shows less than that.
    """
    shelf = Shelf(tenant.tenant, root=store.root)
    shelf.withdraw(store.run_id)
    values = {**verdict.as_dict(), **(memory.as_dict() if memory else {})}
    _refuse_contradiction(values)
    target = shelf.store(store.run_id)
    empty_reports_with_names(tenant, shelf, besides=folder_name(store.run_id))
    suites = read_suites(store, values, verdict.build_id)
    require_masked(tenant, store, suites)
    values["gate"] = gate or {
        "state": "undecided" if values["status"] == "ready" else "shut",
        "until": None,
        "decided_at": None,
    }
    values[NAMES] = "masked" if tenant.privacy == "masked" else "shown"
    earlier = [report for report in shelf.published() if report.folder != folder_name(store.run_id)]
    with target.publishing("") as folder:
        waived = memory.waived if memory else ()
        preview, questions = _preview(folder, tenant, store, verdict, suites, waived=waived)
        if preview:
            values["preview"] = preview.as_dict()
        fixes = write_proposals(folder, tenant, store, values, waived)
        if fixes.counters is not None:
            values["counters"] = fixes.counters.as_dict()
            preview = preview and _with_counters(preview, fixes.counters)
        (folder / "verdict.json").write_text(_json(values), encoding="utf-8")
        _copy_validations(folder, suites)
        summary = write_findings(folder, suites, waived, fixes.counters, Origin.of(tenant, values))
        if memory and not memory.problem:
            write_changes(folder / "changes.csv", memory)
        page = Page(tenant, values, tuple(suites), summary, tuple(earlier), memory, preview, fixes, questions)
        write_data_docs(folder, page)
    published = shelf.read(folder_name(store.run_id))
    if published is None:
        raise IncompleteError(f"the report at {target.url} cannot be read back", source="report")
    shelf.show_as_latest(published)
    shelf.prune(settings.keep_runs(), never=published.folder)
    return target.url


def _preview(
    folder: Path,
    tenant: Tenant,
    store: RunStore,
    verdict: VerdictLike,
    suites: Sequence[Suite],
    *,
    waived: Collection[str],
) -> tuple[Preview | None, Questions | None]:
    """Write `preview.csv`, `preview.xlsx` and the lists of `transfer/`; return what they say.

    None where not everything was checked.
    """
    status = verdict.as_dict()["status"]
    if status not in {"ready", "blocked"} or any(suite.status == "error" for suite in suites):
        return None, None
    if not store.exists("database"):
        raise IncompleteError(
            f"the verdict of run {store.run_id} is {status!r}, but the database that it rests on is not "
            "there, so nobody can tell what would happen to the records. Run the tenant again.",
            source="preview",
        )
    database = store.fetch("database") / DATABASE_FILE
    findings = [suite.folder / "findings.parquet" for suite in suites if suite.folder is not None]
    rows = folder / "preview.csv"
    origin = Origin.of(tenant, verdict.as_dict())
    told: list[Questions] = []
    preview = write_preview(
        tenant,
        database,
        verdict.build_id,
        findings,
        rows,
        waived=waived,
        then=lambda connection: told.append(write_questions(connection, tenant, folder, origin)),
    )
    write_preview_sheet(rows, folder / "preview.xlsx", preview.records, origin)
    return preview, told[0]


def _with_counters(preview: Preview, counters: CounterTexts) -> Preview:
    """Return the preview with the counters that all proposals together make right in its drawing."""
    drawn = [each for each in preview.series if each.kind != "proposal"]
    shared = {each.suite for each in drawn if each.kind == "shared"}
    proposed = [
        Series(suite, "proposal", _PROPOSED, each.counter, each.ceiling)
        for suite, each in counters.proposed.items()
        if suite in shared
    ]
    return replace(preview, series=(*drawn, *proposed))


def _refuse_contradiction(verdict: Mapping[str, Any]) -> None:
    """Raise IncompleteError if the verdict is `ready` and says at the same time why it cannot be."""
    if verdict["status"] != "ready":
        return
    passed = {s["suite"] for s in verdict["suites"] if s["status"] == "passed" and not s["critical"]}
    missing = sorted(set(SUITES) - passed)
    if missing or verdict.get("errors") or len(verdict["suites"]) != len(passed):
        raise IncompleteError(
            f"the verdict of run {verdict['run_id']} of tenant {verdict['tenant']} is `ready`, but "
            f"{', '.join(missing) or 'an error'} speaks against it: no report is made of a contradiction. "
            "Run the gate's task again; if this comes back, it is a fault in Presync.",
            source="report",
        )


def _copy_validations(folder: Path, suites: Sequence[Suite]) -> None:
    target = folder / "validations"
    target.mkdir()
    for suite in suites:
        if suite.folder is not None and (suite.folder / VALIDATION).is_file():
            packed = (suite.folder / VALIDATION).read_bytes()
            (target / f"{suite.name}.json").write_bytes(gzip.decompress(packed))


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
