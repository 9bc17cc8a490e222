"""The section about similar names: the product beside TF-IDF and Splink, on pairs that were planted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Measurement, measure
from benchmarks.near_company import customers, write_extracts, write_names
from benchmarks.near_names import EXTRA, REQUIRED
from benchmarks.near_quality import Quality, best, by_length, found_of_all, open_pairs, quality
from benchmarks.report import Report

# The product and the rules' threshold; the others run up to a size at which they still end.
_THRESHOLD: Final = 90
_LARGEST_OF_OTHERS: Final = 100_000
_BASELINES: Final = {"TF-IDF": "tfidf", "Splink": "splink"}
_BASELINE_PYTHON: Final = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"
# Names of Visma Business that are compared with all of Severa where all with all would take an hour.
_SAMPLE: Final = 2_000

Row = tuple[int, str, Quality, Measurement]


def near_duplicates(report: Report, sizes: list[int], scratch: Path) -> None:
    """Recall, precision and cost of looking for customers of nearly the same name."""
    report.section(
        "Customers of nearly the same name",
        "Made-up Nordic companies (`near_company.py`): of 100 customers 70 are linked, 20 in both systems "
        "under different numbers and written differently, 4 of Severa's have a name made to be confused. A "
        "pair counts as found if the product calls it the same or similar (90 of 100). TF-IDF and Splink get "
        "the product's name keys and, in hindsight, the threshold with their best F1. Target: recall 0.97, "
        "precision 0.9. CPU seconds tell; others may be using the machine, so wall time does not.",
    )
    rows: list[Row] = []
    for size in sizes:
        folder = scratch / f"near-{size}"
        everyone = list(customers(size))
        write_names(folder, everyone)
        rows += _names_only(report, size, folder)
        if size <= _LARGEST_OF_OTHERS:
            write_extracts(folder / "with_ids", everyone, with_ids=True)
            rows.append(_with_ids(size, folder))
            rows += _baselines(report, size, folder)
    show_quality(report, rows)
    show_cost(report, rows)


def _names_only(report: Report, size: int, folder: Path) -> list[Row]:
    product = measure("near:names", str(folder))
    everything = size if size <= _LARGEST_OF_OTHERS else _SAMPLE
    exact = measure("near:exact", str(folder), everything)
    pairs = open_pairs(folder, folder / "product.parquet")
    lengths = by_length(pairs, folder)
    findable = {kind: _findable(lengths, kind) for kind in (*REQUIRED, *EXTRA)}
    findable["the first five together"] = _findable(lengths, *REQUIRED)
    shares = {least: found_of_all(folder, least) for least in (85, 87, 90)}
    compared = product.result
    report.say(
        f"{size:,} customers: method {compared['method']}, {compared['comparisons']:,} comparisons, "
        f"{compared['blocks_left_out']:,} blocks left out. Of all pairs that are at least 90 (87, 85) similar"
        f"{'' if everything == size else f' to one of {everything:,} names'}, it finds "
        f"{shares[90]:.4f} ({shares[87]:.4f}, {shares[85]:.4f}); comparing these took "
        f"{exact.cost.cpu:,.0f} CPU s. By definition the same or similar: "
        + ", ".join(f"{kind} {share:.3f}" for kind, share in findable.items())
        + "."
    )
    if size == _LARGEST_OF_OTHERS:
        typos = [row for row in lengths if row[0].endswith(("typo", "typos", "diacritics"))]
        report.table(("change", "letters", "planted", "similar by definition", "found"), typos)
    report.numbers[f"near {size}"] = {
        "of all similar": shares,
        "findable": findable,
        "lengths": lengths,
        "coverage": compared,
    }
    return [(size, "Presync", quality(pairs, _THRESHOLD), product)]


def _findable(lengths: list[tuple[str, str, int, float, float]], *kinds: str) -> float:
    """Return the share of the planted pairs of these kinds that is the same or similar by definition."""
    planted = [(pairs, share) for kind, _, pairs, share, _ in lengths if kind in kinds]
    return sum(pairs * share for pairs, share in planted) / max(1, sum(pairs for pairs, _ in planted))


def _with_ids(size: int, folder: Path) -> Row:
    whole = measure("near:whole", str(folder), str(folder / "with_ids"))
    pairs = open_pairs(folder, folder / "with_ids.parquet")
    return (size, "Presync, with business ids (whole reconcile)", quality(pairs, _THRESHOLD), whole)


def _baselines(report: Report, size: int, folder: Path) -> list[Row]:
    if not _BASELINE_PYTHON.exists():
        report.say(
            "TF-IDF and Splink were left out: there is no .venv-bench (`scripts/bootstrap.sh --bench`)."
        )
        return []
    rows: list[Row] = []
    for name, module in _BASELINES.items():
        measured = measure(f"near_{module}:pairs", str(folder), python=str(_BASELINE_PYTHON))
        rows.append((size, name, best(open_pairs(folder, folder / f"{module}.parquet")), measured))
    return rows


def show_quality(report: Report, rows: list[Row]) -> None:
    """Add a table of recall and precision, by planted change."""
    kinds = (*REQUIRED, *EXTRA)
    cells: list[tuple[Any, ...]] = []
    for size, name, found, _ in rows:
        wrong = (found.found.get("confusable", 0), found.found.get("chance", 0))
        rates = (found.recall(), found.precision, *(found.recall(kind) for kind in kinds))
        cells.append((size, name, *(f"{rate:.3f}" for rate in rates), *wrong))
        report.numbers[f"near {size} {name}"] = {
            "recall": found.recall(),
            "precision": found.precision,
            "threshold": found.threshold,
            "found": dict(found.found),
            "planted": dict(found.planted),
        }
    header = (
        "customers",
        "by",
        "recall",
        "precision",
        *REQUIRED,
        *(f"({k})" for k in EXTRA),
        "confusable",
        "chance",
    )
    report.table(header, cells)


def show_cost(report: Report, rows: list[Row]) -> None:
    """Add a table of CPU seconds, wall time and memory."""
    cells = [(size, name, m.cost.cpu, m.cost.wall, round(m.peak)) for size, name, _, m in rows]
    report.table(("customers", "by", "CPU s", "wall s", "peak MB above idle"), cells)
