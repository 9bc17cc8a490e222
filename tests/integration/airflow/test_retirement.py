"""A company that is done with: its trail stays as a file, what names its records goes.

Covers: cli/retire.py.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from presync.airflow.retirement import retire_company
from presync.cli.main import main
from presync.control.audit import audit_trail
from presync.control.companies import facts_of, sync_companies
from presync.control.database import transaction
from presync.control.models import Start
from presync.errors import ConfigurationError
from presync.tenants.model import Tenant

FILES = ("staging/{}/run/database/staging.duckdb", "reports/{}/run/index.html", "known/{}/findings.json")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two companies with data; the file of the first was removed."""
    tenants = tmp_path / "tenants"
    tenants.mkdir()
    (tenants / "fjord.yaml").write_text("tenant: fjord\ntitle: Fjord\n")
    monkeypatch.setenv("PRESYNC_TENANTS", str(tenants))
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("PRESYNC_DATABASE_URL", raising=False)
    for name in ("north-west", "fjord"):
        for file in FILES:
            path = tmp_path / "data" / file.format(name)
            path.parent.mkdir(parents=True)
            path.write_text("Fjellheim Bakeri AS")
    both = [Tenant(tenant=name, title=name) for name in ("north-west", "fjord")]
    sync_companies(both, {}, 0)
    sync_companies(both[1:], {}, 0)
    return tmp_path / "data"


def left(data: Path, tenant: str) -> list[bool]:
    return [(data / file.format(tenant)).exists() for file in FILES]


def test_the_trail_is_kept_and_the_data_goes(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retire", "north-west", "--by", "Ada"]) == 0

    said = capsys.readouterr().out
    assert "visma_business__north_west, severa__north_west" in said
    (file,) = (data / "retired").iterdir()
    assert str(file) in said
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    assert [entry["digest"] for entry in entries] == [entry.digest for entry in audit_trail("north-west")]
    assert (entries[-1]["what"], entries[-1]["who"]) == ("retire", "Ada")
    assert not any(left(data, "north-west"))
    assert all(left(data, "fjord"))
    (company,) = (facts.company for facts in facts_of() if facts.company.tenant == "north-west")
    assert company.retired_by == "Ada"
    assert retire_company("north-west", "Bo").removed == ()  # again is no fault


@pytest.mark.parametrize("tenant", ["fjord", "unknown", "../tenants"])
def test_a_company_that_is_checked_or_unknown_is_not_touched(data: Path, tenant: str) -> None:
    with pytest.raises(ConfigurationError):
        retire_company(tenant, "Ada")
    assert all(left(data, "fjord"))
    assert not (data / "retired").exists()


@pytest.mark.parametrize("state", ["requested", "unknown"])
def test_a_company_whose_start_is_uncertain_is_not_touched(data: Path, state: str) -> None:
    start = Start(
        tenant="north-west", run_id="r1", certificate_id="c", idempotency_key="k", kind="webhook",
        state=state, attempt="a", requested_at=datetime(2026, 11, 20, tzinfo=UTC), who="webhook", detail="",
    )  # fmt: skip
    with transaction() as session:
        session.add(start)
    with pytest.raises(ConfigurationError, match=r"nobody knows whether.*--confirm --by NAME"):
        retire_company("north-west", "Ada")
    assert all(left(data, "north-west"))


def test_what_cannot_be_exported_is_not_removed(data: Path) -> None:
    (data / "retired").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="retired"):
        retire_company("north-west", "Ada")
    assert all(left(data, "north-west"))
