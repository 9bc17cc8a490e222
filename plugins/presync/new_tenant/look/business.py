"""A look at a Visma Business company for its tenant file: catalogue calls and plain SELECTs only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from presync.new_tenant.look.customer_series import customer_series
from presync.new_tenant.look.facts import Business, Dated, Guess, Interval, InvoiceTable, Severa, VoucherTable
from presync.new_tenant.look.reader import Reader
from presync.new_tenant.look.standard_tables import elsewhere, missing, not_tables, stamps
from presync.new_tenant.look.units import NAMES, suggested, units
from presync.new_tenant.look.voucher_series import (
    credit_note_series,
    handed_out,
    invoice_tables,
    voucher_series,
)
from presync.sources.visma_business.catalogue import Column, Table
from presync.sources.visma_business.connection import Company, open_company
from presync.sources.visma_business.group_fields import GroupFieldUsage, group_field_usage, places
from presync.sources.visma_business.isolation import begin
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant

_DATES: Final = 6  # tables shown for each entity in which activity could be read
_TABLES: Final = 80  # tables with such a code whose columns are listed
_DATE_TYPES: Final = {9, 91, 93}  # SQL_DATE, SQL_TYPE_DATE, SQL_TYPE_TIMESTAMP
_NO_ACTIVITY: Final = {"actor", "prod", *(name.lower() for name in NAMES)}


def look_at_business(tenant: Tenant, severa: Severa | None) -> Business:
    """Return what was found; names of Severa's records tell which organisational unit is which.

    Raises ConfigurationError, AccessError, CatalogueError or SourceUnavailableError if the company cannot be
    looked at as a whole.
    """
    with open_company(tenant) as company:
        begin(company, set(), without_snapshot=True)
        return _Look(company, tenant, severa).found()


class _Look:
    def __init__(self, company: Company, tenant: Tenant, severa: Severa | None) -> None:
        self._company = company
        self._tenant = tenant
        self._severa = severa
        self._reader = Reader(company)

    def found(self) -> Business:
        reader, about = self._reader, self._company.about()
        of_units = units(reader, self._severa)
        departments, projects = suggested(of_units, self._severa)
        guessed = tuple(dict.fromkeys(guess.table for guess in (departments, projects) if guess))
        names = ("Actor", "Prod", *guessed)
        lacking = missing(reader, guessed)
        vouchers, invoices = voucher_series(reader), invoice_tables(reader)
        vouchers, read = self._used(vouchers, invoices)
        series = customer_series(reader, self._customers_in)
        return Business(
            dbms=about["dbms"],
            database=None if self._company.is_sqlite else about["database"] or None,
            units=of_units,
            departments=departments,
            projects=projects,
            customer_series=series,
            voucher_series=vouchers,
            credit_note_series=credit_note_series(reader),
            invoices=invoices,
            invoice_numbers_read=read,
            missing=lacking,
            not_tables=not_tables(reader, names),
            elsewhere=elsewhere(reader, tuple(item.table for item in lacking if item.column is None)),
            counts=self._associates() | self._products(),
            groups=self._groups({"departments": departments, "projects": projects}),
            stamps=stamps(reader, names),
            activity=tuple(self._activity(projects)),
            not_asked=tuple(reader.not_asked),
        )

    def _used(
        self, vouchers: tuple[VoucherTable, ...], invoices: tuple[InvoiceTable, ...]
    ) -> tuple[tuple[VoucherTable, ...], int]:
        """Hold the only voucher series against the invoice numbers that are stored with customers."""
        likely = [table for table in invoices if table.of_customers and table.numbers]
        if len(vouchers) != 1 or not vouchers[0].series:
            return vouchers, 0
        counted, read = handed_out(self._reader, vouchers[0], likely)
        return (counted,), read

    def _associates(self) -> dict[str, int | None]:
        """Count customers, employees and delivery addresses; what its column is missing for stays unknown."""
        reader, table = self._reader, self._reader.catalogue.table("Actor", "init")
        if table is None:
            return {}
        found: dict[str, int | None] = {}
        number, employee = reader.column(table, "CustNo"), self._number(table, "EmpNo")
        is_customer, delivery = self._is_customer(table), self._number(table, "DelToAct")
        if number and is_customer:
            found["customers"] = reader.count(table, is_customer)
            found["delivery_addresses"] = reader.count(table, f"{delivery} <> 0")
            found["highest_customer"] = reader.highest(table, number, is_customer)
        if employee:
            found["employees"] = reader.count(table, f"{employee} <> 0")
            mail = reader.column(table, "MailAd")
            if mail:
                name = reader.quoted(mail)
                without = f"{employee} <> 0 AND ({name} IS NULL OR {name} = '')"
                found["employees_without_email"] = reader.count(table, without)
        return found

    def _is_customer(self, table: Table) -> str:
        """Return what makes a row of Actor a customer; nothing if its columns are not there."""
        customer, delivery = self._number(table, "CustNo"), self._number(table, "DelToAct")
        if not customer or not delivery:
            return ""
        return f"{customer} <> 0 AND ({delivery} = 0 OR {delivery} IS NULL)"

    def _customers_in(self, interval: Interval) -> int | None:
        table = self._reader.catalogue.table("Actor", "init")
        is_customer = self._is_customer(table) if table else ""
        if table is None or not is_customer:
            return None
        number = self._number(table, "CustNo")
        return self._reader.count(
            table, f"{is_customer} AND {number} >= {interval.first} AND {number} <= {interval.end}"
        )

    def _number(self, table: Table, name: str) -> str | None:
        column = self._reader.column(table, name)
        return self._reader.quoted(column) if column and column.is_numeric else None

    def _products(self) -> dict[str, int | None]:
        table = self._reader.catalogue.table("Prod", "init")
        key = self._reader.column(table, "ProdNo") if table else None
        if table is None or key is None:
            return {}
        return {"products": self._reader.count(table, f"{self._reader.quoted(key)} <> ''")}

    def _groups(self, guesses: dict[Entity, Guess | None]) -> dict[Entity, tuple[GroupFieldUsage, ...]]:
        """Return which Group fields are used; of departments and projects only if they are found."""
        tables = {entity: {"table": guess.table} for entity, guess in guesses.items() if guess}
        mapped = self._tenant.visma_business.model_dump(exclude_unset=True) | tables
        tenant = Tenant.model_validate(
            {"tenant": self._tenant.tenant, "title": "-", "visma_business": mapped}
        )
        where = places(tenant, self._reader.catalogue)
        known = {entity: place for entity, place in where.items() if guesses.get(entity, True)}
        usage = group_field_usage(self._company, self._reader.catalogue, known)
        self._reader.recover()
        return usage

    def _activity(self, projects: Guess | None) -> Iterator[Dated]:
        """Yield tables with dates next to a customer's number or a project's key: invoices, orders."""
        keys: dict[Entity, str] = {"customers": "CustNo"}
        if projects:
            keys["projects"] = projects.table
        for entity, key in keys.items():
            tables = [t for t in self._reader.holders(key) if t.name.lower() not in _NO_ACTIVITY]
            dated = (self._dated(entity, key, table) for table in tables[:_TABLES])
            yield from islice((item for item in dated if item), _DATES)

    def _dated(self, entity: Entity, key: str, table: Table) -> Dated | None:
        column = self._reader.column(table, key)
        dates = tuple(column.name for column in self._reader.columns(table) if _is_date(column))
        return Dated(entity, table.name, column.name, dates) if column and dates else None


def _is_date(column: Column) -> bool:
    """Tell whether a column holds dates, as Visma Business calls them; not those of the row itself."""
    is_date = (column.is_numeric and not column.is_bit) or column.sql_type in _DATE_TYPES
    return is_date and column.name.lower().endswith("dt") and column.name.lower() not in {"chdt", "credt"}
