"""Companies × rules: which cause stands in how many companies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from presync.fleet.board import Row
from presync.report.wording import SUITES, problem_title


@dataclass(frozen=True)
class Cause:
    """A rule of a suite with open critical findings; `companies`: each with its count, most first."""

    name: str
    suite_title: str
    problem: str
    companies: Sequence[tuple[Row, int]]

    @property
    def findings(self) -> int:
        """Open critical findings of all companies."""
        return sum(count for _, count in self.companies)


def causes(rows: Iterable[Row]) -> list[Cause]:
    """Return the causes that stand in these companies; those that stand in most of them come first."""
    found: dict[str, list[tuple[Row, int]]] = {}
    for row in rows:
        for name, counts in row.rules.items():
            if counts[0]:
                found.setdefault(name, []).append((row, counts[0]))
    listed = [_cause(name, companies) for name, companies in found.items()]
    return sorted(listed, key=lambda cause: (-len(cause.companies), -cause.findings, cause.name))


def _cause(name: str, companies: list[tuple[Row, int]]) -> Cause:
    suite, _, rule = name.partition("/")
    companies.sort(key=lambda pair: -pair[1])
    problem = problem_title(rule, rule.replace("_", " "))
    return Cause(name, SUITES.get(suite, suite), problem, companies)
