"""What Presync finds in the sample companies is what `demo/README.md` says was planted, and nothing else."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from demo.companies import COMPANIES, build
from demo.world import TENANTS
from presync.tenants.model import load_tenant
from tests.oracle import StagedData
from tests.support.rules_product import check
from tests.support.severa_server import SeveraProcess, read_severa, write_severa
from tests.support.visma_business import extracted_from

README = TENANTS.parent / "README.md"
ROW = re.compile(r"^\| (\w+) \| ([a-z_, ]+) \| `(\w+)` \| (\d+) \|", re.MULTILINE)


def planted(tenant: str) -> Counter[tuple[str, str]]:
    """Count critical findings by suite and rule, as the README's table lists them."""
    counts: Counter[tuple[str, str]] = Counter()
    for name, suites, rule, count in ROW.findall(README.read_text(encoding="utf-8")):
        if name == tenant:
            named = suites.split(", ")
            counts.update({(suite, rule): int(count) // len(named) for suite in named})
    return counts


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("companies")
    build(folder)
    return folder


def staged(companies: Path, name: str, server: SeveraProcess, scratch: Path) -> StagedData:
    """Return both extracts of a company, read over ODBC and HTTP."""
    tenant = load_tenant(TENANTS / f"{name}.yaml")
    files = (companies / name / "severa").glob("*.json")
    write_severa(server.data, **{file.stem: json.loads(file.read_text()) for file in files})
    severa, _ = read_severa(server, scratch)
    business = extracted_from(companies / name / "visma_business.db", tenant)
    tables = {("visma_business", table): rows for table, rows in business.rows.items()}
    tables |= {("severa", table): rows for table, rows in severa.items()}
    return StagedData(tenant, tables, set(business.manifest.not_mapped))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", COMPANIES)
def test_the_critical_findings_are_the_planted_ones(
    companies: Path, name: str, severa_server: SeveraProcess, tmp_path: Path
) -> None:
    results, rows = check(staged(companies, name, severa_server, tmp_path))
    assert {result.status for result in results.values()} <= {"passed", "failed"}
    critical = Counter((row["suite"], row["rule"]) for row in rows if row["severity"] == "critical")
    assert critical == planted(name)
    assert bool(critical) is (name in {"saimaa", "malaren"})


def test_personal_data_is_not_staged(companies: Path, severa_server: SeveraProcess, tmp_path: Path) -> None:
    data = staged(companies, "nordlys", severa_server, tmp_path)
    values = {str(value) for rows in data.tables.values() for row in rows for value in row.values()}
    with closing(sqlite3.connect(companies / "nordlys" / "visma_business.db")) as database:
        personal = {
            str(value) for row in database.execute("SELECT BankAc, Ad1, Phone FROM Actor") for value in row
        }
    users = json.loads((companies / "nordlys" / "severa" / "users.json").read_text())
    personal |= {
        user[name] for user in users for name in ("socialSecurityNumber", "bankAccountNumber", "birthDate")
    }
    assert len(personal) > 1000
    assert not (personal - {""}) & values
