"""The file that facts become: valid, with nothing answered, and honest about what is not known.

Covers: new_tenant/document/series.py, new_tenant/document/severa.py, new_tenant/document/transfer.py,
new_tenant/document/business.py, new_tenant/look/facts.py.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from presync.new_tenant.document.document import document
from presync.new_tenant.look.facts import (
    Business,
    Counter,
    Ends,
    Guess,
    Interval,
    InvoiceTable,
    Looked,
    Missing,
    Register,
    SeriesTable,
    Severa,
    Unit,
    Voucher,
    VoucherTable,
)
from presync.sources.visma_business.group_fields import GroupFieldUsage
from presync.tenants.entities import ENTITIES
from presync.tenants.model import Tenant, read_tenant

ORDER = [
    "tenant",
    "title",
    "country",
    "visma_business",
    "severa",
    "transfer",
    "integration",
    "privacy",
    "start",
]
AC_INT = SeriesTable(
    "AcInt", 1, {"FrNo": (1000,), "ToNo": (9999,)}, (Ends("FrNo", "ToNo", (Interval(1000, 9999),), 690),)
)
VOSR = VoucherTable(
    "VoSr",
    2,
    "VoSrNo",
    "the primary key",
    ("VoSrNo",),
    (Voucher("1", "Faktura", 100, 150, 199, 50, 149), Voucher("2", "Andre", 1, 9, 0, 0)),
)
BUSINESS = Business(
    dbms="Microsoft SQL Server",
    database="F0001",
    units=(Unit("R1", "TABLE", 9, "CustNo", 0, 90), Unit("R7", "VIEW", 20, "CustNo", 20)),
    departments=Guess("R1", "8 of 9 names are there"),
    projects=Guess("R7", "20 of 20 names are there"),
    customer_series=(AC_INT,),
    voucher_series=(VOSR,),
    credit_note_series=("2",),
    invoices=(InvoiceTable("CustTr", "InvoNo", 60, 50, of_customers=True),),
    invoice_numbers_read=50,
    counts={"customers": 700, "employees": 60, "employees_without_email": 3},
    stamps={"Actor": ("ChDt", "CreDt"), "R1": ("ChDt",), "Prod": ()},
    groups={
        "customers": (
            GroupFieldUsage("Gr", 700, 0),
            GroupFieldUsage("Gr2", 700, 5, 1, 3),
            GroupFieldUsage("Gr3"),
        )
    },
)
SEVERA = Severa(
    "Nordlys AS",
    "NO",
    {"customer": Counter(500, 499, whole=True), "invoice": Counter(90), "project": Counter(None)},
    {"customers": Register("customers", 400, whole=True), "users": Register("users", 5000)},
)
LOOKED = Looked("nordlys", "2026-03-01", BUSINESS, SEVERA)


def read(looked: Looked, folder: Path) -> tuple[Tenant, str]:
    text = document(looked).text
    path = folder / "t.yaml"
    path.write_text(text, encoding="utf-8")
    return read_tenant(path), text


def with_business(**changes: object) -> Looked:
    return replace(LOOKED, business=replace(BUSINESS, **changes))  # type: ignore[arg-type]


def open_questions(looked: Looked) -> dict[str, bool]:
    return {question.question: question.technical for question in document(looked).questions}


def test_what_was_found_is_set_and_nothing_is_answered(tmp_path: Path) -> None:
    tenant, _ = read(LOOKED, tmp_path)
    business = tenant.visma_business
    assert (tenant.tenant, tenant.title, tenant.country, tenant.start) == (
        "nordlys",
        "Nordlys AS",
        "NO",
        "manual",
    )
    assert (business.database, business.departments.table) == ("F0001", "R1")
    assert business.projects.model_dump() == {"table": "R7", "customer": "CustNo"}
    assert business.customer_series.model_dump() == {"table": "AcInt", "first": "FrNo", "last": "ToNo"}  # type: ignore[union-attr]
    assert business.voucher_series.model_dump() == {"table": "VoSr", "key": "VoSrNo"}
    assert business.invoices is not None
    assert business.invoices.model_dump() == {"table": "CustTr", "number": "InvoNo"}
    assert business.invoice_series == []
    assert [tenant.transfer.answer(entity) for entity in ENTITIES] == [None] * 5
    assert tenant.severa.model_dump(exclude_defaults=True) == {}
    assert tenant.integration.master is None
    assert business.connection is None


def test_a_field_that_employees_use_is_not_free_for_customers() -> None:
    free = tuple(GroupFieldUsage(name, 9, 0) for name in ("Gr", "Gr2", "Gr3"))
    of_employees = (free[0], GroupFieldUsage("Gr2", 9, 4, 1, 1), GroupFieldUsage("Gr3"))
    text = " ".join(document(with_business(groups={"customers": free, "employees": of_employees})).listed)
    assert "could carry the mark: Gr; in use, or perhaps so, by others in the same table: Gr2, Gr3." in text
    assert "any of Gr to Gr3" not in text
    alone = " ".join(document(with_business(groups={"customers": free, "employees": free})).listed)
    assert alone.count("any of Gr to Gr3 could carry the mark") == 2


def test_keys_are_in_the_order_of_the_description() -> None:
    keys = re.findall(r"^(?:# )?([a-z_]+):(?: |$)", document(LOOKED).text, re.MULTILINE)
    assert [key for key in keys if key in ORDER] == ORDER


def test_every_setting_that_waits_can_be_taken(tmp_path: Path) -> None:
    text = document(LOOKED).text
    for setting in ("invoice_series", "severa", "transfer", "integration", "privacy"):
        assert re.search(rf"^ *# {setting}:", text, re.MULTILINE), setting
    text = re.sub(r"^( *)# ((?:  )?(?:# .*|[a-z_]+:.*))$", r"\1\2", text, flags=re.MULTILINE)
    text = re.sub(r"(OPEN|found|suggested)(?= ?\d* ?[(:])", r"# \1", text)
    answered = re.sub(r"^( +\w+): +# all, none or.*$", r"\1: all", text, flags=re.MULTILINE)
    lines = [line for line in answered.splitlines() if re.match(r" *(# |[a-z_]+:)|$", line)]
    path = tmp_path / "t.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    tenant = read_tenant(path)
    assert [tenant.transfer.answer(entity) for entity in ENTITIES] == ["all"] * 5
    assert tenant.visma_business.invoice_series == [1, 2]
    assert tenant.severa.customer_number_ceiling == 999
    assert tenant.privacy == "masked"


def test_nothing_technical_is_open_when_all_was_found() -> None:
    assert not any(open_questions(LOOKED).values())
    assert len(open_questions(LOOKED)) == 9


def test_questions_are_numbered_in_the_file_as_in_the_summary() -> None:
    draft = document(LOOKED)
    in_file = [int(number) for number in re.findall(r"# OPEN (\d+) \(", draft.text)]
    assert in_file == [question.number for question in draft.questions] == list(range(1, len(in_file) + 1))


def test_the_same_facts_make_the_same_file_whenever() -> None:
    assert document(LOOKED).text == document(LOOKED).text
    other_day = document(replace(LOOKED, on="2027-01-01")).text.splitlines()
    pairs = zip(document(LOOKED).text.splitlines(), other_day, strict=True)
    assert [a for a, b in pairs if a != b] == [
        "# The onboarding of nordlys, begun by `presync init`. Looked at on 2026-03-01."
    ]


def test_facts_stand_beside_the_questions() -> None:
    text = " ".join(document(LOOKED).text.replace("#", " ").split())
    for said in (
        "690 of 700 customers have a number in them",
        "60 employees, 3 without an e-mail address",
        "in use, perhaps as the mark already: Gr2 (5 records, values 1 to 3); not in use, so that one "
        "could carry "
        "the mark: Gr; not known: Gr3",
        "customers 400, users 5,000 or more",
        "the report of the first run shows",
        "They have the date of change and creation (ChDt, CreDt)",
        "They have the date of change (ChDt)",
        "They have no date of change or creation here",
        "R7 (a view) 20 rows",
        "customers: below 1000, where a series of Visma Business begins",
        "Severa gives no next project number",
        "company information names for credit notes (CrNtVoSr): 2",
    ):
        assert said in text, said


HOSTILE = 'A\n: "x" # {y} \u2028 "; tenant: evil\x00'


def test_hostile_names_change_nothing(tmp_path: Path) -> None:
    vouchers = replace(VOSR, series=(Voucher(HOSTILE, HOSTILE, 1, 2, 3, 1, 1), *VOSR.series))
    looked = Looked(
        "no",
        "2026-03-01",
        replace(BUSINESS, database=HOSTILE, voucher_series=(vouchers,), not_asked=(HOSTILE,)),
        replace(SEVERA, name=HOSTILE, not_asked=(HOSTILE,)),
        business_connection="a:b",
        severa_connection="#c",
    )
    tenant, _ = read(looked, tmp_path)
    assert tenant.title == 'A : "x" # {y} "; tenant: evil'
    assert tenant.tenant == "no"
    assert tenant.visma_business.database is None
    assert tenant.connection_ids == ("a:b", "#c")
    assert tenant.visma_business.invoice_series == []


@pytest.mark.parametrize("name", ["007", "null", "true", "1e5", "no"])
def test_a_tenant_that_looks_like_something_else_to_yaml(name: str, tmp_path: Path) -> None:
    assert read(replace(LOOKED, tenant=name), tmp_path)[0].tenant == name


@pytest.mark.parametrize(
    ("tables", "asked"),
    [
        ((), "where is the customer number series?"),
        (
            (AC_INT, replace(AC_INT, table="AcIntOld")),
            "which is the customer number series: AcInt, AcIntOld?",
        ),
        ((SeriesTable("AcInt", None),), "could not be read"),
        (
            (replace(AC_INT, ends=(*AC_INT.ends, Ends("Line", "ToNo", ()))),),
            "Several pairs of columns could be",
        ),
        ((replace(AC_INT, ends=()),), "No two columns look like"),
        ((replace(AC_INT, ends=(replace(AC_INT.ends[0], customers=0),)),), "No customer has a number in"),
        ((replace(AC_INT, ends=(Ends("Fra.nr", "ToNo", ()),)),), "a tenant file cannot hold"),
    ],
)
def test_a_customer_series_that_is_not_certain_stays_open(
    tables: tuple[SeriesTable, ...], asked: str, tmp_path: Path
) -> None:
    looked = with_business(customer_series=tables)
    tenant, text = read(looked, tmp_path)
    assert tenant.visma_business.customer_series.model_dump(exclude_none=True) == {}  # type: ignore[union-attr]
    assert [technical for question, technical in open_questions(looked).items() if asked in question] == [
        True
    ]
    assert "cannot hold" in asked or "# customer_series: " in text


def test_no_interval_for_customers_means_the_highest_number_and_one(tmp_path: Path) -> None:
    looked = with_business(
        customer_series=(SeriesTable("AcInt", 0),), counts={"customers": 3, "highest_customer": 800}
    )
    tenant, text = read(looked, tmp_path)
    assert tenant.visma_business.customer_series == "none"
    assert "#   customer_number_ceiling: 800" in text
    assert not any(open_questions(looked).values())


@pytest.mark.parametrize(
    ("tables", "asked"),
    [
        ((), "where are the voucher series?"),
        ((VOSR, replace(VOSR, table="Other")), "which table holds the voucher series: VoSr, Other?"),
        ((VoucherTable("VoSr", None),), "could not be read"),
        ((VoucherTable("VoSr", 0),), "holds no voucher series"),
        ((VoucherTable("VoSr", 2, keys=("A", "B")),), "It could be: A, B"),
    ],
)
def test_voucher_series_that_are_not_certain_stay_open(
    tables: tuple[VoucherTable, ...], asked: str, tmp_path: Path
) -> None:
    looked = with_business(voucher_series=tables)
    tenant, _ = read(looked, tmp_path)
    assert "voucher_series" not in tenant.visma_business.model_fields_set
    assert [technical for question, technical in open_questions(looked).items() if asked in question] == [
        True
    ]


def test_invoice_numbers_that_no_series_has_handed_out_last_are_not_mapped(tmp_path: Path) -> None:
    unused = replace(VOSR, series=(replace(VOSR.series[0], latest=49), VOSR.series[1]))
    tenant, text = read(with_business(voucher_series=(unused,)), tmp_path)
    assert tenant.visma_business.invoices is None
    assert "# invoices: {table: CustTr, number: InvoNo}" in text


def test_what_is_missing_is_asked_for_with_what_comes_closest(tmp_path: Path) -> None:
    lacking = (
        Missing("Actor", "BsNo", "the organisation number", ("BsNumber", "Gr")),
        Missing("Actor", "MailAd", "the e-mail address"),
        Missing("Prod", None, "products", ("Products",)),
    )
    looked = with_business(missing=lacking, elsewhere={"Prod": ("F9999.dbo.Prod",)})
    tenant, text = read(looked, tmp_path)
    assert (tenant.visma_business.columns, tenant.visma_business.tables) == ({}, {})
    assert "# columns: {Actor: {BsNo: BsNumber}}" in text
    assert "# tables: {Prod: F9999.dbo.Prod}" in text
    assert sum(open_questions(looked).values()) == 3


def test_without_any_guess_the_units_stay_open(tmp_path: Path) -> None:
    looked = with_business(departments=None, projects=None, units=(), database=None, customer_series=())
    tenant, text = read(replace(looked, business=replace(looked.business, voucher_series=())), tmp_path)  # type: ignore[type-var]
    assert "visma_business" not in tenant.model_fields_set - {"visma_business"}
    assert "Left out, R1 and R2 are taken" in " ".join(text.replace("#", " ").split())


@pytest.mark.parametrize("half", ["business", "severa"])
def test_half_a_look_is_visible(half: str, tmp_path: Path) -> None:
    looked = replace(LOOKED, **{half: None, f"{half}_failed": "it did not answer."})  # type: ignore[arg-type]
    tenant, text = read(looked, tmp_path)
    assert re.search(r"^# [A-Z ]+ WAS NOT LOOKED AT.*it did not answer\.", text, re.MULTILINE | re.DOTALL)
    assert sum(open_questions(looked).values()) == 1
    assert tenant.title == ("Nordlys AS" if half == "business" else "nordlys")


def test_named_connections_are_kept(tmp_path: Path) -> None:
    for one in (LOOKED, replace(LOOKED, business=None), replace(LOOKED, severa=None)):
        tenant, _ = read(replace(one, business_connection="vb", severa_connection="se"), tmp_path)
        assert tenant.connection_ids == ("vb", "se")
