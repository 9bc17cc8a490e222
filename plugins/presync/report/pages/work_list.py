"""The findings as work: who must do what, where, and what is wrong with which records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presync.languages.cldr import day
from presync.languages.texts import English, tr, trn
from presync.report.files.findings import SAMPLES, Finding, RuleFindings, Summary
from presync.report.suite_results import Suite
from presync.report.wording import FIX_IN, REGISTERS, problem_title
from presync.rules.result import Expectation
from presync.verdict.history import Memory, age_days

ROWS: Final = 1000
"""Findings that a suite's page holds, so that its filters find them; a page must stay small."""


@dataclass(frozen=True)
class Work:
    """One thing to do: correct what a rule found in one place."""

    suite: str
    suite_title: str
    rule: str
    problem: str
    count: int
    example: str
    fix: str
    # whether the fix is the rule's own text, which names no record
    general: bool


@dataclass(frozen=True)
class RuleView:
    """A rule on its suite's page: its expectations and, where it found something, rows of findings.

    The first `shown` rows are seen; the filter of the page looks through all of them.
    """

    rule: str
    title: str
    problem: str
    state: str
    checks: tuple[Expectation, ...]
    count: int
    fix: str
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    waived: int = 0
    shown: int = SAMPLES


def work_list(suites: Sequence[Suite], summary: Summary, severity: str) -> dict[str, list[Work]]:
    """Return what is to be done, by the place of the fix; the biggest heap first."""
    places: dict[str, list[Work]] = {}
    for suite in suites:
        for (name, rule), found in summary.items():
            if name != suite.name or found.severity != severity:
                continue
            for fix_in, count in found.by_fix_in.items():
                places.setdefault(fix_in, []).append(_work(suite, rule, found, fix_in, count))
    order = [*FIX_IN, *sorted(set(places) - set(FIX_IN))]
    return {place: sorted(places[place], key=lambda w: -w.count) for place in order if place in places}


def _work(suite: Suite, rule: str, found: RuleFindings, fix_in: str, count: int) -> Work:
    check = next((check for check in suite.checks if check.rule == rule), None)
    general = check.general_fix if check else ""
    example = found.example(fix_in)
    one_says_it = bool(general) or count == 1
    fix = general if count > 1 else (example["fix"] or general)
    return Work(
        suite=suite.name,
        suite_title=suite.title,
        rule=rule,
        problem=problem_title(rule, check.title if check else rule),
        count=count,
        example=example["message"] if one_says_it else _joined(example["message"], example["fix"]),
        fix=fix,
        general=fix == general,
    )


def _joined(*texts: str) -> str:
    text = " ".join(texts)
    return English(text) if any(isinstance(each, English) for each in texts) else text


def rule_views(suite: Suite, summary: Summary, memory: Memory | None = None) -> list[RuleView]:
    """Return the suite's rules: not checked, critical, warning, passed; as in the suite otherwise."""
    by_rule: dict[str, list[Expectation]] = {}
    for check in suite.checks:
        by_rule.setdefault(check.rule, []).append(check)
    for name, rule in summary:
        if name == suite.name:
            by_rule.setdefault(rule, [])
    room, views = ROWS, []
    for rule, checks in by_rule.items():
        views.append(_view(rule, checks, summary.get((suite.name, rule)), memory, max(SAMPLES, room)))
        room -= len(views[-1].rows)
    order = ["error", "critical", "warning", "waived", "passed"]
    return sorted(views, key=lambda view: order.index(view.state))


def _view(
    rule: str, checks: Sequence[Expectation], found: RuleFindings | None, memory: Memory | None, room: int
) -> RuleView:
    title = checks[0].title if checks else rule
    fix = checks[0].general_fix if checks else ""
    headers, rows = _sample_table(found.samples[:room], fix, memory) if found and found.count else ((), ())
    count, waived = (found.count, found.waived) if found else (0, 0)
    return RuleView(
        rule=rule,
        title=title,
        problem=problem_title(rule, title),
        state=_state(checks, found),
        checks=tuple(checks),
        count=count,
        fix=fix,
        headers=headers,
        rows=rows,
        waived=waived,
    )


def _state(checks: Sequence[Expectation], found: RuleFindings | None) -> str:
    """Return how a rule stands; one that violates without a finding to show was not checked properly."""
    if not checks or any(check.error is not None or check.examined is None for check in checks):
        return "error"
    if found and found.count:
        return "critical" if found.severity == "critical" else "warning"
    if found and found.waived:
        return "waived"
    return "error" if any(check.violating for check in checks) else "passed"


def _sample_table(
    samples: Sequence[Finding], fix: str, memory: Memory | None
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return headers and rows of the columns that say something about these findings."""
    columns = {
        "Visma Business": [_record(f["business_code"], f["business_name"]) for f in samples],
        "Severa": [_record(f["severa_code"], f["severa_name"], f["severa_register"]) for f in samples],
        tr("Numbers"): [_interval(f["first"], f["last"]) for f in samples],
        tr("What is wrong"): [f["message"] for f in samples],
        tr("How to fix it"): ["" if f["fix"] == fix else f["fix"] for f in samples],
        tr("Stands"): [_since(f["finding_id"], memory) for f in samples],
    }
    used = {header: cells for header, cells in columns.items() if any(cells)}
    return tuple(used), tuple(zip(*used.values(), strict=True))


def _since(finding_id: str, memory: Memory | None) -> str:
    """Return since when a finding stands; nothing if nobody knows."""
    standing = memory.standing(finding_id) if memory else None
    if memory is None or standing is None:
        return ""
    if standing.state == "new":
        return tr("new")
    days = age_days(standing.opened_at, memory.began)
    return trn(
        "since %(day)s (%(n)s day)", "since %(day)s (%(n)s days)", days, day=day(standing.opened_at.date())
    )


def _record(code: str, name: str, register: str = "") -> str:
    code, name = code.strip(), name.strip()
    if not (code or name):
        return ""
    no_code, no_name = tr("no code"), tr("no name")
    text = f"{code or no_code} · {name or no_name}"
    return f"{text} ({REGISTERS[register]})" if register in REGISTERS else text


def _interval(first: str, last: str) -> str:
    return first if first == last or not last else f"{first} – {last}"
