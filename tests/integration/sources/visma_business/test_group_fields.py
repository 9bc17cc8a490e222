"""Counting what Group fields hold, over SQLite's driver and SQL Server's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from presync.sources.visma_business.catalogue import Catalogue
from presync.sources.visma_business.connection import open_company
from presync.sources.visma_business.group_fields import GroupFieldUsage, group_field_usage, places
from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from tests.support.tds.drivers import DRIVERS, Driver
from tests.support.tds.reading import reading
from tests.support.tds.server import TdsServer
from tests.support.visma_business import SQLITE, connection, tenant, write_sqlite

ACTOR = "ActNo INT, Nm VARCHAR(80), CustNo INT, EmpNo INT, DelToAct INT, BsNo VARCHAR(20), MailAd VARCHAR(80)"
SCHEMA = {
    "Actor": f"{ACTOR}, Gr INT, Gr3 INT, Gruppe5 INT, Gr6 VARCHAR(9)",
    "R1": "RNo INT, Nm VARCHAR(80)",
    "R7": "RNo VARCHAR(10), Nm VARCHAR(80), Gr2 INT, Gr12 BIGINT",
    "Prod": "ProdNo VARCHAR(40), Descr VARCHAR(80), Gr DECIMAL(9,0)",
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "Actor": [
        (1, "customer", 10, 0, 0, "", "", 7, 0, 0, ""),
        (2, "customer", 11, 0, None, "", "", -2, None, 5, "x"),
        (3, "both", 12, 5, 0, "", "", 0, 0, 5, ""),
        (4, "delivery address", 13, 0, 9, "", "", 99, 99, 99, ""),
        (5, "contact", 0, 0, 0, "", "", 99, 99, 99, ""),
    ],
    "R1": [(0, "no record")],
    "R7": [("A", "a", 0, 2**40), (" ", "no code", 1, 1), ("0", "no code", 1, 1), (None, "no code", 1, 1)],
    "Prod": [("007", "p", 3), ("008", "p", None)],
}
MAPPED = tenant(projects={"table": "R7"}, columns={"Actor": {"Gr5": "Gruppe5"}})
UNKNOWN = GroupFieldUsage("Gr6")
EXPECTED: Mapping[Entity, tuple[GroupFieldUsage, ...]] = {
    "departments": (),
    "products": (GroupFieldUsage("Gr", 2, 1, 3, 3),),
    "employees": (
        GroupFieldUsage("Gr", 1, 0),
        GroupFieldUsage("Gr3", 1, 0),
        GroupFieldUsage("Gr5", 1, 1, 5, 5),
        UNKNOWN,
    ),
    "customers": (
        GroupFieldUsage("Gr", 3, 2, -2, 7),
        GroupFieldUsage("Gr3", 3, 0),
        GroupFieldUsage("Gr5", 3, 2, 5, 5),
        UNKNOWN,
    ),
    "projects": (GroupFieldUsage("Gr2", 1, 0), GroupFieldUsage("Gr12", 1, 1, 2**40, 2**40)),
}


def used(of: Tenant = MAPPED) -> dict[Entity, tuple[GroupFieldUsage, ...]]:
    """Ask the company behind the connection that is defined now."""
    with open_company(of) as company:
        catalogue = Catalogue(company)
        where = places(of, catalogue)
        catalogue.confirm()
        return group_field_usage(company, catalogue, where)


def test_records_and_marks_are_counted_over_sqlite(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", SCHEMA, **ROWS)
    with connection(driver=SQLITE, odbc={"Database": str(file)}):
        assert used() == EXPECTED


@pytest.mark.parametrize("driver", DRIVERS)
def test_records_and_marks_are_counted_over_sql_servers_protocol(tmp_path: Path, driver: Driver) -> None:
    with TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", SCHEMA, **ROWS)}) as server:
        with reading(server, driver):
            assert used() == EXPECTED
        counting = [text for text in server.log if "NULLIF" in text]
        assert len(counting) == 4  # a scan per entity that has any
        assert server.failures == []


@pytest.mark.parametrize("odd", [1.5, "yes"])
def test_what_is_no_whole_number_in_sqlite_makes_a_field_unknown(tmp_path: Path, odd: object) -> None:
    rows = {**ROWS, "Prod": [("007", "p", odd), ("008", "p", 2)]}
    file = write_sqlite(tmp_path / "c.db", SCHEMA, **rows)
    with connection(driver=SQLITE, odbc={"Database": str(file)}):
        assert used()["products"] == (GroupFieldUsage("Gr"),)


def test_an_entity_without_rows_has_no_marks_and_a_missing_table_is_left_out(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", SCHEMA)
    with connection(driver=SQLITE, odbc={"Database": str(file)}), open_company(MAPPED) as company:
        catalogue = Catalogue(company)
        where = places(tenant(projects={"table": "R9"}), catalogue)
        usage = group_field_usage(company, catalogue, where)
    assert "projects" not in usage
    assert usage["products"] == (GroupFieldUsage("Gr", 0, 0),)
