"""`privacy: masked`: what a tenant's older reports and half-changed runs may still show."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from presync.errors import IncompleteError
from presync.report.build import build_report
from presync.report.published import Shelf
from presync.staging.database import DATABASE_FILE
from presync.tenants.model import Tenant
from tests.support import report_samples as samples

NAME = "Fjellheim"
EARLIER = "2026-11-22T04:16:00+00:00"


def masked() -> Tenant:
    return samples.tenant().model_copy(update={"privacy": "masked"})


def masked_run(root: Path | str, run_id: str = samples.RUN) -> Path:
    """Publish and report a run without findings that was checked with masked names; return the report."""
    store, verdict = samples.ready_run(root, run_id)
    mask(store.fetch("database"))
    return Path(build_report(masked(), store, verdict))


def mask(folder: Path) -> None:
    with duckdb.connect(str(folder / DATABASE_FILE)) as connection:
        connection.execute("UPDATE checks.build SET names_masked = true")


def holding(folder: Path, text: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]


def test_earlier_reports_are_emptied_when_a_tenant_masks_names(tmp_path: Path) -> None:
    store, verdict = samples.blocked_run(tmp_path, "earlier", started_at=EARLIER)
    earlier = Path(build_report(samples.tenant(), store, verdict, samples.memory()))
    assert holding(tmp_path / "reports", NAME)

    report = masked_run(tmp_path)

    assert not holding(tmp_path / "reports", NAME)
    assert not holding(tmp_path / "reports", "Kari")
    assert sorted(path.name for path in earlier.iterdir()) == ["index.html", "verdict.json"]
    assert "This report was emptied" in (earlier / "index.html").read_text()
    assert json.loads((report / "verdict.json").read_text())["names"] == "masked"
    # what it said in numbers is still told
    assert "critical findings" in samples_text(report)
    published = Shelf("nordlys", root=str(tmp_path)).read("earlier")
    assert published is not None
    assert (published.status, published.critical) == ("blocked", 47)


def samples_text(report: Path) -> str:
    return (report / "index.html").read_text().lower()


def test_reports_that_are_masked_already_stay_as_they_are(tmp_path: Path) -> None:
    first = masked_run(tmp_path, "first")
    before = {path: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    masked_run(tmp_path)
    assert {path: path.read_bytes() for path in first.rglob("*") if path.is_file()} == before


def test_a_report_that_nobody_can_read_is_emptied_too(tmp_path: Path) -> None:
    broken = tmp_path / "reports/nordlys/broken"
    broken.mkdir(parents=True)
    (broken / "findings.csv").write_text(NAME)
    masked_run(tmp_path)
    assert not holding(tmp_path / "reports", NAME)


def test_nothing_of_them_is_left_in_object_storage(tmp_path: Path) -> None:
    root = f"file://{tmp_path}"
    store, verdict = samples.blocked_run(root, "earlier", started_at=EARLIER)
    build_report(samples.tenant(), store, verdict)
    latest = tmp_path / "reports/nordlys/latest"
    assert holding(latest, NAME)

    newer, verdict = samples.ready_run(root)
    with pytest.raises(IncompleteError, match="Start a new run"):
        build_report(masked(), newer, verdict)

    assert not holding(tmp_path / "reports", NAME)
    assert "This report was emptied" in (latest / "index.html").read_text()


def test_a_run_that_was_checked_with_names_gets_no_report_once_they_are_masked(tmp_path: Path) -> None:
    store, verdict = samples.blocked_run(tmp_path)
    build_report(samples.tenant(), store, verdict)
    with pytest.raises(IncompleteError, match="it would show them"):
        build_report(masked(), store, verdict)
    assert not holding(tmp_path / "reports", NAME)


def test_reports_of_others_are_left_alone(tmp_path: Path) -> None:
    store, verdict = samples.blocked_run(tmp_path, "earlier", started_at=EARLIER)
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.ready_run(tmp_path, name="fjord")
    build_report(samples.tenant("fjord"), store, verdict)
    assert holding(tmp_path / "reports/nordlys/earlier", NAME)
