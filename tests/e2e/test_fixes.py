"""From blocked to ready: the fix files of the sample company, rehearsed and then applied by a person."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixes")


def run(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "PRES"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment | {"PRESYNC_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def files(folder: Path) -> dict[str, int]:
    """Return every file and when it was last written."""
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def check_figures(report: Path, counters: dict[str, int]) -> None:
    """Check that a report proposes these counters (by setting) wherever it says one, and draws them."""
    with (report / "fixes" / "severa" / "organizationsettings.csv").open(encoding="utf-8") as lines:
        assert {row["field"]: int(row["proposed"]) for row in csv.DictReader(lines)} == counters
    proposed = json.loads((report / "verdict.json").read_text())["counters"]["proposed"]
    assert {each["counter"] for each in proposed.values()} == set(counters.values())
    with (report / "findings.csv").open(encoding="utf-8") as lines:
        told = [row["fix"] for row in csv.DictReader(lines)]
    pages = [page.read_text(encoding="utf-8") for page in sorted(report.glob("*.html"))]
    said = {
        int(figure) for text in (*told, *pages) for figure in re.findall(r"set the counter to (\d+)", text)
    }
    assert said == set(counters.values())
    drawn = [page for page in pages if "counter from here on" in page]
    assert drawn
    # each language groups digits in its own way
    bare = [re.sub(r"(?<=\d)[,.\s](?=\d{3}\b)", "", page) for page in drawn]
    assert all(str(counters["nextCustomerNumber"]) in page for page in bare)


def test_the_blocked_company_becomes_ready_and_a_rehearsal_says_what_is_left(data: Path) -> None:
    played = run(data, "-m", "demo.apply_fixes")
    assert played.returncode == 0, played.stdout + played.stderr
    assert "before: saimaa is blocked, 41 critical findings" in played.stdout
    assert "after: saimaa is ready, 0 critical findings" in played.stdout

    demo = data / "fixes-demo"
    reports = [folder for folder in (demo / "reports" / "saimaa").iterdir() if folder.name != "latest"]
    (blocked,) = [folder for folder in reports if (folder / "fixes").is_dir()]
    assert "fixes/severa/customers.xlsx" in (blocked / "index.html").read_text(encoding="utf-8")
    check_figures(
        blocked, {"nextCustomerNumber": 10_003, "nextInvoiceNumber": 50_201, "nextProjectNumber": 2202}
    )
    before = files(demo)
    rehearsed = run(
        demo, "-m", "presync.cli.main", "simulate", str(demo / "saimaa.yaml"), "--run", blocked.name, "--json"
    )

    assert rehearsed.returncode == 1, rehearsed.stderr
    verdict = json.loads(rehearsed.stdout)
    left = {suite["suite"]: suite["critical"] for suite in verdict["suites"] if suite["critical"]}
    assert left == {"invoice_numbering": 1, "customers": 3}
    assert verdict["preview"]["customers"]["blocked"] > 0
    assert verdict["preview"]["departments"]["blocked"] == 0
    assert files(demo) == before


def test_a_tenant_that_never_ran_cannot_be_rehearsed(data: Path) -> None:
    rehearsed = run(
        data, "-m", "presync.cli.main", "simulate", str(ROOT / "demo" / "tenants" / "nordlys.yaml")
    )
    assert rehearsed.returncode == 2
    assert "nothing to rehearse" in rehearsed.stderr
