"""`presync init` against real systems: what can be found is found, what cannot stays open.

Covers: new_tenant/connections.py.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from demo.companies import COMPANIES, build
from demo.severa.process import SeveraProcess, start_severa
from demo.world import TENANTS
from presync.errors import ConfigurationError
from presync.new_tenant.connections import connections
from presync.tenants.entities import ENTITIES
from presync.tenants.model import load_tenant
from presync.tenants.visma_business import CustomerSeries
from tests.support.new_tenant_looks import (
    PLAIN_ROWS,
    PLAIN_SCHEMA,
    SECRET,
    begun,
    begun_on,
    changed,
    flat,
    look_at_file,
    technical,
    use,
)
from tests.support.severa_server import NO_LIMIT, write_severa
from tests.support.visma_business import SQLITE, connection, extracted_from, write_sqlite


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("companies")
    build(folder)
    return folder


@pytest.fixture
def severa(severa_server: SeveraProcess, monkeypatch: pytest.MonkeyPatch) -> SeveraProcess:
    write_severa(severa_server.data, organizationdetails={"name": "Nordlys AS", "vatNumber": "NO923609016"})
    use(severa_server, "c", monkeypatch)
    return severa_server


@pytest.mark.parametrize("name", COMPANIES)
def test_whatever_the_sample_tenants_say_and_can_be_found_is_found(
    companies: Path,
    name: str,
    severa_server: SeveraProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = (companies / name / "severa").glob("*.json")
    write_severa(severa_server.data, **{file.stem: json.loads(file.read_text()) for file in files})
    use(severa_server, name, monkeypatch)
    database = companies / name / "visma_business.db"
    with connection(name, driver=SQLITE, odbc={"Database": str(database)}):
        code, found, text, told = begun(tmp_path, name)
    written = load_tenant(TENANTS / f"{name}.yaml")
    ours, theirs = found.visma_business, written.visma_business
    assert code == 0
    assert (found.tenant, found.title) == (name, written.title)
    assert ours.departments == theirs.departments
    assert ours.projects.table == theirs.projects.table
    assert ours.projects.customer == "CustNo"
    assert ours.voucher_series == theirs.voucher_series
    if theirs.customer_series == "none":
        assert ours.customer_series == "none"
    else:
        assert ours.customer_series == theirs.customer_series.model_copy(update={"table": "AcInt"})
    if theirs.invoices:
        assert ours.invoices == theirs.invoices
        assert f"# invoice_series: {theirs.invoice_series}\n" in text
    assert ours.invoice_series == []
    assert [found.transfer.answer(entity) for entity in ENTITIES] == [None] * 5
    assert "only people can answer" in told
    assert extracted_from(database, found).rows["associates"]
    with closing(sqlite3.connect(database)) as rows:
        people = rows.execute("SELECT Nm FROM Actor UNION SELECT Nm FROM R2").fetchall()
    assert [nm for (nm,) in people if nm and nm in text + told] == []


def test_a_company_that_tells_everything(severa: SeveraProcess, tmp_path: Path) -> None:
    code, found, text, _ = begun_on(changed(tmp_path, {}), tmp_path)
    assert (code, found.title, found.country) == (0, "Nordlys AS", "NO")
    assert "\ncountry: NO\n" in text
    assert found.visma_business.projects.model_dump() == {"table": "R2", "customer": "CustNo"}
    for said in (
        "suggested: projects: R2, because the only organisational unit whose rows name customers",
        "1000 to 1999, from 3000 on; 2 of 2 customers",
        "found: 2 customers (and 1 delivery address, no customers)",
        "in use, perhaps as the mark already: Gr5 (1 record, value 1)",
        "found: 1 employee, 1 without an e-mail address",
    ):
        assert said in flat(text)


@pytest.mark.parametrize(
    ("schema", "rows", "said"),
    [
        ({"AcInt": None}, {}, "where is the customer number series?"),
        (
            {"Old": PLAIN_SCHEMA["AcInt"]},
            {"Old": [(1, 1, 5, 9)]},
            "which is the customer number series: AcInt, Old?",
        ),
        (
            {"AcInt": "AcCl INT, AcIntProc INT, FrNo INT, ToNo INT, NxNo INT"},
            {"AcInt": [(1, 1, 1000, 1999, 1200)]},
            "which columns of AcInt hold an interval's first and last number? Several pairs",
        ),
        ({"VoSr": None}, {}, "where are the voucher series?"),
        (
            {"VoSr": "A INT, B INT, FstVoNo INT, NxtVoNo INT, LstVoNo INT"},
            {"VoSr": [(1, 7, 1, 2, 3), (2, 8, 4, 5, 6)]},
            "which column is the key of the voucher series VoSr? It could be: A, B",
        ),
        (
            {"Actor": PLAIN_SCHEMA["Actor"].replace("BsNo", "BsNumber").replace("CustNo", "CustNumber")},
            {},
            "which column of Actor holds the organisation number, elsewhere BsNo? Closest: BsNumber",
        ),
        (
            {"Prod": None, "Produkt": "ProdNo INT"},
            {},
            "which table is Prod (products) here? Closest: Produkt",
        ),
    ],
)
def test_what_is_not_certain_is_a_technical_question(
    schema: dict[str, str | None], rows: dict[str, list[tuple[Any, ...]]], said: str, tmp_path: Path
) -> None:
    draft, _, text = look_at_file(changed(tmp_path, schema, **rows))
    assert any(said in question for question in technical(draft))
    assert said in text


def test_a_look_that_leaves_something_technical_open_is_exit_code_1(
    severa: SeveraProcess, tmp_path: Path
) -> None:
    code, _, _, told = begun_on(changed(tmp_path, {"AcInt": None}), tmp_path)
    assert code == 1
    assert "the look should have answered 2 and did not" in told


def test_the_likeliest_ends_come_first_and_none_is_set(tmp_path: Path) -> None:
    schema = {"AcInt": "No INT, AcCl INT, AcIntProc INT, FrNo INT, ToNo INT"}
    rows = {"AcInt": [(1, 1, 1, 1000, 1999)]}
    draft, found, _ = look_at_file(changed(tmp_path, dict(schema), **rows))
    candidates = re.findall(r"# customer_series: \{table: AcInt, (.*)\}", draft.text)
    assert candidates == ["first: FrNo, last: ToNo", "first: No, last: ToNo"]
    assert found.visma_business.customer_series == CustomerSeries()


def test_units_that_could_be_meant_are_all_shown_and_none_is_set(tmp_path: Path) -> None:
    unit = "RNo INT, Nm VARCHAR(80), CustNo INT"
    rows = {"R3": [(1, "Nord", 0)], "R4": [(1, "Bygg", 1001)]}
    file = changed(tmp_path, {"R3": unit, "R4": unit}, **rows)
    draft, found, _ = look_at_file(file)
    waiting = re.findall(r"^  # ((?:departments|projects): .*)$", draft.text, re.MULTILINE)
    assert waiting == [
        "departments: {table: R1}",
        "departments: {table: R3}",
        "projects: {table: R2, customer: CustNo}",
        "projects: {table: R4, customer: CustNo}",
    ]
    assert not found.visma_business.model_fields_set & {"departments", "projects"}


def test_the_same_company_gives_the_same_file_in_any_order(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    turned = {name: rows[::-1] for name, rows in PLAIN_ROWS.items()}
    first, _, _ = look_at_file(changed(tmp_path, {}))
    second, _, _ = look_at_file(changed(tmp_path / "again", {}, **turned))
    assert first.text == second.text


def test_renamed_columns_leave_counts_unknown_and_are_suggested_as_a_comment(tmp_path: Path) -> None:
    renamed = PLAIN_SCHEMA["Actor"].replace("CustNo", "CustNumber")
    draft, found, text = look_at_file(changed(tmp_path, {"Actor": renamed}))
    assert found.visma_business.columns == {}
    assert "  # columns: {Actor: {CustNo: CustNumber}}\n" in draft.text
    assert "an unknown number of customers" in text


def test_a_key_with_another_name_is_found(tmp_path: Path) -> None:
    series = "Id INT, Tp INT, FstVoNo INT, NxtVoNo INT, LstVoNo INT"
    draft, found, _ = look_at_file(
        changed(tmp_path, {"VoSr": series}, VoSr=[(1, 4, 1, 2, 3), (2, 4, 5, 6, 7)])
    )
    assert technical(draft) == []
    assert found.visma_business.voucher_series.key == "Id"


def test_the_credit_note_series_of_company_information_is_told(tmp_path: Path) -> None:
    draft, _, _ = look_at_file(changed(tmp_path, {"Firm": "FrmNo INT, CrNtVoSr INT"}, Firm=[(1, 2)]))
    assert "company information names for credit notes (CrNtVoSr): 2" in draft.text
    assert "# invoice_series: [2]" in draft.text


def test_tables_with_dates_are_shown(tmp_path: Path) -> None:
    orders = {"Ord": "OrdNo INT, CustNo INT, R2 INT, OrdDt INT, ChDt INT"}
    draft, _, _ = look_at_file(changed(tmp_path, dict(orders)))
    wanted = (
        "  # activity: "
        "{customers: [{table: Ord, code: CustNo, date: OrdDt}], projects: [{table: Ord, code: R2, "
        "date: OrdDt}]}"
    )
    assert wanted in draft.text.splitlines()
    taken = draft.text.replace(wanted, wanted.replace("# ", ""))
    (tmp_path / "c.yaml").write_text(taken, encoding="utf-8")
    assert len(load_tenant(tmp_path / "c.yaml").visma_business.activity.sources()) == 2


def test_severas_names_say_which_unit_is_which(
    severa_server: SeveraProcess, severa: SeveraProcess, tmp_path: Path
) -> None:
    write_severa(
        severa_server.data,
        businessunits=[{"guid": "1", "name": "SALG", "code": "10"}],
        projects=[{"guid": "2", "name": "Nettside", "number": 2001}],
    )
    rows: dict[str, list[tuple[Any, ...]]] = {"R2": [(10, "Salg", 0)], "R1": [(2001, "nettside", 0)]}
    code, found, text, _ = begun_on(changed(tmp_path, {}, **rows), tmp_path)
    assert code == 0
    assert found.visma_business.departments.table == "R2"
    assert found.visma_business.projects.model_dump() == {"table": "R1", "customer": None}
    assert "1 of 1 names of Severa's business units are names in R2" in " ".join(text.split())
    assert "Nettside" not in text


def test_ceilings_are_told_but_never_set(
    severa_server: SeveraProcess, severa: SeveraProcess, tmp_path: Path
) -> None:
    settings = {"nextCustomerNumber": 500, "nextInvoiceNumber": 120, "nextProjectNumber": None}
    customers = [{"guid": str(number), "name": "K", "number": number} for number in (499, 700, 1001)]
    write_severa(severa_server.data, organizationsettings=settings, customers=customers)
    file = changed(tmp_path, {"CustTr": "CustNo INT, InvoNo VARCHAR(20)"}, CustTr=[(1001, "101")])
    _, found, text, _ = begun_on(file, tmp_path)
    assert found.severa.customer_number_ceiling is None
    assert "customers: below 700, the next number that is in use in Severa already" in flat(text)
    assert "#   customer_number_ceiling: 699\n" in text
    assert "#   invoice_number_ceiling: 149\n" in text
    assert "Severa gives no next project number" in flat(text)


def test_without_one_system_nothing_is_written_unless_half_is_wanted(
    severa: SeveraProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with connection(driver=SQLITE, odbc={"Database": str(tmp_path / "gone.db")}):
        with pytest.raises(ConfigurationError, match=r"nothing was written: .*gone\.db.*--partial"):
            begun(tmp_path)
        assert list(tmp_path.glob("*.yaml*")) == []
        with caplog.at_level(logging.INFO):
            code, found, text, told = begun(tmp_path, partial=True)
    assert code == 1
    assert found.title == "Nordlys AS"
    assert "# VISMA BUSINESS WAS NOT LOOKED AT" in text
    assert "visma_business" not in found.model_fields_set
    assert "1. Visma Business was not looked at" in told
    assert SECRET not in caplog.text


def test_the_other_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {**NO_LIMIT, "clients": {"id": {"secret": "another"}}}
    file = write_sqlite(tmp_path / "c.db", PLAIN_SCHEMA, **PLAIN_ROWS)
    with start_severa(write_severa(tmp_path / "severa"), config) as server:
        use(server, "c", monkeypatch)
        with pytest.raises(ConfigurationError, match="client id"):
            begun_on(file, tmp_path)
        code, found, text, _ = begun_on(file, tmp_path, partial=True)
    assert code == 1
    assert found.title == "c"
    assert found.visma_business.projects.table == "R2"
    assert "# SEVERA WAS NOT LOOKED AT" in text


def test_nothing_at_all_is_never_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SEVERA__C", '{"conn_type": "http", "host": "http://127.0.0.1:1"}')
    with (
        connection(driver=SQLITE, odbc={"Database": str(tmp_path / "gone.db")}),
        pytest.raises(ConfigurationError, match=r"nothing was written(?!.*--partial)"),
    ):
        begun(tmp_path, partial=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_never_replaced_unasked(severa: SeveraProcess, tmp_path: Path) -> None:
    file = write_sqlite(tmp_path / "c.db", PLAIN_SCHEMA, **PLAIN_ROWS)
    (tmp_path / "c.yaml").write_text("tenant: c\ntitle: Mine\n")
    with pytest.raises(ConfigurationError, match="--force"):
        begun_on(file, tmp_path)
    assert load_tenant(tmp_path / "c.yaml").title == "Mine"
    assert begun_on(file, tmp_path, force=True)[1].title == "Nordlys AS"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.db", "c.yaml"]


def test_missing_connections_are_all_named_with_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_THERE", '{"conn_type": "http"}')
    with pytest.raises(ConfigurationError) as caught:
        connections({"visma_business": "visma_business__x", "severa": "severa__x"}, None)
    for said in ("AIRFLOW_CONN_VISMA_BUSINESS__X", "AIRFLOW_CONN_SEVERA__X", "`--severa ID`"):
        assert said in caught.value.message
    assert connections({"visma_business": "there", "severa": "there"}, None).exports == []


def test_a_connection_that_cannot_be_read_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BROKEN", '{"password": "Hemmelig7"')
    with pytest.raises(ConfigurationError, match="broken cannot be read") as caught:
        connections({"visma_business": "broken", "severa": "broken"}, None)
    assert "Hemmelig7" not in caught.value.message
