"""The sample companies: the same every time, complete, and with data that nobody may stage."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from demo.companies import COMPANIES, build
from demo.companies.company import REGISTERS
from demo.visma_business import TABLES, write_company
from demo.world import TENANTS
from presync.tenants.model import load_tenant, tenant_files


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("companies")
    build(folder)
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_building_again_changes_nothing(companies: Path, tmp_path: Path) -> None:
    build(tmp_path)
    first = digests(tmp_path)
    build(tmp_path)
    assert digests(tmp_path) == first == digests(companies)


def test_each_company_has_a_tenant_file_and_all_its_files(companies: Path) -> None:
    tenants = [load_tenant(path) for path in tenant_files(TENANTS)]
    assert {tenant.tenant for tenant in tenants} == set(COMPANIES)
    for tenant in tenants:
        names = {path.name for path in (companies / tenant.tenant).rglob("*.*")}
        registers = {f"{name}.json" for name in (*REGISTERS, "organizationsettings", "organizationdetails")}
        assert names == registers | {"visma_business.db"}
        assert tenant.title == json.loads(read(companies, tenant.tenant, "organizationdetails"))["name"]


def test_each_report_is_in_its_companys_language() -> None:
    written = (TENANTS.parent / "README.md").read_text(encoding="utf-8")
    promised = dict(re.findall(r"^\| (\w+) \| [^|]+ \| (\w+) \| `", written, re.MULTILINE))
    languages = {"nb": "Norwegian", "fi": "Finnish", "sv": "Swedish", "da": "Danish"}
    tenants = [load_tenant(path) for path in tenant_files(TENANTS)]
    assert promised == {tenant.tenant: languages[tenant.language] for tenant in tenants}


def read(companies: Path, tenant: str, name: str) -> str:
    return (companies / tenant / "severa" / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("tenant", COMPANIES)
def test_sizes_are_realistic_and_guids_unique(companies: Path, tenant: str) -> None:
    rows = {name: json.loads(read(companies, tenant, name)) for name in REGISTERS}
    for name, fewest in {
        "customers": 300,
        "users": 20,
        "projects": 100,
        "invoices": 500,
        "businessunits": 5,
    }.items():
        assert len(rows[name]) >= fewest
    for name, register in rows.items():
        assert len({row["guid"] for row in register}) == len(register), name


@pytest.mark.parametrize("tenant", COMPANIES)
def test_personal_data_is_there_to_be_left_alone(companies: Path, tenant: str) -> None:
    with closing(sqlite3.connect(companies / tenant / "visma_business.db")) as database:
        assert {
            row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        } == set(TABLES)
        born, accounts = database.execute(
            "SELECT SUM(BirthDt > 19000101), SUM(BankAc <> '') FROM Actor"
        ).fetchone()
    assert born >= 20
    assert accounts >= 300
    assert all(row["socialSecurityNumber"] for row in json.loads(read(companies, tenant, "users")))


def test_a_misspelled_column_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="Actor has no column CstNo"):
        write_company(tmp_path / "c.db", {"Actor": [{"CstNo": 1}]})
    assert list(tmp_path.iterdir()) == []
