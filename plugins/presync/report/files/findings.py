"""Findings: streamed from the suites' results into `findings.csv` and `findings.xlsx`, and summed up.

`findings.csv` holds raw values, exactly as read: programs compare them. A spreadsheet must not open it by a
double click: it would read `007` as 7, and run a name that begins with `=`, `+`, `-` or `@` as a formula.
Therefore the same rows are also in `findings.xlsx`, where every cell is declared a text, nothing is run, and
characters that nobody can see are written out.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from presync.errors import IncompleteError
from presync.fixes.counter_texts import CounterTexts
from presync.fixes.model import COUNTERS
from presync.report.files.about import Origin, about, widths
from presync.report.files.xlsx_writer import Spreadsheet
from presync.report.suite_results import Suite
from presync.rules.findings_writer import COLUMNS
from presync.text.visible import visible_within

SAMPLES: Final = 20
KEPT: Final = 500
"""Findings of a rule that are kept for the pages: `SAMPLES` are shown, the others can be searched."""
Finding = dict[str, str]


@dataclass
class RuleFindings:
    """What a rule of a suite found: how many for each place of the fix, and the first few."""

    severity: str
    by_fix_in: Counter[str] = field(default_factory=Counter)
    samples: list[Finding] = field(default_factory=list)
    waived: int = 0

    @property
    def count(self) -> int:
        """All findings of the rule."""
        return self.by_fix_in.total()

    def add(self, finding: Finding) -> None:
        """Count a finding; keep it if it is among the first few, or the first for its place of the fix."""
        fix_in = finding["fix_in"]
        if len(self.samples) < KEPT or not self.by_fix_in[fix_in]:
            self.samples.append(finding)
        self.by_fix_in[fix_in] += 1

    def example(self, fix_in: str) -> Finding:
        """Return the first finding that is fixed there."""
        return next(finding for finding in self.samples if finding["fix_in"] == fix_in)


Summary = dict[tuple[str, str], RuleFindings]


def write_findings(
    folder: Path,
    suites: Iterable[Suite],
    waived: Collection[str] = (),
    counters: CounterTexts | None = None,
    origin: Origin | None = None,
) -> Summary:
    """Write `findings.csv` and `findings.xlsx` into the folder; return findings by (suite, rule).

    The files hold all findings, the summary only counts those whose ids are `waived`. `counters` says how
    those about a counter of Severa are to be corrected; `origin` whose findings they are.

    Raises IncompleteError if a suite's findings are not as many as its result says.
    """
    summary: Summary = {}
    with (
        (folder / "findings.csv").open("w", encoding="utf-8", newline="") as sink,
        Spreadsheet(
            folder / "findings.xlsx",
            "Findings",
            COLUMNS,
            about=about("findings", COLUMNS, origin),
            widths=widths(COLUMNS),
        ) as spreadsheet,
    ):
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(COLUMNS)
        for suite in suites:
            found: Counter[str] = Counter()
            for raw in _batches(suite):
                rows = _with_counters(raw, suite.name, counters)
                writer.writerows(rows)
                spreadsheet.write([tuple(map(visible_within, row)) for row in rows])
                for row in rows:
                    finding = dict(zip(COLUMNS, row, strict=True))
                    found[finding["severity"]] += 1
                    key = (suite.name, finding["rule"])
                    of_rule = summary.setdefault(key, RuleFindings(finding["severity"]))
                    if finding["finding_id"] in waived:
                        of_rule.waived += 1
                    else:
                        of_rule.add(finding)
            _compare(suite, found)
    return summary


def _batches(suite: Suite) -> Iterator[list[tuple[str, ...]]]:
    import pyarrow.parquet as pq

    if suite.folder is None:
        return
    path = suite.folder / "findings.parquet"
    if not path.is_file():
        raise IncompleteError(
            f"the result of suite {suite.name} has no findings.parquet, so nobody can tell what it found. "
            "Run the suite again.",
            source=suite.name,
        )
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=8192, columns=list(COLUMNS)):
            columns = [[value or "" for value in batch.column(name).to_pylist()] for name in COLUMNS]
            yield list(zip(*columns, strict=True))


def _with_counters(
    rows: list[tuple[str, ...]], suite: str, counters: CounterTexts | None
) -> list[tuple[str, ...]]:
    if counters is None or suite not in COUNTERS:
        return rows
    place = COLUMNS.index("fix")
    fixes = [counters.fix(suite, dict(zip(COLUMNS, row, strict=True))) for row in rows]
    return [(*row[:place], fix, *row[place + 1 :]) for row, fix in zip(rows, fixes, strict=True)]


def _compare(suite: Suite, found: Counter[str]) -> None:
    counted = (found["critical"], found["warning"], found.total())
    said = (*suite.listed, sum(suite.listed))
    if suite.folder is not None and counted != said:
        raise IncompleteError(
            f"suite {suite.name} says {said[0]} critical and {said[1]} warning findings, its list holds "
            f"{counted[0]} and {counted[1]} of {counted[2]}: the list is not whole. Run the suite again.",
            source=suite.name,
        )
