"""The page about the rules in force in a run: what must hold, why, how to fix it, how severe it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from presync.report.suite_results import Suite
from presync.report.wording import problem_title
from presync.rules.result import Expectation
from presync.rules.suite import stated_once


@dataclass(frozen=True)
class RuleText:
    """A rule in words; `stated`: suite, its title, severity, whether it can be waived, what must hold."""

    rule: str
    problem: str
    title: str
    why: str
    fix: str
    stated: tuple[tuple[str, str, str, bool, str], ...]


def rule_texts(suites: Sequence[Suite]) -> list[RuleText]:
    """Return every rule that the suites of a run state, in their order; each once."""
    found: dict[str, list[tuple[Suite, Expectation]]] = {}
    for suite in suites:
        for check in suite.checks:
            found.setdefault(check.rule, []).append((suite, check))
    return [_text(rule, stated) for rule, stated in found.items()]


def _text(rule: str, stated: Sequence[tuple[Suite, Expectation]]) -> RuleText:
    checks = [check for _, check in stated]
    return RuleText(
        rule,
        problem_title(rule, checks[0].title),
        checks[0].title,
        stated_once(check.why for check in checks),
        stated_once(check.fix for check in checks),
        tuple(
            (s.name, s.title, check.severity, check.waivable, check.description or check.title)
            for s, check in stated
        ),
    )
