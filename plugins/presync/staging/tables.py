"""The shapes of the staged tables: what is read from each system, and nothing more.

Types are a deliberately small set: `text`, `integer` (64 bits), `flag`. A column is nullable unless the
system guarantees a value. Numbers that are codes are staged as text (`"10001"`), because a code is
compared as text and must never become a float. Text is staged raw, as read.
Sources of the facts: `docs/reference/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import pyarrow as pa

System = Literal["visma_business", "severa"]
Kind = Literal["text", "integer", "flag"]
Shape = Mapping[str, Kind]

_DATES: Final[Shape] = {"created_on": "integer", "changed_on": "integer"}  # CreDt, ChDt

VISMA_BUSINESS: Final[Mapping[str, Shape]] = {
    # Rn chosen for departments: RNo, Nm, Group field, CreDt, ChDt
    "departments": {"code": "text", "name": "text", "group_value": "integer", **_DATES},
    # Rn chosen for projects: RNo, Nm, the column mapped as `projects.customer`, Group field, CreDt, ChDt
    "projects": {"code": "text", "name": "text", "customer": "text", "group_value": "integer", **_DATES},
    # Prod: ProdNo, Descr, Group field, CreDt, ChDt
    "products": {"code": "text", "name": "text", "group_value": "integer", **_DATES},
    # Actor rows with a customer or an employee number: ActNo, Nm, CustNo, EmpNo, DelToAct, BsNo, MailAd,
    # the customers' and the employees' Group field, CreDt, ChDt
    "associates": {
        "act_no": "text",
        "name": "text",
        "customer_no": "text",
        "employee_no": "text",
        "delivery_to": "integer",
        "business_no": "text",
        "email": "text",
        "customer_group_value": "integer",
        "employee_group_value": "integer",
        **_DATES,
    },
    # the number-series table: AcCl (1 = customers), first, last
    "customer_series": {"account_class": "integer", "first": "integer", "last": "integer"},
    # VoSr: key, Nm, FstVoNo, NxtVoNo, LstVoNo
    "voucher_series": {
        "key": "text",
        "name": "text",
        "first": "integer",
        "next": "integer",
        "last": "integer",
    },
    # the table and column mapped as `visma_business.invoices`
    "invoice_numbers": {"number": "text"},
    # how each entity's records use the Group fields that its table has
    "group_fields": {
        "entity": "text",
        "group_field": "text",
        "records": "integer",
        "marked": "integer",
        "lowest": "integer",
        "highest": "integer",
    },
    # the tables mapped as `visma_business.activity`: by entity, table and code
    "activity": {"entity": "text", "code": "text", "last_on": "integer", "is_open": "flag"},
    # the mapped tables themselves
    "activity_sources": {"entity": "text", "table_name": "text", "codes": "integer"},
}
BACKGROUND_TABLES: Final = frozenset({"group_fields", "activity", "activity_sources"})
BACKGROUND_COLUMNS: Final = frozenset(_DATES)
"""What only helps people to answer the five questions: no rule reads it, no certificate is bound to it, and
an installation that lacks it loses nothing but that help."""

SEVERA: Final[Mapping[str, Shape]] = {
    "businessunits": {"guid": "text", "name": "text", "code": "text", "is_active": "flag"},
    "products": {"guid": "text", "name": "text", "code": "text", "is_active": "flag"},
    "worktypes": {"guid": "text", "name": "text", "code": "text", "is_active": "flag"},
    "travelexpensetypes": {"guid": "text", "name": "text", "code": "text", "is_active": "flag"},
    "users": {
        "guid": "text",
        "first_name": "text",
        "last_name": "text",
        "code": "text",
        "email": "text",
        "is_active": "flag",
    },
    "customers": {
        "guid": "text",
        "name": "text",
        "number": "integer",
        "is_active": "flag",
        "vat_number": "text",
    },
    "projects": {
        "guid": "text",
        "name": "text",
        "number": "integer",
        "customer_number": "integer",
        "is_closed": "flag",
    },
    "salescases": {
        "guid": "text",
        "name": "text",
        "number": "integer",
        "customer_number": "integer",
        "is_closed": "flag",
    },
    "invoices": {"guid": "text", "number": "integer", "unit_guid": "text"},
    # exactly one row
    "organizationsettings": {
        "next_customer_number": "integer",
        "next_invoice_number": "integer",
        "next_project_number": "integer",
        "unique_product_codes": "flag",
    },
}

TABLES: Final[Mapping[System, Mapping[str, Shape]]] = {"visma_business": VISMA_BUSINESS, "severa": SEVERA}
SYSTEMS: Final[tuple[System, ...]] = ("visma_business", "severa")


def checked_tables(system: System) -> dict[str, tuple[str, ...]]:
    """Return the staged tables that rules rest on, with their columns: all but the background."""
    return {
        table: tuple(column for column in shape if column not in BACKGROUND_COLUMNS)
        for table, shape in TABLES[system].items()
        if table not in BACKGROUND_TABLES
    }


def arrow_schema(system: System, table: str) -> pa.Schema:
    """Return the Arrow schema of a staged table."""
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "flag": pa.bool_()}
    return pa.schema([(column, types[kind]) for column, kind in TABLES[system][table].items()])
