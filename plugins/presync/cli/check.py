"""`presync check`: the tasks of one tenant's DAG in this process; the verdict as exit code or lines."""

from __future__ import annotations

import csv
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from presync import settings
from presync.airflow import in_process
from presync.cli import terminal
from presync.cli.tenant_argument import existing_file
from presync.errors import ConfigurationError, PresyncError
from presync.report.files.edited_tables import CELL
from presync.rules.catalogue import SUITES
from presync.staging.store import RunStore
from presync.tenants.model import Tenant, load_tenant
from presync.tenants.start import WebhookStart
from presync.text.secrecy import trace
from presync.verdict.waivers import IN_FORCE, NOT_FOUND

_EXIT: Final = {"ready": 0, "blocked": 1, "error": 2}
_TOP: Final = 5
STEPS: Final = len(SUITES) + 6
"""Tasks of a run: two extracts, reconcile, the suites, report, gate and start."""
_LOG_LINE: Final = "%(asctime)s %(name)s %(levelname)s %(message)s"


@dataclass(frozen=True)
class Outcome:
    """A verdict as in `verdict.json`, where its report is (None: there is none), and what else went wrong."""

    verdict: Mapping[str, Any]
    report: Path | None
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 ready, 1 blocked, 2 for everything that is not known for certain."""
        return 2 if self.problems else _EXIT.get(str(self.verdict["status"]), 2)


def check_and_show(typed: str, *, as_json: bool, start: bool) -> int:
    """Check a tenant, print the outcome, and return the exit code."""
    outcome = check(existing_file(typed), start=start)
    for problem in outcome.problems:
        print(f"presync: {problem}", file=sys.stderr)
    if as_json:
        print(json.dumps(outcome.verdict, ensure_ascii=False, indent=2))
    else:
        _show(outcome)
    return outcome.exit_code


def check(path: Path, *, start: bool) -> Outcome:
    """Check the tenant of a file; whatever breaks becomes an outcome with status `error`."""
    began = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    log = settings.local_data() / "logs" / f"check-{path.stem}-{began}-{os.getpid()}.log"
    name = path.stem
    try:
        tenant = load_tenant(path)
        name = tenant.tenant
        settings.refuse_unusable()
        _refuse_impossible_start(tenant, start=start)
        return _run(path, tenant, log, start=start)
    except PresyncError as error:
        return _not_checked(name, error.source, error.message)
    except Exception as error:
        with suppress(OSError), log.open("a", encoding="utf-8") as lines:
            lines.write(trace(error))
        reason = f"the check stopped unexpectedly ({type(error).__name__}); read {log}"
        return _not_checked(name, "presync", reason)


def _refuse_impossible_start(tenant: Tenant, *, start: bool) -> None:
    if start and (tenant.asks_first or not isinstance(tenant.start, WebhookStart)):
        raise ConfigurationError(
            f"{tenant.tenant} is not started by a webhook alone (`start:` in its file), so --start cannot do "
            "it: this process has neither the DAG to trigger nor the page on which a person approves. Check "
            "without --start, or run the tenant's DAG in Airflow.",
            source=tenant.tenant,
        )


def _run(path: Path, tenant: Tenant, log: Path, *, start: bool) -> Outcome:
    from presync.airflow.housekeeping import prune_tenant, tidy

    with suppress(OSError):  # nobody else does where no Airflow runs
        tidy()
    with ExitStack() as stack:
        in_process.leave_when_told(stack)
        progress = stack.enter_context(terminal.progress(f"checking {tenant.tenant}", STEPS))
        stack.enter_context(in_process.output_to(log))
        stack.enter_context(in_process.home(path.absolute(), metadata=False))
        from presync.airflow.run_steps import run_steps

        logging.basicConfig(
            level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", force=True
        )
        with suppress(OSError):  # as above; only here, because object storage needs an Airflow
            prune_tenant(tenant.tenant, settings.keep_runs())
        run = run_steps(tenant, start=start, progress=progress)
    outcome = outcome_of(tenant, run, start=start)
    why = (f"why: read {log}",) if outcome.problems else ()
    return replace(outcome, problems=(*outcome.problems, *why))


def outcome_of(tenant: Tenant, run: in_process.LocalRun, *, start: bool) -> Outcome:
    """Return the outcome of a finished run: the report's verdict, unless gate or start say otherwise."""
    report = RunStore(tenant.tenant, run.run_id, area="reports")
    if not report.exists(""):
        from presync.verdict.conclude import conclude

        verdict = conclude(tenant, RunStore(tenant.tenant, run.run_id)).as_dict()
        return Outcome({**verdict, "status": "error"}, None, ("the report was not written",))
    folder = report.fetch("")
    verdict = json.loads((folder / "verdict.json").read_text(encoding="utf-8"))
    return Outcome(verdict, folder, tuple(_contradictions(verdict, run, start=start)))


def _contradictions(verdict: Mapping[str, Any], run: in_process.LocalRun, *, start: bool) -> Iterator[str]:
    open_gate = run.states.get("gate") == "success"
    if open_gate != (verdict["status"] == "ready"):
        yield f"the verdict is {verdict['status']!r}, but the gate task ended as {run.states.get('gate')!r}"
    if start and open_gate and run.states.get("start_integration") not in {"success", "skipped"}:
        yield "everything is ready, but the start failed or is uncertain; run `presync start --help`"


def _not_checked(tenant: str, source: str, message: str) -> Outcome:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    suites = [
        {"suite": suite, "status": "error", "critical": 0, "warning": 0, "waived": 0} for suite in SUITES
    ]
    verdict: dict[str, Any] = {
        "tenant": tenant,
        "run_id": None,
        "status": "error",
        "started_at": now,
        "finished_at": now,
        "rules_version": None,
        "made_by": None,
        "suites": suites,
        "counts": {},
        "errors": [{"source": source, "message": message}],
        "deviations": [],
        "not_compared": [],
    }
    return Outcome(verdict, None)


def _show(outcome: Outcome) -> None:
    if not terminal.person():
        print("\n".join(summary(outcome)))
        return
    suites = outcome.verdict["suites"]
    rows = [[s["suite"], s["status"], s["critical"], s["warning"], s.get("waived", 0)] for s in suites]
    terminal.show_line(_heading(outcome))
    terminal.show_table("", ["suite", "status", "critical", "warnings", "waived"], rows)
    for line in _details(outcome):
        terminal.show_line(line)


def summary(outcome: Outcome) -> Iterator[str]:
    """Yield the outcome as lines: verdict, suites, errors, the commonest critical rules, the report."""
    yield _heading(outcome)
    for entry in outcome.verdict["suites"]:
        counts = f"{entry['critical']:>5} critical {entry['warning']:>5} warnings"
        counts += f" {entry['waived']:>5} waived" if entry.get("waived") else ""
        yield f"  {entry['suite']:<20} {entry['status']:<8} {counts}"
    yield from _details(outcome)


def _heading(outcome: Outcome) -> str:
    return f"{outcome.verdict['tenant']}: {str(outcome.verdict['status']).upper()}"


def _details(outcome: Outcome) -> Iterator[str]:
    verdict = outcome.verdict
    for error in verdict["errors"]:
        yield f"  could not be checked: {error['source']}: {error['message']}"
    yield from _deviations(verdict)
    yield from _lapsed(verdict)
    if outcome.report:
        yield from _top_findings(outcome.report / "findings.csv", _waived(verdict))
        yield f"  report: {outcome.report}/index.html"


def _waived(verdict: Mapping[str, Any]) -> set[str]:
    waivers = (verdict.get("exceptions") or {}).get("waivers", [])
    return {waiver["finding_id"] for waiver in waivers if waiver["state"] == IN_FORCE}


def _deviations(verdict: Mapping[str, Any]) -> Iterator[str]:
    """Yield how the suites that were used differ from the release's."""
    from presync.rules.baseline import Deviation

    for each in verdict.get("deviations") or []:
        yield f"  not the release's rule: {msgspec.convert(each, Deviation)}"


def _lapsed(verdict: Mapping[str, Any]) -> Iterator[str]:
    """Yield the waivers that no longer hold: what somebody let stand blocks again."""
    given = (verdict.get("exceptions") or {}).get("waivers", [])
    over = [waiver for waiver in given if waiver["state"] not in (IN_FORCE, NOT_FOUND)]
    for waiver in over[:_TOP]:
        yield f"  waiver of {waiver['rule']} {waiver['finding_id']} by {waiver['by']}: {waiver['state']}"
    if len(over) > _TOP:
        yield f"  … and {len(over) - _TOP} more waivers that no longer hold"


def _top_findings(file: Path, waived: Collection[str]) -> Iterator[str]:
    examples: dict[tuple[str, str], Mapping[str, str]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    with file.open(encoding="utf-8-sig", newline="") as lines:
        csv.field_size_limit(CELL)
        for finding in csv.DictReader(lines):
            if finding["severity"] == "critical" and finding["finding_id"] not in waived:
                key = (finding["suite"], finding["rule"])
                counts[key] += 1
                examples.setdefault(key, finding)
    for (suite, rule), count in counts.most_common(_TOP):
        example = examples[suite, rule]
        yield f"  {suite}: {rule} ({count}), e.g. {example['message']} {example['fix']}"
    if len(counts) > _TOP:
        yield f"  … and {len(counts) - _TOP} more rules"
