# ruff: noqa: N815 (the fields are named as the API names them)
"""Severa's models as its description gives them (`docs/reference/severa.md`): for stand-in and client.

A field with `None` in its type may be null or missing; others are tolerated, because the API has many more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

Int32 = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
Int64 = Annotated[int, Field(strict=True, ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, Field(strict=True)]
Guid = Annotated[str, Field(strict=True, min_length=1)]
Flag = Annotated[bool, Field(strict=True)]


class Model(BaseModel):
    """Base of all: what it does not name is ignored."""

    model_config = ConfigDict(extra="ignore")


class Address(Model):
    addressline: Text | None = None
    postalCode: Text | None = None
    city: Text | None = None
    country: Text | None = None


class Reference(Model):
    guid: Guid
    name: Text | None = None
    number: Int64 | None = None
    code: Text | None = None


class Customer(Model):
    guid: Guid
    name: Text
    number: Int64 | None = None
    isActive: Flag | None = None
    isInternal: Flag | None = None
    email: Text | None = None
    vatNumber: Text | None = None
    kvkNumber: Text | None = None
    headquarterAddress: Address | None = None


class Coded(Model):
    guid: Guid
    name: Text
    code: Text | None = None
    isActive: Flag | None = None


class BusinessUnit(Coded):
    parentGuid: Guid | None = None
    vatNumber: Text | None = None
    companyGuid: Guid | None = None


class Product(Coded):
    type: Text | None = None


class WorkType(Coded):
    isProductive: Flag | None = None


class TravelExpenseType(Coded):
    isMileage: Flag | None = None
    isDailyAllowance: Flag | None = None


class User(Model):
    guid: Guid
    firstName: Text
    lastName: Text
    code: Text | None = None
    email: Text | None = None
    isActive: Flag | None = None
    title: Text | None = None


class Project(Model):
    guid: Guid
    name: Text
    number: Int64 | None = None
    customer: Reference | None = None
    businessUnit: Reference | None = None
    isInternal: Flag | None = None
    isClosed: Flag | None = None


class InvoiceStatus(Model):
    guid: Guid | None = None
    name: Text | None = None
    isSent: Flag | None = None
    isWaitingPayment: Flag | None = None
    isPaid: Flag | None = None


class Invoice(Model):
    guid: Guid
    number: Int32 | None = None
    status: InvoiceStatus | None = None
    customer: Reference | None = None
    isCreditNote: Flag | None = None
    invoiceNumberBusinessUnitGuid: Guid | None = None


class OrganizationSettings(Model):
    nextCustomerNumber: Int64 | None = None
    lastCustomerNumber: Int64 | None = None
    nextInvoiceNumber: Int32 | None = None
    lastInvoiceNumber: Int64 | None = None
    nextProjectNumber: Int64 | None = None
    lastProjectNumber: Int64 | None = None
    uniqueIdentifierForProductsAndWorktypes: Flag | None = None


class TokenAnswer(Model):
    access_token: Text
    access_token_type: Text
    access_token_expires_in: Int32
    access_token_expires_utc: Text
    refresh_token: Text
    refresh_token_expires_in: Int32
    refresh_token_expires_utc: Text
    scope: Text


class ErrorDetail(Model):
    message: Text
    url: Text | None = None


class ErrorBody(Model):
    httpStatusCode: Int32
    type: Text
    details: list[ErrorDetail]


class ErrorAnswer(Model):
    error: ErrorBody


ROWS: Final[Mapping[str, type[Model]]] = {
    "customers": Customer,
    "businessunits": BusinessUnit,
    "products": Product,
    "worktypes": WorkType,
    "travelexpensetypes": TravelExpenseType,
    "users": User,
    "projects": Project,
    "salescases": Project,
    "invoices": Invoice,
}
