"""Severa's registers: which route, how it pages, and the few fields of its rows that rules need.

Everything else in an answer is skipped while it is decoded; social security numbers, bank accounts, birth
dates and addresses never become Python values. Source of the facts: docs/reference/severa.md ("Models").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any, Final, Literal

import msgspec

Guid = Annotated[str, msgspec.Meta(min_length=1)]
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Named(msgspec.Struct, frozen=True, rename="camel"):
    """A business unit, product, work type or travel-expense type."""

    guid: Guid
    name: str
    code: str | None = None
    is_active: bool | None = None


class User(msgspec.Struct, frozen=True, rename="camel"):
    """A user; never deleted in Severa, only made inactive."""

    guid: Guid
    first_name: str
    last_name: str
    code: str | None = None
    email: str | None = None
    is_active: bool | None = None


class Customer(msgspec.Struct, frozen=True, rename="camel"):
    """A customer."""

    guid: Guid
    name: str
    number: Int64 | None = None
    is_active: bool | None = None
    vat_number: str | None = None


class CustomerReference(msgspec.Struct, frozen=True):
    """The customer as a project names it."""

    number: Int64 | None = None


class Project(msgspec.Struct, frozen=True, rename="camel"):
    """A project or a sales case."""

    guid: Guid
    name: str
    number: Int64 | None = None
    customer: CustomerReference | None = None
    is_closed: bool | None = None


class InvoiceStatus(msgspec.Struct, frozen=True, rename="camel"):
    """How far an invoice has come; each of these is later than a draft."""

    is_sent: bool | None = None
    is_waiting_payment: bool | None = None
    is_paid: bool | None = None


class Invoice(msgspec.Struct, frozen=True):
    """An invoice; without a number while it is a draft. Its status is looked at and not staged."""

    guid: Guid
    number: Int64 | None = None
    unit_guid: str | None = msgspec.field(default=None, name="invoiceNumberBusinessUnitGuid")
    status: InvoiceStatus | None = None


class OrganizationSettings(msgspec.Struct, frozen=True, rename="camel"):
    """The counters. One that is missing is staged as null: a rule reports it."""

    next_customer_number: Int64 | None = None
    next_invoice_number: Int64 | None = None
    next_project_number: Int64 | None = None
    unique_product_codes: bool | None = msgspec.field(
        default=None, name="uniqueIdentifierForProductsAndWorktypes"
    )


Row = Named | User | Customer | Project | Invoice
Paging = Literal["token", "rows"]


@dataclass(frozen=True)
class Register:
    """A route that answers with an array, paged by `NextPageToken` or by `firstRow`."""

    route: str
    paging: Paging
    row: type[Row]


REGISTERS: Final[tuple[Register, ...]] = (
    Register("customers", "token", Customer),
    Register("invoices", "token", Invoice),
    Register("projects", "token", Project),
    Register("salescases", "token", Project),
    Register("users", "token", User),
    Register("products", "token", Named),
    Register("businessunits", "rows", Named),
    Register("worktypes", "rows", Named),
    Register("travelexpensetypes", "rows", Named),
)
SETTINGS: Final = "organizationsettings"
SCOPES: Final = (
    "customers:read",
    "projects:read",
    "invoices:read",
    "users:read",
    "settings:read",
    "organization:read",
)


def _customer_number(row: Any) -> int | None:
    return row.customer.number if row.customer else None


_DERIVED: Final[Mapping[str, Callable[[Any], Any]]] = {"customer_number": _customer_number}


def getter(column: str) -> Callable[[Any], Any]:
    """Return the function that takes a staged column's value from a row."""
    return _DERIVED.get(column) or attrgetter(column)
