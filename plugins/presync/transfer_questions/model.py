"""What the ops team needs to know to answer the five questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from presync.tenants.entities import Entity

MARK: Final = 1
"""The value that is proposed for a Group field nobody uses yet."""


@dataclass(frozen=True)
class GroupField:
    """A Group field of an entity's table; `marked` None: unknown.

    `others`: entities that share the table and use the field too, or whose answer names it.
    """

    name: str
    records: int | None
    marked: int | None
    lowest: int | None
    highest: int | None
    others: tuple[Entity, ...] = ()

    @property
    def unused(self) -> bool:
        """Tell whether it is known that no record of this entity uses it."""
        return self.marked == 0

    @property
    def free(self) -> bool:
        """Tell whether it could carry the mark: nobody who shares the table uses it."""
        return self.unused and not self.others


@dataclass(frozen=True)
class Mark:
    """What marks the records of an entity that must not transfer; `given` by the tenant's answer."""

    place: str
    field: str
    value: int
    given: bool


@dataclass(frozen=True)
class Band:
    """Records whose last change, creation or activity is `age` whole years ago (None: unknown, or none).

    `candidates`: of them, those that would be created in Severa.
    """

    kind: str
    age: int | None
    records: int
    candidates: int


@dataclass(frozen=True)
class Exclusion:
    """One row of a proposed exclusion list; dates as far as they are known.

    `current` is the staged value of the Group field: 0 or None; None also where no answer names the field.
    """

    key: str
    field: str
    current: int | None
    value: int
    code: str
    name: str
    changed: date | None
    created: date | None
    last_activity: date | None
    reason: str


@dataclass(frozen=True)
class Counts:
    """How many records would be created in Severa (`candidates`), and what is known of them.

    `dead` look dead; of these `marked_otherwise`, `shares_row`, `projects_stay` (no list can keep these
    customers' old projects back) are not `listed`. Of `projects_unknown` nobody
    can tell whether they have projects; of `unknown` nobody can tell when anything last happened.
    """

    candidates: int = 0
    unknown: int = 0
    dead: int = 0
    projects_unknown: int = 0
    marked_otherwise: int = 0
    shares_row: int = 0
    projects_stay: int = 0
    listed: int = 0
    with_dead_projects: int = 0


@dataclass(frozen=True)
class EntityQuestion:
    """The facts about one entity. `answer`: all, none, except or None; `mark` None: no field could carry it.

    `before` and `after` are outcomes of records of both systems, now and with the list applied (and the
    answer that it needs). `activity` names the tables that tell of activity, `unread` those that could not
    be read, `strange` those in which no code is a record's.
    """

    entity: Entity
    answer: str | None
    mark: Mark | None
    counts: Counts
    bands: tuple[Band, ...]
    fields: tuple[GroupField, ...]
    before: Mapping[str, int]
    after: Mapping[str, int]
    activity: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()
    samples: tuple[Exclusion, ...] = ()

    @property
    def many(self) -> bool:
        """Tell whether so much looks dead that it is worth a thought before the start."""
        return self.counts.listed >= 100 or self.counts.listed * 20 >= max(self.counts.candidates, 1)


@dataclass(frozen=True)
class Questions:
    """The facts about all entities; `problem` says why there are none.

    `reference` is the day on which Visma Business was read, `cutoff` the day `years` before it.
    """

    entities: tuple[EntityQuestion, ...] = ()
    years: int = 0
    reference: date | None = None
    cutoff: date | None = None
    problem: str = ""
