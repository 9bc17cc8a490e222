"""The preview in numbers, as the report shows it and `verdict.json` holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from presync.tenants.entities import ENTITIES

Outcome = Literal[
    "link", "create_in_severa", "create_in_visma_business", "excluded", "not_transferred", "blocked"
]
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "link",
    "create_in_severa",
    "create_in_visma_business",
    "excluded",
    "not_transferred",
    "blocked",
)
COLUMNS: Final = (
    "entity",
    "system",
    "outcome",
    "cause",
    "business_code",
    "business_name",
    "severa_guid",
    "severa_register",
    "severa_code",
    "severa_name",
    "differs",
    "wins",
    "rules",
    "finding_ids",
    "warnings",
    "reason",
    "likely_counterpart",
    "likeness",
)


@dataclass(frozen=True)
class Fate:
    """How many records of an entity and a system have an outcome for the same cause."""

    entity: str
    system: str
    outcome: str
    cause: str
    records: int


@dataclass(frozen=True)
class Differing:
    """In how many links a field differs; `wins`: visma_business, severa, both (the last change), unknown."""

    entity: str
    field: str
    wins: str
    links: int


@dataclass(frozen=True)
class Sample:
    """One record as the preview's page shows it; names as the tenant's privacy allows, '' for nothing."""

    entity: str
    outcome: str
    system: str
    business_code: str
    business_name: str
    severa_code: str
    severa_name: str
    severa_register: str
    differs: str
    wins: str
    reason: str


@dataclass(frozen=True)
class Likely:
    """How many records of an entity would be created and are probably there already, in pairs.

    `told`: pairs that a `near_duplicate` tells of, too; `left_out`: names with words too common to compare
    them all.
    """

    entity: str
    pairs: int
    told: int
    left_out: int


@dataclass(frozen=True)
class LikelyPair:
    """Two records that are probably the same; names as the tenant's privacy allows, `likeness` 0 to 100."""

    entity: str
    business_code: str
    business_name: str
    severa_code: str
    severa_name: str
    severa_register: str
    likeness: int
    near_duplicate: bool


@dataclass(frozen=True)
class Series:
    """Numbers of a suite that their owner hands out; `last` None: no end.

    `kind`: visma_business, severa, shared (by two of them), proposal (where Severa could count instead).
    """

    suite: str
    kind: str
    label: str
    first: int
    last: int | None


@dataclass(frozen=True)
class Preview:
    """What would happen to all records of a run, and to numbers afterwards."""

    fates: tuple[Fate, ...]
    differing: tuple[Differing, ...] = ()
    samples: tuple[Sample, ...] = ()
    series: tuple[Series, ...] = ()
    likely: tuple[Likely, ...] = ()
    likely_pairs: tuple[LikelyPair, ...] = ()

    @property
    def records(self) -> int:
        """Return how many records both systems have: the rows of `preview.csv`."""
        return sum(fate.records for fate in self.fates)

    def count(self, entity: str, outcome: str | None = None, system: str | None = None) -> int:
        """Return how many records of an entity have an outcome (None: any), in one system or both."""
        return sum(
            fate.records
            for fate in self.fates
            if fate.entity == entity and outcome in (None, fate.outcome) and system in (None, fate.system)
        )

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Return `preview` of `verdict.json`: entity to outcome to records of both systems together."""
        return {entity: {outcome: self.count(entity, outcome) for outcome in OUTCOMES} for entity in ENTITIES}
