"""A run's findings held against what is remembered: which are new, since when the others stand, what is gone.

`changes.csv` beside `findings.csv` says it of every finding; it holds codes, guids and numbers, but no names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from presync.control.findings import Changes, SeenFinding, Standing, compare_findings, record_findings
from presync.control.models import FindingRecord
from presync.control.starts import find_start
from presync.decisions.model import ConfirmedPair
from presync.errors import PresyncError
from presync.rules.findings_reader import SUBJECT, read_findings
from presync.rules.result import read_result, waivable_rules
from presync.staging.database import DATABASE_FILE, reading
from presync.staging.store import RunStore
from presync.verdict.model import Verdict

COLUMNS: Final = (
    "finding_id",
    "state",
    "suite",
    "rule",
    "severity",
    "business_code",
    "severa_guid",
    "severa_code",
    "first",
    "last",
    "first_seen",
    "open_since",
    "age_days",
    "waived",
    "fixed_at",
    "values_digest",
)


@dataclass(frozen=True)
class Memory:
    """What is known of a run's findings besides themselves; `problem` says why nothing is known."""

    found: tuple[SeenFinding, ...] = ()
    changes: Changes = field(default_factory=Changes)
    began: datetime | None = None
    problem: str = ""
    waived: frozenset[str] = frozenset()
    exceptions: Mapping[str, Any] = field(default_factory=dict)
    start: Mapping[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what `verdict.json` shows besides the verdict: how findings stand, what is on record."""
        start = {"start": dict(self.start)} if self.start else {}
        return {"findings": self.counts, "exceptions": dict(self.exceptions), **start}

    @property
    def counts(self) -> dict[str, int] | None:
        """New, open, fixed and waived findings, as `verdict.json` has them; None: nobody could compare."""
        if self.problem:
            return None
        waived = {found.finding_id for found in self.found if found.waived}
        return {
            "new": self.changes.count("new", besides=waived),
            "open": self.changes.count("open", besides=waived),
            "fixed": len(self.changes.fixed),
            "waived": len(waived),
        }

    def standing(self, finding_id: str) -> Standing | None:
        """Return how a finding stands."""
        return self.changes.standing.get(finding_id)


def recall(store: RunStore, verdict: Verdict) -> Memory:
    """Return what is remembered, as a report shows it; a report is made even where nothing can be remembered.

    After an `error` nothing counts as fixed.
    """
    on_record = _on_record(store, verdict)
    try:
        found = tuple(seen_findings(store, verdict))
        changes = compare_findings(verdict.tenant, verdict.run_id, verdict.started_at, found)
    except PresyncError as error:
        return Memory(problem=error.message, waived=verdict.waived_findings, exceptions=on_record)
    start = recorded_start(verdict.tenant)
    if verdict.status == "error":
        changes = Changes(changes.standing)
    return Memory(found, changes, verdict.started_at, "", verdict.waived_findings, on_record, start)


def recorded_start(tenant: str) -> dict[str, str] | None:
    """Return `state`, `at` (ISO) and `run_id` of the recorded start of a tenant's integration, if any."""
    start = find_start(tenant)
    if start is None:
        return None
    at = start.confirmed_at or start.requested_at
    return {"state": start.state, "at": at.isoformat(timespec="seconds"), "run_id": start.run_id}


def _on_record(store: RunStore, verdict: Verdict) -> dict[str, Any]:
    """Return waivers, confirmed pairs and decided answers of a run, and whether each of them holds."""
    given = verdict.exceptions
    if given is None:
        return {"waivers": [], "confirmed_pairs": [], "decided": {}, "answers": [], "systems": []}
    try:
        states = pair_states(store.fetch("database") / DATABASE_FILE) if given.pairs else []
    except Exception:  # the verdict says what is wrong with the database; the report must still be made
        states = []
    pairs = [
        {**{key: value for key, value in asdict(pair).items() if key != "names_digest"}, "state": state}
        for pair, state in zip_longest(given.pairs, states, fillvalue="not known")
        if isinstance(pair, ConfirmedPair)
    ]
    return {
        "waivers": [state.as_dict() for state in verdict.waivers],
        "confirmed_pairs": pairs,
        "decided": dict(given.decided),
        "answers": given.as_dict()["answers"],
        "systems": given.as_dict()["systems"],
    }


def pair_states(database: Path) -> list[str]:
    """Return whether each confirmed pair holds in a run's database, in the order in which they were given."""

    with reading(database) as connection:
        rows = connection.execute("SELECT state FROM checks.confirmed_pairs ORDER BY rowid").fetchall()
    return [str(state) for (state,) in rows]


def remember(store: RunStore, verdict: Verdict) -> None:
    """Record the findings of a run; one whose verdict is `error` leaves everything as it was."""
    if verdict.status != "error":
        found = list(seen_findings(store, verdict))
        record_findings(verdict.tenant, verdict.run_id, verdict.started_at, found)


def seen_findings(store: RunStore, verdict: Verdict) -> Iterator[SeenFinding]:
    """Yield the findings of the suites that were checked soundly."""
    for suite in verdict.suites:
        if suite.status != "error":
            folder = store.fetch(f"results/{suite.suite}")
            waivable = waivable_rules(read_result(folder, suite.suite))
            for found in read_findings(folder):
                waived = found.finding_id in verdict.waived_findings
                yield replace(found, waivable=found.rule in waivable, waived=waived)


def write_changes(path: Path, memory: Memory) -> None:
    """Write `changes.csv`: every finding of the run (`new`, `open`), then those that are gone (`fixed`)."""
    with path.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for found in memory.found:
            standing = memory.changes.standing[found.finding_id]
            writer.writerow(
                _subject(found)
                | {
                    "state": standing.state,
                    "first_seen": _moment(standing.first_seen_at),
                    "open_since": _moment(standing.opened_at),
                    "age_days": age_days(standing.opened_at, memory.began),
                    "waived": "yes" if found.waived else "",
                }
            )
        for record in memory.changes.fixed:
            writer.writerow(
                _subject(record)
                | {
                    "state": "fixed",
                    "first_seen": _moment(record.first_seen_at),
                    "open_since": _moment(record.opened_at),
                    "age_days": age_days(record.opened_at, memory.began),
                    "fixed_at": _moment(memory.began),
                }
            )


def age_days(since: datetime, until: datetime | None) -> int:
    """Return whole days between two moments; 0 if there is no second one."""
    return max(0, (until - since).days) if until else 0


def _subject(finding: SeenFinding | FindingRecord) -> dict[str, object]:
    return {name: getattr(finding, name) for name in SUBJECT}


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
