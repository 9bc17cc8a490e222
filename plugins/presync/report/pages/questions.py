"""The five questions as their page shows them: what would move, its age, what looks dead, what marks do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presync.languages.cldr import day
from presync.languages.texts import marked, marked_forms, tr, trn
from presync.preview import OUTCOMES
from presync.report.files.exclusion_lists import FOLDER
from presync.report.pages.preview import Bar, outcome_bar
from presync.report.wording import ENTITIES
from presync.report.wording import OUTCOMES as TITLES
from presync.transfer_questions import Band, EntityQuestion, Exclusion, GroupField, Questions

_BANDS: Final = (
    (marked("under 1"), 0, 0),
    ("1", 1, 1),
    ("2", 2, 2),
    ("3\u00a0–\u00a04", 3, 4),
    ("5\u00a0–\u00a09", 5, 9),
    (marked("10 or more"), 10, 9999),
    (marked("unknown"), None, None),
)
_KINDS: Final = {
    "changed": (marked("All: last changed"), marked("New in Severa: last changed")),
    "created": (marked("All: created"), marked("New in Severa: created")),
    "activity": (marked("All: last in use"), marked("New in Severa: last in use")),
}


@dataclass(frozen=True)
class AgeTable:
    """Numbers of records in Visma Business by age; a number a row for each header."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    def heights(self, numbers: Sequence[int], most: int = 50) -> list[int]:
        """Return how high the bar of each number is drawn: never so low that a record cannot be seen."""
        highest = max(numbers, default=0) or 1
        return [max(3, count * most // highest) if count else 0 for count in numbers]


@dataclass(frozen=True)
class QuestionView:
    """What the page tells of one entity. `effect`: outcome, its title, records now and with the list."""

    entity: str
    title: str
    question: EntityQuestion
    answer: str
    left_out: tuple[str, ...]
    effect: tuple[tuple[str, str, int, int], ...]
    now: Bar
    then: Bar
    ages: AgeTable
    fields: tuple[tuple[str, str], ...]
    no_mark: str
    file: str
    samples: tuple[tuple[str, ...], ...]

    @property
    def has_records(self) -> bool:
        """Tell whether Visma Business has any."""
        return bool(self.question.bands)

    @property
    def answer_needed(self) -> str:
        """The line of the tenant file without which the marks mean nothing; "" if it is there."""
        mark = self.question.mark
        if mark is None or mark.given:
            return ""
        return f"{self.entity}: {{except: {{field: {mark.field}, value: {mark.value}}}}}"


def question_views(questions: Questions) -> list[QuestionView]:
    """Return what the page shows, question by question."""
    return [_view(question) for question in questions.entities]


def hint(questions: Questions | None) -> tuple[list[str], list[tuple[str, int]]]:
    """Return what the front page says: questions without an answer, and where many records look dead."""
    if questions is None:
        return [], []
    asked = questions.entities
    missing = [ENTITIES[question.entity] for question in asked if question.answer is None]
    many = [(ENTITIES[q.entity], q.counts.listed) for q in asked if q.counts.listed and q.many]
    return missing, many


def _view(question: EntityQuestion) -> QuestionView:
    return QuestionView(
        question.entity,
        ENTITIES[question.entity],
        question,
        _answer(question),
        tuple(_left_out(question)),
        tuple(
            (outcome, TITLES[outcome], question.before.get(outcome, 0), question.after.get(outcome, 0))
            for outcome in OUTCOMES
            if question.before.get(outcome) or question.after.get(outcome)
        ),
        outcome_bar(question.entity, question.before),
        outcome_bar(question.entity, question.after),
        _ages(question.bands),
        tuple((field.name, _field(field, question)) for field in question.fields),
        _no_mark(question),
        f"{FOLDER}/{question.entity}" if question.mark and question.counts.listed else "",
        tuple(_sample(exclusion) for exclusion in question.samples),
    )


def _answer(question: EntityQuestion) -> str:
    if question.answer == "except" and question.mark:
        return tr(
            "all but those whose %(field)s is %(value)s",
            field=question.mark.field,
            value=question.mark.value,
        )
    told = {"all": tr("all of them"), "none": tr("none of them"), "except": tr("all but the marked ones")}
    return told.get(question.answer or "", tr("not given yet: nothing can be started before it is"))


def _left_out(question: EntityQuestion) -> list[str]:
    """Say which records nobody proposes to exclude although they look dead, or might be."""
    counts = question.counts
    said = []
    if counts.unknown:
        said.append(_unknown(question))
    if question.strange:
        said.append(
            tr(
                "%(tables)s should tell when records were last in use, and names none of them: let the "
                "tenant file name the column with their codes (visma_business.activity), or leave the "
                "table out.",
                tables=", ".join(question.strange),
            )
        )
    told = (
        (counts.projects_unknown, _PROJECTS_UNKNOWN),
        (counts.marked_otherwise, _MARKED_OTHERWISE),
        (counts.shares_row, _SHARES_ROW),
        (counts.projects_stay, _PROJECTS_STAY),
        (counts.with_dead_projects, _WITH_DEAD_PROJECTS),
    )
    return said + [trn(*forms, count) for count, forms in told if count]


def _unknown(question: EntityQuestion) -> str:
    said = trn(
        "Of %(n)s record nobody can tell when anything last happened: it is never called dead.",
        "Of %(n)s records nobody can tell when anything last happened: they are never called dead.",
        question.counts.unknown,
    )
    reasons = [tr("Their dates are missing or impossible.")]
    if question.unread:
        reasons.append(tr("%(tables)s could not be read.", tables=", ".join(question.unread)))
    if question.strange:
        reasons.append(tr("No code in %(tables)s is a record's.", tables=", ".join(question.strange)))
    return " ".join([said, *reasons])


_PROJECTS_UNKNOWN: Final = marked_forms(
    "%(n)s old customer could still have running projects, which nobody can tell: name the "
    "column with the project's customer in the tenant file (projects.customer); if one is "
    "named, no customer has a number that is in it.",
    "%(n)s old customers could still have running projects, which nobody can tell: name the "
    "column with the project's customer in the tenant file (projects.customer); if one is "
    "named, no customer has a number that is in it.",
)
_MARKED_OTHERWISE: Final = marked_forms(
    "%(n)s record looks dead but holds another value in the Group field already. Somebody may "
    "need it, so look at it by hand.",
    "%(n)s records look dead but hold another value in the Group field already. Somebody may "
    "need it, so look at them by hand.",
)
_SHARES_ROW: Final = marked_forms(
    "%(n)s record looks dead but shares the row with a record of another kind (a customer who "
    "is an employee): one mark would exclude both. Look at it by hand.",
    "%(n)s records look dead but share the row with a record of another kind (a customer who is"
    " an employee): one mark would exclude both. Look at them by hand.",
)
_PROJECTS_STAY: Final = marked_forms(
    "%(n)s customer looks dead but has old projects that no list can keep back: these hold "
    "another value in the Group field, or no Group field is free for the mark. See to the "
    "projects first, or they reach Severa without their customer.",
    "%(n)s customers look dead but have old projects that no list can keep back: these hold "
    "another value in the Group field, or no Group field is free for the mark. See to the "
    "projects first, or they reach Severa without their customer.",
)
_WITH_DEAD_PROJECTS: Final = marked_forms(
    "Projects of %(n)s customer on the list look dead too: exclude these as well, or they reach"
    " Severa without their customer.",
    "Projects of %(n)s customers on the list look dead too: exclude these as well, or they "
    "reach Severa without their customer.",
)


def _field(field: GroupField, question: EntityQuestion) -> str:
    if field.marked is None:
        return tr("unknown: it could not be counted")
    if question.mark and question.mark.field == field.name and question.mark.given:
        return trn(
            "the answer's field; %(n)s record holds something in it",
            "the answer's field; %(n)s records hold something in it",
            field.marked,
        )
    if field.marked:
        values = str(field.lowest) if field.lowest == field.highest else f"{field.lowest} – {field.highest}"
        return trn(
            "in use: %(n)s record, values %(values)s",
            "in use: %(n)s records, values %(values)s",
            field.marked,
            values=values,
        )
    if field.others:
        return tr(
            "unused here, but in the same table others use it, or might: %(names)s",
            names=", ".join(ENTITIES[other].lower() for other in field.others),
        )
    return tr("unused: it could carry the mark")


def _no_mark(question: EntityQuestion) -> str:
    """Say why there is no list although records look dead."""
    if question.mark is not None or not question.counts.dead:
        return ""
    if question.answer == "except":
        return tr("The answer marks by the value 0, which is what an empty field holds: no list is proposed.")
    if not question.fields:
        return tr("No Group field of this table could be counted, so no mark is proposed.")
    return tr("No Group field is known to be free for the mark, so nothing is proposed: free one first.")


def _ages(bands: Sequence[Band]) -> AgeTable:
    told = {band.kind for band in bands if band.age is not None}
    new = {band.kind for band in bands if band.kind in told and band.candidates}
    rows = [(tr(_KINDS[kind][0]), _numbers(bands, kind, "records")) for kind in _KINDS if kind in told]
    rows += [(tr(_KINDS[kind][1]), _numbers(bands, kind, "candidates")) for kind in _KINDS if kind in new]
    return AgeTable(tuple(tr(label) for label, _, _ in _BANDS), tuple(rows))


def _numbers(bands: Sequence[Band], kind: str, of: str) -> tuple[int, ...]:
    return tuple(
        sum(getattr(band, of) for band in bands if band.kind == kind and _within(band.age, first, last))
        for _, first, last in _BANDS
    )


def _within(age: int | None, first: int | None, last: int | None) -> bool:
    if age is None or first is None or last is None:
        return age is None and first is None
    return first <= age <= last


def _sample(exclusion: Exclusion) -> tuple[str, ...]:
    days = (exclusion.changed, exclusion.created, exclusion.last_activity)
    name = exclusion.name or tr("no name")
    return (f"{exclusion.code} · {name}", *(day(each) if each else "–" for each in days))
