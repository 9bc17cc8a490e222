"""Short ways to write down staged data in Python: a tenant, a few rows. Cases of rules are in `cases/`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from presync.staging.tables import System
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant
from tests.oracle.model import Row, StagedData


def tenant(**changes: Any) -> Tenant:
    """Return a tenant with every answer `all`; changes are `transfer__customers="none"` and the like."""
    values: dict[str, Any] = {
        "tenant": "example",
        "title": "Example",
        "visma_business": {"invoice_series": [1]},
        "severa": {},
        "transfer": dict.fromkeys(ENTITIES, "all"),
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = values
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return Tenant.model_validate(values)


def project(code: str | None, name: str | None, customer: str | None = None) -> Row:
    """A project of Visma Business with its customer."""
    return {"code": code, "name": name, "customer": customer}


def customer(
    code: str | None, name: str | None, business_no: str | None = None, group: int | None = None
) -> Row:
    """A customer of Visma Business."""
    return {
        "customer_no": code,
        "employee_no": "0",
        "name": name,
        "business_no": business_no,
        "customer_group_value": group,
    }


def employee(
    code: str | None, name: str | None, email: str | None = "post@x.no", group: int | None = None
) -> Row:
    """An employee of Visma Business."""
    return {
        "employee_no": code,
        "customer_no": "0",
        "name": name,
        "email": email,
        "employee_group_value": group,
    }


def severa(name: str | None, register: str, **columns: Any) -> Row:
    """A record of a Severa register."""
    return {"name": name, "register": register, **columns}


def there(
    code: str | None, name: str | None, active: bool | None = True, register: str = "businessunits"
) -> Row:
    """A business unit of Severa."""
    return severa(name, register, code=code, is_active=active)


_TABLES: dict[Entity, str] = {"employees": "associates", "customers": "associates"}


def entity_data(entity: Entity, business: Sequence[Row], severa: Sequence[Row], **changes: Any) -> StagedData:
    """Return data with records of one entity; changes are those of `tenant`."""
    tables: dict[tuple[System, str], list[Row]] = {
        ("visma_business", _TABLES.get(entity, entity)): list(business),
        ("severa", "organizationsettings"): [{}],
    }
    _stage(tables, _with_guids(severa))
    return StagedData(tenant(**changes), tables, {"invoice_numbers"})


def number_data(
    *,
    customer_series: Sequence[tuple[int | None, ...]] | None = ((1, 1, 9_999),),
    vouchers: Sequence[tuple[str | None, int | None, int | None, int | None]] = (("1", 1, 1, 9_999),),
    counters: tuple[int | None, int | None, int | None] = (20_000, 20_000, 20_000),
    customers: Sequence[Row] = (),
    severa_customers: Sequence[Row] = (),
    projects: Sequence[Row] = (),
    severa_projects: Sequence[Row] = (),
    invoices: Sequence[tuple[int | None, str | None]] = (),
    invoice_texts: Sequence[str | None] | None = None,
    **changes: Any,
) -> StagedData:
    """Return data about numbers, without a finding unless something is changed.

    `customer_series` are (account class, first, last) or None where the table was not found, `vouchers`
    (key, first, next, last), `counters` the next customer, invoice and project number, `invoices` (number,
    unit), `invoice_texts` the invoice numbers of Visma Business or None where they are not mapped.
    """
    if invoice_texts is not None:
        changes["visma_business__invoices"] = {"table": "CustTr", "number": "InvoNo"}
    tables: dict[tuple[System, str], list[Row]] = {
        ("visma_business", "customer_series"): _named(
            ("account_class", "first", "last"), customer_series or ()
        ),
        ("visma_business", "voucher_series"): _named(("key", "first", "next", "last"), vouchers),
        ("visma_business", "associates"): list(customers),
        ("visma_business", "projects"): list(projects),
        ("visma_business", "invoice_numbers"): [{"number": text} for text in invoice_texts or ()],
        ("severa", "invoices"): _with_guids(_named(("number", "unit_guid"), invoices)),
        ("severa", "organizationsettings"): _named(
            ("next_customer_number", "next_invoice_number", "next_project_number"), [counters]
        ),
    }
    _stage(tables, _with_guids([*severa_customers, *severa_projects]))
    not_mapped = {"customer_series"} if customer_series is None else set()
    if invoice_texts is None:
        not_mapped.add("invoice_numbers")
    return StagedData(tenant(**changes), tables, not_mapped)


def _named(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Row]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _with_guids(rows: Sequence[Row]) -> list[Row]:
    return [{"guid": f"guid-{index}", **row} for index, row in enumerate(rows)]


def _stage(tables: dict[tuple[System, str], list[Row]], rows: Sequence[Row]) -> None:
    for row in rows:
        staged = {column: value for column, value in row.items() if column != "register"}
        tables.setdefault(("severa", row["register"]), []).append(staged)
