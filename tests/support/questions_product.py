"""The product's facts about staged data: reconcile, preview, questions and lists, as a run makes them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from presync.fixes.apply import apply_to_extracts
from presync.fixes.model import BusinessChange, FixPlan
from presync.preview import Preview, write_preview
from presync.rehearsal.exclusions import exclude_listed
from presync.report.files.exclusion_lists import FOLDER, read_list, write_questions
from presync.tenants.entities import ENTITIES, Entity
from presync.transfer_questions import EntityQuestion, Questions
from tests.oracle import StagedData
from tests.oracle.extracts import write_extracts
from tests.support.preview_product import judged_by_definition
from tests.support.rehearsed_fixes import read_back
from tests.support.staged_tables import as_tables

TODAY = date(2026, 11, 23)
Lists = Mapping[Entity, Sequence[BusinessChange]]


@dataclass(frozen=True)
class Asked:
    """What the report would tell about the five questions; `lists` as read back from its files."""

    questions: Questions
    preview: Preview
    lists: Lists

    def of(self, entity: Entity) -> EntityQuestion:
        """Return the facts about one entity."""
        assert self.questions.problem == ""
        return next(question for question in self.questions.entities if question.entity == entity)

    def keys(self, entity: Entity) -> set[str]:
        """Return the keys of the records that are proposed for exclusion."""
        return {change.key for change in self.lists.get(entity, ())}


def asked(data: StagedData, today: date = TODAY) -> Asked:
    """Check staged data as if they had been read on this day, and ask."""
    told: list[Questions] = []
    with judged_by_definition(data) as run, tempfile.TemporaryDirectory() as name:
        with duckdb.connect(str(run.database)) as connection:
            as_tables(connection)
            connection.execute("UPDATE checks.extracts SET finished_at = ?", [f"{today}T12:00:00+00:00"])
        preview = write_preview(
            data.tenant,
            run.database,
            run.build_id,
            run.findings,
            Path(name) / "preview.csv",
            then=lambda connection: told.append(write_questions(connection, data.tenant, Path(name))),
        )
        folder = Path(name) / FOLDER
        written = [entity for entity in ENTITIES if (folder / f"{entity}.csv").exists()]
        return Asked(told[0], preview, {entity: read_list(folder, entity) for entity in written})


def with_lists(data: StagedData, lists: Lists) -> StagedData:
    """Return the data as they would be with the lists applied, and the answers that they need."""
    plan = FixPlan()
    tenant, left = exclude_listed(data.tenant, {}, plan, lists)
    assert left == {}
    with tempfile.TemporaryDirectory() as name:
        extracts = write_extracts(data, Path(name) / "before")
        copies = apply_to_extracts(extracts, tenant, plan, Path(name) / "after", run_id="after")
        return StagedData(tenant, read_back(copies), data.not_mapped, data.confirmed)
