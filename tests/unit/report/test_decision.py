"""What the gate decided is what people see: opened, refused, and after what was found holds no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from presync.report.build import build_report
from presync.report.decision import CHANGING, as_of_now, show_open, show_settled, show_start
from presync.report.published import LATEST, Shelf
from tests.support import report_samples as samples

FUTURE = datetime(2999, 12, 31, tzinfo=UTC)
PAST = datetime.now(UTC) - timedelta(minutes=1)


def ready(root: Path | str, **gate: Any) -> Shelf:
    store, verdict = samples.ready_run(root)
    build_report(samples.tenant(), store, verdict, **gate)
    return Shelf("nordlys", root=store.root)


def read(shelf: Shelf, file: str, folder: str = LATEST) -> str:
    with shelf.open(folder, file) as stream:
        return stream.read().decode()


def listed(shelf: Shelf) -> str:
    report = shelf.read(LATEST)
    assert report is not None
    return f"{report.state}: {report.title}"


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_report_is_ready_once_the_gate_has_opened(tmp_path: Path, scheme: str) -> None:
    shelf = ready(f"{scheme}{tmp_path}")
    assert "The gate has not decided yet" in read(shelf, "index.html")
    assert "The gate has not decided" in listed(shelf)
    assert not listed(shelf).startswith("ready")
    findings = read(shelf, "findings.csv")

    store, _ = samples.ready_run(f"{scheme}{tmp_path}")
    show_open(store, FUTURE)

    for folder in (LATEST, shelf.folders()[0]):
        page, values = read(shelf, "index.html", folder), json.loads(read(shelf, "verdict.json", folder))
        assert "✓ Ready until 2999-12-31 00:00 UTC: the integration may be started" in page
        assert "<title>Ready until 2999-12-31 00:00 UTC – Nordlys Rådgivning AS – Presync</title>" in page
        assert "The gate has not decided" not in page
        assert (values["status"], values["gate"]["state"]) == ("ready", "open")
        assert read(shelf, "findings.csv", folder) == findings
    assert listed(shelf) == "ready: Ready until 2999-12-31 00:00 UTC"
    assert as_of_now(shelf, LATEST, "index.html") is None


def test_opening_writes_what_a_report_with_an_open_gate_says(tmp_path: Path) -> None:
    store, _ = samples.ready_run(tmp_path / "a")
    opened = ready(tmp_path / "a")
    show_open(store, FUTURE)
    made = ready(tmp_path / "b", gate=samples.OPEN)

    def banner(shelf: Shelf) -> str:
        return read(shelf, "index.html").partition("<!--gate-->")[2].partition("<!--/gate-->")[0]

    assert banner(opened) == banner(made) != ""


@pytest.mark.usefixtures("every_language")
def test_what_holds_no_more_is_said_everywhere(tmp_path: Path) -> None:
    gate = {**samples.OPEN, "until": PAST.isoformat(timespec="seconds")}
    shelf = ready(tmp_path, gate=gate)
    assert "No longer ready: expired" in listed(shelf)
    assert not listed(shelf).startswith("ready")
    now = {file: as_of_now(shelf, LATEST, file) for file in ("index.html", "index.nb.html", "verdict.json")}
    assert set(now) <= CHANGING
    norwegian = now["index.nb.html"]
    assert norwegian is not None
    assert "Ikke lenger klar" in norwegian.read().decode()
    page, values = now["index.html"], now["verdict.json"]
    assert page is not None
    assert values is not None
    text = page.read().decode()
    assert "the integration may be started" not in text
    assert "No longer ready" in text
    assert "<title>No longer ready: expired – Nordlys Rådgivning AS – Presync</title>" in text
    assert json.load(values)["gate"]["state"] == "expired"


@pytest.mark.parametrize("until", ["", None, "soon", "2999-12-31T00:00:00"])
def test_an_end_that_cannot_be_read_is_no_open_gate(tmp_path: Path, until: str | None) -> None:
    shelf = ready(tmp_path, gate={**samples.OPEN, "until": until})
    report = shelf.read(LATEST)
    assert report is not None
    assert (report.gate_now, report.state) == ("undecided", "error")


@pytest.mark.parametrize("make", [samples.blocked_run, samples.error_run])
def test_what_is_not_ready_needs_no_decision_to_be_shut(tmp_path: Path, make: Any) -> None:
    store, verdict = make(tmp_path)
    build_report(samples.tenant(), store, verdict)
    shelf = Shelf("nordlys", root=str(tmp_path))
    report = shelf.read(LATEST)
    assert report is not None
    assert (report.gate_now, report.state) == ("shut", verdict.values["status"])
    assert as_of_now(shelf, LATEST, "index.html") is None


def test_the_first_page_says_what_became_of_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = ready(tmp_path, gate=samples.OPEN)
    store, _ = samples.ready_run(tmp_path)
    assert "The integration has not been started yet" in read(shelf, "index.html")
    recorded = {"at": "2026-11-23T05:00:00+00:00", "run_id": samples.RUN}
    for state, words in {
        "unknown": "? It is not certain whether the integration was started on 2026-11-23 05:00 UTC",
        "confirmed": "✓ The integration was started on 2026-11-23 05:00 UTC.",
    }.items():
        monkeypatch.setattr(
            "presync.report.decision.recorded_start", lambda _, state=state: {**recorded, "state": state}
        )
        show_start(store)
        page = read(shelf, "index.html")
        assert words in page
        assert "has not been started" not in page
        assert "✓ Ready until 2999-12-31" in page
    assert json.loads(read(shelf, "verdict.json"))["start"]["state"] == "confirmed"
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path))
    monkeypatch.setattr("presync.report.decision.recorded_start", lambda _: {**recorded, "state": "unknown"})
    show_settled("nordlys")
    assert "It is not certain whether" in read(shelf, "index.html"), (
        "whoever settles it need not know the run"
    )
    show_settled("nobody")
