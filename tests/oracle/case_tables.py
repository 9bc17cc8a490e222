"""The tables of a case as staged rows and settings of a tenant, of one case or of several together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from presync.staging.tables import System
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant
from tests.oracle.model import REGISTERS, Row, StagedData

TENANT: Row = {
    "tenant": "example",
    "title": "Example",
    "visma_business": {"invoice_series": [1]},
    "severa": {},
    "transfer": dict.fromkeys(ENTITIES, "all"),
}
COUNTERS: Row = {
    "next_customer_number": 20_000,
    "next_invoice_number": 20_000,
    "next_project_number": 20_000,
}
OWN_SERIES: dict[tuple[System, str], list[Row]] = {
    ("visma_business", "customer_series"): [{"account_class": 1, "first": 1, "last": 9_999}],
    ("visma_business", "voucher_series"): [{"key": "1", "first": 1, "next": 1, "last": 9_999}],
}
KIND_OF_NUMBER = {
    "customers": "customer",
    "customer_numbering": "customer",
    "invoice_numbering": "invoice",
    "projects": "project",
}


class CaseError(ValueError):
    """A file of cases does not say what it should; the message names file, case and fault."""


class Tables(NamedTuple):
    """The records of a case in their order, to be named as b1, b2 … and s1, s2 …"""

    business: list[Row]
    severa: list[Row]


@dataclass
class Parts:
    """What a case adds to the data of a tenant that is ready: settings, staged rows, counters."""

    tenant: Row = field(default_factory=dict)
    tables: dict[tuple[System, str], list[Row]] = field(default_factory=dict)
    settings: Row = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    @classmethod
    def together(cls, several: Iterable[Parts]) -> StagedData:
        """Return the data of a tenant that has all parts; they must not be about the same things."""
        said, settings, unknown = TENANT, dict(COUNTERS), {"invoice_numbers"}
        tables: dict[tuple[System, str], list[Row]] = {}
        for parts in several:
            said = merged(said, parts.tenant)
            settings |= parts.settings
            unknown |= parts.unknown
            for table, rows in parts.tables.items():
                tables[table] = [*tables.get(table, []), *rows]
        if "invoices" in said["visma_business"]:
            unknown.discard("invoice_numbers")
        for table, rows in OWN_SERIES.items():
            if table not in tables and table[1] not in unknown:
                tables[table] = rows
        tables["severa", "organizationsettings"] = [settings]
        return StagedData(Tenant.model_validate(said), tables, unknown)


def merged(one: Row, other: Row) -> Row:
    """Return a mapping with the values of both, the other's where both have one; mappings are merged."""
    both = dict(one)
    for key, value in other.items():
        old = both.get(key)
        both[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def parts_of(suite: str, case: Row, where: str) -> tuple[Parts, Tables]:
    """Return what a case adds, and its records; CaseError names what is not understood."""
    reader = _Reader(suite, where)
    for key, value in case.items():
        if key not in _KEYS:
            raise CaseError(f"{where}: {key!r} is not known; a case may have {', '.join(_KEYS)}")
        _KEYS[key](reader, value)
    try:
        Parts.together([reader.parts])
    except ValueError as error:
        raise CaseError(f"{where}: {error}") from None
    return reader.parts, reader.records


class _Reader:
    def __init__(self, suite: str, where: str) -> None:
        self.suite = suite
        self.where = where
        self.parts = Parts()
        self.records = Tables([], [])
        self.entity = "customers" if suite == "customer_numbering" else suite

    def tenant(self, said: Any) -> None:
        self.parts.tenant = merged(self.parts.tenant, _yaml_values(said))

    def answer(self, said: Any) -> None:
        answer: Any = None if said == "missing" else said
        if isinstance(said, dict):
            answer = {"except": {"field": "Gr3", "value": self._integer(said.get("except"))}}
        self.tenant({"transfer": {self.entity: answer}})

    def next(self, number: Any) -> None:
        self.parts.settings[f"next_{self._kind()}_number"] = self._integer(number)

    def ceiling(self, number: Any) -> None:
        self.tenant({"severa": {f"{self._kind()}_number_ceiling": self._integer(number)}})

    def unique_codes(self, flag: Any) -> None:
        self.parts.settings["unique_product_codes"] = self._flag(flag)

    def customer_series(self, rows: Any) -> None:
        if rows == "unknown":
            self.parts.unknown.add("customer_series")
            return
        columns = {"class": "account_class", "first": "first", "last": "last"}
        found = [{"class": "1", **row} for row in self._rows(rows, columns)]
        self._stage("visma_business", "customer_series", found, columns, integers=set(columns))

    def voucher_series(self, rows: Any) -> None:
        columns = {name: name for name in ("key", "first", "next", "last")}
        found = self._rows(rows, columns)
        self._stage("visma_business", "voucher_series", found, columns, integers={"first", "next", "last"})

    def business_invoices(self, numbers: Any) -> None:
        self.tenant({"visma_business": {"invoices": {"table": "CustTr", "number": "InvoNo"}}})
        rows = [{"number": _text(number)} for number in self._list(numbers)]
        self.parts.tables["visma_business", "invoice_numbers"] = rows

    def severa_invoices(self, rows: Any) -> None:
        columns = {"number": "number", "unit": "unit_guid"}
        found = self._rows(rows, columns)
        self._stage("severa", "invoices", found, columns, integers={"number"})
        for place, row in enumerate(self.parts.tables["severa", "invoices"]):
            row["guid"] = f"invoice-{place}"

    def business(self, rows: Any) -> None:
        columns = _BUSINESS[self._entity()]
        table = "associates" if self.entity in {"customers", "employees"} else self.entity
        self._stage("visma_business", table, self._rows(rows, columns), columns)
        code = columns["code"]
        for row in self.parts.tables["visma_business", table]:
            row.update(dict.fromkeys(_NUMBERS_OF_ACTORS.get(self.entity, set()) - {code}, "0"))
            self.records.business.append({code: None, "name": None, **row})

    def severa(self, rows: Any) -> None:
        columns = _SEVERA[self._entity()]
        registers = REGISTERS[self.entity]  # type: ignore[index]  # `_entity` has checked it
        for place, row in enumerate(
            self._rows(rows, {**columns, "register": "", "guid": "guid", "active": ""})
        ):
            said = dict(row)
            register = said.pop("register", registers[0])
            if register not in registers:
                raise CaseError(
                    f"{self.where}: {register!r} is not a register; known are {', '.join(registers)}"
                )
            active = self._flag(said.pop("active", "true"))
            is_project = self.entity == "projects"
            flag = (
                {"is_closed": None if active is None else not active} if is_project else {"is_active": active}
            )
            staged = {
                "guid": f"{self.suite}-s{place + 1}",
                **self._staged(said, columns | {"guid": "guid"}),
                **flag,
            }
            self.parts.tables.setdefault(("severa", register), []).append(staged)
            blank = dict.fromkeys(columns.values())
            self.records.severa.append({**blank, **staged, "register": register})

    def _entity(self) -> str:
        if self.entity not in ENTITIES:
            raise CaseError(f"{self.where}: {self.suite} has no records; give numbers and series")
        return self.entity

    def _kind(self) -> str:
        if self.suite not in KIND_OF_NUMBER:
            raise CaseError(f"{self.where}: {self.suite} has no counter in Severa")
        return KIND_OF_NUMBER[self.suite]

    def _list(self, values: Any) -> list[Any]:
        if not isinstance(values, list):
            raise CaseError(f"{self.where}: {values!r} must be a list")
        return values

    def _rows(self, rows: Any, columns: Iterable[str]) -> list[Row]:
        for row in self._list(rows):
            if not isinstance(row, dict):
                raise CaseError(f"{self.where}: {row!r} must be a mapping such as {{code: 1, name: Oslo}}")
            if unknown := row.keys() - set(columns):
                named = ", ".join(sorted(unknown))
                raise CaseError(f"{self.where}: no column {named}; known are {', '.join(columns)}")
        return list(rows)

    def _stage(
        self, system: System, table: str, rows: list[Row], columns: Row, integers: Iterable[str] = ()
    ) -> None:
        self.parts.tables[system, table] = [self._staged(row, columns, integers) for row in rows]

    def _staged(self, row: Row, columns: Row, integers: Iterable[str] = ()) -> Row:
        staged: Row = {}
        for name, value in row.items():
            column = columns[name]
            if name == "name" and column == "first_name last_name":
                first, _, last = (_text(value) or "").rpartition(" ")
                staged |= {"first_name": first or None, "last_name": last or None}
            elif name in integers or column in _INTEGERS:
                staged[column] = self._integer(value)
            else:
                staged[column] = _text(value)
        return staged

    def _integer(self, text: Any) -> int | None:
        if text == "null":
            return None
        try:
            return int(text)
        except (TypeError, ValueError):
            raise CaseError(f"{self.where}: {text!r} must be a whole number or null") from None

    def _flag(self, text: Any) -> bool | None:
        flags = {"true": True, "false": False, "null": None}
        if text not in flags:
            raise CaseError(f"{self.where}: {text!r} must be true, false or null")
        return flags[text]


def _text(value: Any) -> str | None:
    return None if value == "null" else str(value)


def _yaml_values(said: Any) -> Any:
    """Return what a part of a tenant file says as that file would be read: numbers, null."""
    if isinstance(said, dict):
        return {key: _yaml_values(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_yaml_values(value) for value in said]
    if isinstance(said, str) and said.removeprefix("-").isdecimal() and said.isascii():
        return int(said)
    return None if said == "null" else said


_KEYS: dict[str, Callable[[_Reader, Any], None]] = {
    "why": lambda reader, text: None,
    "tenant": _Reader.tenant,
    "answer": _Reader.answer,
    "next": _Reader.next,
    "ceiling": _Reader.ceiling,
    "unique_codes": _Reader.unique_codes,
    "customer_series": _Reader.customer_series,
    "voucher_series": _Reader.voucher_series,
    "business": _Reader.business,
    "business_invoices": _Reader.business_invoices,
    "severa": _Reader.severa,
    "severa_invoices": _Reader.severa_invoices,
}
_COMMON = {"code": "code", "name": "name", "group": "group_value"}
_BUSINESS: dict[str, dict[str, str]] = {
    "departments": _COMMON,
    "products": _COMMON,
    "projects": {**_COMMON, "customer": "customer"},
    "employees": {
        "code": "employee_no",
        "name": "name",
        "email": "email",
        "group": "employee_group_value",
        "customers_group": "customer_group_value",
        "delivery_to": "delivery_to",
    },
    "customers": {
        "code": "customer_no",
        "name": "name",
        "id": "business_no",
        "group": "customer_group_value",
        "employees_group": "employee_group_value",
        "delivery_to": "delivery_to",
    },
}
_CODED = {"code": "code", "name": "name"}
_SEVERA: dict[str, dict[str, str]] = {
    "departments": _CODED,
    "products": _CODED,
    "employees": {
        "code": "code",
        "name": "first_name last_name",
        "first": "first_name",
        "last": "last_name",
        "email": "email",
    },
    "customers": {"code": "number", "name": "name", "id": "vat_number"},
    "projects": {"code": "number", "name": "name", "customer": "customer_number"},
}
_NUMBERS_OF_ACTORS = {
    "customers": {"customer_no", "employee_no"},
    "employees": {"customer_no", "employee_no"},
}
_INTEGERS = {
    "group_value",
    "employee_group_value",
    "customer_group_value",
    "delivery_to",
    "number",
    "customer_number",
}
