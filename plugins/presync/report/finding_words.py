"""What is said of single findings, in the language that is spoken.

A finding is stored in English, as its suite's template with the values of its records. The template is found
again by its words, and the translation is filled with the same values. What fits no template stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from string import Formatter
from typing import Final

from presync.errors import SuiteError
from presync.languages.speaking import spoken
from presync.languages.texts import tr
from presync.report.files.findings import Finding, RuleFindings, Summary
from presync.rules.suite import load_suite

_TEXTS: Final = ("fix",)


def translated_summary(summary: Summary) -> Summary:
    """Return findings whose texts are in the language that is spoken."""
    if spoken() == "en":
        return summary
    return {key: _of_rule(*key, found) for key, found in summary.items()}


def _of_rule(suite: str, rule: str, found: RuleFindings) -> RuleFindings:
    templates = _templates(suite).get(rule, {})
    return replace(found, samples=[_said(finding, templates) for finding in found.samples])


def _said(finding: Finding, templates: Mapping[str, Sequence[str]]) -> Finding:
    return {**finding, **{key: _in_words(finding[key], templates.get(key, ())) for key in _TEXTS}}


def _in_words(text: str, templates: Sequence[str]) -> str:
    for template in templates:
        if text and (found := _pattern(template).fullmatch(text)):
            return tr(template).format(**found.groupdict())
    return text


@cache
def _templates(suite: str) -> dict[str, dict[str, tuple[str, ...]]]:
    said: dict[str, dict[str, tuple[str, ...]]] = {}
    with suppress(SuiteError):
        for statement in load_suite(suite).statements:
            of_rule = said.setdefault(statement.rule, {})
            for key in _TEXTS:
                of_rule[key] = (*of_rule.get(key, ()), getattr(statement, key))
    return said


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*)")
            seen.add(name)
    return re.compile("".join(parts), flags=re.DOTALL)
