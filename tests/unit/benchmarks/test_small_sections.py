"""What the command, the disk and parsing cost: real but small, and the ratio of the command's parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import small_sections
from benchmarks.measuring import Cost, Measurement
from benchmarks.report import Report
from benchmarks.tenant_run import REST


def test_parsing_counts_every_dag_and_a_tasks_one(tmp_path: Path) -> None:
    report = Report("")
    row = small_sections.parsed(report, tmp_path / "files", 3, apply=True)
    measured = report.numbers["parsing 3 with apply"]
    assert row[-1] == measured["task"].cpu > 0
    assert len(measured["parts"]) == 4


def test_other_dags_than_the_files_name_are_no_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_sections, "measure", lambda *_: Measurement(Cost(), Cost(), 0.0, {}, 1))
    with pytest.raises(RuntimeError, match="1 and 1 DAGs instead of"):
        small_sections.parsing(Report(""), tmp_path, 2)


def test_the_parts_of_the_disk_are_those_of_a_whole_run() -> None:
    report = Report("")
    small_sections.disk(report, 100)
    assert {"extracts", "database", "results"} <= report.numbers["disk"].keys()
    assert min(report.numbers["disk"].values()) > 0


def test_the_command_is_compared_with_its_imports_and_work(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"imports": Cost(2.0, 2.0), "work: report": Cost(3.0, 9.0), REST: Cost(1.0, 1.0)}
    run = Measurement(Cost(6.0, 12.0), Cost(), 0.0, parts, "blocked")
    monkeypatch.setattr(small_sections, "measure", lambda _: run)
    report = Report("")
    small_sections.check(report)
    assert report.numbers["check"]["ratio"] == pytest.approx(6 / 5)
