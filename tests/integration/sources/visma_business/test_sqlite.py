"""Reading a company file over SQLite's ODBC driver: what is there, exactly, or a reason why not."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.errors import CatalogueError, ConfigurationError, SourceDataError, SourceUnavailableError
from presync.staging.tables import VISMA_BUSINESS
from tests.support.visma_business import (
    SCHEMA,
    SQLITE,
    connection,
    extracted,
    extracted_from,
    tenant,
    write_sqlite,
)

SERIES = {"table": "AcInt", "first": "FrNo", "last": "ToNo"}
WHOLE = tenant(
    projects={"table": "R2", "customer": "CustNo"},
    customer_series=SERIES,
    invoice_series=[1],
    invoices={"table": "CustTr", "number": "InvoNo"},
    transfer={
        "departments": {"except": {"field": "Gr2", "value": 1}},
        "customers": {"except": {"field": "Gr5", "value": 1}},
        "employees": {"except": {"field": "Gr", "value": 1}},
    },
)


def test_every_table_is_staged_as_it_is(tmp_path: Path) -> None:
    file = write_sqlite(
        tmp_path / "c.db",
        Actor=[
            (1, "Ærlig & Sønn AS ", 10001, 0, 0, "NO 923 609 016 MVA", "", 0, 2),
            (2, "Kari Lunde", 0, 101, 0, "", "kari@c.example", 1, 0),
            (3, "a contact person", 0, 0, 0, "", "", 0, 0),
            (4, None, 2147483648, None, 10001, None, None, None, None),
        ],
        R1=[(10, "Salg", 1)],
        R2=[(2001, "Nettside", 10001)],
        Prod=[("007", "Rådgivning")],
        AcInt=[(1, 1, 10000, 19999), (2, 0, 5, 0)],
        VoSr=[(1, "Faktura", 0, 50010, 2147483647)],
        CustTr=[("50001",), ("KID-7",), ("",), (None,)],
    )
    staged = extracted_from(file, WHOLE)
    assert [tuple(row.values()) for row in staged.rows["associates"]] == [
        ("1", "Ærlig & Sønn AS ", "10001", "0", 0, "NO 923 609 016 MVA", "", 2, 0),
        ("2", "Kari Lunde", "0", "101", 0, "", "kari@c.example", 0, 1),
        ("4", None, "2147483648", None, 10001, None, None, None, None),
    ]
    assert staged.rows["departments"] == [{"code": "10", "name": "Salg", "group_value": 1}]
    assert staged.rows["projects"] == [
        {"code": "2001", "name": "Nettside", "customer": "10001", "group_value": None}
    ]
    assert staged.rows["products"] == [{"code": "007", "name": "Rådgivning", "group_value": None}]
    assert [tuple(row.values()) for row in staged.rows["customer_series"]] == [(1, 10000, 19999), (2, 5, 0)]
    assert [tuple(row.values()) for row in staged.rows["voucher_series"]] == [
        ("1", "Faktura", 0, 50010, 2147483647)
    ]
    assert [row["number"] for row in staged.rows["invoice_numbers"]] == ["50001", "KID-7", "", None]
    assert staged.manifest.not_mapped == ()
    assert staged.manifest.seen["dbms"] == "SQLite"
    assert staged.manifest.seen["tables"]["associates"] == "Actor"


def test_what_the_tenant_does_not_map_is_empty_and_said_so(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", AcInt=[(1, 1, 1, 2)], VoSr=[(1, "x", 1, 2, 3)], CustTr=[("1",)])
    staged = extracted_from(file, tenant(customer_series="none"))
    assert set(staged.manifest.not_mapped) == {"customer_series", "voucher_series", "invoice_numbers"}
    assert {len(staged.rows[table]) for table in staged.manifest.not_mapped} == {0}


@pytest.mark.parametrize(
    ("series", "tables", "found"),
    [
        ({"first": "FrNo", "last": "ToNo"}, {}, True),  # discovered by its columns
        ({}, {}, False),  # discovered, but nobody says which columns hold the interval
        ({"table": "AcInt", "first": "FrNo"}, {}, False),
        ({"first": "FrNo", "last": "ToNo"}, {"AcInt": "Other INT"}, False),  # nothing to discover
        ({"first": "FrNo", "last": "ToNo"}, {"Copy": SCHEMA["AcInt"]}, False),  # two of them: which one?
    ],
)
def test_the_customer_series_is_read_only_if_it_is_certain(
    tmp_path: Path, series: dict[str, str], tables: dict[str, str], found: bool
) -> None:
    file = write_sqlite(tmp_path / "c.db", {**SCHEMA, **tables})
    with closing(sqlite3.connect(file)) as db:
        db.execute("INSERT INTO AcInt VALUES (1, 1, 10, 20)" if "AcInt" not in tables else "SELECT 1")
        db.commit()
    staged = extracted_from(file, tenant(customer_series=series))
    assert ("customer_series" not in staged.manifest.not_mapped) is found
    assert len(staged.rows["customer_series"]) == int(found)


def test_everything_missing_is_listed_at_once_with_what_was_meant(tmp_path: Path) -> None:
    schema = {table: columns for table, columns in SCHEMA.items() if table != "Prod"}
    schema["Actor"] = schema["Actor"].replace("BsNo", "BusNo")
    file = write_sqlite(tmp_path / "c.db", schema)
    wanted = tenant(
        departments={"table": "R3"},
        projects={"table": "R2", "customer": "CstNo"},
        customer_series={"table": "AcInt", "first": "FromNo"},
        invoices={"table": "CustTrans", "number": "InvoNo"},
    )
    with pytest.raises(CatalogueError) as caught:
        extracted_from(file, wanted)
    message = caught.value.message
    for part in (
        "table R3 (departments), closest: ",
        "column CstNo of table R2 (projects, customer), closest: CustNo",
        "table Prod (products)",
        "column BsNo of table Actor (associates, business_no), closest: BusNo",
        "column FromNo of table AcInt (customer_series), closest: FrNo",
        "table CustTrans (invoice_numbers), closest: CustTr",
    ):
        assert part in message


def test_names_are_found_whatever_their_case(tmp_path: Path) -> None:
    schema = {table.lower(): columns.upper() for table, columns in SCHEMA.items()}
    file = write_sqlite(tmp_path / "c.db", schema, actor=[(1, "A", 5, 0, 0, "", "", 0, 0)])
    assert extracted_from(file, WHOLE).rows["associates"][0]["customer_no"] == "5"


def test_a_missing_file_is_an_error_and_is_not_created(tmp_path: Path) -> None:
    file = tmp_path / "F0001.db"
    with pytest.raises(ConfigurationError, match=r"F0001\.db"):
        extracted_from(file, WHOLE)
    assert not file.exists()


def test_files_that_are_no_company_are_refused(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.db", tmp_path / "text.db"
    empty.touch()
    text.write_text("this is not a database" * 200)
    with pytest.raises(CatalogueError, match="no tables at all"):
        extracted_from(empty, WHOLE)
    with pytest.raises(SourceDataError, match="not a database"):
        extracted_from(text, WHOLE)


def test_a_locked_file_is_tried_again_later(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db")
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        connection(driver=SQLITE, odbc={"Database": str(file), "Timeout": 50}),
    ):
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceUnavailableError, match="locked"):
            extracted(WHOLE)


def test_damage_in_the_middle_is_no_extract(tmp_path: Path) -> None:
    rows = [(i, "x" * 80, i, 0, 0, "", "", 0, 0) for i in range(1, 20_001)]
    file = write_sqlite(tmp_path / "c.db", Actor=rows)
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = b"\xff" * 8192
    file.write_bytes(content)
    with pytest.raises(SourceDataError, match="malformed"):
        extracted_from(file, WHOLE)


def test_a_missing_connection_says_where_to_create_it() -> None:
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_VISMA_BUSINESS__C"):
        extracted(WHOLE)


@pytest.mark.parametrize(
    ("table", "row", "named"),
    [
        ("R1", (10, "Salg", "yes"), "column Gr2 of table R1 holds 'yes'"),
        ("R1", (10, "Salg", 1.5), "column Gr2 of table R1 holds '1.5'"),
        ("AcInt", (1, 1, "1-9", 9), "column FrNo of table AcInt holds '1-9'"),
        ("Actor", (1, "A", 5, 0, "x", "", "", 0, 0), "column DelToAct of table Actor holds 'x'"),
        ("Prod", ("X100\0-A", "Cut"), "table Prod holds binary data, or texts with a NUL character"),
        ("Prod", (b"X100", "A blob"), "ProdNo (1)"),
        ("R1", (b"\x31", "Salg", 0), "RNo (1)"),
        ("CustTr", ("5\0",), "InvoNo (1)"),
    ],
)
def test_a_value_that_the_driver_would_falsify_is_named(
    tmp_path: Path, table: str, row: tuple[Any, ...], named: str
) -> None:
    with pytest.raises(SourceDataError) as caught:
        extracted_from(write_sqlite(tmp_path / "c.db", SCHEMA, **{table: [row]}), WHOLE)
    assert named in caught.value.message


def test_a_text_in_an_integer_column_is_still_a_code(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", R1=[("A-1", "Salg", 0), (10, "Lager", 0)])
    assert [row["code"] for row in extracted_from(file, WHOLE).rows["departments"]] == ["A-1", "10"]


def test_columns_without_a_declared_type_are_read(tmp_path: Path) -> None:
    schema = {
        table: columns.replace(" INT", "").replace(" VARCHAR(80)", "") for table, columns in SCHEMA.items()
    }
    file = write_sqlite(tmp_path / "c.db", schema, Actor=[(1, "N" * 300, 10001, 0, 0, "", "", 0, 7)])
    row = extracted_from(file, WHOLE).rows["associates"][0]
    assert (row["customer_no"], row["customer_group_value"], row["name"]) == ("10001", 7, "N" * 300)


def test_the_file_is_not_changed(tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", R1=[(1, "Salg", 0)])
    before = file.read_bytes(), file.stat().st_mtime_ns
    extracted_from(file, WHOLE)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert [path.name for path in tmp_path.iterdir()] == ["c.db"]


# SQLite's driver falsifies characters of the last private plane (from U+100000), which no language uses
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0", max_codepoint=0xFFFFF)
TEXT = st.none() | st.text(LETTERS, max_size=30)
INTEGER = st.none() | st.integers(-(2**63), 2**63 - 1)
CODE = st.integers(1, 2**63 - 1)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    actors=st.lists(
        st.tuples(INTEGER, TEXT, CODE, INTEGER, INTEGER, TEXT, TEXT, INTEGER, INTEGER), max_size=8
    ),
    units=st.lists(st.tuples(INTEGER, TEXT, INTEGER), max_size=8),
    products=st.lists(st.tuples(TEXT, TEXT), max_size=8),
    series=st.lists(st.tuples(INTEGER, INTEGER, INTEGER, INTEGER), max_size=4),
)
def test_what_goes_in_comes_out(
    actors: list[tuple[Any, ...]],
    units: list[tuple[Any, ...]],
    products: list[tuple[Any, ...]],
    series: list[tuple[Any, ...]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = write_sqlite(Path(folder) / "c.db", Actor=actors, R1=units, Prod=products, AcInt=series)
        staged = extracted_from(file, WHOLE)
    assert [tuple(row.values()) for row in staged.rows["associates"]] == [
        (text(act), name, text(cust), text(emp), deliver, business, mail, gr5, gr)
        for act, name, cust, emp, deliver, business, mail, gr, gr5 in actors
    ]
    assert [tuple(row.values()) for row in staged.rows["departments"]] == [
        (text(code), name, group) for code, name, group in units
    ]
    assert [tuple(row.values())[:2] for row in staged.rows["products"]] == products
    assert [tuple(row.values()) for row in staged.rows["customer_series"]] == [
        (kind, first, last) for kind, _, first, last in series
    ]
    assert staged.rows.keys() | staged.background.keys() == VISMA_BUSINESS.keys()


def text(number: int | None) -> str | None:
    return None if number is None else str(number)


INFORMATION = {**SCHEMA, "Frm": "FrmNo INT, Nm VARCHAR(80), BsNo VARCHAR(20), CrNtVoSr INT"}
MAPPED = {"table": "Frm", "name": "Nm", "business_no": "BsNo", "key": "FrmNo", "value": 2}


def company_said(tmp_path: Path, rows: list[tuple[Any, ...]], **mapped: Any) -> dict[str, str]:
    file = write_sqlite(tmp_path / "c.db", INFORMATION, Frm=rows)
    said: dict[str, str] = extracted_from(file, tenant(**mapped)).manifest.seen["identity"]["visma_business"]
    return {key: value for key, value in said.items() if key not in {"server", "database"}}


@pytest.mark.parametrize(
    ("rows", "mapped", "said"),
    [
        ([(1, "Nordlys AS ", "923609016", 0)], {}, {"name": "Nordlys AS", "business_no": "923609016"}),
        ([(1, "Nordlys AS", None, 0)], {}, {"name": "Nordlys AS"}),
        ([(1, "One", "1", 0), (2, "Two", "2", 0)], {}, {}),  # found, but which row is it?
        ([], {}, {}),
        ([(1, "One", "1", 0), (2, "Two", "2", 0)], {"company": MAPPED}, {"name": "Two", "business_no": "2"}),
        ([(9, "Nine", "9", 0)], {"company": {"table": "Frm", "business_no": "BsNo"}}, {"business_no": "9"}),
    ],
)
def test_the_company_says_what_it_is_called(
    tmp_path: Path, rows: list[tuple[Any, ...]], mapped: dict[str, Any], said: dict[str, str]
) -> None:
    assert company_said(tmp_path, rows, **mapped) == said


def test_a_mapped_company_must_be_one_row_and_its_columns_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no row with FrmNo 2"):
        company_said(tmp_path, [(1, "One", "1", 0)], company=MAPPED)
    (tmp_path / "c.db").unlink()
    with pytest.raises(CatalogueError, match="column Navn of table Frm"):
        company_said(tmp_path, [], company={"table": "Frm", "name": "Navn"})
