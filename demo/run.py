"""`make demo`: checks every sample company through Airflow, and prints one table.

    python -m demo.run

Exit code 0 if every company ended as `demo/README.md` says, else 1.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from demo.corrections import correct
from demo.world import TENANTS, WRITTEN, World, sample_world
from presync import settings
from presync.airflow import in_process
from presync.cli.check import Outcome, outcome_of
from presync.tenants.model import Tenant

DOCUMENTED = MappingProxyType(
    {
        "nordlys": ("ready", ""),
        "saimaa": ("blocked", "series_overlap"),
        "malaren": ("blocked", "decision_missing"),
        "fjord": ("error", "severa"),
    }
)


def main() -> int:
    """Run the demo and return its exit code."""
    folder = settings.local_data() / "demo"
    log = folder / "airflow.log"
    began = time.monotonic()
    with ExitStack() as stack:
        in_process.leave_when_told(stack)
        print(
            f"Building the sample companies in {_short(folder)} and starting the stand-in Severa", flush=True
        )
        world = stack.enter_context(sample_world(folder))
        os.environ.update(world.environment)
        log.unlink(missing_ok=True)
        screen = stack.enter_context(in_process.output_to(log))
        _say(screen, f"Preparing Airflow (its log: {_short(log)})")
        stack.enter_context(in_process.home(TENANTS))
        tenants = {tenant.tenant: tenant for tenant in world.tenants}
        outcomes = {name: _run(tenants[name], screen) for name in DOCUMENTED}
        again = _start_again(world, screen)
        corrected = correct(tenants[WRITTEN], outcomes[WRITTEN], partial(_say, screen))
        faults = [*_faults(outcomes), *again, *corrected]
        _print_table(outcomes, screen)
        _print_end(world, faults, time.monotonic() - began, screen)
    return 1 if faults else 0


def _run(tenant: Tenant, screen: TextIO) -> Outcome:
    _say(screen, f"\n{tenant.title} ({tenant.tenant})")
    done: list[str] = []

    def progress(task: str, state: str) -> None:
        done.append(task)
        _say(screen, f"  {'ok ' if state == 'success' else 'RED'} {task}")

    run = in_process.run_tenant(tenant, start=True, progress=progress)
    return outcome_of(tenant, run, start=True)


def _start_again(world: World, screen: TextIO) -> list[str]:
    """Run the started tenant a second time: its webhook must not be called again, and no other's at all."""
    faults = []
    for tenant in world.tenants:
        expected = int(DOCUMENTED[tenant.tenant][0] == "ready")
        if expected:
            _say(screen, f"\n{tenant.title} once more: an integration is started once, ever")
            state = in_process.run_tenant(tenant, start=True).states.get("start_integration")
            _say(screen, f"  start_integration: {state}")
            if state != "skipped":
                faults.append(f"{tenant.tenant}: the second start was {state}, not skipped")
        calls = len(world.started(tenant.tenant))
        if calls != expected:
            faults.append(f"{tenant.tenant}: the start was called {calls} times instead of {expected}")
    return faults


def _faults(outcomes: dict[str, Outcome]) -> list[str]:
    faults = []
    for tenant, (status, reason) in DOCUMENTED.items():
        outcome = outcomes.get(tenant)
        if outcome is None:
            faults.append(f"{tenant}: was not checked")
            continue
        if outcome.verdict["status"] != status:
            faults.append(f"{tenant}: ended as {outcome.verdict['status']} instead of {status}")
        elif reason and reason not in _reasons(outcome):
            faults.append(f"{tenant}: {status}, but not because of {reason}")
        faults += [f"{tenant}: {problem}" for problem in outcome.problems]
    return faults


def _reasons(outcome: Outcome) -> Counter[str]:
    """Count critical findings by rule, or errors by source."""
    if outcome.verdict["errors"] or outcome.report is None:
        return Counter(error["source"] for error in outcome.verdict["errors"])
    with (outcome.report / "findings.csv").open(encoding="utf-8-sig", newline="") as lines:
        return Counter(row["rule"] for row in csv.DictReader(lines) if row["severity"] == "critical")


def _print_table(outcomes: dict[str, Outcome], screen: TextIO) -> None:
    rows = [("tenant", "verdict", "critical", "warnings", "top reason", "report")]
    for tenant, outcome in outcomes.items():
        suites = outcome.verdict["suites"]
        rows.append(
            (
                tenant,
                outcome.verdict["status"],
                str(sum(suite["critical"] for suite in suites)),
                str(sum(suite["warning"] for suite in suites)),
                _top_reason(outcome),
                f"{_short(settings.local_data())}/reports/{tenant}/latest/index.html",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    _say(screen, "")
    for row in rows:
        _say(screen, "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _top_reason(outcome: Outcome) -> str:
    for error in outcome.verdict["errors"]:
        return _clipped(f"{error['source']}: {error['message']}")
    for reason, count in _reasons(outcome).most_common(1):
        return f"{reason} ({count})"
    return "-"


def _clipped(text: str, width: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _print_end(world: World, faults: list[str], seconds: float, screen: TextIO) -> None:
    started = world.started("nordlys")
    key = started[0]["idempotency_key"] if started else "-"
    _say(
        screen,
        f"\nThe webhook of nordlys was called {len(started)} time(s), idempotency key {key}.\n"
        "Every demo begins anew, without earlier reports, so nordlys is started each time;\n"
        "in production a tenant is started once, ever.",
    )
    for fault in faults:
        _say(screen, f"NOT AS DOCUMENTED: {fault}")
    if not faults:
        _say(screen, f"All as documented in demo/README.md ({seconds:.0f} s). Pages inside Airflow: make ui")


def _say(screen: TextIO, line: str) -> None:
    print(line, file=screen, flush=True)


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    sys.exit(main())
