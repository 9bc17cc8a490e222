"""A run's findings held against what is remembered: which are new, since when the others stand, what is gone.

`changes.csv` beside `findings.csv` says it of every finding; it holds codes, guids and numbers, but no names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from presync.control.findings import Changes, SeenFinding, Standing, compare_findings, record_findings
from presync.control.models import FindingRecord
from presync.errors import PresyncError
from presync.rules.findings import VALUES_DIGEST
from presync.staging.store import RunStore
from presync.verdict import Verdict

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
    "fixed_at",
    "values_digest",
)
_READ: Final = (
    "finding_id",
    "suite",
    "rule",
    "severity",
    "business_code",
    "severa_guid",
    "severa_code",
    "first",
    "last",
    VALUES_DIGEST,
)


@dataclass(frozen=True)
class Memory:
    """What is known of a run's findings besides themselves; `problem` says why nothing is known."""

    found: tuple[SeenFinding, ...] = ()
    changes: Changes = field(default_factory=Changes)
    began: datetime | None = None
    problem: str = ""

    @property
    def counts(self) -> dict[str, int] | None:
        """New, still open and fixed findings, as `verdict.json` shows them; None: nobody could compare."""
        if self.problem:
            return None
        changes = self.changes
        return {"new": changes.count("new"), "open": changes.count("open"), "fixed": len(changes.fixed)}

    def standing(self, finding_id: str) -> Standing | None:
        """Return how a finding stands."""
        return self.changes.standing.get(finding_id)

    def standings(self) -> Mapping[str, Standing]:
        """Return how each finding stands, by id."""
        return self.changes.standing


def recall(store: RunStore, verdict: Verdict) -> Memory:
    """Return what is remembered, as a report shows it; a report is made even where nothing can be remembered.

    After an `error` nothing counts as fixed.
    """
    try:
        found = tuple(seen_findings(store, verdict))
        changes = compare_findings(verdict.tenant, verdict.run_id, verdict.started_at, found)
    except PresyncError as error:
        return Memory(problem=error.message)
    if verdict.status == "error":
        return Memory(found, Changes(changes.standing), verdict.started_at)
    return Memory(found, changes, verdict.started_at)


def remember(store: RunStore, verdict: Verdict) -> None:
    """Record the findings of a run; one whose verdict is `error` leaves everything as it was."""
    if verdict.status != "error":
        found = list(seen_findings(store, verdict))
        record_findings(verdict.tenant, verdict.run_id, verdict.started_at, found)


def seen_findings(store: RunStore, verdict: Verdict) -> Iterator[SeenFinding]:
    """Yield the findings of the suites that were checked soundly."""
    for suite in verdict.suites:
        if suite.status != "error":
            yield from read_findings(store.fetch(f"results/{suite.suite}"))


def read_findings(folder: Path) -> Iterator[SeenFinding]:
    """Yield the findings that a suite published; a column that is not there is blank."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / "findings.parquet") as file:
        names = [name for name in _READ if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=8192, columns=names):
            for row in batch.to_pylist():
                yield SeenFinding(**{name: value or "" for name, value in row.items()})


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
    return {name: getattr(finding, name) for name in _READ}


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
