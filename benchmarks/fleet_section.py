"""The sections about many companies: a fleet through a real Airflow, and a thousand that do nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.fleet_stack import SLOTS, Executor, Stack, running_stack
from benchmarks.fleet_world import generated_fleet, write_tenants
from benchmarks.measuring import at_once, measure, typical
from benchmarks.report import Report
from presync.tenants.model import dag_id

# Airflow's part alone: tasks of the same number, order and outcome, which do nothing. Airflow does not even
# start an EmptyOperator.
EMPTY_DAGS: Final = """
from datetime import UTC, datetime
from airflow.sdk import DAG, BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException

SUITES = {suites!r}

class Nothing(BaseOperator):
    def execute(self, context):
        if self.task_id == "gate":
            raise AirflowFailException("as in a company that is not ready")

for number in range({companies}):
    with DAG(f"empty{{number:04}}", schedule=None, start_date=datetime(2024, 1, 1, tzinfo=UTC)) as dag:
        extracts = [Nothing(task_id=f"extract_{{system}}") for system in ("visma_business", "severa")]
        suites = [Nothing(task_id=name) for name in SUITES]
        report = Nothing(task_id="report", trigger_rule=TriggerRule.ALL_DONE)
        gate = Nothing(task_id="gate", trigger_rule=TriggerRule.ALL_DONE)
        Nothing(task_id="confirm_start") >> Nothing(task_id="start_integration")
        extracts >> Nothing(task_id="reconcile") >> suites >> report >> gate
        gate >> dag.get_task("confirm_start")
    globals()[dag.dag_id] = dag
"""
# What a company costs is known from a few: only the first executor runs all of them.
_MOST_OF_OTHERS: Final = 20
_MOST_WITHOUT_PRELOADING: Final = 6
_EXPECTED_RED: Final = {"gate", "confirm_start", "start_integration"}


@dataclass(frozen=True)
class Phase:
    """What happened between two looks: CPU seconds by service, and seconds on the wall."""

    cpu: Mapping[str, float]
    wall: float

    @property
    def total(self) -> float:
        """CPU seconds of all services together."""
        return sum(self.cpu.values())

    def without(self, idle: Phase) -> float:
        """Return the CPU seconds beyond what the idle stack uses in the same time."""
        return self.total - idle.total / idle.wall * self.wall


def fleet(
    report: Report, scratch: Path, *, companies: int, customers: int, executors: tuple[Executor, ...]
) -> None:
    """Companies per hour, and what one costs: Airflow, imports, work."""
    report.section(
        "A fleet through Airflow",
        f"{companies} companies of {customers:,} customers, all triggered at once, over PostgreSQL; every "
        "process of Airflow and PostgreSQL is counted, the idle stack's use in the same time subtracted. "
        "Airflow: a DAG of the same shape whose tasks do nothing, in the same stack. Work: the same tasks in "
        f"one process that has imported everything, {SLOTS} of them at once as in the stack, where tasks "
        "share cores and caches, too. The stand-in Severa is not counted. Of further executors "
        f"{_MOST_OF_OTHERS} companies at most run, {_MOST_WITHOUT_PRELOADING} where every task imports anew.",
    )
    alone = measure("fleet_work:run", customers).cost.cpu
    work = typical(at_once("fleet_work:run", customers, number=SLOTS)).cost.cpu
    report.say(f"The same work while nothing else runs: {alone:.1f} CPU s.")
    report.numbers["fleet work alone"] = alone
    rows: list[tuple[object, ...]] = []
    for number, executor in enumerate(executors):
        for preload in (True, False) if executor == "LocalExecutor" else (True,):
            most = companies if number == 0 else _MOST_OF_OTHERS
            most = most if preload else _MOST_WITHOUT_PRELOADING
            folder = scratch / f"fleet-{executor}-{preload}"
            rows.append(
                _fleet_row(
                    report,
                    folder,
                    companies=min(companies, most),
                    customers=customers,
                    executor=executor,
                    preload=preload,
                    work=work,
                )
            )
            print(f"measured: {rows[-1]}", flush=True)  # each takes minutes; the next may fail
    header = (
        "executor",
        "imports",
        "companies",
        "companies/h",
        "CPU s per company",
        "Airflow",
        "work",
        "the rest: imports",
        "ratio to Airflow + work",
        "MB staged",
        "MB reports",
        "memory MB",
    )
    report.table(header, rows)


def _fleet_row(
    report: Report,
    folder: Path,
    *,
    companies: int,
    customers: int,
    executor: Executor,
    preload: bool,
    work: float,
) -> tuple[object, ...]:
    from presync.rules.catalogue import SUITES

    dags = {"empty.py": EMPTY_DAGS.format(suites=tuple(SUITES), companies=companies)}
    with (
        generated_fleet(folder / "fleet", companies, customers) as world,
        running_stack(
            folder / "airflow",
            world.files,
            world.environment,
            executor=executor,
            preload=preload,
            dags=dags,
        ) as stack,
    ):
        stack.await_dags(2 * companies + 1)
        idle = watched(stack, lambda: time.sleep(60))
        # the first run of each kind pays for what a worker does once
        run_not_ready(stack, ["empty0000"])
        empty = watched(
            stack, lambda: run_not_ready(stack, [f"empty{number:04}" for number in range(1, companies)])
        )
        run_not_ready(stack, [dag_id(world.tenants[0])])
        full = watched(stack, lambda: run_not_ready(stack, [dag_id(name) for name in world.tenants[1:]]))
        memory = stack.memory()
        staged, reports = megabytes(folder / "airflow" / "data", len(world.tenants))
    measured = companies - 1
    airflow, whole = empty.without(idle) / measured, full.without(idle) / measured
    report.numbers[f"fleet {executor} {'once' if preload else 'in every task'}"] = {
        "idle": idle,
        "empty": empty,
        "full": full,
        "work": work,
        "memory_mb": memory,
    }
    return (
        executor,
        "once per worker" if preload else "in every task",
        measured,
        round(measured / full.wall * 3600),
        whole,
        airflow,
        work,
        whole - airflow - work,
        whole / (airflow + work),
        staged,
        reports,
        round(sum(memory.values())),
    )


def watched(stack: Stack, action: Callable[[], object]) -> Phase:
    """Return what the services used while something happened."""
    before, began = stack.cpu(), time.monotonic()
    action()
    after = stack.cpu()
    return Phase({name: after[name] - before[name] for name in after}, time.monotonic() - began)


def run_not_ready(stack: Stack, dag_ids: list[str]) -> None:
    """Run DAGs once; raises RuntimeError if anything is red but what must be: the companies are not ready."""
    for name, states in stack.run(dag_ids).items():
        red = {task for task, state in states.items() if state != "success"}
        if not red or not red <= _EXPECTED_RED:
            raise RuntimeError(f"{name} ended otherwise than a company that is not ready: {states}")


def megabytes(data: Path, companies: int) -> tuple[float, float]:
    """Return the MB of staged data and of reports per company."""
    files = [path for path in data.rglob("*") if path.is_file()]
    reports = sum(path.stat().st_size for path in files if "reports" in path.parts)
    return (
        (sum(path.stat().st_size for path in files) - reports) / 2**20 / companies,
        reports / 2**20 / companies,
    )


def idle_fleet(report: Report, scratch: Path, *, tenants: int, minutes: float) -> None:
    """What companies cost that nobody runs: parsing, scheduling, the database."""
    report.section(
        "A fleet that does nothing",
        f"{tenants:,} tenant files, no schedule, LocalExecutor over PostgreSQL. CPU seconds from the start "
        f"until all DAGs are known, then per minute over {minutes:g} minutes, two without tenant files; the "
        "database in MB.",
    )
    rows: list[tuple[object, ...]] = []
    for number, long in ((0, min(minutes, 2)), (tenants, minutes)):
        folder = scratch / f"idle-{number}"
        write_tenants(folder / "tenants", tuple(f"company{n:04}" for n in range(number)))
        with running_stack(folder / "airflow", folder / "tenants", {}) as stack:
            started = time.monotonic()
            stack.await_dags(number + 1)
            first = Phase(stack.cpu(), time.monotonic() - started)
            began, versions = stack.database_mb(), stack.rows("dag_version")
            idle = watched(stack, partial(time.sleep, long * 60))
            grown, new = stack.database_mb() - began, stack.rows("dag_version") - versions
            memory = stack.memory()
            if number:
                _change_two_files(report, stack, folder / "tenants")
        report.numbers[f"idle {number}"] = {"first": first, "idle": idle, "memory_mb": memory}
        for service in idle.cpu:
            per_minute = idle.cpu[service] / idle.wall * 60
            rows.append((number, service, first.cpu[service], per_minute, round(memory[service])))
        rows.append((number, "all", first.total, idle.total / idle.wall * 60, round(sum(memory.values()))))
        report.say(
            f"{number:,} tenant files: known {first.wall:.0f} s after Airflow answers; metadata "
            f"{began:.1f} MB, {grown:+.2f} MB and {new:+} DAG versions in {long:g} minutes."
        )
    report.table(("tenant files", "service", "CPU s at first", "CPU s per minute", "memory MB"), rows)


def _change_two_files(report: Report, stack: Stack, files: Path) -> None:
    """Break one tenant file and take another away; raises RuntimeError if any other DAG changes."""
    before, versions = stack.dags(), stack.rows("dag_version")
    broken, removed = sorted(files.glob("*.yaml"))[:2]
    broken.write_text(broken.read_text(encoding="utf-8") + "unknown: true\n", encoding="utf-8")
    removed.unlink()
    gone, tagged = dag_id(removed.stem), {dag_id(broken.stem)}
    seen = watched(
        stack,
        lambda: stack.await_that(
            lambda: stack.dags("broken") == tagged and gone not in stack.dags(), "the two files' DAGs"
        ),
    )
    new = stack.rows("dag_version") - versions
    if before - stack.dags() != {gone}:
        raise RuntimeError(f"more DAGs are gone than {gone}: {sorted(before - stack.dags())}")
    report.say(
        f"One file broken, another removed: after {seen.wall:.0f} s Airflow tags the one `broken` and shows "
        f"the other no more; all other {len(before) - 2:,} DAGs as before; {new} new DAG version(s)."
    )
