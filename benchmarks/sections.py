"""The sections of the report: each measures, judges against its target, and adds a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks.measuring import alternate, measure, median_ratio, typical
from benchmarks.report import Report, cost_rows

Folders = Mapping[int, Path]  # customers per side -> generated company


def _rounds(size: int, usual: int) -> int:
    """Return how often a size is measured: small ones vary, the largest takes minutes."""
    return 1 if size < 1_000 else usual if size < 1_000_000 else 2


def extraction(report: Report, folders: Folders) -> None:
    """ODBC to staged Parquet against a bare pyodbc loop over the same SELECTs."""
    report.section(
        "Extraction over ODBC",
        "The whole extract (catalogue, SELECTs, Arrow, Parquet) against `execute` and `fetchmany` of the "
        "same SELECTs, rows thrown away; SQLite's driver. Targets: 1.3 times, 60 MB above the idle process.",
    )
    rows = []
    for size, folder in folders.items():
        works = [("extraction:staged", str(folder)), ("extraction:bare", str(folder))]
        staged, bare = alternate(works, _rounds(size, 5))
        ours, theirs = typical(staged), typical(bare)
        ratios = [median_ratio(staged, bare, what) for what in ("cpu", "wall")]
        peak = max(m.peak for m in staged)
        rows.append((size, ours.result, ours.cost.cpu, theirs.cost.cpu, *ratios, peak))
        report.numbers[f"extraction {size}"] = {"cpu": ratios[0], "wall": ratios[1], "peak_mb": peak}
    header = ("customers", "rows", "staged CPU s", "bare CPU s", "ratio CPU", "ratio wall", "peak MB")
    report.table(header, rows)


def judging(report: Report, folders: Folders) -> None:
    """Reconcile and suites against hand-written SQL and pandas."""
    report.section(
        "Reconcile and all suites",
        "Against DuckDB SQL and pandas merges written by hand for the same company and the same findings, "
        "without looking for similar names (a choice of method, so no other finds the same), imports apart. "
        "pandas makes only the rules about pairs, codes and missing codes. Target: 2 times the SQL.",
    )
    rows = []
    for size, folder in folders.items():
        works: list[tuple[object, ...]] = [
            ("product:judge", str(folder), False),
            ("handwritten:judge", str(folder)),
            ("merges:judge", str(folder)),
        ]
        product, by_hand, merges = alternate(works, _rounds(size, 3))
        agreed = agreement(product[0].result, by_hand[0].result, merges[0].result)
        ratios = [median_ratio(product, by_hand, what) for what in ("cpu", "wall")]
        costs = [typical(each).cost.cpu for each in (product, by_hand, merges)]
        rows.append((size, agreed, *costs, *ratios, median_ratio(product, merges, "cpu")))
        report.numbers[f"judging {size}"] = {
            "cpu": ratios[0],
            "wall": ratios[1],
            "findings": product[0].result,
        }
    header = (
        "customers",
        "findings",
        "product CPU s",
        "SQL",
        "pandas",
        "ratio CPU",
        "ratio wall",
        "to pandas CPU",
    )
    report.table(header, rows)


def agreement(product: Mapping[str, int], by_hand: Mapping[str, int], merges: Mapping[str, int]) -> int:
    """Return how many findings all agree on; raise RuntimeError if they do not: ratios mean nothing then."""
    # about the question and not about records; a choice of which names are compared; and what only a company
    # of a million has by chance, so that nobody has written it by hand
    left_out = ("group_field_in_use", "near_duplicate", "name_contained")
    expected = {rule: n for rule, n in product.items() if n and not rule.endswith(left_out)}
    if expected != dict(by_hand):
        odd = {rule for rule in {*expected, *by_hand} if expected.get(rule) != by_hand.get(rule)}
        raise RuntimeError(f"product and hand-written SQL find differently: {sorted(odd)}")
    odd = {rule for rule in merges if merges[rule] != expected.get(rule)}
    if odd:
        raise RuntimeError(f"product and pandas find differently: {sorted(odd)}")
    return sum(expected.values())


def parts(report: Report, folders: Folders) -> None:
    """Where the time goes, and how each part grows; the whole product, similar names included."""
    report.section(
        "Where the time goes",
        "CPU seconds of the whole product, similar names included. Growth: against the size before; ten "
        "times as many customers should cost about ten times as much, a quadratic rule a hundred times.",
    )
    whole = {size: measure("product:judge", str(folder), True) for size, folder in folders.items()}
    names = list(whole[max(whole)].parts)
    sizes = sorted(whole)
    growth = [f"x{b / a:g}: growth" for a, b in pairwise(sizes)]
    rows: list[Sequence[object]] = []
    for name in names:
        costs = [whole[size].parts[name].cpu for size in sizes]
        factors = [b / max(a, 0.01) for a, b in pairwise(costs)]
        rows.append((name, *costs, *factors))
    report.table(("part", *(f"{size:,}" for size in sizes), *growth), rows)
    peaks = {size: round(m.peak) for size, m in whole.items()}
    found = {size: m.result.get("customers/near_duplicate", 0) for size, m in whole.items()}
    last = whole[sizes[-1]]
    remark = (
        f"Importing Great Expectations, pandas and DuckDB: {last.imports.cpu:.1f} CPU s, once per process."
    )
    report.say(f"{remark} Peak memory above idle, MB: {peaks}. Customers of nearly the same name: {found}.")
    report.numbers["parts"] = {size: m.parts for size, m in whole.items()}
    report.numbers["peak_mb"] = peaks


def tenant_run(report: Report) -> None:
    """A whole run of a sample company through Airflow."""
    report.section(
        "A whole run through Airflow",
        "The sample company nordlys in one process, as `presync check` runs it: two sources, seven suites, "
        "report, gate, start. The stand-in Severa is another process; waiting for it is in the wall time.",
    )
    run = measure("tenant_run:run")
    report.table(("part", "CPU s", "wall s"), [*cost_rows(run.parts), ("total", run.cost.cpu, run.cost.wall)])
    report.numbers["tenant run"] = {"verdict": run.result, "parts": run.parts, "total": run.cost}
