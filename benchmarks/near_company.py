"""Customers of one company in both systems, with planted pairs: who is meant by whom is known.

Of the customers, 70 in 100 are correctly linked, 20 are in both systems under different numbers and with one
planted change of the name, 10 are in Visma Business only; as many others are in Severa only, 4 of them with
a name made to be confused with a customer of Visma Business. No two customers share a name.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.company import tenant
from benchmarks.near_names import Country, Names, changed
from presync.reconcile import keys
from presync.reconcile.keys import name_key
from presync.staging import tables
from presync.staging.extract import ExtractWriter
from presync.staging.tables import SYSTEMS, System
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import pyarrow as pa

# Of 100 customers.
_LINKED, _PLANTED, _CONFUSABLE = 70, 20, 4
# Planted changes, and how often of 100.
CHANGES: Final = {
    "one typo": 30,
    "two typos": 12,
    "swapped words": 15,
    "lost diacritics": 13,
    "legal form": 15,
    "abbreviation": 8,
    "joined or split": 7,
}
_SEVERA_NUMBERS: Final = 5_000_000


@dataclass(frozen=True)
class Customer:
    """One company as each system knows it; None where it is not there. `kind`: linked, planted change, …"""

    kind: str
    business: str | None
    severa: str | None
    number: int

    @property
    def identity(self) -> str:
        """The business id: a valid Norwegian one, another for each company, because only such contradict."""
        return _valid(self.number)

    @property
    def severa_number(self) -> int:
        """The customer number in Severa: another one unless the customer is linked."""
        return self.number if self.kind == "linked" else self.number + _SEVERA_NUMBERS


def _valid(number: int) -> str:
    """Return the organisation number that is the `number`-th of those with a check digit."""
    for digits in range(10_000_000 + number * 7, 10_000_007 + number * 7):
        weighed = sum(
            int(digit) * weight for digit, weight in zip(str(digits), (3, 2, 7, 6, 5, 4, 3, 2), strict=True)
        )
        check = -weighed % 11
        if check < 10:
            return f"{digits}{check}"
    raise AssertionError("of seven numbers in a row, at least one has a check digit")


def customers(size: int, seed: int = 4) -> Iterator[Customer]:
    """Yield the customers of a company that has about `size` in each system."""
    draw = random.Random(f"near duplicates {seed}")
    names, taken = Names(draw), set[str]()
    for number in range(1, size + 1):
        country, name = _new(names, taken)
        form = names.form(country)
        written = _with_form(name, form)
        share = draw.randrange(100)
        if share < _LINKED:
            yield Customer("linked", written, written, number)
        elif share < _LINKED + _PLANTED:
            kind, other = _changed(name, form, country, draw)
            yield Customer(kind, written, other, number)
        else:
            yield Customer("business only", written, None, number)
            kind = "confusable" if share < _LINKED + _PLANTED + _CONFUSABLE else "severa only"
            other = names.confusable(name, country) if kind == "confusable" else name
            if name_key(other) in taken:
                kind, (country, other) = "severa only", _new(names, taken)
            taken.add(name_key(other))
            yield Customer(kind, None, _with_form(other, names.form(country)), size + number)


def _new(names: Names, taken: set[str]) -> tuple[Country, str]:
    while True:
        country = names.country()
        name = names.name(country)
        if (key := name_key(name)) not in taken:
            taken.add(key)
            return country, name


def _changed(name: str, form: str, country: Country, draw: random.Random) -> tuple[str, str]:
    """Return a planted change that this name can have, and the name as it is then written."""
    while True:
        kind = draw.choices(list(CHANGES), list(CHANGES.values()))[0]
        if kind == "legal form":
            return kind, _with_form(name, draw.choice(sorted({*country["forms"], ""} - {form})))
        if (written := changed(name, kind, draw)) and written.strip():
            return kind, _with_form(written, form)


def _with_form(name: str, form: str) -> str:
    return f"{name} {form}".strip()


def write_names(folder: Path, everyone: list[Customer]) -> None:
    """Write `customers.parquet` (what they are), `business.parquet` and `severa.parquet` (name keys)."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"kind": c.kind, "business_number": c.number, "severa_number": c.severa_number} for c in everyone]
    pq.write_table(pa.Table.from_pylist(rows), folder / "customers.parquet")
    with duckdb.connect() as connection:
        keys.register(connection)
        keys.define(connection)
        for system in ("business", "severa"):
            known = [c for c in everyone if getattr(c, system) is not None]
            numbers = [c.number if system == "business" else c.severa_number for c in known]
            names = pa.table({"number": numbers, "name": [getattr(c, system) for c in known]})
            connection.register("names", names)
            connection.sql(
                "SELECT number, without_legal_form(name_key(name)) AS key FROM names"
            ).write_parquet(str(folder / f"{system}.parquet"))
            connection.unregister("names")
        keys.unregister(connection)


def write_extracts(folder: Path, everyone: list[Customer], with_ids: bool) -> dict[System, Path]:
    """Write both systems' extracts with these customers and nothing else; return the folders.

    With ids, 90 of 100 customers of Visma Business and 50 of 100 of Severa have their business id.
    """
    import pyarrow as pa

    draw = random.Random("ids")
    ids = [
        (c.identity if draw.random() < 0.9 else None, c.identity if draw.random() < 0.5 else None)
        for c in everyone
    ]
    business = [
        {"act_no": str(c.number), "customer_no": str(c.number), "name": c.business, "business_no": id_}
        for c, (id_, _) in zip(everyone, ids, strict=True)
        if c.business is not None
    ]
    severa = [
        {"guid": f"c-{n}", "number": c.severa_number, "name": c.severa, "is_active": True, "vat_number": id_}
        for n, (c, (_, id_)) in enumerate(zip(everyone, ids, strict=True))
        if c.severa is not None
    ]
    filled: dict[str, list[dict[str, Any]]] = {
        "associates": business,
        "customers": severa,
        "organizationsettings": [_settings()],
    }
    for system in SYSTEMS:
        (folder / system).mkdir(parents=True)
        writer = ExtractWriter(folder / system, system, tenant="near", run_id="near")
        for name in tables.TABLES[system]:
            with writer.table(name) as table:
                rows = filled.get(name, []) if name != "customers" or system == "severa" else []
                table.write(_batch(pa, table.schema, rows, with_ids))
        writer.finish()
    return {system: folder / system for system in SYSTEMS}


def _batch(pa: Any, schema: pa.Schema, rows: list[dict[str, Any]], with_ids: bool) -> pa.RecordBatch:
    columns = [
        [None if name in ("business_no", "vat_number") and not with_ids else row.get(name) for row in rows]
        for name in schema.names
    ]
    return pa.RecordBatch.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _settings() -> dict[str, Any]:
    return {"next_customer_number": 90_000_000, "next_invoice_number": 1, "next_project_number": 1}


def near_tenant() -> Tenant:
    """Return the tenant of these customers: all of them are to be transferred."""
    plain = tenant().model_dump(mode="json", exclude_none=True, exclude_unset=True)
    return Tenant.model_validate({**plain, "transfer": dict.fromkeys(plain["transfer"], "all")})
