"""The fleet page follows the tenant files, and a database that is away costs no parse."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from presync.control import companies
from presync.control.companies import facts_of
from presync.fleet.sync import sync_fleet, sync_fleet_if_possible
from presync.tenants.folder import TenantFolder, read_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    (tmp_path / "tenants").mkdir()
    return tmp_path / "tenants"


def write(folder: Path, name: str, text: str = "") -> None:
    (folder / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: {name}\n{text}")


def states() -> dict[str, str]:
    return {facts.company.tenant: facts.company.file_state for facts in facts_of()}


def test_files_that_are_refused_or_gone_are_seen(folder: Path) -> None:
    for name in ("good", "bad", "gone"):
        write(folder, name)
    sync_fleet(read_folder(folder))
    write(folder, "bad", "scedule: '@daily'\n")
    write(folder, "NO TENANT", "x: 1\n")
    (folder / "gone.yaml").unlink()
    sync_fleet_if_possible(read_folder(folder))
    assert states() == {"good": "ok", "bad": "broken", "gone": "removed"}


def test_a_fault_names_no_folder_and_no_other_company(folder: Path) -> None:
    write(folder, "one", "severa: {connection: s}\nvisma_business: {connection: v}\n")
    write(folder, "two", "severa: {connection: s}\nvisma_business: {connection: v}\n")
    write(folder, "bad", "scedule: '@daily'\n")
    found = read_folder(folder)
    assert set(found.broken) == {"one", "two", "bad"}
    assert found.broken["one"].startswith("one.yaml: another tenant file claims")
    assert "two.yaml" not in found.broken["one"]
    assert found.broken["bad"].startswith("bad.yaml:3: scedule: ")
    assert all(str(folder) not in words for words in found.broken.values())


def test_a_folder_that_is_away_removes_no_company(folder: Path) -> None:
    write(folder, "good")
    sync_fleet(read_folder(folder))
    sync_fleet(read_folder(folder / "mounted-later"))
    assert states() == {"good": "ok"}


def test_a_database_that_is_away_costs_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", "sqlite:////proc/nowhere/control.db")
    sync_fleet_if_possible(TenantFolder({}, []))
    assert "could not be updated" in caplog.text
    caplog.clear()
    answered = threading.Event()
    monkeypatch.setattr(companies, "sync_companies", lambda *_: answered.wait(60))
    sync_fleet_if_possible(TenantFolder({}, []), seconds=0.01)
    answered.set()
    assert "within 0.01 seconds" in caplog.text
