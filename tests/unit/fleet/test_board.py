"""Rows of the fleet page: which, in which order, and how they read as JSON and CSV.

Covers: fleet/causes.py, fleet/history.py.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from presync.control.companies import Facts, days_since, facts_of
from presync.control.database import now
from presync.control.models import Certificate, Company, CompanyDay, Start
from presync.fleet.board import CSV_COLUMNS, PAGE, SORTS, InAirflow, Wanted, board, csv_row
from presync.fleet.causes import causes
from presync.fleet.history import WEEKS, history
from presync.fleet.stage import STAGES
from tests.support import fleet_samples

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> list[Facts]:
    folder: Path = tmp_path_factory.mktemp("control")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{folder}/control.db")
        stages = fleet_samples.fill(120)
        found = facts_of()
    rows = board(found, {}, Wanted(), now()).rows
    assert {row.tenant: row.standing.stage for row in rows} == stages
    return found


def test_tiles_count_every_company_once(fleet: list[Facts]) -> None:
    found = board(fleet, {}, Wanted(), now())
    assert sum(found.tiles.values()) == len(found.rows) == 120
    assert list(found.tiles) == list(STAGES)
    some = board(fleet, {}, Wanted(stages=("blocked", "ready"), country="NO"), now())
    # a stage that is filtered for does not hide how many are in the others
    assert sum(some.tiles.values()) == sum(row.country == "NO" for row in found.rows)
    assert {row.standing.stage for row in some.rows} <= {"blocked", "ready"}
    assert Counter(row.standing.stage for row in some.rows)["blocked"] == some.tiles["blocked"]


def test_search_looks_at_names_owner_and_reason(fleet: list[Facts]) -> None:
    row = board(fleet, {}, Wanted(), now()).rows[0]
    for words in (row.tenant, row.title.upper(), row.standing.reason[:12]):
        assert row in board(fleet, {}, Wanted(q=words), now()).rows
    named = replace(row, title="Ålesund Sjö AS")
    for words in ("ålesund", "AALESUND", "alesund", "A\u030alesund", "sjø", "sjoe"):
        assert Wanted(q=words).besides_stage(named), words
    assert not board(fleet, {}, Wanted(q="no such company"), now()).rows
    assert board(fleet, {}, Wanted(q="no such company"), now()).pages == 1
    cause = causes(board(fleet, {}, Wanted(), now()).rows)[0]
    with_rule = board(fleet, {}, Wanted(rule=cause.name), now()).rows
    assert {row.tenant for row in with_rule} == {row.tenant for row, _ in cause.companies}


@pytest.mark.parametrize("name", SORTS)
def test_rows_without_a_value_come_last_whichever_way(fleet: list[Facts], name: str) -> None:
    for sort in (name, f"-{name}"):
        values = [SORTS[name](row) for row in board(fleet, {}, Wanted(sort=sort), now()).rows]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == known
        assert known == sorted(known, reverse=sort.startswith("-"))


def test_an_order_that_nobody_knows_is_the_usual_one(fleet: list[Facts]) -> None:
    usual = board(fleet, {}, Wanted(), now()).rows
    assert board(fleet, {}, Wanted(sort="__class__"), now()).rows == usual


def test_pages_hold_all_rows_once(fleet: list[Facts]) -> None:
    found = board(fleet, {}, Wanted(), now())
    pages = [row for number in range(1, found.pages + 1) for row in found.page(number)]
    assert pages == list(found.rows)
    assert len(found.page(1)) == PAGE


def company(**said: Any) -> Company:
    known: dict[str, Any] = dict.fromkeys(("title", "fingerprint", "file_fault", "reason", "start_kind"), "")
    known |= {"tenant": "nordlys", "file_state": "ok", "file_since": NOW, "status": "", "warning": 0}
    return Company(**{**known, "rules": {}, "places": {}, "trend": [], **said})


def only(facts: Facts, said: InAirflow | None = None) -> Any:
    return board([facts], {"nordlys": said or InAirflow()}, Wanted(), NOW).rows[0]


def test_what_nobody_counted_is_no_zero() -> None:
    row = only(Facts(company()))
    assert (row.critical, row.warning, row.change) == (None, None, None)
    assert csv_row(row)["critical"] == csv_row(row)["critical_severa"] == ""
    checked = company(first_checked_at=NOW, judged_at=NOW, status="blocked", places={"severa": 3})
    assert (only(Facts(checked)).critical, only(Facts(checked)).change) == (3, None)
    checked.places_before = {"either": 5}
    assert only(Facts(checked)).change == -2


def test_a_run_that_airflow_ended_without_a_verdict_is_seen() -> None:
    begun = company(began_run="r1", began_at=NOW - timedelta(minutes=5))
    assert only(Facts(begun)).last_state == "running"
    row = only(Facts(begun), InAirflow(ended=True))
    assert (row.standing.stage, row.last_state) == ("error", "no verdict")


def test_a_paused_company_has_no_next_run() -> None:
    following = NOW + timedelta(hours=1)
    assert only(Facts(company()), InAirflow(paused=False, next_run=following)).next_run == following
    assert only(Facts(company()), InAirflow(paused=True, next_run=following)).next_run is None


def test_json_and_csv_say_the_same(fleet: list[Facts]) -> None:
    for row in board(fleet, {}, Wanted(), now()).rows:
        values, cells = row.as_dict(), csv_row(row)
        assert tuple(cells) == CSV_COLUMNS
        assert cells["stage"] == values["stage"]
        assert cells["critical"] == ("" if values["critical"] is None else str(values["critical"]))
        if row.critical is not None:
            assert sum(values["places"].values()) == values["critical"]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x"])
def test_no_spreadsheet_takes_a_title_for_a_formula(title: str) -> None:
    row = replace(only(Facts(company())), title=title, change=-7)
    assert csv_row(row)["title"] == f"'{title}"
    assert csv_row(row)["change"] == "-7"


def test_causes_come_by_how_many_companies_they_stand_in() -> None:
    rules = [{"a/x": [9, 0]}, {"a/y": [1, 0], "a/z": [0, 4]}, {"a/y": [2, 0]}]
    rows = [replace(only(Facts(company())), tenant=str(n), rules=each) for n, each in enumerate(rules)]
    found = causes(rows)
    assert [(cause.name, len(cause.companies), cause.findings) for cause in found] == [
        ("a/y", 2, 3),
        ("a/x", 1, 9),
    ]
    assert [row.tenant for row, _ in found[0].companies] == ["2", "1"]


def way(tenant: str, first: int, started: int | None = None) -> Facts:
    start = None
    if started is not None:
        start = Start(state="confirmed", confirmed_at=NOW - timedelta(days=started))
    checked = company(tenant=tenant, first_checked_at=NOW - timedelta(days=first))
    return Facts(checked, None, start)


def test_the_history_tells_how_long_it_took_and_when_the_rest_may_be_done() -> None:
    facts = [way("a", 40, 10), way("b", 30, 10), way("c", 30), way("d", 1), Facts(company(tenant="never"))]
    found = history(facts, [], TODAY)
    assert len(found.weeks) == WEEKS
    assert (found.weeks[-1].checked, found.weeks[-1].started, found.weeks[-1].open) == (4, 2, 2)
    assert (found.weeks[-5].checked, found.weeks[-5].started) == (3, 0)
    assert found.typical_days == 30
    assert found.pace == 0.25
    assert found.forecast == TODAY + timedelta(weeks=8)
    assert [(each.tenant, each.start_days) for each in found.ways] == [
        ("c", None),
        ("d", None),
        ("a", 30),
        ("b", 20),
    ]
    assert history([], [], TODAY).forecast is None


def test_findings_of_a_week_are_those_that_were_known_by_then() -> None:
    def day(tenant: str, back: int, critical: int) -> CompanyDay:
        return CompanyDay(tenant=tenant, day=TODAY - timedelta(days=back), critical=critical)

    days = [day("a", 60, 10), day("b", 20, 5), day("a", 8, 4), day("a", 0, 1)]
    weeks = history([way("a", 60)], days, TODAY).weeks
    assert [week.critical for week in weeks[-4:]] == [10, 15, 9, 6]
    assert weeks[0].critical == 0


def test_the_samples_have_a_certificate_where_they_are_ready(fleet: list[Facts]) -> None:
    assert all(isinstance(each.certificate, Certificate) for each in fleet if each.company.status == "ready")
    assert days_since(date.min, set()) == []
