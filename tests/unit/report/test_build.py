"""A report as a whole: published at once, `latest`, old ones, contradictions.

Covers: report/published.py, report/suite_results.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from presync import settings
from presync.errors import ConfigurationError, IncompleteError
from presync.languages.speaking import LANGUAGES
from presync.report.build import build_report
from presync.report.published import LATEST, Shelf
from presync.report.wording import SUITES
from presync.rules.catalogue import SUITES as CHECKED
from presync.staging.store import RunStore, folder_name
from tests.support import report_samples as samples

FILES = {
    "preview.csv",
    "preview.xlsx",
    "preview.html",
    "questions.html",
    "rules.html",
    "verdict.json",
    "findings.csv",
    "findings.xlsx",
    "index.html",
}


@pytest.fixture(params=["folder", "object storage"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A data root on disk, and one that is reached as object storage is."""
    return str(tmp_path) if request.param == "folder" else f"file://{tmp_path}"


def _build(root: str, run_id: str, day: int, kind: str = "ready") -> str:
    make = {"ready": samples.ready_run, "blocked": samples.blocked_run, "error": samples.error_run}[kind]
    store, verdict = make(root, run_id, started_at=f"2026-11-{day:02}T04:16:00+00:00")
    return build_report(samples.tenant(), store, verdict)


@pytest.mark.usefixtures("every_language")
def test_a_report_has_every_promised_file(root: str, tmp_path: Path) -> None:
    location = _build(root, samples.RUN, 1, "blocked")
    assert location == f"{root}/reports/nordlys/{folder_name(samples.RUN)}"
    for folder in (folder_name(samples.RUN), LATEST):
        files = {p.relative_to(tmp_path / "reports/nordlys" / folder).as_posix() for p in
                 (tmp_path / "reports/nordlys" / folder).rglob("*") if p.is_file()}  # fmt: skip
        versions = {f for f in files if re.search(r"\.[a-z]{2}\.html$", f)}
        assert len(versions) == (len(LANGUAGES) - 1) * (4 + len(SUITES))
        assert files - versions - {"_complete.json"} == FILES | {f"suites/{s}.html" for s in SUITES} | {
            f"validations/{s}.json" for s in SUITES
        }
    verdict = json.loads((tmp_path / "reports/nordlys/latest/verdict.json").read_text())
    assert verdict["run_id"] == samples.RUN
    assert verdict["status"] == "blocked"


def test_latest_follows_the_newest_check_not_the_last_build(root: str) -> None:
    shelf = Shelf("nordlys", root=root)
    _build(root, "first", 1)
    _build(root, "second", 2, "blocked")
    _build(root, "first", 1)
    latest = shelf.read(LATEST)
    assert latest is not None
    assert (latest.run_id, latest.status) == ("second", "blocked")


def test_old_reports_go_but_never_the_last_that_was_checked(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_KEEP_RUNS", "2")
    assert settings.keep_runs() == 2
    _build(root, "checked-before", 1)
    _build(root, "checked", 2, "blocked")
    for day in (3, 4, 5):
        _build(root, f"failed-{day}", day, "error")
    assert [p.run_id for p in Shelf("nordlys", root=root).published()] == ["failed-5", "failed-4", "checked"]


def test_a_report_that_fails_leaves_no_earlier_one_of_its_run_behind(root: str) -> None:
    _build(root, "r", 1)
    store, verdict = samples.ready_run(root, "r")
    store.withdraw("results/customers")
    with pytest.raises(IncompleteError, match="customers"):
        build_report(samples.tenant(), store, verdict)
    shelf = Shelf("nordlys", root=root)
    assert shelf.published() == []
    assert shelf.read(LATEST) is None


def test_a_run_called_latest_is_refused(tmp_path: Path) -> None:
    store, verdict = samples.ready_run(tmp_path, "latest")
    with pytest.raises(ConfigurationError, match="latest"):
        build_report(samples.tenant(), store, verdict)


@pytest.mark.parametrize("contradiction", ["suite missing", "suite error", "critical", "error listed"])
def test_ready_with_something_against_it_makes_no_report(tmp_path: Path, contradiction: str) -> None:
    store, verdict = samples.ready_run(tmp_path)
    if contradiction == "suite missing":
        verdict.values["suites"].pop()
    elif contradiction == "suite error":
        verdict.values["suites"][0]["status"] = "error"
    elif contradiction == "critical":
        verdict.values["suites"][0]["critical"] = 1
    else:
        verdict.values["errors"].append({"source": "severa", "message": "gone"})
    with pytest.raises(IncompleteError, match="ready"):
        build_report(samples.tenant(), store, verdict)
    assert not (tmp_path / "reports/nordlys").exists()


def test_a_result_that_the_verdict_rejected_is_not_shown(tmp_path: Path) -> None:
    store, verdict = samples.blocked_run(tmp_path)
    for entry in verdict.values["suites"]:
        entry.update(status="error")
    verdict.values["status"] = "error"
    folder = Path(build_report(samples.tenant(), store, verdict))
    assert (folder / "findings.csv").read_text().count("\n") == 1
    page = (folder / "suites/customers.html").read_text()
    assert "Could not be checked" in page
    assert "Fjellheim" not in page


def test_nothing_outside_the_reports_is_opened(root: str, tmp_path: Path) -> None:
    _build(root, "r", 1)
    (tmp_path / "secret").write_text("x")
    shelf = Shelf("nordlys", root=root)
    for file in ("../../../secret", "suites/../../../../secret", "/etc/passwd"):
        with pytest.raises(FileNotFoundError):
            shelf.open("r", file)


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    _build(str(tmp_path), "r", 1)
    (tmp_path / "secret").write_text("x")
    page = tmp_path / "reports/nordlys/r/index.html"
    page.unlink()
    page.symlink_to(tmp_path / "secret")
    with pytest.raises(FileNotFoundError):
        Shelf("nordlys", root=str(tmp_path)).open("r", "index.html")


def test_the_report_names_the_suites_that_are_checked() -> None:
    assert tuple(SUITES) == CHECKED
    assert RunStore("t", "r", root="/x").root == "/x"


@pytest.mark.parametrize("damage", ["result", "findings", "build"])
def test_a_damaged_result_in_an_error_verdict_still_makes_a_report(tmp_path: Path, damage: str) -> None:
    store, verdict = samples.error_run(tmp_path)
    folder = store.fetch("results/products")
    if damage == "result":
        (folder / "result.json").write_text("{")
    elif damage == "findings":
        (folder / "findings.parquet").write_bytes(b"PAR1")
    else:
        verdict.build_id = "b2"
        verdict.values["suites"] = [{**s, "status": "error"} for s in verdict.values["suites"]]
    report = Path(build_report(samples.tenant(), store, verdict))
    page = (report / "suites/products.html").read_text()
    assert "There are no findings to show, which does not mean that there are none" in page
    assert not (report / "validations/products.json").exists()


def test_counts_that_nobody_made_are_no_zeros(tmp_path: Path) -> None:
    store, verdict = samples.error_run(tmp_path)
    counts = verdict.values["counts"]
    verdict.values["counts"] = {entity: dict.fromkeys(counts[entity], 0) for entity in counts}
    page = (Path(build_report(samples.tenant(), store, verdict)) / "index.html").read_text()
    records = page.split('id="records"')[1].split('id="files"')[0]
    assert records.count(">–<") == 4 * len(counts)
