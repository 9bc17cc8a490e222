"""A control database that is lost, fresh, another or an older one: it must not forget starts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from presync.cli.main import ERROR, FINE, main
from presync.control.audit import audit_trail
from presync.control.starts import find_start
from presync.errors import StartError
from presync.gate.same_database import doubt, remember_database, require_same_database
from presync.gate.start import start_integration
from presync.tenants.model import Tenant
from tests.integration.gate.test_start import open_gate
from tests.support.published_run import RUN_ID, PublishedRun

TENANT = Tenant.model_validate({"tenant": "nordlys", "title": "Nordlys AS", "start": {"webhook": "hook"}})


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data of the test's own, beside a control database of its own."""
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    return tmp_path / "data"


def start(calls: list[str]) -> None:
    def call(_request: object) -> str:
        calls.append("called")
        return "answered 202"

    start_integration(TENANT, RUN_ID, call=call)


@pytest.mark.parametrize("what", ["lost", "another", "older"])
def test_a_database_that_forgot_a_start_does_not_make_it_again(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    open_gate(tmp_path, TENANT)
    remember_database("nordlys")
    shutil.copy(tmp_path / "control.db", tmp_path / "backup.db")
    start(calls)
    if what == "lost":
        (tmp_path / "control.db").unlink()
    elif what == "another":
        monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/another.db")
    else:
        shutil.copy(tmp_path / "backup.db", tmp_path / "control.db")
    open_gate(tmp_path, TENANT)
    remember_database("nordlys")  # as every gate does: it must not hide the doubt
    expected = "older copy" if what == "older" else "is not the one that has recorded it"
    with pytest.raises(StartError, match=expected):
        start(calls)
    assert calls == ["called"]
    assert expected in str(audit_trail("nordlys")[-1].detail)
    assert main(["accept-database", "nordlys", "--started", "--by", "Kari"]) == FINE
    start(calls)
    assert calls == ["called"]
    found = find_start("nordlys")
    assert found is not None
    assert (found.state, found.who) == ("confirmed", "Kari")


@pytest.mark.parametrize("evidence", ["report", "extract"])
def test_data_that_are_older_than_the_database_shut_it(evidence: str, data: Path) -> None:
    if evidence == "report":
        folder = data / "reports" / "nordlys" / "r0"
        folder.mkdir(parents=True)
        (folder / "verdict.json").write_text(json.dumps({"finished_at": "2026-01-05T10:00:00+00:00"}))
    else:
        run = PublishedRun.sound(data, "r0", TENANT)
        file = run.store.fetch("severa") / "manifest.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "finished_at": "2026-01-05T10:00:00"}))
    with pytest.raises(StartError, match="has data from 2026-01-05 10:00 UTC"):
        require_same_database("nordlys")
    require_same_database("other")
    assert main(["accept-database", "nordlys", "--not-started", "--by", "Kari"]) == FINE
    require_same_database("nordlys")
    assert find_start("nordlys") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"database": 7}'])
def test_a_marker_that_says_nothing_is_a_doubt(content: str, data: Path) -> None:
    remember_database("nordlys")
    assert doubt("nordlys") == ""
    (data / "known" / "nordlys.json").write_text(content)
    assert "is not the one" in doubt("nordlys")


def test_a_marker_that_cannot_be_written_lets_nothing_start(tmp_path: Path, data: Path) -> None:
    calls: list[str] = []
    open_gate(tmp_path, TENANT)
    (data / "known").write_text("in the way")
    with pytest.raises(Exception, match="cannot be written"):
        start(calls)
    assert calls == []


def test_there_is_nothing_to_accept_of_a_database_that_knows_its_tenant() -> None:
    assert main(["accept-database", "nordlys", "--not-started"]) == ERROR


def test_an_ordinary_start_leaves_no_doubt(tmp_path: Path) -> None:
    calls: list[str] = []
    open_gate(tmp_path, TENANT)
    start(calls)
    assert calls == ["called"]
    assert doubt("nordlys") == ""
