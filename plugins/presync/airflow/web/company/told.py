"""What the reports of a company say: texts of findings, counts, proposed marks. A report may be gone."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from presync.control.models import FindingRecord
from presync.report.published import LATEST, Published, Shelf
from presync.staging.store import folder_name

_GONE: Final = (OSError, ValueError, KeyError, TypeError, csv.Error)
_CELL: Final = 2**31 - 1  # characters; the csv module's own limit is 131,072


@dataclass(frozen=True)
class Told:
    """The newest report and its `verdict.json`; both empty if there is none."""

    published: Published | None = None
    verdict: Mapping[str, Any] = field(default_factory=dict)


def newest_report(tenant: str) -> Told:
    """Return what the newest report says."""
    shelf = Shelf(tenant)
    try:
        with shelf.open(LATEST, "verdict.json") as stream:
            verdict = json.load(stream)
    except _GONE:
        return Told()
    return Told(shelf.read(LATEST), verdict if isinstance(verdict, dict) else {})


def texts_of(tenant: str, findings: Sequence[FindingRecord]) -> dict[str, tuple[str, str]]:
    """Return message and fix of findings by id, as the report of the run says that saw them last."""
    return {name: (row["message"], row["fix"]) for name, row in rows_of(tenant, findings).items()}


def rows_of(tenant: str, findings: Sequence[FindingRecord]) -> dict[str, Mapping[str, str]]:
    """Return rows of `findings.csv` by id, from the report of the run that saw each finding last."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for each in findings:
        wanted[each.last_seen_run].add(each.finding_id)
    told: dict[str, Mapping[str, str]] = {}
    for run, ids in wanted.items():
        told |= _rows(tenant, run, ids)
    return told


def _rows(tenant: str, run: str, ids: set[str]) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    csv.field_size_limit(_CELL)
    try:
        with Shelf(tenant).open(folder_name(run), "findings.csv") as stream:
            for row in csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8", newline="")):
                if row["finding_id"] in ids:
                    found[row["finding_id"]] = row
                    if len(found) == len(ids):
                        break
    except _GONE:
        return found
    return found


def proposed_mark(tenant: str, entity: str) -> tuple[str, str] | None:
    """Return the Group field and value that the newest report proposes to mark what looks dead with."""
    try:
        with Shelf(tenant).open(LATEST, f"transfer/{entity}.csv") as stream:
            row = next(csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8", newline="")), None)
    except _GONE:
        return None
    return (row["column"], row["proposed"]) if row else None
