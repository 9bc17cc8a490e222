"""What a plan rests on, and that it is refused with the name of what has moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from presync.apply.basis import (
    Checked,
    checked_again,
    fixes_digest,
    moved,
    require_still_proposed,
    require_unmoved,
)
from presync.apply.model import Basis
from presync.control.models import AppliedCall
from presync.control.runs import record_run
from presync.decisions.in_force import exceptions_in_force
from presync.errors import ConfigurationError
from presync.fixes.model import Cause, FixPlan, SeveraChange
from presync.rules.suite import rules_version
from presync.staging.made_by import code_version
from presync.tenants.model import Tenant

TENANT = Tenant(tenant="nordlys", title="Nordlys Rådgivning AS")
FIXES = FixPlan(severa=[SeveraChange("customers", "a", "A", "number", "5", "6", Cause((), (), "high", "x"))])
BEGAN = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def basis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Basis:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'control.db'}")
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    run("first", BEGAN)
    return Basis(
        run_id="first",
        build_id="b-first",
        rules_version=rules_version(),
        code=code_version(),
        tenant_file=TENANT.fingerprint,
        on_record=exceptions_in_force(TENANT, {}).fingerprint,
        fixes=fixes_digest(FIXES),
        organisation="o",
    )


def run(name: str, began: datetime, status: str = "blocked") -> None:
    record_run(
        tenant="nordlys",
        run_id=name,
        status=status,
        started_at=began,
        finished_at=began,
        rules_version=rules_version(),
        build_id=f"b-{name}",
        critical=1,
        warning=0,
        counts={},
    )


def test_a_plan_holds_while_nothing_has_moved(basis: Basis) -> None:
    require_unmoved(TENANT, basis, FIXES)
    run("could not check", BEGAN + timedelta(days=1), status="error")
    assert moved(TENANT, basis, FIXES) == []


def test_each_thing_that_moves_is_named(basis: Basis) -> None:
    other = SeveraChange("customers", "a", "A", "number", "5", "7", Cause((), (), "high", "x"))
    assert moved(TENANT, basis, FixPlan(severa=[other]))[0].startswith("the fix files have changed")
    stricter = TENANT.model_copy(update={"dormant_years": 4, "country": "NO"})
    assert moved(stricter, basis, FIXES)[0].startswith("the tenant file has changed")
    for name, words in {
        "rules_version": "the rules have changed",
        "code": "Presync's own version has changed",
        "on_record": "waivers, answers or confirmed pairs have changed",
        "build_id": "the run's data were reconciled again",
    }.items():
        (said,) = moved(TENANT, replace(basis, **{name: "before"}), FIXES)
        assert said.startswith(words)
    run("second", BEGAN + timedelta(days=1))
    with pytest.raises(ConfigurationError, match=r"a newer run .*first is now second"):
        require_unmoved(TENANT, basis, FIXES)


def left(new: str) -> list[AppliedCall]:
    return [AppliedCall(register="customers", guid="a", field="number", new=new, parks=False, state="failed")]


def test_a_plan_that_was_begun_goes_on_after_a_check_that_proposes_the_same(
    basis: Basis, tmp_path: Path
) -> None:
    begun = BEGAN + timedelta(hours=1)
    assert not checked_again(TENANT, basis, begun)
    run("second", BEGAN + timedelta(days=1))
    assert checked_again(TENANT, basis, begun)
    assert not checked_again(TENANT, basis, BEGAN + timedelta(days=2)), "it has read Severa before"
    pq.write_table(pa.table({"guid": ["a"], "number": [8]}), tmp_path / "customers.parquet")
    newest = Checked(replace(basis, run_id="second"), tmp_path, FIXES, tmp_path)
    require_still_proposed(TENANT, basis, newest, left("6"))
    with pytest.raises(ConfigurationError, match="does not propose 7 for customers a, but 6"):
        require_still_proposed(TENANT, basis, newest, left("7"))
    stored = replace(newest, fixes=FixPlan())
    require_still_proposed(TENANT, basis, stored, left("8"))
    stricter = TENANT.model_copy(update={"dormant_years": 4, "country": "NO"})
    with pytest.raises(ConfigurationError, match="the tenant file has changed"):
        require_still_proposed(stricter, basis, stored, left("8"))
