"""The mark goes into a Group field that nobody in its table uses, and no two entities share one."""

from __future__ import annotations

import pytest

from presync.tenants.entities import Entity
from presync.tenants.model import Tenant
from presync.transfer_questions.marks import Answer, Usage, choose, tables

TENANT = Tenant.model_validate({"tenant": "nordlys", "title": "Nordlys"})
WHERE = tables(TENANT)


def usage(free: str = "", *, names: str = "Gr Gr2 Gr3") -> list[Usage]:
    return [Usage(n, 10, 0 if n in free.split() else 4, None, None) for n in names.split()]


def chosen(answers: dict[Entity, Answer], used: dict[Entity, list[Usage]]) -> dict[str, tuple[str, int]]:
    return {e: (mark.field, mark.value) for e, mark in choose(WHERE, answers, used).marks.items()}


def test_the_first_free_field() -> None:
    assert chosen({}, {"departments": usage("Gr2 Gr3")}) == {"departments": ("Gr2", 1)}


def test_none_is_free() -> None:
    assert chosen({}, {"departments": usage()}) == {}


def test_customers_and_employees_share_a_table_so_each_needs_its_own() -> None:
    assert WHERE["customers"] == WHERE["employees"] == "Actor"
    free = usage("Gr Gr2 Gr3")
    assert chosen({}, {"customers": free, "employees": free}) == {
        "employees": ("Gr", 1),
        "customers": ("Gr2", 1),
    }


def test_a_field_that_the_neighbour_uses_is_not_free() -> None:
    marks = chosen({}, {"customers": usage("Gr Gr2 Gr3"), "employees": usage("Gr3")})
    assert marks == {"customers": ("Gr3", 1)} or marks["employees"] == ("Gr3", 1)
    assert len(set(marks.values())) == len(marks)


def test_an_answer_is_kept_and_its_field_taken() -> None:
    answers: dict[Entity, Answer] = {"employees": Answer("except", "Gr", 7)}
    marks = chosen(answers, {"customers": usage("Gr Gr2"), "employees": usage()})
    assert marks["employees"] == ("Gr", 7)
    assert "customers" not in marks


@pytest.mark.parametrize("answer", [Answer("none"), Answer("except", "Gr", 0)])
def test_no_mark_where_nothing_moves_or_zero_marks(answer: Answer) -> None:
    assert chosen({"products": answer}, {"products": usage("Gr Gr2 Gr3")}) == {}
