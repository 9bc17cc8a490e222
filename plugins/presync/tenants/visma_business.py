"""The part of a tenant file that maps its Visma Business company: tables, columns, series, activity."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model_base import Model
from presync.tenants.texts import ConnectionId, DatabaseName, Seen, SeriesKey
from presync.tenants.visma_names import COLUMNS, SERIES_COLUMNS, VOUCHER_COLUMNS, unknown_names

# anything visible, with blanks inside, but no dot and nothing that ODBC or a driver reads in a statement
NAME_IN_SQL: Final = r"""[^\s.?{}\[\]"'`;*\\]+( +[^\s.?{}\[\]"'`;*\\]+)*"""
Identifier = Annotated[str, StringConstraints(pattern=f"^{NAME_IN_SQL}$", max_length=128), Seen]
QualifiedName = Annotated[
    str, StringConstraints(pattern=rf"^({NAME_IN_SQL}\.){{0,2}}{NAME_IN_SQL}$", max_length=386), Seen
]
UnitTable = Annotated[str, StringConstraints(pattern=r"^R([1-9]|1[0-2])$")]


class Departments(Model):
    table: UnitTable = Field("R1", description="Organisational unit (R1 to R12) that holds departments.")


class Projects(Model):
    table: UnitTable = Field("R2", description="Organisational unit (R1 to R12) that holds projects.")
    customer: Identifier | None = Field(
        None, description="Column with the project's customer number; tells projects of equal name apart."
    )


class CustomerSeries(Model):
    table: Identifier | None = Field(
        None, description="Table of the customer number series. Left out: the one with AcCl and AcIntProc."
    )
    first: Identifier | None = Field(None, description="Column with the first number of an interval.")
    last: Identifier | None = Field(None, description="Column with the last number of an interval.")


class VoucherSeries(Model):
    table: Identifier = Field("VoSr", description="Table of the voucher series.")
    key: Identifier = Field("VoSrNo", description="Its key column, to which `invoice_series` refers.")


class InvoiceNumbers(Model):
    table: Identifier = Field(description="Table that holds the numbers of issued invoices.")
    number: Identifier = Field(description="Column with the invoice number (text or integer).")


class CompanyInformation(Model):
    table: QualifiedName = Field(description="Table that says which company this is: vbsys.dbo.Frm.")
    name: Identifier | None = Field(None, description="Its column with the company's name.")
    business_no: Identifier | None = Field(None, description="Its column with the organisation number.")
    key: Identifier | None = Field(None, description="Its column that tells companies apart: FrmNo.")
    value: Annotated[int, Field(ge=0, le=2**31 - 1, strict=True)] | None = Field(
        None, description="The value of `key` in this company's row: 1 for F0001."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.name is None and self.business_no is None:
            raise ValueError("name at least one of the columns `name` and `business_no`")
        if (self.key is None) != (self.value is None):
            raise ValueError("`key` and `value` belong together: give both, or neither")
        return self


class ActivitySource(Model):
    table: Identifier = Field(description="Table whose rows show that a record is in use: invoices, orders.")
    code: Identifier = Field(description="Its column with the record's code: CustNo, RNo, ProdNo or EmpNo.")
    date: Identifier = Field(description="Its column with the date: yyyymmdd as a number, or a date.")
    open: Identifier | None = Field(
        None, description="Its column with what is still open: not 0 means that something is."
    )


Activities = Annotated[list[ActivitySource], Field(max_length=20)]


class Activity(Model):
    """Where an entity's last activity is; it only helps to answer the five questions."""

    departments: Activities = Field(default_factory=list, description="Activity of departments.")
    products: Activities = Field(default_factory=list, description="Activity of products.")
    employees: Activities = Field(default_factory=list, description="Activity of employees.")
    customers: Activities = Field(default_factory=list, description="Activity of customers.")
    projects: Activities = Field(default_factory=list, description="Activity of projects.")

    def sources(self) -> list[tuple[Entity, ActivitySource]]:
        """Return all of them, with their entity."""
        return [(entity, source) for entity in ENTITIES for source in getattr(self, entity)]


class VismaBusiness(Model):
    connection: ConnectionId | None = Field(
        None, description="Airflow connection; left out: visma_business__<tenant>, dashes as underscores."
    )
    database: DatabaseName | None = Field(
        None, description="Company database, e.g. F0001; left out: the connection says it."
    )
    departments: Departments = Field(default_factory=Departments, description="Where departments are.")
    projects: Projects = Field(default_factory=Projects, description="Where projects are.")
    customer_series: CustomerSeries | Literal["none"] = Field(
        default_factory=CustomerSeries,
        description="Where the customer number series are; `none`: the next number is the highest + 1.",
    )
    voucher_series: VoucherSeries = Field(
        default_factory=VoucherSeries, description="Where the voucher series are."
    )
    invoice_series: list[SeriesKey] = Field(
        default_factory=list,
        max_length=100,
        description="Keys of the voucher series that number invoices and credit notes.",
    )
    invoices: InvoiceNumbers | None = Field(
        None, description="Where issued invoices' numbers are; left out: they are not compared."
    )
    company: CompanyInformation | None = Field(
        None,
        description="Where the company's own name and organisation number are, to compare with Severa's; "
        "left out: the table that has CrNtVoSr and Nm, if there is one.",
    )
    activity: Activity = Field(
        default_factory=Activity,
        description="Tables that tell when a record was last in use, by entity: "
        "{customers: [{table: CustTr, code: CustNo, date: InvoDt, open: RstAm}]}. Only helps to answer the "
        "five questions.",
    )
    tables: dict[str, QualifiedName] = Field(
        default_factory=dict,
        max_length=50,
        description="Tables that have another name here or are shared by companies, by Visma Business' name: "
        "{Actor: F9999.dbo.Actor}. Database and schema may be left out.",
    )
    columns: dict[str, Annotated[dict[str, Identifier], Field(max_length=50)]] = Field(
        default_factory=dict,
        max_length=50,
        description="Columns that have another name here, by Visma Business' names: {Actor: {BsNo: OrgNo}}.",
    )

    @model_validator(mode="after")
    def _only_names_that_are_read(self) -> Self:
        known: dict[str, Collection[str]] = {**COLUMNS, self.voucher_series.table: VOUCHER_COLUMNS}
        if self.customer_series != "none" and self.customer_series.table:
            known[self.customer_series.table] = SERIES_COLUMNS
        if self.invoices:
            known[self.invoices.table] = ("ChDt", "ChTm")
        for _, source in self.activity.sources():
            known.setdefault(source.table, ())
        if faults := unknown_names(known, self.tables, self.columns):
            raise ValueError("; ".join(faults))
        return self
