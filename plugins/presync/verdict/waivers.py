"""Waivers held against what a run found: which findings may stand, and why a waiver holds no longer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from presync.control.findings import SeenFinding
from presync.decisions.longest import longest
from presync.decisions.model import Waiver
from presync.rules.result import SuiteResult, waivable_rules

IN_FORCE: Final = "in force"
NOT_FOUND: Final = "no such finding in this run"


@dataclass(frozen=True)
class WaiverState:
    """A waiver as a run sees it: `in force`, or why not."""

    waiver: Waiver
    state: str

    def as_dict(self) -> dict[str, str]:
        """Return it as `verdict.json` shows it."""
        waiver = self.waiver
        return {
            "finding_id": waiver.finding_id,
            "rule": waiver.rule,
            "reason": waiver.reason,
            "by": waiver.by,
            "until": waiver.until.isoformat(),
            "source": waiver.source,
            "state": self.state,
        }


@dataclass
class Applied:
    """What waivers do to one suite: how many of its findings they cover, which, and how each waiver fares."""

    critical: int = 0
    warning: int = 0
    finding_ids: set[str] = field(default_factory=set)
    states: dict[Waiver, str] = field(default_factory=dict)


def apply_waivers(
    waivers: Iterable[Waiver], today: date, result: SuiteResult, findings: Iterable[SeenFinding]
) -> Applied:
    """Hold waivers against the findings of a suite that was checked; `today`: when they were read (UTC)."""
    by_finding: dict[str, list[Waiver]] = {}
    for waiver in waivers:
        by_finding.setdefault(waiver.finding_id, []).append(waiver)
    applied = Applied()
    waivable = waivable_rules(result)
    for found in findings:
        given = {each: _state(each, found, today, waivable) for each in by_finding.get(found.finding_id, ())}
        applied.states |= given
        if IN_FORCE in given.values():
            applied.finding_ids.add(found.finding_id)
            applied.critical += found.severity == "critical"
            applied.warning += found.severity != "critical"
    return applied


def waiver_states(waivers: Iterable[Waiver], seen: Mapping[Waiver, str]) -> tuple[WaiverState, ...]:
    """Return how each waiver fares; one that met no finding covers nothing."""
    return tuple(WaiverState(each, seen.get(each, NOT_FOUND)) for each in waivers)


def _state(waiver: Waiver, found: SeenFinding, today: date, waivable: frozenset[str]) -> str:
    if waiver.rule != found.rule:
        return f"lapsed: the finding is of rule {found.rule}"
    if found.rule not in waivable:
        return "without effect: this rule cannot be waived"
    if today > waiver.until:
        return f"lapsed: it ended on {waiver.until}"
    if waiver.until > longest(today):
        return f"without effect: {waiver.until} is further ahead than PRESYNC_WAIVER_DAYS allows"
    if not found.values_digest or waiver.values_digest != found.values_digest:
        return "lapsed: the records have other values than those it was given for"
    return IN_FORCE
