"""A hypothesis strategy for tenants that are ready by construction: the counterpart of `random_tenants`."""

from __future__ import annotations

from hypothesis import strategies as st

from presync.staging.tables import System
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant
from tests.oracle.model import Row, StagedData

_NAMES = ("Bergen", "Haugesund", "Ørsta", "Vik", "Åmot", "Jæren")
_CODE_COLUMNS = {
    "businessunits": "code",
    "products": "code",
    "worktypes": "code",
    "customers": "number",
    "projects": "number",
}
_TENANT = {
    "tenant": "orderly",
    "title": "Orderly",
    "visma_business": {"projects": {"table": "R2"}, "invoice_series": [1]},
}


@st.composite
def orderly_tenants(draw: st.DrawFn) -> StagedData:
    """Draw a tenant that is ready: partners only, and series that share nothing; warnings are possible."""
    tenant = Tenant.model_validate(
        {
            **_TENANT,
            "severa": {"customer_number_ceiling": draw(st.sampled_from([None, 20_098, 20_099]))},
            "transfer": {entity: draw(st.sampled_from(["all", "none"])) for entity in ENTITIES},
        }
    )
    names = draw(st.lists(st.sampled_from(_NAMES), max_size=4, unique=True))
    tables = _numbering() | _business(names) | _severa(names)
    return StagedData(tenant, tables, {"invoice_numbers"})


def _numbering() -> dict[tuple[System, str], list[Row]]:
    return {
        ("visma_business", "customer_series"): [{"account_class": 1, "first": 1, "last": 9_999}],
        ("visma_business", "voucher_series"): [{"key": "1", "first": 1, "next": 50, "last": 9_999}],
        ("severa", "invoices"): [{"guid": "i0", "number": 10_001}],
        ("severa", "organizationsettings"): [
            {"next_customer_number": 20_000, "next_invoice_number": 10_002, "next_project_number": 100}
        ],
    }


def _business(names: list[str]) -> dict[tuple[System, str], list[Row]]:
    coded = [(str(number), name) for number, name in enumerate(names, start=1)]
    customers: list[Row] = [{"name": name, "customer_no": code, "employee_no": "0"} for code, name in coded]
    employees: list[Row] = [
        {"name": f"{name} {name}", "customer_no": "0", "employee_no": code} for code, name in coded
    ]
    tables: dict[tuple[System, str], list[Row]] = {("visma_business", "associates"): customers + employees}
    for table in ("departments", "products", "projects"):
        tables["visma_business", table] = [{"code": code, "name": name} for code, name in coded]
    return tables


def _severa(names: list[str]) -> dict[tuple[System, str], list[Row]]:
    numbered = list(enumerate(names, start=1))
    tables: dict[tuple[System, str], list[Row]] = {
        ("severa", "users"): [
            {"guid": f"u{number}", "first_name": name, "last_name": name, "code": str(number)}
            for number, name in numbered
        ]
    }
    for register, column in _CODE_COLUMNS.items():
        tables["severa", register] = [
            {
                "guid": f"{register[0]}{number}",
                "name": name.upper(),
                column: number if column == "number" else str(number),
            }
            for number, name in numbered
        ]
    return tables
