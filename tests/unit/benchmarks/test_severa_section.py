"""Reading Severa for the benchmarks: what they write is an organisation that Presync accepts."""

from __future__ import annotations

from pathlib import Path

from benchmarks import severa_section
from benchmarks.report import Report


def test_both_readings_have_the_same_rows(tmp_path: Path) -> None:
    report = Report("")
    severa_section.severa_extraction(report, [5_000], latencies=())
    measured = report.numbers["severa 5000"]
    assert measured["requests"] > 18
    assert measured["cpu"] > 0
