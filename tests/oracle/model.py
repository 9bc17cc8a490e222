"""What goes in and what comes out: the staged rows of one tenant, its records, the findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from presync.staging.tables import TABLES, System
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from tests.oracle.business_ids import BusinessId, business_id
from tests.oracle.keys import addresses, code_key, customer_name_key, email_key, name_key, trimmed

Row = dict[str, Any]
Severity = Literal["critical", "warning"]

REGISTERS: dict[Entity, tuple[str, ...]] = {
    "departments": ("businessunits",),
    "products": ("products", "worktypes", "travelexpensetypes"),
    "employees": ("users",),
    "customers": ("customers",),
    "projects": ("projects", "salescases"),
}


class Finding(NamedTuple):
    """One finding; values as read, '' where a column does not apply."""

    suite: str
    rule: str
    severity: Severity
    business_code: str = ""
    business_name: str = ""
    severa_guid: str = ""
    severa_register: str = ""
    severa_code: str = ""
    severa_name: str = ""
    first: str = ""
    last: str = ""


class Confirmed(NamedTuple):
    """A person's word about a pair."""

    entity: Entity
    business_code: str
    severa_guid: str
    same: bool


@dataclass(repr=False)
class StagedData:
    """Both extracts of one tenant. A table that is not named is empty, a column that is not named is null."""

    tenant: Tenant
    tables: dict[tuple[System, str], list[Row]] = field(default_factory=dict)
    not_mapped: set[str] = field(default_factory=set)
    confirmed: list[Confirmed] = field(default_factory=list)

    def rows(self, system: System, table: str) -> list[Row]:
        """Return a table's rows with all columns of its staged shape, and no others."""
        columns = TABLES[system][table]
        rows = self.tables.get((system, table), [])
        unknown = {column for row in rows for column in row} - set(columns)
        if unknown:
            raise ValueError(f"{system}.{table} has no column {', '.join(sorted(unknown))}")
        return [{column: row.get(column) for column in columns} for row in rows]

    def __repr__(self) -> str:
        filled = {f"{system}.{table}": rows for (system, table), rows in self.tables.items() if rows}
        tenant = self.tenant.model_dump(by_alias=True, exclude_defaults=True)
        more = f"not_mapped={sorted(self.not_mapped)}, confirmed={self.confirmed}"
        return f"StagedData(tenant={tenant}, tables={filled}, {more})"


@dataclass(eq=False)
class Record:
    """A record of either system with its keys and flags; two records are never equal."""

    system: System
    register: str
    guid: str
    raw_code: str
    raw_name: str
    name_key: str
    active: bool = True
    excluded: bool = False
    group_value: int | None = None
    id: BusinessId | None = None
    email: str | None = None
    customer: str | None = None
    has_address: bool = False

    @property
    def code(self) -> str:
        """The trimmed code."""
        return trimmed(self.raw_code)

    @property
    def key(self) -> str | None:
        """The code key."""
        return code_key(self.raw_code)


def business_records(data: StagedData, entity: Entity) -> list[Record]:
    """Return the Visma Business records of an entity."""
    table = "associates" if entity in {"customers", "employees"} else entity
    found = []
    for row in data.rows("visma_business", table):
        if entity == "customers" and row["delivery_to"] not in {None, 0}:
            continue
        record = _business_record(data, entity, row)
        if record.key is not None:
            found.append(record)
    return found


def _business_record(data: StagedData, entity: Entity, row: Row) -> Record:
    code = {"customers": "customer_no", "employees": "employee_no"}.get(entity, "code")
    group = {"customers": "customer_group_value", "employees": "employee_group_value"}.get(
        entity, "group_value"
    )
    exclusion = data.tenant.transfer.exclusion(entity)
    mapped = data.tenant.visma_business.projects.customer is not None
    return Record(
        system="visma_business",
        register="",
        guid="",
        raw_code=row[code] or "",
        raw_name=row["name"] or "",
        name_key=customer_name_key(row["name"]) if entity == "customers" else name_key(row["name"]),
        excluded=exclusion is not None and row[group] == exclusion.value,
        group_value=row[group],
        id=business_id(row["business_no"], data.tenant.country) if entity == "customers" else None,
        email=email_key(row["email"]) if entity == "employees" else None,
        has_address=entity == "employees" and addresses(row["email"]) != set(),
        customer=code_key(row["customer"]) if entity == "projects" and mapped else None,
    )


def severa_records(data: StagedData, entity: Entity) -> list[Record]:
    """Return the Severa records of an entity, inactive ones too.

    A register has each guid once, and a project hides the sales case of its guid.
    """
    found: list[Record] = []
    for register, row in _severa_rows(data, entity):
        own = [other for other in found if entity == "projects" or other.register == register]
        if all(other.guid != row["guid"] for other in own):
            found.append(_severa_record(data, entity, register, row))
    return found


def _severa_rows(data: StagedData, entity: Entity) -> Iterator[tuple[str, Row]]:
    for register in REGISTERS[entity]:
        for row in data.rows("severa", register):
            yield register, row


def _severa_record(data: StagedData, entity: Entity, register: str, row: Row) -> Record:
    code = row["number"] if entity in {"customers", "projects"} else row["code"]
    name = person_name(row["first_name"], row["last_name"]) if entity == "employees" else row["name"]
    closed = entity == "projects" and row["is_closed"] is True
    inactive = entity != "projects" and row["is_active"] is False
    return Record(
        system="severa",
        register=register,
        guid=row["guid"],
        raw_code="" if code is None else str(code),
        raw_name=name or "",
        name_key=customer_name_key(name) if entity == "customers" else name_key(name),
        active=not (closed or inactive),
        id=business_id(row["vat_number"], data.tenant.country) if entity == "customers" else None,
        email=email_key(row["email"]) if entity == "employees" else None,
        customer=number_key(row["customer_number"]) if entity == "projects" else None,
    )


def person_name(first: str | None, last: str | None) -> str:
    """Return `firstName lastName`; a missing part leaves no blank behind."""
    return f"{first or ''} {last or ''}".strip()


def number_key(number: int | None) -> str | None:
    """Return the code key of a number."""
    return None if number is None else code_key(str(number))
