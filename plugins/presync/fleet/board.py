"""The rows of the fleet page, as the page, the CSV file and the JSON answer show them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from presync.control.companies import Facts
from presync.fleet.stage import STAGES, Stage, Standing, stage_of
from presync.languages.cldr import moment
from presync.reconcile.names import folded_forms
from presync.report.wording import fix_in_title

PLACES: Final = ("severa", "visma_business", "either", "presync")
PAGE: Final = 100
"""Rows of one page."""


@dataclass(frozen=True)
class InAirflow:
    """What Airflow says of a company's DAG. `ended`: the run that began last is over; `queued`: one waits."""

    paused: bool | None = None
    next_run: datetime | None = None
    ended: bool = False
    queued: bool = False
    state: str | None = None


@dataclass(frozen=True)
class Row:
    """One company. `change`: critical findings against the run before, None without one."""

    tenant: str
    title: str
    country: str
    owner: str
    go_live: date | None
    days_left: int | None
    standing: Standing
    critical: int | None
    places: Mapping[str, int]
    change: int | None
    warning: int | None
    trend: Sequence[tuple[str, int]]
    rules: Mapping[str, Sequence[int]]
    last_run: str | None
    last_state: str
    last_at: datetime | None
    next_run: datetime | None
    paused: bool | None
    queued: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the row as `/presync/api/tenants` gives it; times in ISO 8601, UTC."""
        return {
            "tenant": self.tenant,
            "title": self.title,
            "country": self.country or None,
            "owner": self.owner or None,
            "go_live": self.go_live.isoformat() if self.go_live else None,
            "days_left": self.days_left,
            "stage": self.standing.stage,
            "stage_title": self.standing.title,
            "since": _iso(self.standing.since),
            "until": _iso(self.standing.until),
            "reason": self.standing.reason,
            "next": self.standing.next,
            "running_since": _iso(self.standing.running_since),
            "critical": self.critical,
            "places": {place: self.places.get(place, 0) for place in PLACES},
            "change": self.change,
            "warning": self.warning,
            "trend": [list(point) for point in self.trend],
            "rules": {name: counts[0] for name, counts in self.rules.items() if counts[0]},
            "last_run": self.last_run,
            "last_state": self.last_state,
            "last_at": _iso(self.last_at),
            "next_run": _iso(self.next_run),
            "paused": self.paused,
        }


def _spellings(text: str) -> tuple[str, str]:
    return folded_forms(unicodedata.normalize("NFC", text).casefold())


@dataclass(frozen=True)
class Wanted:
    """Which rows, in which order: what stands in the page's address."""

    q: str = ""
    stages: tuple[str, ...] = ()
    owner: str = ""
    country: str = ""
    rule: str = ""
    sort: str = "stage"
    page: int = 1

    def besides_stage(self, row: Row) -> bool:
        """Tell whether a row is wanted, whatever its stage."""
        words = f"{row.tenant} {row.title} {row.owner} {row.standing.reason}"
        return (
            self._finds(words)
            and self.owner in {"", row.owner}
            and self.country in {"", row.country}
            and (not self.rule or bool(row.rules.get(self.rule, (0,))[0]))
        )

    def _finds(self, words: str) -> bool:
        """Tell whether words hold what is searched for, in any spelling: Ålesund, Aalesund, Alesund."""
        if not self.q:
            return True
        pairs = zip(_spellings(self.q), _spellings(words), strict=True)
        return any(wanted in there for wanted, there in pairs)


@dataclass(frozen=True)
class Board:
    """`rows` as wanted, all of them; `tiles` count the stages of those that differ in nothing but these."""

    rows: Sequence[Row]
    tiles: Mapping[Stage, int]
    owners: Sequence[str] = ()
    countries: Sequence[str] = ()
    all: Sequence[Row] = field(default=(), repr=False)

    def page(self, number: int) -> Sequence[Row]:
        """Return the rows of a page, from 1."""
        return self.rows[(number - 1) * PAGE : number * PAGE]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-len(self.rows) // PAGE))


def board(facts: Iterable[Facts], airflow: Mapping[str, InAirflow], wanted: Wanted, now: datetime) -> Board:
    """Return the board of these companies; `airflow`: what it says of each tenant's DAG."""
    rows = [_row(each, airflow.get(each.company.tenant, InAirflow()), now) for each in facts]
    others = [row for row in rows if wanted.besides_stage(row)]
    counted = Counter(row.standing.stage for row in others)
    shown = [row for row in others if not wanted.stages or row.standing.stage in wanted.stages]
    name = wanted.sort.removeprefix("-")
    key = SORTS.get(name, SORTS["stage"])
    shown.sort(key=lambda row: row.title.casefold() or row.tenant)
    # rows without the value come last, whichever way the others are sorted
    known = sorted((r for r in shown if key(r) is not None), key=key, reverse=wanted.sort.startswith("-"))
    ordered = [*known, *(row for row in shown if key(row) is None)]
    return Board(
        ordered,
        {stage: counted[stage] for stage in STAGES if counted[stage]},
        sorted({row.owner for row in rows if row.owner}),
        sorted({row.country for row in rows if row.country}),
        rows,
    )


SORTS: Final[Mapping[str, Callable[[Row], Any]]] = {
    "company": lambda row: row.title.casefold() or row.tenant,
    "stage": lambda row: (STAGES.index(row.standing.stage), row.standing.since is None, row.standing.since),
    "since": lambda row: row.standing.since,
    "go_live": lambda row: row.go_live,
    "critical": lambda row: row.critical,
    "change": lambda row: row.change,
    "last": lambda row: row.last_at,
    "next": lambda row: row.next_run,
    "owner": lambda row: row.owner.casefold() or None,
    "country": lambda row: row.country or None,
}

CSV_COLUMNS: Final = (
    "tenant", "title", "country", "owner", "go_live", "days_left", "stage", "since", "until", "reason",
    "next", "critical", *(f"critical_{place}" for place in PLACES), "change", "warning", "last_run",
    "last_state", "last_at", "next_run", "paused",
)  # fmt: skip


def csv_row(row: Row) -> dict[str, Any]:
    """Return a row of the CSV file: the JSON's values, the places as columns."""
    values = row.as_dict()
    values |= {f"critical_{place}": count for place, count in values["places"].items()}
    if row.critical is None:
        values |= {f"critical_{place}": None for place in PLACES}
    return {name: _cell(values[name]) for name in CSV_COLUMNS}


def places_in_words(row: Row) -> str:
    """Return where critical findings stand: `Severa 3, Visma Business or Severa 12`."""
    known = [(place, row.places.get(place, 0)) for place in PLACES]
    return ", ".join(f"{fix_in_title(place)} {count}" for place, count in known if count)


def _row(facts: Facts, said: InAirflow, now: datetime) -> Row:
    company = facts.company
    standing = stage_of(facts, now, run_ended=said.ended)
    checked = company.first_checked_at is not None
    critical = sum(company.places.values()) if checked else None
    before = company.places_before
    state, at = company.status, company.judged_at
    if standing.running_since or (company.began_at and (at is None or company.began_at > at)):
        state, at = "running" if standing.running_since else "no verdict", company.began_at
    return Row(
        tenant=company.tenant,
        title=company.title,
        country=company.country or "",
        owner=company.owner or "",
        go_live=company.go_live,
        days_left=(company.go_live - now.date()).days if company.go_live else None,
        standing=standing,
        critical=critical,
        places=company.places,
        change=None if critical is None or before is None else critical - sum(before.values()),
        warning=company.warning if checked else None,
        trend=[(str(day), int(count)) for day, count in company.trend],
        rules=company.rules,
        last_run=company.began_run or company.judged_run,
        last_state=said.state or state,
        last_at=at,
        next_run=None if said.paused else said.next_run,
        paused=said.paused,
        queued=said.queued,
    )


def _iso(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None


def _cell(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in set("=+-@\t\r") else text


def since_in_words(when: datetime | None, now: datetime) -> str:
    """Return how long ago a moment is, in the largest unit that fits, or a dash.

    >>> since_in_words(datetime(2026, 11, 1), datetime(2026, 11, 24))
    '23 days'
    """
    if when is None:
        return "–"
    seconds = max(0, int((now - when).total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "just now"


def moment_of(when: datetime | None) -> str:
    """Return a time as people write it."""
    return moment(when.isoformat() if when else None)
