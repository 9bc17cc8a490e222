"""The preview as the pages show it: a bar per entity, then why, what differs, and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from presync.languages.cldr import number
from presync.languages.texts import tr
from presync.preview import OUTCOMES, Differing, Fate, Likely, LikelyPair, Preview, Sample
from presync.report.reason_words import reason_words
from presync.report.wording import ENTITIES, FIELDS, REGISTERS, WINS, cause_title, problem_title
from presync.report.wording import OUTCOMES as TITLES
from presync.tenants.shared import Integration

_WIDTH = 1000


@dataclass(frozen=True)
class Part:
    """A part of a bar: where it starts and how wide it is, of 1000."""

    outcome: str
    start: int
    width: int
    records: int


@dataclass(frozen=True)
class Bar:
    """An entity's records of both systems by outcome."""

    title: str
    counts: dict[str, int]
    parts: tuple[Part, ...]

    @property
    def records(self) -> int:
        """All records of the entity."""
        return sum(self.counts.values())

    @property
    def spoken(self) -> str:
        """What the bar shows, for those who cannot see it."""
        told = [f"{TITLES[outcome]} {number(count)}" for outcome, count in self.counts.items() if count]
        none = tr("no records")
        return f"{self.title}: {', '.join(told) or none}"

    def count(self, outcome: str) -> int:
        """Return how many records have an outcome."""
        return self.counts[outcome]


@dataclass(frozen=True)
class OutcomeView:
    """One outcome of an entity, with examples; `fates`: cause, records of Visma Business, of Severa."""

    outcome: str
    title: str
    fates: tuple[tuple[str, int, int], ...]
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LikelyView:
    """Records that would be created and are probably there already; rows: both records, likeness, finding."""

    counted: Likely
    rows: tuple[tuple[str, str, int, str], ...]


@dataclass(frozen=True)
class EntityView:
    """What the preview's page tells of an entity; `differing`: field, whose value is kept, links."""

    entity: str
    bar: Bar
    outcomes: tuple[OutcomeView, ...]
    differing: tuple[tuple[str, str, int], ...]
    asks_for_master: bool
    likely: LikelyView | None = None


def preview_bars(preview: Preview) -> list[Bar]:
    """Return a bar for each entity; even the smallest part of one can be seen."""
    return [_bar(preview, entity) for entity in ENTITIES]


def entity_views(preview: Preview, integration: Integration) -> list[EntityView]:
    """Return what the page shows, entity by entity; those without any record are left out."""
    return [
        EntityView(
            entity,
            _bar(preview, entity),
            tuple(
                _outcome(preview, entity, outcome) for outcome in OUTCOMES if preview.count(entity, outcome)
            ),
            tuple(_differing(d) for d in preview.differing if d.entity == entity),
            any(d.entity == entity and d.wins == "unknown" for d in preview.differing)
            and integration.master is None,
            _likely(preview, entity),
        )
        for entity in ENTITIES
        if preview.count(entity)
    ]


def _likely(preview: Preview, entity: str) -> LikelyView | None:
    counted = [likely for likely in preview.likely if likely.entity == entity]
    rows = tuple(_likely_row(pair) for pair in preview.likely_pairs if pair.entity == entity)
    return LikelyView(counted[0], rows) if counted else None


def _likely_row(pair: LikelyPair) -> tuple[str, str, int, str]:
    return (
        _record(pair.business_code, pair.business_name),
        _record(pair.severa_code, pair.severa_name, pair.severa_register),
        pair.likeness,
        problem_title("near_duplicate", "Similar names") if pair.near_duplicate else tr("none"),
    )


def outcome_bar(entity: str, counted: Mapping[str, int]) -> Bar:
    """Return the bar of an entity whose records are counted by outcome."""
    counts: dict[str, int] = {outcome: counted.get(outcome, 0) for outcome in OUTCOMES}
    return Bar(ENTITIES[entity], counts, _parts(counts))


def _bar(preview: Preview, entity: str) -> Bar:
    return outcome_bar(entity, {outcome: preview.count(entity, outcome) for outcome in OUTCOMES})


def _parts(counts: dict[str, int]) -> tuple[Part, ...]:
    shown = {outcome: count for outcome, count in counts.items() if count}
    total = sum(shown.values())
    # a blocked record among a million must not vanish
    widths = {outcome: max(6, count * _WIDTH // total) for outcome, count in shown.items()}
    scale = sum(widths.values())
    parts, start = [], 0
    for place, (outcome, count) in enumerate(shown.items(), start=1):
        end = _WIDTH if place == len(shown) else start + widths[outcome] * _WIDTH // scale
        parts.append(Part(outcome, start, end - start, count))
        start = end
    return tuple(parts)


def _outcome(preview: Preview, entity: str, outcome: str) -> OutcomeView:
    fates = _fates([f for f in preview.fates if (f.entity, f.outcome) == (entity, outcome)])
    samples = [s for s in preview.samples if (s.entity, s.outcome) == (entity, outcome)]
    headers, rows = _table(samples)
    return OutcomeView(outcome, TITLES[outcome], fates, headers, rows)


def _fates(fates: Sequence[Fate]) -> tuple[tuple[str, int, int], ...]:
    """Return the causes, the one of most records first."""
    counts: dict[str, dict[str, int]] = {}
    for fate in fates:
        counts.setdefault(fate.cause, {"visma_business": 0, "severa": 0})[fate.system] += fate.records
    rows = [(cause_title(cause), of["visma_business"], of["severa"]) for cause, of in counts.items()]
    return tuple(sorted(rows, key=lambda row: (-row[1] - row[2], row[0])))


def _differing(differing: Differing) -> tuple[str, str, int]:
    return FIELDS[differing.field], WINS[differing.wins], differing.links


def _table(samples: Sequence[Sample]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    columns = {
        "Visma Business": [_record(s.business_code, s.business_name) for s in samples],
        "Severa": [_record(s.severa_code, s.severa_name, s.severa_register) for s in samples],
        tr("Differs"): [", ".join(FIELDS[field] for field in s.differs.split(";") if field) for s in samples],
        tr("Why"): [reason_words(s.reason) for s in samples],
    }
    used = {header: cells for header, cells in columns.items() if any(cells)}
    return tuple(used), tuple(zip(*used.values(), strict=True))


def _record(code: str, name: str, register: str = "") -> str:
    code, name = code.strip(), name.strip()
    if not (code or name or register):
        return ""
    no_code, no_name = tr("no code"), tr("no name")
    text = f"{code or no_code} · {name or no_name}"
    return f"{text} ({REGISTERS[register]})" if register in REGISTERS else text
