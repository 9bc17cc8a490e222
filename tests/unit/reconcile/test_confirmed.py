"""What people say of pairs: it takes the place of names and ids, and never lets unequal codes pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from presync import reconcile
from presync.decisions.model import ConfirmedPair
from tests.oracle import StagedData
from tests.oracle.building import customer, entity_data, severa
from tests.oracle.confirmations import as_given
from tests.oracle.extracts import write_extracts
from tests.oracle.model import Confirmed, Row
from tests.support.rules_product import check


def customers(business: list[Row], there: list[Row], *words: tuple[str, int, bool]) -> StagedData:
    """Return customers of both systems, and words: code, position in Severa, the same or not."""
    data = entity_data("customers", business, there)
    said = [Confirmed("customers", code, f"guid-{place}", same) for code, place, same in words]
    return replace(data, confirmed=said)


def found(data: StagedData) -> set[tuple[str, str, str]]:
    """Return rule, code and guid of each finding."""
    _, rows = check(data, ["customers"])
    return {(row["rule"], row["business_code"], row["severa_guid"]) for row in rows}


def there(name: str, number: int | None, vat: str | None = None) -> Row:
    return severa(name, "customers", number=number, vat_number=vat)


def test_two_companies_of_one_name() -> None:
    alike = [customer("10", "Lund AS", "NO 987654325")], [there("Lund AS", 20, "NO 123456785")]
    assert found(customers(*alike)) == {("same_name_other_id", "10", "guid-0")}
    assert found(customers(*alike, ("10", 0, False))) == set()


def test_two_companies_under_one_number_are_a_conflict_whatever_people_say() -> None:
    pair = [customer("10", "Lund AS")], [there("Lund AS", 10)]
    assert found(customers(*pair)) == set()
    assert found(customers(*pair, ("10", 0, False))) == {("code_conflict", "10", "guid-0")}


def test_a_translated_name_under_the_right_number() -> None:
    pair = [customer("10", "Havn og kai AS")], [there("Satama Oy", 10)]
    assert found(customers(*pair)) == {("code_conflict", "10", "guid-0")}
    assert found(customers(*pair, ("10", 0, True))) == set()


def test_the_right_one_of_several_must_still_get_the_number() -> None:
    several = [customer("10", "Lund AS")], [there("Lund AS", 20), there("Lund AS", 21)]
    both = {("ambiguous_match", "10", "guid-0"), ("ambiguous_match", "10", "guid-1")}
    twins = {("duplicate_in_system", "", "guid-0"), ("duplicate_in_system", "", "guid-1")}
    assert found(customers(*several)) == both | twins
    assert found(customers(*several, ("10", 1, True))) == twins | {
        ("code_mismatch", "10", "guid-1"),
        ("duplicate_entity", "10", "guid-0"),
    }


@pytest.mark.parametrize(("number", "rule"), [(20, "code_mismatch"), (None, "code_missing")])
def test_the_same_under_another_name_and_number_does_not_pass(number: int | None, rule: str) -> None:
    pair = [customer("10", "Havn og kai AS")], [there("Satama Oy", number)]
    assert (rule, "10", "guid-0") in found(customers(*pair, ("10", 0, True)))


def states(data: StagedData, given: list[ConfirmedPair], tmp_path: Any) -> list[str]:
    reconcile.build(tmp_path / "staging.duckdb", data.tenant, write_extracts(data, tmp_path), given)
    with duckdb.connect(str(tmp_path / "staging.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT state FROM checks.confirmed_pairs ORDER BY rowid").fetchall()
        (counted,) = connection.execute(
            "SELECT count(*) FROM checks.pairs WHERE confirmed IS NOT NULL"
        ).fetchone() or (0,)
    assert counted == [state for (state,) in rows].count("in force")
    return [state for (state,) in rows]


def test_a_word_holds_only_for_the_two_records_and_names_that_it_was_given_for(tmp_path: Any) -> None:
    data = customers(
        [customer("10", "Lund AS"), customer("11", "Berg AS"), customer("11", "Dal AS")],
        [there("Lund", 20)],
        *(("10", 0, True), ("11", 0, True), ("12", 0, True), ("10", 9, True)),
    )
    given = as_given(data)
    given[0] = replace(given[0], severa_guid=given[0].severa_guid.upper())
    renamed = replace(given[0], names_digest="0" * 16)
    # the same pair, said twice, of which one word is out of date
    assert states(data, [*given, renamed], tmp_path) == [
        "in force",
        "several records",
        "no such record",
        "no such record",
        "names changed",
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "state"),
    [
        ("NO 987654325", "NO987654325MVA", "in force"),
        ("no 987 654 325", "NO-987654325 mva", "in force"),  # written otherwise
        ("NO 123456785", "NO987654325MVA", "ids changed"),
        ("NO 987654325", "NO 123456785", "ids changed"),
        ("NO 987654325", None, "ids changed"),
        ("", "", "ids changed"),
    ],
)
def test_a_word_ends_when_a_business_id_changes(
    tmp_path: Any, ours: str, theirs: str | None, state: str
) -> None:
    then = customers(
        [customer("10", "Lund AS", "NO 987654325")],
        [there("Lund", 20, "NO987654325MVA")],
        ("10", 0, True),
    )
    given = as_given(then)
    assert given == as_given(then)
    now = customers([customer("10", "Lund AS", ours)], [there("Lund", 20, theirs)], ("10", 0, True))
    assert states(now, given, tmp_path) == [state]


@pytest.mark.parametrize(("ours", "theirs"), [("NO 987654325", None), (None, "NO987654325MVA")])
def test_a_word_given_where_there_was_no_id_ends_when_one_comes(
    tmp_path: Any, ours: str | None, theirs: str | None
) -> None:
    given = as_given(customers([customer("10", "Lund AS")], [there("Lund", 20)], ("10", 0, False)))
    now = customers([customer("10", "Lund AS", ours or "")], [there("Lund", 20, theirs)], ("10", 0, False))
    assert states(now, given, tmp_path) == ["ids changed"]


@pytest.mark.parametrize("register", ["projects", "salescases"])
@pytest.mark.parametrize(
    ("customer_number", "state"), [(7, "in force"), (8, "ids changed"), (None, "ids changed")]
)
def test_a_word_ends_when_its_own_project_gets_another_customer(
    tmp_path: Any, register: Any, customer_number: int | None, state: str
) -> None:
    def projects(number: int | None) -> StagedData:
        rows = [
            severa("Fiber", register, guid="a", number=500, customer_number=number),
            severa("Fiber", register, guid="b", number=501, customer_number=9),
        ]
        data = entity_data("projects", [{"code": "500", "name": "Fiber", "customer": "7"}], rows)
        return replace(data, confirmed=[Confirmed("projects", "500", "a", True)])

    assert states(projects(customer_number), as_given(projects(7)), tmp_path) == [state]
