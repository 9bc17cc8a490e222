"""Companies × rules: which cause stands in how many companies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from presync.fleet.board import Row
from presync.report.wording import SUITES, problem_title

COLUMNS: Final = 12
"""Causes that the table has a column for: those that stand in most companies."""
PAGE: Final = 50
"""Companies of one page of the table."""


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


@dataclass(frozen=True)
class Crossed:
    """A company of the table: open critical findings in all, and of each column's cause."""

    row: Row
    total: int
    counts: Sequence[int]


@dataclass(frozen=True)
class Matrix:
    """Companies × causes. `companies`: those of the page; `known`: how many have a critical finding."""

    causes: Sequence[Cause]
    companies: Sequence[Crossed]
    known: int
    page: int
    sort: str

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.known // PAGE))


def matrix(listed: Sequence[Cause], rows: Iterable[Row], sort: str, page: int) -> Matrix:
    """Cross companies with the causes that stand in most of them.

    `sort`: `company`, the name of a column's cause, or anything else for all findings, most first.
    """
    columns = listed[:COLUMNS]
    names = [cause.name for cause in columns]
    crossed = [
        Crossed(row, total, [row.rules.get(name, (0,))[0] for name in names])
        for row in rows
        if (total := sum(counts[0] for counts in row.rules.values()))
    ]
    known_sort = sort if sort in {*names, "company"} else "total"
    crossed.sort(key=lambda each: (each.row.title.casefold() or each.row.tenant, each.row.tenant))
    if known_sort != "company":
        crossed.sort(key=_most_first(names, known_sort))
    last = max(1, -(-len(crossed) // PAGE))
    shown = min(max(1, page), last)
    return Matrix(columns, crossed[(shown - 1) * PAGE : shown * PAGE], len(crossed), shown, known_sort)


def _most_first(names: Sequence[str], sort: str) -> Callable[[Crossed], Any]:
    if sort == "total":
        return lambda each: -each.total
    place = names.index(sort)
    return lambda each: (-each.counts[place], -each.total)


def _cause(name: str, companies: list[tuple[Row, int]]) -> Cause:
    suite, _, rule = name.partition("/")
    companies.sort(key=lambda pair: -pair[1])
    problem = problem_title(rule, rule.replace("_", " "))
    return Cause(name, SUITES.get(suite, suite), problem, companies)
