"""The section about likely counterparts: what the preview adds to the rule, on the same planted pairs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.measuring import measure
from benchmarks.near_company import customers, write_extracts, write_names
from benchmarks.near_quality import open_pairs, quality
from benchmarks.near_section import Row, show_cost, show_quality
from benchmarks.report import Report

# Scores of `sql/near_likely.sql`.
_ALL: Final = 90
_WITHOUT_THE_RULE: Final = 95
_SEARCH: Final = "likely counterparts"


def likely_counterparts(report: Report, sizes: list[int], scratch: Path) -> None:
    """Recall, precision and cost of the rule and of likely counterparts together."""
    report.section(
        "Likely counterparts",
        "The customers of the near section. “Rule” is the whole reconcile, as there: the same or nearly of "
        "one name. “Rule + likely” is what people are told of records without a partner: the same, nearly of "
        "one name, or likely counterparts; “same + likely” leaves out what only the rule calls nearly of one "
        "name. Threshold and weights of likely counterparts were chosen on customers of another seed, 10,000 "
        "and 50,000 of them. CPU of likely counterparts is what the search adds to the preview, memory the "
        "peak of the whole preview.",
    )
    rows: list[Row] = []
    for size in sizes:
        folder = scratch / f"likely-{size}"
        everyone = list(customers(size))
        write_names(folder, everyone)
        for name, title in (("names_only", "names only"), ("with_ids", "with business ids")):
            write_extracts(folder / name, everyone, with_ids=name == "with_ids")
            rows += _rows(report, size, folder, name, title)
    show_quality(report, rows)
    show_cost(report, [row for row in rows if not row[1].startswith("same")])


def _rows(report: Report, size: int, folder: Path, name: str, title: str) -> list[Row]:
    rule = measure("near:whole", str(folder), str(folder / name))
    preview = measure("near:likely", str(folder), name)
    search = replace(preview, cost=preview.parts[_SEARCH])
    report.say(
        f"{size:,} customers, {title}: names left out {preview.result:,}; the search took "
        f"{search.cost.cpu:,.1f} of the preview's {preview.parts['preview'].cpu:,.1f} CPU s."
    )
    report.numbers[f"likely {size} {title} left out"] = preview.result
    reported = open_pairs(folder, folder / f"{name}.parquet")
    told = open_pairs(folder, folder / f"{name}_likely.parquet")
    return [
        (size, f"rule, {title}", quality(reported, _ALL), rule),
        (size, f"rule + likely, {title}", quality(told, _ALL), search),
        (size, f"same + likely, {title}", quality(told, _WITHOUT_THE_RULE), search),
    ]
