"""The answer of a run: `ready`, `blocked` or `error`, as `verdict.json` holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from presync.decisions.model import Exceptions
from presync.rules.baseline import Deviation
from presync.staging.fingerprints import Fingerprints
from presync.staging.made_by import MadeBy, this_version
from presync.verdict.waivers import WaiverState

VerdictStatus = Literal["ready", "blocked", "error"]
SuiteStatus = Literal["passed", "failed", "error"]


@dataclass(frozen=True)
class Problem:
    """Something that could not be checked: `source` names the task, system or suite."""

    source: str
    message: str


@dataclass(frozen=True)
class SuiteVerdict:
    """One suite's outcome: findings per severity, waived ones apart. Without a sound result: `error`."""

    suite: str
    status: SuiteStatus
    critical: int
    warning: int
    waived: int = 0


@dataclass(frozen=True)
class EntityCounts:
    """Records of an entity in each system, those excluded, and `pairs`: correctly set up on both sides."""

    business: int = 0
    severa: int = 0
    excluded: int = 0
    pairs: int = 0


@dataclass(frozen=True)
class Verdict:
    """What one run found. Times are UTC; `build_id` names the database that the suites examined.

    `names_masked`: the tenant asks for it. `deviations`: how the suites differ from the release's. `made_by`:
    the code and settings that every product of the run, and the verdict itself, was made by. `identity`: what
    the two systems say they are (`control/systems.py`), `not_compared`: those that do not name their
    company, if therefore nobody could compare them.
    `exceptions` are the waivers, pairs and answers that were in force, `waivers` how each waiver fares.
    """

    tenant: str
    run_id: str
    status: VerdictStatus
    started_at: datetime
    finished_at: datetime
    rules_version: str
    suites: tuple[SuiteVerdict, ...]
    counts: Mapping[str, EntityCounts]
    errors: tuple[Problem, ...]
    build_id: str = ""
    waivers: tuple[WaiverState, ...] = ()
    waived_findings: frozenset[str] = frozenset()
    exceptions: Exceptions | None = None
    fingerprints: Fingerprints = field(default_factory=dict)
    names_masked: bool = False
    identity: Mapping[str, Any] = field(default_factory=dict)
    not_compared: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    made_by: MadeBy = field(default_factory=this_version)

    @property
    def critical(self) -> int:
        """Critical findings of all suites."""
        return sum(suite.critical for suite in self.suites)

    @property
    def warning(self) -> int:
        """Warnings of all suites."""
        return sum(suite.warning for suite in self.suites)

    @property
    def waived(self) -> int:
        """Waived findings of all suites."""
        return sum(suite.waived for suite in self.suites)

    def as_dict(self) -> dict[str, Any]:
        """Return the content of `verdict.json`."""
        return {
            "tenant": self.tenant,
            "run_id": self.run_id,
            "status": self.status,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "finished_at": self.finished_at.isoformat(timespec="seconds"),
            "rules_version": self.rules_version,
            "made_by": self.made_by.as_dict(),
            "suites": [asdict(suite) for suite in self.suites],
            "counts": {entity: asdict(counts) for entity, counts in self.counts.items()},
            "errors": [asdict(problem) for problem in self.errors],
            "deviations": [deviation.as_dict() for deviation in self.deviations],
            "not_compared": list(self.not_compared),
        }
