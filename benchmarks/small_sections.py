"""Sections whose figures do not depend on the sizes: the command, the disk, parsing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.measuring import measure, typical
from benchmarks.parsing import write_tenants
from benchmarks.report import Report, cost_rows
from benchmarks.tenant_run import REST
from presync.tenants.model import dag_id

_ROUNDS: Final = 3
_STAGED: Final = 700
_PARTS: Final = {"visma_business": "extracts", "severa": "extracts"}


def check(report: Report) -> None:
    """`presync check` against its imports and its work."""
    report.section(
        "presync check",
        "The sample company nordlys, without a start, against its imports and work; the median of "
        f"{_ROUNDS} rounds. Target: 1.3 times.",
    )
    run = typical([measure("tenant_run:check") for _ in range(_ROUNDS)])
    ratio = run.cost.cpu / (run.cost.cpu - run.parts[REST].cpu)
    report.table(("part", "CPU s", "wall s"), [*cost_rows(run.parts), ("total", run.cost.cpu, run.cost.wall)])
    report.say(f"{ratio:.2f} times imports and work.")
    report.numbers["check"] = {
        "verdict": run.result,
        "ratio": ratio,
        "parts": run.parts,
        "total": run.cost,
    }


def disk(report: Report, customers: int = _STAGED) -> None:
    """What a run leaves in the staging folder, by part."""
    report.section(
        "Staged data of a small company",
        f"A generated company of {customers:,} customers, without its report. Target: 1 MB for {_STAGED}.",
    )
    parts: dict[str, int] = {}
    for name, size in measure("fleet_work:staged", customers).result.items():
        part = _PARTS.get(name, name)
        parts[part] = parts.get(part, 0) + size
    rows: list[tuple[object, ...]] = [
        (name, round(size / 1000)) for name, size in sorted(parts.items(), key=lambda part: -part[1])
    ]
    report.table(("part", "KB"), [*rows, ("total", round(sum(parts.values()) / 1000))])
    report.numbers["disk"] = parts


def parsing(report: Report, scratch: Path, tenants: int) -> None:
    """What the DAG processor and a task's process pay for many tenant files."""
    report.section(
        "Parsing tenant files",
        "CPU seconds of the DAG processor for the DAG files of all tenants, imports apart and without what "
        "Airflow does with the DAGs then, and of a task that needs one of them. Targets for "
        "1,000 tenant files: 3 for both files, 0.1 in a task.",
    )
    rows: list[tuple[object, ...]] = []
    for number, apply in ((tenants, False), (tenants, True), (2 * tenants, False)):
        rows.append(parsed(report, scratch / f"parsing-{number}-{apply}", number, apply=apply))
    header = (
        "tenant files",
        "apply",
        "onboarding.py, first",
        "broken_tenants.py, first",
        "onboarding.py, again",
        "broken_tenants.py, again",
        "both, first",
        "in a task",
    )
    report.table(header, rows)


def parsed(report: Report, folder: Path, tenants: int, *, apply: bool) -> tuple[object, ...]:
    """Return a row of CPU seconds; raises RuntimeError if other DAGs come of the files than they name."""
    write_tenants(folder / "tenants", tenants, apply=apply)
    (folder / "home").mkdir()
    places = (str(folder / "tenants"), str(folder / "home"))
    whole = measure("parsing:all_dags", *places)
    one = measure("parsing:one_dag", *places, dag_id(f"company{tenants // 2:04}"))
    expected = (tenants * (1 + apply), 1 + apply)
    if (whole.result, one.result) != expected:
        raise RuntimeError(f"{whole.result} and {one.result} DAGs instead of {expected}")
    report.numbers[f"parsing {tenants} {'with' if apply else 'without'} apply"] = {
        "parts": whole.parts,
        "task": one.cost,
    }
    costs = [cost.cpu for cost in whole.parts.values()]
    return (tenants, "yes" if apply else "no", *costs, sum(costs[:2]), one.cost.cpu)
