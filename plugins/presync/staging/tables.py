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

VISMA_BUSINESS: Final[Mapping[str, Shape]] = {
    # Rn chosen for departments: RNo, Nm, Group field
    "departments": {"code": "text", "name": "text", "group_value": "integer"},
    # Rn chosen for projects: RNo, Nm, the column mapped as `projects.customer`, Group field
    "projects": {"code": "text", "name": "text", "customer": "text", "group_value": "integer"},
    # Prod: ProdNo, Descr, Group field
    "products": {"code": "text", "name": "text", "group_value": "integer"},
    # Actor rows with a customer or an employee number: ActNo, Nm, CustNo, EmpNo, DelToAct, BsNo, MailAd,
    # the customers' and the employees' Group field
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
}

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


def arrow_schema(system: System, table: str) -> pa.Schema:
    """Return the Arrow schema of a staged table."""
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "flag": pa.bool_()}
    return pa.schema([(column, types[kind]) for column, kind in TABLES[system][table].items()])
