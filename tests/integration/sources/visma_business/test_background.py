"""Dates, activity and Group fields: read where they are, and no run fails because they are not.

Covers: sources/visma_business/selection.py, staging/fingerprints.py.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from presync.errors import CatalogueError
from presync.sources.visma_business.arrow_columns import as_dates
from presync.sources.visma_business.background import activity_statement
from presync.staging.fingerprints import folder_fingerprints
from presync.tenants.model import Tenant
from tests.support.tds.drivers import DRIVERS, Driver
from tests.support.tds.faults import Fault
from tests.support.tds.reading import reading
from tests.support.tds.server import TdsServer
from tests.support.visma_business import SCHEMA, Extracted, extracted, extracted_from, tenant, write_sqlite

DATED = {
    **SCHEMA,
    "R1": "RNo INT, Nm VARCHAR(80), Laget INT, ChDt INT",
    "R2": "RNo INT, Nm VARCHAR(80), CustNo INT, CreDt DATE, ChDt VARCHAR(20)",
    "Ord": "OrdNo INT, CustNo INT, OrdDt INT, Rest DECIMAL(18,2)",
    "Trans": "CustNo VARCHAR(20), Dt DATE",
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "R1": [(10, "Salg", 20200131, 0), (20, "Drift", None, 20231399)],
    "R2": [(2001, "Nettside", 10001, "2020-02-29", "2021-06-01"), (2002, "x", 0, None, "long ago")],
    "Ord": [
        (1, 10001, 20200101, 0),
        (2, 10001, 20220202, 0),
        (3, 10002, 20190101, 12.5),
        (4, 10003, 0, None),
        (5, 0, 20260101, 1),
        (6, None, 20260101, 1),
    ],
    "Trans": [(" 10001 ", "2024-05-06"), ("10004", None)],
}
ORDERS = {"table": "Ord", "code": "CustNo", "date": "OrdDt", "open": "Rest"}


def mapped(*sources: dict[str, str]) -> Tenant:
    return tenant(
        customer_series="none",
        activity={"customers": list(sources)},
        columns={"R1": {"CreDt": "Laget"}},
    )


def seen(staged: Extracted) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in staged.background["activity"]), key=str)


ORDERED = [
    ("customers", "10001", 20220202, False),
    ("customers", "10002", 20190101, True),
    ("customers", "10003", 0, False),
]


def test_dates_and_activity_are_read_over_sqlite(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", DATED, **ROWS)
    staged = extracted_from(file, mapped(ORDERS, {"table": "Trans", "code": "CustNo", "date": "Dt"}))
    assert staged.dates["departments"] == [(20200131, 0), (None, 20231399)]
    assert staged.dates["products"] == []
    assert staged.dates["projects"] == [(20200229, None), (None, None)]  # a text is no date
    known = [row for row in seen(staged) if row[2] is not None]
    assert sorted(known) == sorted([*ORDERED, ("customers", "10001", 20240506, False)])
    assert [row for row in seen(staged) if row[2] is None] == [("customers", "10004", None, False)]
    assert [tuple(row.values()) for row in staged.background["activity_sources"]] == [
        ("customers", "Ord", 3),
        ("customers", "Trans", 2),
    ]


@pytest.mark.parametrize("driver", DRIVERS)
def test_dates_and_activity_are_read_over_sql_servers_protocol(tmp_path: Path, driver: Driver) -> None:
    typed = {**DATED, "R2": SCHEMA["R2"], "Trans": "CustNo INT"}
    rows = {table: ROWS[table] for table in ("R1", "Ord")}
    with TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", typed, **rows)}) as server:
        with reading(server, driver):
            staged = extracted(mapped(ORDERS))
        assert server.failures == []
        grouped = [text for text in server.log if "GROUP BY" in text]
        assert len(grouped) == 1
    assert staged.dates["departments"] == [(20200131, 0), (None, 20231399)]
    assert seen(staged) == ORDERED
    assert staged.manifest.seen["notes"] == []


def test_a_company_without_dates_and_activity_is_read_all_the_same(tmp_path: Path) -> None:
    staged = extracted_from(
        write_sqlite(tmp_path / "c.db", R1=[(10, "Salg", 0)]), tenant(customer_series="none")
    )
    assert staged.dates["departments"] == [(None, None)]
    assert (staged.background["activity"], staged.background["activity_sources"]) == ([], [])
    used = [row for row in staged.background["group_fields"] if row["entity"] == "departments"]
    assert used == [
        {
            "entity": "departments",
            "group_field": "Gr2",
            "records": 1,
            "marked": 0,
            "lowest": None,
            "highest": None,
        }
    ]


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ({**ORDERS, "table": "Orders"}, "table Orders"),
        ({**ORDERS, "code": "CustomerNo"}, "column CustomerNo"),
        ({**ORDERS, "date": "Dato"}, "column Dato"),
        ({**ORDERS, "open": "Left"}, "column Left"),
    ],
)
def test_activity_that_is_mapped_and_not_there_is_an_error(
    tmp_path: Path, source: dict[str, str], missing: str
) -> None:
    with pytest.raises(CatalogueError, match=missing):
        extracted_from(write_sqlite(tmp_path / "c.db", DATED), mapped(source))


@pytest.mark.parametrize(("column", "said"), [("date", "no date|where a date"), ("open", "whole numbers")])
def test_activity_of_an_unusable_type_is_an_error(tmp_path: Path, column: str, said: str) -> None:
    schema = {**DATED, "Ord": "OrdNo INT, CustNo INT, OrdDt INT, Rest INT, Txt VARCHAR(9)"}
    typed = {**schema, "R2": SCHEMA["R2"], "Trans": "CustNo INT"}
    with (
        TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", typed)}) as server,
        reading(server, DRIVERS[0]),
        pytest.raises(CatalogueError, match=said),
    ):
        extracted(mapped({**ORDERS, column: "Txt"}))


def test_a_failure_in_the_background_costs_only_the_help(tmp_path: Path) -> None:
    typed = {**DATED, "R2": SCHEMA["R2"], "Trans": "CustNo INT"}
    rows = {table: ROWS[table] for table in ("R1", "Ord")}
    with TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", typed, **rows)}) as server:
        server.faults.plant("Ord", Fault("hang", 0, 99))
        with reading(server, DRIVERS[0], extra={"query_timeout": 1}):
            staged = extracted(mapped(ORDERS))
    assert staged.rows["departments"]
    assert seen(staged) == []
    assert staged.background["activity_sources"] == [
        {"entity": "customers", "table_name": "Ord", "codes": None}
    ]
    (note,) = staged.manifest.seen["notes"]
    assert "without help for the five questions" in note


def test_a_touched_date_moves_no_fingerprint(tmp_path: Path) -> None:
    prints = []
    for day in (20200101, 20261123):
        folder = tmp_path / str(day)
        folder.mkdir()
        file = write_sqlite(
            folder / "c.db", DATED, R1=[(10, "Salg", 20200131, day)], Ord=[(1, 10001, day, 1)]
        )
        prints.append(_fingerprints(folder, file, mapped(ORDERS)))
    assert prints[0] == prints[1]
    assert "visma_business.activity" not in prints[0]


def _fingerprints(folder: Path, file: Path, of: Tenant) -> Any:
    from presync.sources.visma_business import extract
    from presync.staging.extract import ExtractWriter
    from tests.support.visma_business import HASTY, SQLITE, connection

    with connection(driver=SQLITE, odbc={"Database": str(file)}):
        writer = ExtractWriter(folder, "visma_business", tenant=of.tenant, run_id="r")
        writer.finish(extract.extract(of, writer, HASTY))
    return folder_fingerprints(folder, "visma_business")


def test_a_look_without_background_asks_for_none_of_it(tmp_path: Path) -> None:
    from presync.sources.visma_business import extract
    from presync.staging.extract import ExtractWriter
    from tests.support.visma_business import HASTY

    typed = {**DATED, "R2": SCHEMA["R2"], "Trans": "CustNo INT"}
    with TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", typed)}) as server:
        with reading(server, DRIVERS[0]):
            writer = ExtractWriter(tmp_path, "visma_business", tenant="c", run_id="r", background=False)
            writer.finish(extract.extract(mapped(ORDERS), writer, HASTY))
        assert [text for text in server.log if "NULLIF" in text or "GROUP BY" in text] == []


def test_whatever_a_date_column_holds_becomes_a_number_or_nothing() -> None:
    values = [
        20200101,
        0,
        -5,
        None,
        "20200102",
        " 2020-01-03 ",
        "2020-01-04 10:00",
        date(2020, 1, 5),
        2.5,
        "x",
        "",
    ]
    expected = [20200101, 0, -5, None, 20200102, 20200103, 20200104, 20200105, None, None, None]
    assert as_dates(values).to_pylist() == expected
    assert as_dates([1, None]).to_pylist() == [1, None]
    assert as_dates([True, "2020-13-45"]).to_pylist() == [
        1,
        20201345,
    ]  # no day of the calendar, and kept as read


def test_the_statement_groups_by_code() -> None:
    from presync.sources.visma_business.catalogue import Table
    from presync.sources.visma_business.selection import ActivitySelection

    class Quoting:
        def quoted(self, *names: str | None) -> str:
            return ".".join(f"[{name}]" for name in names if name)

    selection = ActivitySelection("customers", Table("dbo", "Ord", "TABLE", "F9"), "CustNo", "OrdDt")
    assert activity_statement(Quoting(), selection) == (  # type: ignore[arg-type]
        "SELECT [CustNo], MAX([OrdDt]), 0 FROM [F9].[dbo].[Ord] GROUP BY [CustNo]"
    )
