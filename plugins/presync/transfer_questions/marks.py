"""Which Group field could carry the mark of what must not transfer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant
from presync.transfer_questions.model import MARK, GroupField, Mark


@dataclass(frozen=True)
class Answer:
    """What the tenant answered for an entity: `kind` all, none, except or None."""

    kind: str | None = None
    field: str | None = None
    value: int | None = None


@dataclass(frozen=True)
class Usage:
    """How an entity's records use a Group field, as staged; None: unknown."""

    name: str
    records: int | None
    marked: int | None
    lowest: int | None
    highest: int | None


@dataclass
class Choice:
    """The Group fields of all entities, and those that carry the marks."""

    fields: dict[Entity, tuple[GroupField, ...]] = field(default_factory=dict)
    marks: dict[Entity, Mark] = field(default_factory=dict)


def tables(tenant: Tenant) -> dict[Entity, str]:
    """Return the table of each entity by Visma Business' name; customers and employees share one."""
    mapped = tenant.visma_business
    return {
        "departments": mapped.departments.table,
        "products": "Prod",
        "employees": "Actor",
        "customers": "Actor",
        "projects": mapped.projects.table,
    }


def choose(
    where: Mapping[Entity, str],
    answers: Mapping[Entity, Answer],
    usage: Mapping[Entity, Sequence[Usage]],
) -> Choice:
    """Return the mark of each entity: as answered, else the first field that nobody in its table uses.

    No mark where the answer is `none`, where it marks by 0 (what an empty field holds), or where no field is
    known to be free. A field that is chosen for one entity is not free for another in the same table.
    """
    choice = Choice()
    for entity in ENTITIES:
        answer = answers.get(entity, Answer())
        if answer.kind == "except" and answer.field is not None and answer.value:
            choice.marks[entity] = Mark(where[entity], answer.field, answer.value, given=True)
    for entity in ENTITIES:
        neighbours = [other for other in ENTITIES if other != entity and where[other] == where[entity]]
        fields = [_field(used, neighbours, usage, choice.marks) for used in usage.get(entity, ())]
        choice.fields[entity] = tuple(fields)
        free = next((each for each in fields if each.free), None)
        if entity not in choice.marks and free and answers.get(entity, Answer()).kind in (None, "all"):
            choice.marks[entity] = Mark(where[entity], free.name, MARK, given=False)
    return choice


def _field(
    used: Usage,
    neighbours: Iterable[Entity],
    usage: Mapping[Entity, Sequence[Usage]],
    marks: Mapping[Entity, Mark],
) -> GroupField:
    others = tuple(
        other
        for other in neighbours
        if (other in marks and marks[other].field == used.name)
        or any(theirs.name == used.name and theirs.marked != 0 for theirs in usage.get(other, ()))
    )
    return GroupField(used.name, used.records, used.marked, used.lowest, used.highest, others)
