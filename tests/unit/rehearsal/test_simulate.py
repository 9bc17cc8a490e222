"""Whom `presync simulate` refuses: a rehearsal with the wrong material would say something wrong.

Covers: fixes/apply.py, cli/tenant_argument.py, cli/simulate.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from presync.cli.tenant_argument import tenant_of
from presync.errors import ConfigurationError
from presync.fixes.apply import apply_to_extracts, apply_to_tenant
from presync.fixes.model import BusinessChange, Cause, FixPlan, SeveraChange, TenantChange
from presync.rehearsal.simulate import simulate
from tests.oracle.extracts import write_extracts
from tests.support.rules_samples import mismatched_customers, tenant

CAUSE = Cause(("code_mismatch",), ("a",), "high", "")


@pytest.mark.parametrize(
    "change",
    [
        SeveraChange("customers", "a", "Fjord", "number", "99", "10", CAUSE),
        SeveraChange("customers", "gone", "Fjord", "number", "12", "10", CAUSE),
        SeveraChange("organizationsettings", "", "", "nextCustomerNumber", "7", "10", CAUSE),
    ],
    ids=["another value is there", "the record is not there", "another counter is there"],
)
def test_a_fix_file_made_for_other_values_is_refused(change: SeveraChange, tmp_path: Path) -> None:
    data = mismatched_customers()
    folders = write_extracts(data, tmp_path / "extracts")
    with pytest.raises(ConfigurationError, match=r"customers|organizationsettings"):
        apply_to_extracts(folders, data.tenant, FixPlan([change]), tmp_path / "after", run_id="after")


def severa(register: str, guid: str, field: str, proposed: str) -> SeveraChange:
    return SeveraChange(register, guid, "", field, "", proposed, CAUSE)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([severa("customer", "a", "number", "12")], "no register 'customer'"),
        ([severa("customers", "a", "nr", "12")], "can change; it is one of number"),
        ([severa("customers", "a", "guid", "b")], "not a field that a rehearsal can change"),
        ([severa("customers", "a", "is_active", "false")], "not a field that a rehearsal can change"),
        ([severa("customers", "a", "number", "12a")], "'12a', which is not a whole number"),
        ([severa("customers", "a", "number", "")], "'', which is not a whole number"),
        ([severa("customers", "a", "number", "1" * 30)], "which is not a whole number"),
        ([severa("organizationsettings", "", "nextNumber", "12")], "not a counter"),
        ([severa("customers", "a", "number", "12"), severa("customers", "a", "number", "13")], "two rows"),
    ],
)
def test_a_row_that_cannot_be_done_is_not_passed_over(
    changes: list[SeveraChange], told: str, tmp_path: Path
) -> None:
    data = mismatched_customers()
    folders = write_extracts(data, tmp_path / "extracts")
    with pytest.raises(ConfigurationError, match="nothing was rehearsed") as refused:
        apply_to_extracts(folders, data.tenant, FixPlan(changes), tmp_path / "after", run_id="after")
    assert told in refused.value.message
    assert f"fixes/severa/{changes[0].register}.csv" in refused.value.message


def test_dropped_zeros_are_recognised(tmp_path: Path) -> None:
    data = mismatched_customers()
    folders = write_extracts(data, tmp_path / "extracts")
    plan = FixPlan([SeveraChange("customers", "a", "Fjord", "number", "0012", "10", CAUSE)])
    with pytest.raises(ConfigurationError, match="leading zeros"):
        apply_to_extracts(folders, data.tenant, plan, tmp_path / "after", run_id="after")


def test_a_column_that_is_no_group_field_is_refused(tmp_path: Path) -> None:
    data = mismatched_customers()
    folders = write_extracts(data, tmp_path / "extracts")
    plan = FixPlan(visma_business=[BusinessChange("Actor", "1", "CustNo", "10", "12", CAUSE)])
    with pytest.raises(ConfigurationError, match="CustNo"):
        apply_to_extracts(folders, data.tenant, plan, tmp_path / "after", run_id="after")


def test_only_ceilings_of_the_tenant_file_can_be_rehearsed() -> None:
    changed = apply_to_tenant(tenant(), FixPlan(tenant=[_ceiling("severa.customer_number_ceiling", "", "9")]))
    assert changed.severa.customer_number_ceiling == 9
    assert (
        apply_to_tenant(changed, FixPlan(tenant=[_ceiling("severa.customer_number_ceiling", "9", "")]))
        == tenant()
    )
    for wrong in ("transfer.customers", "severa.customer_number", "title"):
        with pytest.raises(ConfigurationError, match=wrong):
            apply_to_tenant(tenant(), FixPlan(tenant=[_ceiling(wrong, "", "9")]))
    with pytest.raises(ConfigurationError, match="'5'"):
        apply_to_tenant(changed, FixPlan(tenant=[_ceiling("severa.customer_number_ceiling", "5", "")]))


def _ceiling(field: str, current: str, proposed: str) -> TenantChange:
    return TenantChange(field, current, proposed, CAUSE)


def test_lists_that_nobody_asked_for_are_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--exclude names"):
        simulate(tenant(), lists=tmp_path)


def test_an_unknown_tenant_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    with pytest.raises(ConfigurationError, match="nobody"):
        tenant_of("nobody")
