"""What to read from a company: the tenant's map confirmed by the database's own catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from presync.errors import SourceDataError
from presync.sources.visma_business.catalogue import Catalogue, Column, Table
from presync.sources.visma_business.connection import Company
from presync.sources.visma_business.driver_errors import SOURCE
from presync.staging.tables import BACKGROUND_COLUMNS, VISMA_BUSINESS
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant

_INTEGER_UNITS = {f"R{number}" for number in range(1, 7)}  # R7 to R12 have texts as codes
_TEXT_TYPES = {-10, -9, -8, -1, 1, 12}
_FITTING = {-5: "INTEGER", 8: "REAL"}  # SQL_BIGINT, SQL_DOUBLE


@dataclass(frozen=True)
class Selection:
    """One SELECT: staged table, its source, and for each staged column the source's (others stay NULL).

    `stamps` are the columns with date and time of the last change, if there are any; `types` ODBC's numbers
    of the columns' types.
    """

    target: str
    table: Table
    columns: Mapping[str, str]
    any_nonzero: tuple[str, ...] = ()
    as_text: frozenset[str] = frozenset()
    stamps: tuple[str, ...] = ()
    types: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ActivitySelection:
    """Where an entity's last activity is: a mapped table, and its columns by the database's own names."""

    entity: Entity
    table: Table
    code: str
    date: str
    open: str | None = None


@dataclass(frozen=True)
class CompanySelection:
    """Where the company says what it is called: a table, its columns, and `key = value` of its row.

    `found`: not named by the tenant file, so that a table that cannot be used is no fault.
    """

    table: Table
    name: str | None
    business_no: str | None
    key: str | None = None
    value: int | None = None
    found: bool = False


@dataclass(frozen=True)
class ReadPlan:
    """Everything to read, what the tenant does not map, and remarks for the manifest."""

    selections: tuple[Selection, ...]
    not_mapped: tuple[str, ...]
    catalogue: Catalogue
    notes: tuple[str, ...] = ()
    activities: tuple[ActivitySelection, ...] = ()
    company: CompanySelection | None = None


def plan(tenant: Tenant, company: Company) -> ReadPlan:
    """Return what to read. Raises CatalogueError that lists every missing table and column at once."""
    planner = _Planner(tenant, company)
    for entity in ("departments", "projects", "products"):
        planner.register(entity)
    planner.associates()
    planner.customer_series()
    planner.voucher_series()
    planner.invoice_numbers()
    activities = tuple(planner.activities())
    itself = planner.company()
    planner.catalogue.confirm()
    selections = planner.selections
    if company.is_sqlite:
        selections = [_honest(company, planner.catalogue, selection) for selection in selections]
    notes = tuple(planner.notes)
    return ReadPlan(
        tuple(selections), tuple(planner.not_mapped), planner.catalogue, notes, activities, itself
    )


class _Planner:
    def __init__(self, tenant: Tenant, company: Company) -> None:
        self._tenant = tenant
        self._map = tenant.visma_business
        self.catalogue = Catalogue(company)
        self.selections: list[Selection] = []
        self.not_mapped: list[str] = []
        self.notes: list[str] = []

    def register(self, entity: Entity) -> None:
        """Plan departments, projects or products."""
        wanted: dict[str, str | None] = {"code": "RNo", "name": "Nm", "group_value": self._group(entity)}
        if entity == "products":
            table = "Prod"
            wanted |= {"code": "ProdNo", "name": "Descr"}
        else:
            table = getattr(self._map, entity).table
        if entity == "projects":
            wanted["customer"] = self._map.projects.customer
        self._select(entity, table, wanted)

    def associates(self) -> None:
        """Plan the rows of Actor that are customers or employees."""
        wanted = {
            "act_no": "ActNo",
            "name": "Nm",
            "customer_no": "CustNo",
            "employee_no": "EmpNo",
            "delivery_to": "DelToAct",
            "business_no": "BsNo",
            "email": "MailAd",
            "customer_group_value": self._group("customers"),
            "employee_group_value": self._group("employees"),
        }
        selection = self._select("associates", "Actor", wanted)
        if selection:
            columns = self.catalogue.columns(selection.table)
            numbers = [selection.columns.get(name, "") for name in ("customer_no", "employee_no")]
            if all(name in columns and columns[name].is_numeric for name in numbers):
                self.selections[-1] = replace(selection, any_nonzero=tuple(numbers))

    def customer_series(self) -> None:
        """Plan the customer number series: as mapped, or the table that has AcCl and AcIntProc."""
        mapped = self._map.customer_series
        if mapped == "none":
            self.not_mapped.append("customer_series")
            return
        name, purpose = mapped.table, "customer_series"
        if name is None:
            found = self.catalogue.tables_with("AcCl", "AcIntProc")
            if len(found) == 1:
                name = found[0].name
            elif found:
                listed = ", ".join(sorted(table.name for table in found))
                self.notes.append(f"more than one table could be the customer number series: {listed}")
        if name is None:
            self.not_mapped.append("customer_series")
        elif mapped.first is None or mapped.last is None:
            self._check(name, [mapped.first, mapped.last], purpose)
            self.not_mapped.append("customer_series")
        else:
            wanted = {"account_class": "AcCl", "first": mapped.first, "last": mapped.last}
            self._select("customer_series", name, dict(wanted))

    def voucher_series(self) -> None:
        """Plan the voucher series, if the tenant names those that number invoices."""
        if not self._map.invoice_series:
            self.not_mapped.append("voucher_series")
            return
        mapped = self._map.voucher_series
        wanted = {"key": mapped.key, "first": "FstVoNo", "next": "NxtVoNo", "last": "LstVoNo"}
        selection = self._select("voucher_series", mapped.table, dict(wanted))
        # the name only labels the series for people: no rule needs it, so its absence is no fault
        if selection is not None:
            name = self._map.columns.get(mapped.table, {}).get("Nm", "Nm")
            column = self.catalogue.columns(selection.table).get(name.casefold())
            if column:
                columns = {**selection.columns, "name": column.name}
                self.selections[-1] = replace(selection, columns=columns)

    def invoice_numbers(self) -> None:
        """Plan the numbers of issued invoices, if the tenant maps them."""
        mapped = self._map.invoices
        if mapped is None:
            self.not_mapped.append("invoice_numbers")
        else:
            self._select("invoice_numbers", mapped.table, {"number": mapped.number})

    def activities(self) -> Iterator[ActivitySelection]:
        """Yield the tables that tell when a record was last in use; the tenant names all of their columns."""
        for entity, source in self._map.activity.sources():
            purpose = f"activity of {entity}"
            table = self.catalogue.table(self._map.tables.get(source.table, source.table), purpose)
            if table is None:
                continue
            code = self.catalogue.column(table, source.code, purpose)
            date = self.catalogue.column(table, source.date, purpose)
            opened = self.catalogue.column(table, source.open, purpose) if source.open else None
            if date:
                self.catalogue.require_date(table, date, purpose)
            if opened:
                self.catalogue.require_number(table, opened, purpose)
            if code and date:
                yield ActivitySelection(entity, table, code.name, date.name, opened.name if opened else None)

    def company(self) -> CompanySelection | None:
        """Plan what the company says of itself: as mapped, or the table of the company information."""
        mapped = self._map.company
        if mapped is None:
            return self._company_information()
        table = self.catalogue.table(mapped.table, "company")
        if table is None:
            return None
        wanted = {"name": mapped.name, "business_no": mapped.business_no, "key": mapped.key}
        found = {
            role: self.catalogue.column(table, column, f"company, {role}")
            for role, column in wanted.items()
            if column
        }
        if key := found.get("key"):
            self.catalogue.require_number(table, key, "company, key")
        names = {role: column.name for role, column in found.items() if column}
        return CompanySelection(
            table, names.get("name"), names.get("business_no"), names.get("key"), mapped.value
        )

    def _company_information(self) -> CompanySelection | None:
        """Return the only table that has CrNtVoSr, which only the company information has, and a name."""
        found = self.catalogue.tables_with("CrNtVoSr")
        columns = self.catalogue.columns(found[0]) if len(found) == 1 else {}
        name, number = (columns.get(name.casefold()) for name in ("Nm", "BsNo"))
        if name is None and number is None:
            return None
        return CompanySelection(
            found[0], name.name if name else None, number.name if number else None, found=True
        )

    def _group(self, entity: Entity) -> str | None:
        exclusion = self._tenant.transfer.exclusion(entity)
        return exclusion.field if exclusion else None

    def _select(self, target: str, standard: str, wanted: Mapping[str, str | None]) -> Selection | None:
        """Plan one SELECT; `standard` and `wanted` are Visma Business' names, replaced as the tenant says."""
        table = self.catalogue.table(self._map.tables.get(standard, standard), target)
        if table is None:
            return None
        renamed = self._map.columns.get(standard, {})
        columns = {}
        for staged, name in wanted.items():
            purpose = f"{target}, {staged}"
            column = self.catalogue.column(table, renamed.get(name, name), purpose) if name else None
            if column and _must_be_integer(target, staged, standard):
                self.catalogue.require_number(table, column, purpose)
            if column:
                columns[staged] = column.name
        known = self.catalogue.columns(table)
        columns |= _dates(target, known, renamed)
        types = {column.name: column.sql_type for column in known.values()}
        selection = Selection(target, table, columns, stamps=_stamps(known, renamed), types=types)
        self.selections.append(selection)
        return selection

    def _check(self, table_name: str, names: list[str | None], purpose: str) -> None:
        """Remember what is missing of a mapping that is not complete enough to be read."""
        table = self.catalogue.table(self._map.tables.get(table_name, table_name), purpose)
        for name in names:
            if table and name:
                self.catalogue.column(table, name, purpose)


def _must_be_integer(target: str, staged: str, standard: str) -> bool:
    """Tell whether a column holds whole numbers in Visma Business: all but names, texts and some codes."""
    if VISMA_BUSINESS[target][staged] == "integer" or staged in {"customer_no", "employee_no"}:
        return True
    return staged == "code" and standard in _INTEGER_UNITS


def _dates(target: str, known: Mapping[str, Column], renamed: Mapping[str, str]) -> dict[str, str]:
    """Return the columns with the dates of creation and last change, as far as there are any."""
    found = {}
    for staged, name in (("created_on", "CreDt"), ("changed_on", "ChDt")):
        column = known.get(renamed.get(name, name).casefold())
        if staged in VISMA_BUSINESS[target] and column and column.may_be_date:
            found[staged] = column.name
    return found


def _stamps(known: Mapping[str, Column], renamed: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns with date and time of the last change; a time without a date says nothing."""
    found = []
    for name in ("ChDt", "ChTm"):
        column = known.get(renamed.get(name, name).casefold())
        if column is None or not column.is_numeric or column.is_bit:
            break
        found.append(column.name)
    return tuple(found)


def _honest(company: Company, catalogue: Catalogue, selection: Selection) -> Selection:
    """Return the selection with those columns read as text that SQLite's driver would falsify.

    An SQLite column may hold anything, and its driver turns what does not fit the declared type into NULL or
    cuts it: `abc` in an integer column becomes NULL, `1.5` becomes 1. So the values' own types are asked.
    """
    columns = catalogue.columns(selection.table)
    _refuse_what_is_cut(company, selection)
    asked_of = [name for staged, name in selection.columns.items() if staged not in BACKGROUND_COLUMNS]
    names = [n for n in dict.fromkeys(asked_of) if columns[n].sql_type not in _TEXT_TYPES]
    wrong = {name for name in names if columns[name].sql_type not in _FITTING}
    asked = {name: _misfit(company, name, columns[name].sql_type) for name in names if name not in wrong}
    if asked and _count(company, selection, " OR ".join(asked.values())):
        wrong |= {name for name, misfit in asked.items() if _count(company, selection, misfit)}
    return replace(selection, as_text=frozenset(wrong))


def _refuse_what_is_cut(company: Company, selection: Selection) -> None:
    """Raise SourceDataError for a text with a NUL, where the driver would cut it, and for binary data."""
    names = list(dict.fromkeys(selection.columns.values()))
    quoted = [company.quoted(name) for name in names]
    wrong = [f"typeof({name}) = 'blob' OR instr({name}, char(0)) > 0" for name in quoted]
    asked = ", ".join(f"COUNT(CASE WHEN {condition} THEN 1 END)" for condition in wrong)
    table = selection.table.name
    with company.cursor(f"looking at the values' types in table {table}") as cursor:
        counts = cursor.execute(f"SELECT {asked} FROM {company.quoted(table)}").fetchone()
    found = [f"{name} ({count})" for name, count in zip(names, counts, strict=True) if int(count)]
    if found:
        raise SourceDataError(
            f"{company.where}: table {table} holds binary data, or texts with a NUL character, in these "
            f"columns (rows): {', '.join(found)}. SQLite's driver would cut them, so codes would be compared "
            "wrongly. Correct these rows, or map another column.",
            source=SOURCE,
        )


def _misfit(company: Company, name: str, sql_type: int) -> str:
    quoted = company.quoted(name)
    return f"{quoted} IS NOT CAST({quoted} AS {_FITTING[sql_type]})"


def _count(company: Company, selection: Selection, condition: str) -> int:
    table = selection.table.name
    with company.cursor(f"looking at the values' types in table {table}") as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {company.quoted(table)} WHERE {condition}")
        return int(cursor.fetchone()[0])
