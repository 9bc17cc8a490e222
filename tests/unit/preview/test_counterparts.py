"""Records that are probably on the other side already: told in pairs, and nothing else changes by it."""

from __future__ import annotations

import csv
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.near_company import CHANGES, customers
from benchmarks.near_names import REQUIRED
from presync import reconcile
from presync.preview import Likely, Preview, counterparts, write_preview
from presync.report.files.findings import Summary
from presync.report.pages.render import Page, write_data_docs
from tests.oracle import StagedData
from tests.oracle.confirmations import as_given
from tests.oracle.extracts import write_extracts
from tests.oracle.model import Confirmed, Row
from tests.oracle.random_tenants import staged_tenants
from tests.support.preview_product import preview, write_findings
from tests.support.rules_samples import tenant
from tests.support.thorough import examples

SETTINGS: list[Row] = [{"next_customer_number": 90_000, "next_invoice_number": 1, "next_project_number": 1}]
ADVICE = ("likely_counterpart", "likeness")
Told = tuple[Preview, list[dict[str, str]]]


def staged(business: list[Row], severa: list[Row], **changes: Any) -> StagedData:
    """Return customers of both systems; numbers and guids are their places unless given."""
    return StagedData(
        tenant(**changes),
        {
            ("visma_business", "associates"): [
                {"act_no": str(n), "customer_no": str(n), **row} for n, row in enumerate(business, start=1)
            ],
            ("severa", "customers"): [
                {"guid": f"g{n}", "number": 5000 + n, **row} for n, row in enumerate(severa, start=1)
            ],
            ("severa", "organizationsettings"): SETTINGS,
        },
    )


def told(data: StagedData) -> Told:
    """Return the preview of staged data in which no suite found anything: what people say of pairs holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given_words = as_given(data)
        build_id = reconcile.build(
            folder / "d.duckdb", data.tenant, write_extracts(data, folder / "x"), given_words
        )
        write_findings(folder / "none.parquet", [])
        target = folder / "preview.csv"
        result = write_preview(data.tenant, folder / "d.duckdb", build_id, [folder / "none.parquet"], target)
        with target.open(encoding="utf-8", newline="") as lines:
            return result, list(csv.DictReader(lines))


def pairs(rows: list[dict[str, str]]) -> set[tuple[str, str]]:
    """Return code and guid of every pair, as both rows have it."""
    own = {(r["business_code"], r["likely_counterpart"]) for r in rows if r["system"] == "visma_business"}
    other = {(r["likely_counterpart"], r["severa_guid"]) for r in rows if r["system"] == "severa"}
    own, other = {p for p in own if p[1]}, {p for p in other if p[0]}
    assert own == other
    return own


ELEKTRO: list[Row] = [{"name": f"{town} Elektro AS"} for town in ("Bergen", "Hamar", "Molde")]


def test_a_typo_in_the_first_letter_is_told_on_both_sides() -> None:
    result, rows = told(staged([*ELEKTRO, {"name": "Øglænd Bygg"}], [{"name": "gOlaend Bygg AS"}]))

    assert pairs(rows) == {("4", "g1")}
    assert [row["outcome"] for row in rows] == ["create_in_severa"] * 4 + ["create_in_visma_business"]
    assert result.likely == (Likely("customers", pairs=1, told=0, left_out=0),)
    [pair] = result.likely_pairs
    assert (pair.business_name, pair.severa_name, pair.near_duplicate) == (
        "Øglænd Bygg",
        "gOlaend Bygg AS",
        False,
    )
    assert int(rows[-1]["likeness"]) == pair.likeness >= counterparts.THRESHOLD


def test_what_a_finding_tells_of_is_marked() -> None:
    result, rows = told(staged([*ELEKTRO, {"name": "Lund og sønner"}], [{"name": "Lund og sonner"}]))
    assert pairs(rows) == {("4", "g1")}
    assert [pair.near_duplicate for pair in result.likely_pairs] == [True]
    assert result.likely[0].told == 1


def test_each_is_the_most_alike_of_the_other() -> None:
    _, rows = told(
        staged([*ELEKTRO, {"name": "Kravona Bygg"}], [{"name": "Krvona Bygg"}, {"name": "Kravnoa Byg"}])
    )
    assert pairs(rows) == {("4", "g1")}


@pytest.mark.parametrize(
    ("business", "severa"),
    [
        ({"business_no": "NO 974 760 673"}, {"vat_number": "NO 123 456 785"}),
        ({}, {"number": 4, "name": "Kravona Bygg"}),
        ({}, {"is_active": False}),
    ],
    ids=["contradict", "partners", "inactive"],
)
def test_some_are_never_counterparts(business: Row, severa: Row) -> None:
    one, other = {"name": "Kravona Bygg"}, {"name": "Krvaona Bygg"}
    assert pairs(told(staged([*ELEKTRO, one | business], [other | severa]))[1]) == set()


KEPT: dict[str, tuple[Row, dict[str, Any]]] = {
    "excluded": (
        {"customer_group_value": 1},
        {"transfer": {"customers": {"except": {"field": "Gr5", "value": 1}}}},
    ),
    "answer none": ({}, {"transfer": {"customers": "none"}}),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_record_that_stays_can_still_be_duplicated(name: str) -> None:
    changed, answers = KEPT[name]
    _, rows = told(
        staged([*ELEKTRO, {"name": "Kravona Bygg", **changed}], [{"name": "Krvaona Bygg"}], **answers)
    )
    assert {r["outcome"] for r in rows if r["business_code"] == "4"} <= {"excluded", "not_transferred"}
    assert pairs(rows) == {("4", "g1")}


def test_so_can_an_employee_without_an_address() -> None:
    names = ("Berit Dahl", "Knut Moe", "Liv Sand", "Torbjørg Kravona")
    data = StagedData(
        tenant(),
        {
            ("visma_business", "associates"): [
                {"act_no": str(n), "employee_no": str(n), "name": name}
                for n, name in enumerate(names, start=1)
            ],
            ("severa", "users"): [
                {"guid": "g1", "code": "77", "first_name": "Torbjørg", "last_name": "Krvaona"}
            ],
            ("severa", "organizationsettings"): SETTINGS,
        },
    )
    _, rows = told(data)
    assert {r["cause"] for r in rows if r["business_code"] == "4"} == {"no_email"}
    assert pairs(rows) == {("4", "g1")}


def test_nor_are_those_that_somebody_confirmed_as_different() -> None:
    data = staged([*ELEKTRO, {"name": "Kravona Bygg"}], [{"name": "Krvaona Bygg"}])
    assert pairs(told(replace(data, confirmed=[Confirmed("customers", "4", "g1", False)]))[1]) == set()


def test_records_that_wait_for_an_answer_are_looked_at() -> None:
    data = staged([*ELEKTRO, {"name": "Kravona Bygg"}], [{"name": "Krvaona Bygg"}], transfer={})
    _, rows = preview(data)
    assert {row["outcome"] for row in rows if row["system"] == "visma_business"} == {"blocked"}
    assert pairs(rows) == {("4", "g1")}


def test_the_pair_that_the_others_are_made_of_is_found() -> None:
    data = staged([*ELEKTRO, {"name": "Kravona Bygg"}], [{"name": "Krvaona Bygg"}])
    assert pairs(told(data)[1]) == {("4", "g1")}


def test_masked_names_stay_masked() -> None:
    data = staged([*ELEKTRO, {"name": "Kravona Bygg"}], [{"name": "Krvaona Bygg"}], privacy="masked")
    result, rows = told(data)
    assert pairs(rows) == {("4", "g1")}
    assert [(p.business_name, p.severa_name) for p in result.likely_pairs] == [("K*** B***", "K*** B***")]


def test_names_that_too_many_bear_are_counted_and_left_out() -> None:
    crowd: list[Row] = [{"name": "Kravona Bygg"} for _ in range(counterparts.BEARERS + 1)]
    result, rows = told(staged([*ELEKTRO, *crowd], [{"name": "Krvaona Bygg"}]))
    assert pairs(rows) == set()
    assert result.likely == (Likely("customers", pairs=0, told=0, left_out=1),)


def planted(size: int) -> tuple[StagedData, set[tuple[str, str]]]:
    """Return the customers of a company with planted pairs, and those of the kinds that must be found."""
    everyone = list(customers(size, seed=6))
    business: list[Row] = [
        {"name": c.business, "customer_no": str(c.number)} for c in everyone if c.business is not None
    ]
    severa: list[Row] = [
        {"guid": f"s{c.severa_number}", "name": c.severa, "number": c.severa_number}
        for c in everyone
        if c.severa is not None
    ]
    wanted = {k for k in CHANGES if k in REQUIRED and k != "legal form"}
    return staged(business, severa), {
        (str(c.number), f"s{c.severa_number}") for c in everyone if c.kind in wanted
    }


def test_planted_pairs_are_found_whatever_the_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    data, wanted = planted(600)
    _, whole = told(data)
    found = pairs(whole)
    assert len(wanted) > 70
    assert len(found & wanted) >= 0.93 * len(wanted)
    monkeypatch.setattr(counterparts, "COMPARISONS", 100)
    monkeypatch.setattr(counterparts, "_BATCH", 7)
    monkeypatch.setattr(counterparts, "_ROWS", 1)
    assert told(data)[1] == whole
    monkeypatch.setattr(counterparts, "EFFORT_PER_NAME", 0)
    result, rows = told(data)
    assert pairs(rows) == set()
    assert result.likely[0].left_out >= len(found)
    assert [{k: v for k, v in row.items() if k not in ADVICE} for row in rows] == [
        {k: v for k, v in row.items() if k not in ADVICE} for row in whole
    ]


def test_words_too_common_alone_are_compared_in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    towns = ("bergen", "hamar", "molde", "voss", "narvik", "bodo", "alta", "moss")
    trades = ("elektro", "bygg", "maling", "transport", "regnskap", "bakeri", "taxi", "vakt")
    names: list[Row] = [{"name": f"{town} {trade}"} for town in towns for trade in trades]
    misspelled: list[Row] = [{"name": f"bergne {trade}"} for trade in trades[:5]]
    data = staged(names, [*names[9:30], *misspelled, {"name": "Elektro Moss"}])
    monkeypatch.setattr(counterparts, "EFFORT_PER_NAME", 1)
    result, rows = told(data)
    # Bergen's first five, and a swapped one
    assert pairs(rows) == {(str(n), f"g{21 + n}") for n in range(1, 6)} | {("57", "g27")}
    assert result.likely[0].left_out > 0


@settings(
    max_examples=examples(3),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=staged_tenants())
def test_a_record_has_one_counterpart_at_most_and_none_if_it_has_a_partner(data: StagedData) -> None:
    _, rows = told(data)
    advised = [row for row in rows if row["likely_counterpart"]]
    assert "link" not in {row["outcome"] for row in advised}
    assert {r["cause"] for r in advised if r["outcome"] == "not_transferred"} <= {"answer_none", "no_email"}
    assert len(advised) % 2 == 0
    guids = [(r["entity"], r["likely_counterpart"]) for r in advised if r["system"] == "visma_business"]
    assert sorted(guids) == sorted(
        (r["entity"], r["severa_guid"]) for r in advised if r["system"] == "severa"
    )
    assert all(counterparts.THRESHOLD <= int(row["likeness"]) <= 100 for row in advised)


def test_the_page_shows_them_side_by_side(tmp_path: Path) -> None:
    data = staged([*ELEKTRO, {"name": "<Kravona> Bygg"}], [{"name": "kRvanoa Bygg"}])
    result, _ = told(data)
    verdict = {"status": "blocked", "tenant": "sample", "run_id": "r", "rules_version": "1"}
    moments = dict.fromkeys(("started_at", "finished_at"), "2026-01-01T00:00:00+00:00")
    page = Page(data.tenant, {**verdict, **moments, "suites": []}, (), Summary({}), preview=result)
    write_data_docs(tmp_path, page)
    text = (tmp_path / "preview.html").read_text(encoding="utf-8")
    assert "Probably there already" in text
    assert re.search(r"4 · &lt;Kravona&gt; Bygg</td><td[^>]*>5001 · kRvanoa Bygg</td>", text)
    assert "1 pair of records" in text
