"""A generated fleet: companies of one size, each with a database, a Severa organisation and a tenant file.

The companies hold the same records, but nothing that would make two of them one: files, credentials and
organisations differ.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.company import Company, tenant_fields
from demo.severa.process import start_severa
from demo.world import connection_variable, sqlite_driver

_NAMED: Final = 'SELECT guid, name, code, is_active AS "isActive" FROM '
_PROJECT: Final = (
    "SELECT guid, name, number, {'number': customer_number} AS customer, is_closed AS \"isClosed\" FROM "
)
_REGISTERS: Final = {
    "businessunits": _NAMED,
    "products": _NAMED,
    "worktypes": _NAMED,
    "travelexpensetypes": _NAMED,
    "users": 'SELECT guid, first_name AS "firstName", last_name AS "lastName", code, email, '
    'is_active AS "isActive" FROM ',
    "customers": 'SELECT guid, name, number, is_active AS "isActive", vat_number AS "vatNumber" FROM ',
    "projects": _PROJECT,
    "salescases": _PROJECT,
    "invoices": 'SELECT guid, number, unit_guid AS "invoiceNumberBusinessUnitGuid" FROM ',
}
_SETTINGS: Final = (
    'SELECT next_customer_number AS "nextCustomerNumber", next_invoice_number AS "nextInvoiceNumber", '
    'next_project_number AS "nextProjectNumber", '
    'unique_product_codes AS "uniqueIdentifierForProductsAndWorktypes" FROM '
)


@dataclass(frozen=True)
class Fleet:
    """Running surroundings: the tenants' names, their files, and what Presync needs to find the rest."""

    tenants: tuple[str, ...]
    files: Path
    environment: dict[str, str]


@contextmanager
def generated_fleet(folder: Path, companies: int, customers: int) -> Iterator[Fleet]:
    """Write the companies, start one stand-in Severa for all of them, and stop it at the end."""
    pattern = folder / "pattern"
    Company(pattern).make(customers)
    write_severa(pattern)
    names = tuple(f"company{number:04}" for number in range(1, companies + 1))
    clients = {name: {"secret": secrets.token_urlsafe(12), "data": f"{name}/severa"} for name in names}
    for name in names:
        _copy(pattern, folder / "companies" / name, name)
    write_tenants(folder / "tenants", names)
    with start_severa(folder / "companies", {"clients": clients}) as severa:
        environment: dict[str, str] = {}
        for name in names:
            database = {"Database": str(folder / "companies" / name / "visma_business.db")}
            odbc = {"conn_type": "odbc", "extra": {"driver": sqlite_driver(), "odbc": database}}
            http = {"conn_type": "http", "host": severa.api, "login": name}
            environment |= connection_variable(f"visma_business__{name}", odbc)
            environment |= connection_variable(
                f"severa__{name}", {**http, "password": clients[name]["secret"]}
            )
        yield Fleet(names, folder / "tenants", environment)


def write_tenants(folder: Path, names: tuple[str, ...]) -> None:
    """Write a tenant file for each name."""
    folder.mkdir(parents=True)
    for name in names:
        fields = {**tenant_fields(), "tenant": name, "title": f"{name} AS"}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")


def write_severa(folder: Path) -> None:
    """Write the organisation of a generated company as the stand-in reads it, beside its extracts."""
    import duckdb

    target = folder / "organisation"
    target.mkdir()
    with duckdb.connect() as connection:
        for register, select in {**_REGISTERS, "organizationsettings": _SETTINGS}.items():
            source = folder / "severa" / f"{register}.parquet"
            array = "false" if register == "organizationsettings" else "true"
            connection.execute(
                f"COPY ({select} '{source}') TO '{target / register}.json' (FORMAT json, ARRAY {array})"
            )


def _copy(pattern: Path, folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    shutil.copyfile(pattern / "visma_business.db", folder / "visma_business.db")
    (folder / "severa").mkdir()
    for file in (pattern / "organisation").glob("*.json"):
        os.link(file, folder / "severa" / file.name)  # never written to
    details: dict[str, Any] = {"guid": f"organisation-{name}", "name": f"{name} AS", "activeCompanies": []}
    (folder / "severa" / "organizationdetails.json").write_text(json.dumps(details))
