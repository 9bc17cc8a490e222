"""The first sheet of every spreadsheet: whose it is, of which run, what to do, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from presync.languages.cldr import moment
from presync.languages.speaking import speaking
from presync.languages.texts import marked, tr
from presync.tenants.model import Tenant

MARK: Final = "Presync"
"""What cell A1 of such a sheet says: whoever reads a table back passes it over."""

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Origin:
    """Which company and run a spreadsheet is about; `checked` is an ISO time."""

    title: str
    tenant: str
    run_id: str
    checked: str
    language: str = "en"

    @classmethod
    def of(cls, tenant: Tenant, verdict: Mapping[str, Any]) -> Origin:
        """Return the origin of what is made from a run's `verdict.json`."""
        checked = str(verdict["finished_at"])
        return cls(tenant.title, tenant.tenant, str(verdict["run_id"]), checked, tenant.language)


def about(kind: str, header: Sequence[str], origin: Origin | None = None) -> Rows:
    """Return the rows of a first sheet in the origin's language, English without one.

    `kind` is a key of `WHAT`, `header` the columns of the table.
    """
    with speaking(origin.language if origin else "en"):
        return _about(kind, header, origin)


def _about(kind: str, header: Sequence[str], origin: Origin | None) -> Rows:
    what, todo = WHAT[kind]
    rows: Rows = [(MARK, tr("before the Visma Business – Severa integration"))]
    if origin:
        rows += [
            (tr("Company"), f"{origin.title} ({origin.tenant})"),
            (tr("Run"), origin.run_id),
            (tr("Checked"), moment(origin.checked)),
        ]
    rows += [(tr("What this is"), tr(what)), (tr("What to do"), tr(todo)), ("", "")]
    rows.append((tr("Column"), tr("Meaning")))
    return rows + [(column, tr(COLUMN_TEXTS.get(column, ""))) for column in header]


WHAT: Final[Mapping[str, tuple[str, str]]] = {
    "findings": (
        marked("Every finding of the run, a row each: what is wrong, with which records."),
        marked(
            "Filter by fix_in to see what is yours, and correct the critical ones first. Changes in this "
            "file have no effect."
        ),
    ),
    "preview": (
        marked("Every record of both systems and what the first synchronisation would do with it."),
        marked(
            "Filter by outcome and look for surprises: records that would be created although they exist, or "
            "that stay behind although they are needed. Changes in this file have no effect."
        ),
    ),
    "severa": (
        marked("Proposed changes in Severa, a row each."),
        marked(
            "Look through the rows, those with low confidence first. Delete the rows that you do not want, "
            "or correct the column proposed. Then change the records in Severa."
        ),
    ),
    "visma_business": (
        marked("Proposed changes in Visma Business, a row each."),
        marked(
            "Look through the rows, those with low confidence first. Delete the rows that you do not want, "
            "or correct the column proposed. Then change the records in Visma Business."
        ),
    ),
    "presync": (
        marked("Proposed changes in the company's tenant file."),
        marked("Write them into the tenant file if you agree."),
    ),
    "by_hand": (
        marked("Findings for which no program can propose a correction: a person must decide."),
        marked(
            "Decide row by row; the column reason says what is unclear. Correct the records where fix_in "
            "says, or fill in the column answer: same or different (are the two records the same?), or "
            "stands (the finding may stand until the day in the column until), and say why. Then give this "
            "file back: on the company's page in Airflow, or with presync answer."
        ),
    ),
    "transfer": (
        marked(
            "Records that look dead: nothing has happened to them for years, and Severa does not have them."
        ),
        marked(
            "Delete the rows of records that are needed in Severa. Then put the value in proposed into the "
            "field in column, for each of the remaining records, in Visma Business."
        ),
    ),
}
COLUMN_TEXTS: Final[Mapping[str, str]] = {
    "finding_id": marked("The finding's id: the same from run to run"),
    "suite": marked("The group of rules that found it"),
    "rule": marked("The rule that found it; the report's page about the rules explains it"),
    "severity": marked("critical: blocks the start; warning: worth a look"),
    "business_code": marked("Number or code in Visma Business"),
    "business_name": marked("Name in Visma Business"),
    "severa_guid": marked("The record's id in Severa"),
    "severa_register": marked("The list of Severa that the record is in"),
    "severa_code": marked("Number or code in Severa"),
    "severa_name": marked("Name in Severa"),
    "first": marked("First number that it is about"),
    "last": marked("Last number that it is about"),
    "fix_in": marked("Where to correct it: Visma Business, Severa, either of them, or Presync's tenant file"),
    "message": marked("What is wrong"),
    "fix": marked("How to correct it"),
    "guid": marked("The record's id in Severa"),
    "name": marked("Name of the record"),
    "field": marked("The field to change"),
    "current": marked("What the field holds now"),
    "proposed": marked("What it should hold"),
    "values_digest": marked("Stands for the values that the finding is about; leave it as it is"),
    "answer": marked("Yours to fill in: same, different, or stands"),
    "until": marked("Yours to fill in, with stands: the last day on which it may stand, as 2026-12-31"),
    "why": marked("Yours to fill in: how you know, or why it may stand"),
    "confidence": marked("How certain the proposal is: high, medium or low"),
    "reason": marked("Why"),
    "table": marked("Table in Visma Business"),
    "key": marked("Key of the row in that table"),
    "column": marked("Column to change"),
    "code": marked("Number or code"),
    "last_change": marked("When the record was last changed"),
    "created": marked("When it was created"),
    "last_activity": marked("When it was last in use"),
    "entity": marked("What kind of record it is"),
    "system": marked("Which system the record is in"),
    "outcome": marked("What the first synchronisation would do with it"),
    "cause": marked("Why, as a keyword"),
    "differs": marked("Fields in which the two linked records differ"),
    "wins": marked("Whose value is kept where they differ"),
    "rules": marked("Rules that block the record"),
    "finding_ids": marked("Ids of the findings that block it"),
    "warnings": marked("Rules that warn about it"),
    "likely_counterpart": marked("The record of the other system that it probably is"),
    "likeness": marked("How alike the two names are, up to 100"),
}
_WIDTHS: Final[Mapping[str, int]] = {
    "finding_id": 19,
    "severity": 10,
    "suite": 20,
    "rule": 24,
    "first": 14,
    "last": 14,
    "fix_in": 16,
    "message": 70,
    "fix": 60,
    "reason": 60,
    "why": 40,
    "answer": 12,
    "until": 12,
    "name": 32,
    "guid": 38,
    "table": 12,
    "key": 14,
    "column": 12,
    "code": 14,
    "current": 20,
    "proposed": 20,
    "confidence": 12,
    "field": 20,
    "business_code": 16,
    "business_name": 32,
    "severa_guid": 38,
    "severa_register": 18,
    "severa_code": 16,
    "severa_name": 32,
    "likeness": 10,
    "system": 16,
    "outcome": 24,
}


def widths(header: Sequence[str]) -> tuple[int, ...]:
    """Return how wide each column of a table should be, in characters."""
    return tuple(_WIDTHS.get(column, 18) for column in header)
