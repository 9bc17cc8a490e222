"""What is said of single findings, in the language that is spoken.

A finding is stored in English, as its suite's template with the values of its records. The template is found
again by its words, and the translation is filled with the same values. Values in Presync's own words (why two
records are the same, a series' name) are translated too. What fits no template stays English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Final

from presync.errors import SuiteError
from presync.languages.said_again import Values, said_again
from presync.languages.speaking import spoken
from presync.languages.texts import marked
from presync.report.files.findings import Finding, RuleFindings, Summary
from presync.report.wording import REGISTERS, SERIES, SUITES
from presync.rules.suite import load_suite

_TEXTS: Final = ("message", "fix")
_PROPOSALS: Final = (
    marked("Proposal: in Severa's settings, set the counter to {counter}; no ceiling is needed."),
    marked(
        "Proposal: in Severa's settings, set the counter to {counter}, and declare the ceiling {ceiling} "
        "in the tenant file."
    ),
    marked("No range of 10,000 numbers is free of both systems: shorten the series in Visma Business first."),
)
_RECORD: Final = (
    marked("“{name}” (without code)"),
    marked("{code} “{name}”"),
    marked("“{name}”"),
    marked("(without name) (without code)"),
    marked("{code} (without name)"),
    marked("(without name)"),
)
# the values that are Presync's own words, as rules/sql and reconcile/sql write them
_VALUES: Final[Values] = {
    "cause": (
        marked("somebody has confirmed it"),
        marked("somebody has confirmed that they are different"),
        marked(
            "their customers differ: {business} in Visma Business (the column mapped as projects.customer), "
            "{severa} in Severa (customer.number)"
        ),
        marked(
            "their business ids differ: {business} in Visma Business (BsNo), {severa} in Severa (vatNumber)"
        ),
        marked("their names are equal"),
        marked(
            "their business ids are equal: {business} in Visma Business (BsNo), {severa} in Severa "
            "(vatNumber)"
        ),
        marked("their e-mail addresses are equal"),
        marked("their names are not alike"),
    ),
    "what_differs": (marked("names"), marked("customers"), marked("business ids")),
    **dict.fromkeys(("business", "severa", "record"), _RECORD),
    "unit_name": (marked("business unit {unit}"), marked("no unit"), marked("the organisation")),
    "severa_register": lambda register: REGISTERS.get(register) or register,
    "similarity": (marked("{whole}.{tenths}"),),
    "state": (
        marked("is not known"),
        marked(
            "is used up (its next number {start} is above its last, {last}), so nobody knows which number "
            "comes next"
        ),
    ),
    "thing": SERIES,
    "label": SERIES,
    "business_label": SERIES,
    "severa_label": SERIES,
    "proposal": _PROPOSALS,
}


def translated_summary(summary: Summary) -> Summary:
    """Return findings whose texts are in the language that is spoken."""
    if spoken() == "en":
        return summary
    return {key: _of_rule(*key, found) for key, found in summary.items()}


def _of_rule(suite: str, rule: str, found: RuleFindings) -> RuleFindings:
    templates = _templates(suite).get(rule, {})
    return replace(found, samples=[_said(finding, templates) for finding in found.samples])


def _said(finding: Finding, templates: Mapping[str, Sequence[str]]) -> Finding:
    return {
        **finding,
        **{key: said_again(finding[key], (*_PROPOSALS, *templates.get(key, ())), _VALUES) for key in _TEXTS},
    }


def said_of_any_rule(message: str) -> str:
    """Return the message of a finding, of whatever suite, in the language that is spoken."""
    return said_again(message, _messages(), _VALUES)


@cache
def _messages() -> tuple[str, ...]:
    of_rules = [said["message"] for suite in SUITES for said in _templates(suite).values()]
    return tuple(dict.fromkeys(message for messages in of_rules for message in messages))


@cache
def _templates(suite: str) -> dict[str, dict[str, tuple[str, ...]]]:
    said: dict[str, dict[str, tuple[str, ...]]] = {}
    with suppress(SuiteError):
        for statement in load_suite(suite).statements:
            of_rule = said.setdefault(statement.rule, {})
            for key in _TEXTS:
                of_rule[key] = (*of_rule.get(key, ()), getattr(statement, key))
    return said
