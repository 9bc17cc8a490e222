"""Several cases as one tenant, so that a run of the product answers many of them.

Cases go together only if they are about different things: entities do not know each other, and no rule reads
two of them. (Customers and their numbers are one thing, projects and theirs as well.) `test_oracle_examples`
shows that a case has the same findings alone and together with others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from tests.oracle.case_files import Case, Proposal, all_cases, all_proposals
from tests.oracle.case_tables import Parts
from tests.oracle.model import StagedData

OneCase = TypeVar("OneCase", Case, Proposal)


class Batch(NamedTuple):
    """Cases that are one tenant together, at most one of each thing."""

    cases: Sequence[Case]

    @property
    def data(self) -> StagedData:
        """All cases as one tenant."""
        return Parts.together([case.parts for case in self.cases])


@cache
def all_batches() -> tuple[Batch, ...]:
    """Return every case, each in one batch."""
    return tuple(Batch(cases) for cases in _one_of_each_thing(all_cases()))


@cache
def sampled_batches() -> tuple[Batch, ...]:
    """Return the usual run's cases in batches: all that are written for one suite, and some of the others.

    A case of every entity (or numbering) is taken for the two suites that have the fewest cases so far, and
    wherever else a suite would be without a case with, or without, a finding of a rule.
    """
    return tuple(Batch(cases) for cases in _one_of_each_thing(_sampled()))


def _sampled() -> list[Case]:
    by_name: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in all_cases():
        by_name[case.rule, case.name].append(case)
    taken = {id(alike[0]) for alike in by_name.values() if len(alike) == 1}
    busy = Counter(_thing(case) for case in all_cases() if id(case) in taken)
    for alike in (alike for alike in by_name.values() if len(alike) > 1):
        for case in sorted(alike, key=lambda case: busy[_thing(case)])[:2]:
            taken.add(id(case))
            busy[_thing(case)] += 1
    known = {_shows(case) for case in all_cases() if id(case) in taken}
    for case in all_cases():
        if _shows(case) not in known:
            taken.add(id(case))
            known.add(_shows(case))
    return [case for case in all_cases() if id(case) in taken]


def _shows(case: Case) -> tuple[str, str, bool]:
    return case.rule, case.suite, bool(case.expected)


def proposals_together() -> list[tuple[list[Proposal], StagedData]]:
    """Return the proposals, a customers' and an invoices' one together."""
    groups = _one_of_each_thing(all_proposals())
    return [(group, Parts.together([case.parts for case in group])) for group in groups]


def _one_of_each_thing(cases: Iterable[OneCase]) -> list[list[OneCase]]:
    by_thing: dict[str, list[OneCase]] = defaultdict(list)
    for case in cases:
        by_thing[_thing(case)].append(case)
    most = max(len(cases) for cases in by_thing.values())
    return [[cases[place] for cases in by_thing.values() if place < len(cases)] for place in range(most)]


def _thing(case: Case | Proposal) -> str:
    return "customers" if case.suite == "customer_numbering" else case.suite
