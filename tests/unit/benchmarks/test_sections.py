"""The benchmarks on a company of 300 customers: what is compared finds the same, and tables are kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import report, sections
from benchmarks.company import Company
from benchmarks.measuring import Cost, Measurement, measure, median_ratio
from presync.staging.extract import read_manifest
from presync.staging.tables import SYSTEMS


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """A small generated company."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.make(300)
    return company


def test_the_same_size_makes_the_same_company(company: Company, tmp_path: Path) -> None:
    again = Company(tmp_path)
    again.make(300)
    for system in SYSTEMS:
        assert read_manifest(company.folder / system, system).rows["products"] > 0
        for table in (company.folder / system).glob("*.parquet"):
            assert table.read_bytes() == (tmp_path / system / table.name).read_bytes()


def test_product_sql_and_pandas_find_the_same(company: Company) -> None:
    folder = str(company.folder)
    product = measure("product:judge", folder, False)
    by_hand, merges = measure("handwritten:judge", folder), measure("merges:judge", folder)
    assert sections.agreement(product.result, by_hand.result, merges.result) > 10
    assert product.cost.cpu > 0
    assert {"reconcile", "suite customers", "suites: Great Expectations"} <= product.parts.keys()


def test_findings_that_differ_are_no_benchmark() -> None:
    with pytest.raises(RuntimeError, match="customers/code_missing"):
        sections.agreement({"customers/code_missing": 2}, {"customers/code_missing": 1}, {})


def test_staged_and_bare_read_the_same_rows(company: Company) -> None:
    staged, bare = (measure(f"extraction:{work}", str(company.folder)) for work in ("staged", "bare"))
    assert staged.result == bare.result > 300


def test_memory_does_not_grow_with_the_company(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.make(75_000)
    extraction = measure("extraction:staged", str(tmp_path))
    assert extraction.result > 150_000
    assert 0 < extraction.peak <= 60


def test_the_median_of_ratios_is_taken_round_by_round() -> None:
    def costs(*cpu: float) -> list[Measurement]:
        return [Measurement(Cost(seconds, 0.0), Cost(), 0.0, {}, None) for seconds in cpu]

    assert median_ratio(costs(2, 30, 8), costs(1, 10, 1), "cpu") == 3


def test_the_command_prints_and_keeps_its_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    assert command.main(["--sizes", "200", "--only", "extraction"]) == 0
    (kept,) = (tmp_path / "results").glob("*.md")
    assert "| 200 " in kept.read_text()
    assert "| 200 " in capsys.readouterr().out
    assert "extraction 200" in json.loads(kept.with_suffix(".json").read_text())


def test_a_run_that_is_cut_short_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def measured(bench: command.Bench) -> None:
        bench.report.section("First", "measured")

    def broken(_: command.Bench) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(command, "SECTIONS", {"first": measured, "second": broken})
    with pytest.raises(KeyboardInterrupt):
        command.main(["--sizes", "200"])
    (kept,) = (tmp_path / "results").glob("*.md")
    assert "## First" in kept.read_text()


def test_a_section_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit):
        command.main(["--only", "everything"])
