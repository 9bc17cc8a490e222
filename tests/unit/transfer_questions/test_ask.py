"""What looks dead, at its boundaries: dates, activity, open items, projects, relatives, shared rows.

Covers: transfer_questions/model.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from presync.tenants.model import Tenant
from presync.transfer_questions.model import Counts
from tests.oracle import StagedData
from tests.oracle.building import customer, employee, project, tenant, there
from tests.oracle.model import Row
from tests.support.questions_product import Asked, asked

OLD: Row = {"created_on": 20050101, "changed_on": 20150101}
UNUSED = [
    {"entity": entity, "group_field": field, "records": 1, "marked": 0}
    for entity in ("departments", "products", "employees", "customers", "projects")
    for field in ("Gr2", "Gr3", "Gr10")
]


def about(of: Tenant | None = None, **tables: list[Row]) -> Asked:
    """Ask about a company; `in_severa` are business units."""
    rows: dict[Any, list[Row]] = {
        ("visma_business", "group_fields"): list(UNUSED),
        ("severa", "organizationsettings"): [{}],
        ("severa", "businessunits"): tables.pop("in_severa", []),
    }
    rows |= {("visma_business", table): content for table, content in tables.items()}
    return asked(StagedData(of or tenant(), rows, {"invoice_numbers"}))


def department(code: str = "1", name: str = "Alpha", **columns: Any) -> Row:
    return {"code": code, "name": name, **OLD, **columns}


@pytest.fixture(scope="module")
def aged() -> Asked:
    """Departments with every kind of dates, in the order of DATES."""
    return about(
        departments=[
            department(str(place), f"{word(place)}", created_on=created, changed_on=changed)
            for place, (created, changed, _) in enumerate(DATES, start=1)
        ]
    )


DATES: list[tuple[int | None, int | None, str]] = [
    (20050101, 20231122, "dead"),
    (20050101, 20231123, "dead"),  # three years ago to the day
    (20050101, 20231124, "alive"),
    (20231124, 20150101, "alive"),  # dates contradict: the later one counts
    (0, 20150101, "dead"),
    (None, 20150101, "dead"),
    (20150101, 0, "dead"),  # never changed
    (20150101, None, "unknown"),
    (20150101, 20231399, "unknown"),  # changed at a time that nobody knows
    (20260101, 20231399, "alive"),  # created lately, whatever the rest says
    (20150101, 20150230, "unknown"),
    (20150101, 19010101, "unknown"),
    (20150101, -20150101, "unknown"),
    (20231399, 0, "unknown"),
    (0, 0, "unknown"),
    (None, None, "unknown"),
    (20050101, 20991231, "alive"),
]


def word(place: int) -> str:
    """Return a name that is like no other."""
    return chr(ord("a") + place) * 9


def test_a_record_is_dead_from_the_day_on_that_is_three_years_ago(aged: Asked) -> None:
    expected = {str(place) for place, (*_, state) in enumerate(DATES, start=1) if state == "dead"}
    assert aged.keys("departments") == expected
    counts = aged.of("departments").counts
    assert counts.unknown == [state for *_, state in DATES].count("unknown")
    assert counts.dead == counts.listed == len(expected)


def test_the_oldest_come_first_and_say_why(aged: Asked) -> None:
    first = aged.of("departments").samples[0]
    assert (first.reason, first.created) == (
        "Last changed 2015-01-01; nothing in Severa is related to it.",
        None,
    )


@pytest.mark.parametrize(("years", "dead"), [(11, 1), (12, 0)])
def test_the_tenant_file_says_how_many_years_are_long(years: int, dead: int) -> None:
    assert (
        about(tenant(dormant_years=years), departments=[department()]).of("departments").counts.dead == dead
    )


def test_activity_keeps_a_record_alive() -> None:
    seen = [
        (20231123, False),
        (20231124, False),
        (20150101, True),
        (None, False),
        (0, False),
        (20231399, False),
    ]
    told = about(
        departments=[department(str(place), word(place)) for place in range(1, len(seen) + 1)],
        activity=[
            {"entity": "departments", "code": f" {place} ", "last_on": last_on, "is_open": is_open}
            for place, (last_on, is_open) in enumerate(seen, start=1)
        ]
        + [{"entity": "products", "code": "6", "last_on": 20260101, "is_open": True}],
    )
    assert told.keys("departments") == {"1"}
    assert told.of("departments").counts.unknown == 3


def test_where_activity_could_not_be_read_nothing_is_called_dead() -> None:
    unread = [{"entity": "departments", "table_name": "Ord", "codes": None}]
    question = about(departments=[department()], activity_sources=unread).of("departments")
    assert (question.counts.dead, question.counts.unknown, question.unread) == (0, 1, ("Ord",))


@pytest.mark.parametrize(
    ("there_is", "candidates", "dead"),
    [
        ([], 1, 1),
        ([there("9", "Beta")], 1, 1),
        ([there("9", "Alpha", active=False)], 1, 0),  # an inactive twin: a mark would only move the warning
        ([there("1", "Alpha")], 0, 0),  # linked
    ],
)
def test_what_is_related_to_a_record_in_severa_is_not_dead(
    there_is: list[Row], candidates: int, dead: int
) -> None:
    units = [{**row, "guid": f"u{place}"} for place, row in enumerate(there_is)]
    for unit in units:
        unit.pop("register")
    counts = about(departments=[department()], in_severa=units).of("departments").counts
    assert (counts.candidates, counts.dead) == (candidates, dead)


@pytest.mark.parametrize(
    ("answer", "group", "mark", "listed"),
    [
        ("all", None, ("Gr2", 1, False), 1),
        (None, None, ("Gr2", 1, False), 1),
        ("none", None, None, 0),
        ({"except": {"field": "Gr7", "value": 4}}, 0, ("Gr7", 4, True), 1),
        ({"except": {"field": "Gr7", "value": 4}}, None, ("Gr7", 4, True), 1),
        (
            {"except": {"field": "Gr7", "value": 4}},
            3,
            ("Gr7", 4, True),
            0,
        ),  # somebody's value: not overwritten
        ({"except": {"field": "Gr7", "value": 4}}, 4, ("Gr7", 4, True), 0),  # excluded already
        ({"except": {"field": "Gr7", "value": 0}}, 3, None, 0),  # 0 is what an empty field holds
    ],
)
def test_the_mark_is_the_answers_or_the_first_unused_field(
    answer: Any, group: int | None, mark: tuple[str, int, bool] | None, listed: int
) -> None:
    of = tenant(transfer__departments=answer)
    question = about(of, departments=[department(group_value=group)]).of("departments")
    told = question.mark and (question.mark.field, question.mark.value, question.mark.given)
    assert (told, question.counts.listed) == (mark, listed)


def test_a_field_that_is_used_or_unknown_carries_no_mark() -> None:
    fields = [
        {"entity": "departments", "group_field": "Gr", "records": 1, "marked": None},
        {"entity": "departments", "group_field": "Gr2", "records": 1, "marked": 1, "lowest": 4, "highest": 4},
    ]
    question = about(departments=[department()], group_fields=fields).of("departments")
    assert (question.mark, question.counts.dead, question.counts.listed) == (None, 1, 0)


ACTOR: Row = {"act_no": "7", **OLD}
LIVING: Row = {**project("501", "New", "10"), "changed_on": 20260101}


def test_customers_and_employees_get_different_fields_that_neither_uses() -> None:
    fields = [
        {"entity": "employees", "group_field": "Gr2", "records": 1, "marked": 0},
        {"entity": "employees", "group_field": "Gr3", "records": 1, "marked": 0},
        {"entity": "employees", "group_field": "Gr4", "records": 1, "marked": 0},
        {"entity": "customers", "group_field": "Gr2", "records": 1, "marked": 5},
        {"entity": "customers", "group_field": "Gr3", "records": 1, "marked": 0},
        {"entity": "customers", "group_field": "Gr4", "records": 1, "marked": 0},
    ]
    told = about(
        associates=[
            {**customer("10", "Alpha"), **ACTOR},
            {**employee("20", "Be Ta", "be@ta.no"), **ACTOR, "act_no": "8"},
        ],
        group_fields=fields,
    )
    marks = [told.of(entity).mark for entity in ("employees", "customers")]
    assert [mark and mark.field for mark in marks] == ["Gr3", "Gr4"]
    used = {field.name: (field.unused, field.others) for field in told.of("employees").fields}
    assert used == {"Gr2": (True, ("customers",)), "Gr3": (True, ()), "Gr4": (True, ())}
    assert (told.keys("employees"), told.keys("customers")) == ({"8"}, {"7"})


def test_a_field_that_only_one_of_them_leaves_free_is_not_proposed() -> None:
    fields = [
        {"entity": "customers", "group_field": "Gr2", "records": 1, "marked": 0},
        {"entity": "employees", "group_field": "Gr2", "records": 1, "marked": None},
    ]
    told = about(associates=[{**customer("10", "Alpha"), **ACTOR}], group_fields=fields)
    (field,) = told.of("customers").fields
    assert (field.unused, field.free, field.others, told.of("customers").mark) == (
        True,
        False,
        ("employees",),
        None,
    )


@pytest.mark.parametrize(("field", "listed"), [("Gr5", 0), ("Gr6", 1)])
def test_a_row_that_is_customer_and_employee_is_not_marked_for_both_at_once(field: str, listed: int) -> None:
    of = tenant(
        transfer__customers={"except": {"field": "Gr5", "value": 1}},
        transfer__employees={"except": {"field": field, "value": 1}},
    )
    both = {**customer("10", "Al Pha"), "employee_no": "20", "email": "a@b.example", **ACTOR}
    counts = about(of, associates=[both]).of("customers").counts
    assert (counts.dead, counts.shares_row, counts.listed) == (1, 1 - listed, listed)


def test_an_employee_without_an_address_does_not_move_and_is_not_dead() -> None:
    told = about(associates=[{**employee("20", "Al Pha", email=" "), **ACTOR}])
    assert told.of("employees").counts == Counts()


@pytest.mark.parametrize(
    ("work", "dead", "with_projects"),
    [
        ([], True, False),
        ([{**project("500", "Old", "10"), **OLD}], True, True),
        ([{**project("500", "Old", " 10 "), **OLD}, LIVING], False, False),
        ([{**project("500", "Timeless", "10")}], False, False),
        ([{**LIVING, "customer": "11"}, {**LIVING, "customer": None}], True, False),
    ],
)
def test_a_customer_with_a_living_project_is_alive(work: list[Row], dead: bool, with_projects: bool) -> None:
    of = tenant(visma_business__projects={"table": "R2", "customer": "CustNo"})
    other = {**customer("11", "Beta"), "act_no": "8", "changed_on": 20260101}
    told = about(of, associates=[{**customer("10", "Alpha"), **ACTOR}, other], projects=work)
    assert told.keys("customers") == ({"7"} if dead else set())
    assert told.of("customers").counts.with_dead_projects == int(with_projects)


MARKED: Any = {"except": {"field": "Gr7", "value": 4}}


@pytest.mark.parametrize(
    ("answer", "group", "listed"), [("all", None, 0), ("none", None, 1), (MARKED, 3, 0), (MARKED, 0, 1)]
)
def test_a_customer_stays_while_no_list_can_keep_its_old_projects_back(
    answer: Any, group: int | None, listed: int
) -> None:
    of = tenant(visma_business__projects={"table": "R2", "customer": "CustNo"}, transfer__projects=answer)
    told = about(
        of,
        associates=[{**customer("10", "Alpha"), **ACTOR}],
        projects=[{**project("500", "Old", "10"), **OLD, "group_value": group}],
        group_fields=[field for field in UNUSED if field["entity"] != "projects"],
    )
    counts = told.of("customers").counts
    assert (counts.dead, counts.listed, counts.projects_stay) == (1, listed, 1 - listed)
    assert len(told.keys("customers")) == listed


def test_a_column_in_which_no_customer_is_found_does_not_tell_whose_projects_they_are() -> None:
    of = tenant(visma_business__projects={"table": "R2", "customer": "Rsp"})
    told = about(
        of, associates=[{**customer("10", "Alpha"), **ACTOR}], projects=[{**LIVING, "customer": "7"}]
    )
    assert (told.of("customers").counts.listed, told.of("customers").counts.projects_unknown) == (0, 1)


@pytest.mark.parametrize(("code", "dead"), [("ActNo-1", 0), (None, 0), ("2", 1)])
def test_activity_that_is_nobodys_calls_nobody_dead(code: str | None, dead: int) -> None:
    """The tenant file may name another column than the code's: all that lives would look dead."""
    rows = [{"entity": "departments", "code": code, "last_on": 20260101, "is_open": False}]
    question = about(
        departments=[department("1", "Alpha"), department("2", "Beta")],
        activity=rows if code else [],
        activity_sources=[{"entity": "departments", "table_name": "Ord", "codes": len(rows)}],
    ).of("departments")
    assert (question.counts.dead, question.counts.unknown) == (dead, 0 if dead else 2)
    assert question.strange == (() if dead else ("Ord",))


def test_without_the_projects_customers_no_customer_is_called_dead() -> None:
    told = about(associates=[{**customer("10", "Alpha"), **ACTOR}], projects=[project("500", "x")])
    counts = told.of("customers").counts
    assert (counts.dead, counts.projects_unknown, counts.listed) == (0, 1, 0)


def test_names_are_masked_where_the_tenant_wants_it() -> None:
    told = about(tenant(privacy="masked"), departments=[department(name="Alpha Beta")])
    (sample,) = told.of("departments").samples
    assert sample.name == "A*** B***"


def test_ages_are_told_in_years_and_unknown_ones_apart() -> None:
    told = about(
        departments=[
            department("1", "Alpha"),
            department("2", "Beta", changed_on=20251123),
            department("3", "Gamma", changed_on=20251124),
            department("4", "Delta", changed_on=20231399, created_on=0),
            department("5", "Epsilon", changed_on=20301231),
        ]
    )
    bands = told.of("departments").bands
    assert {b.age: b.records for b in bands if b.kind == "changed"} == {11: 1, 1: 1, 0: 2, None: 1}
    assert {b.age: b.candidates for b in bands if b.kind == "created"} == {21: 4, None: 1}
    assert {b.age: b.records for b in bands if b.kind == "activity"} == {None: 5}
