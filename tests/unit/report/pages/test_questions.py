"""The page about the five questions, and the front page's hint: in words, complete, and escaped."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from presync.report.pages.questions import hint, question_views
from presync.report.pages.render import _environment
from presync.tenants.entities import ENTITIES
from presync.transfer_questions import Band, EntityQuestion, Exclusion, GroupField, Mark, Questions
from presync.transfer_questions.model import Counts
from tests.support.report_samples import HOSTILE, tenant

DAY = date(2010, 2, 3)
SAMPLE = Exclusion("7", "Gr2", None, 1, "10001", HOSTILE, DAY, None, None, "old")
VERDICT = {
    "tenant": "nordlys",
    "run_id": "r",
    "rules_version": "1",
    "started_at": "2026-11-23T04:15:00+00:00",
    "finished_at": "2026-11-23T04:16:00+00:00",
}


def question(entity: Any = "customers", **values: Any) -> EntityQuestion:
    given: dict[str, Any] = {
        "answer": "all",
        "mark": Mark("Actor", "Gr2", 1, given=False),
        "counts": Counts(candidates=40, unknown=3, dead=12, listed=12),
        "bands": (Band("changed", 0, 5, 1), Band("changed", 12, 30, 12), Band("changed", None, 3, 3)),
        "fields": (GroupField("Gr", 50, 9, 1, 4), GroupField("Gr2", 50, 0, None, None)),
        "before": {"create_in_severa": 40},
        "after": {"create_in_severa": 28, "excluded": 12},
        "samples": (SAMPLE,),
    }
    return EntityQuestion(entity, **(given | values))


def rendered(questions: Questions | None) -> str:
    values = {"tenant": tenant(), "verdict": VERDICT, "made_at": VERDICT["finished_at"], "status": "blocked"}
    views = question_views(questions) if questions else []
    return (
        _environment()
        .get_template("questions.html")
        .render({**values, "questions": questions, "views": views, "tells_activity": False})
    )


def page(*asked: EntityQuestion) -> str:
    return rendered(Questions(asked, 3, date(2026, 11, 23), date(2023, 11, 23)))


def test_the_page_says_what_to_do_and_what_comes_of_it() -> None:
    text = page(question())
    for said in (
        "<strong>40</strong> of Visma Business will be created in Severa",
        "<strong>12</strong> of these look dead",
        "put 1 into Gr2 of these records (table Actor)",
        "customers: {except: {field: Gr2, value: 1}}",
        "presync simulate nordlys --exclude customers",
        "transfer/customers.xlsx",
        "Of 3 records nobody can tell when anything last happened",
        "since 2023-11-23",
        "10 or more",
        "in use: 9 records, values 1 – 4",
        "unused: it could carry the mark",
        "None of these records uses it; ask the company whether anything else does.",
        "ask the company before a field is taken",
        "Severa gives none",
    ):
        assert said in text, said
    assert "<script>document" not in text
    assert "&lt;script&gt;document" in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"answer": None}, "not given yet"),
        ({"answer": "none", "counts": Counts()}, "Nothing of Visma Business moves"),
        ({"answer": "except", "mark": Mark("Actor", "Gr5", 2, given=True)}, "all but those whose Gr5 is 2"),
        ({"answer": "except", "mark": None}, "what an empty field holds"),
        ({"mark": None}, "No Group field is known to be free"),
        ({"mark": None, "fields": ()}, "No Group field of this table could be counted"),
        ({"unread": ("Ord",)}, "Ord could not be read"),
        ({"counts": Counts(projects_unknown=4)}, "4 old customers could still have running projects"),
        ({"counts": Counts(dead=4, marked_otherwise=4)}, "4 records look dead but hold another value"),
        ({"counts": Counts(dead=4, shares_row=4)}, "one mark would exclude both"),
        (
            {"counts": Counts(dead=4, projects_stay=4)},
            "4 customers look dead but have old projects",
        ),
        ({"counts": Counts(unknown=4), "strange": ("Ord",)}, "Ord should tell when records were last in use"),
        ({"counts": Counts(dead=4, listed=4, with_dead_projects=2)}, "exclude these as well"),
        ({"fields": (GroupField("Gr3", None, None, None, None),)}, "unknown: it could not be counted"),
        (
            {"fields": (GroupField("Gr3", 5, 0, None, None, ("employees",)),)},
            "use it, or might: employees",
        ),
        ({"bands": (Band("changed", None, 5, 5),)}, "How old they are is unknown"),
        ({"bands": (), "before": {}, "after": {}}, "Neither system has any"),
    ],
)
def test_each_case_is_told_in_words(values: dict[str, Any], said: str) -> None:
    assert said in page(question(**values))


def test_a_given_answer_is_not_asked_for_again() -> None:
    assert "in the tenant file" not in page(
        question(answer="except", mark=Mark("Actor", "Gr5", 2, given=True))
    )


def test_where_nothing_could_be_told_the_page_says_why() -> None:
    assert "Not everything could be checked" in rendered(None)
    assert "the disk is full" in rendered(Questions(problem="the disk is full"))


def test_the_front_page_names_missing_answers_and_many_dead_records() -> None:
    few = Counts(candidates=1000, dead=49, listed=49)
    asked = [question(entity, answer="all", counts=few) for entity in ENTITIES]
    assert hint(Questions(tuple(asked))) == ([], [])
    asked[0] = question("departments", answer=None, counts=few)
    asked[3] = question("customers", counts=Counts(candidates=1000, dead=50, listed=50))
    asked[4] = question("projects", counts=Counts(candidates=90_000, dead=100, listed=100))
    assert hint(Questions(tuple(asked))) == (
        ["Departments"],
        [("Customers", 50), ("Projects and sales cases", 100)],
    )
    assert hint(None) == ([], [])
