"""The words of the report: there are some for everything, and the examples in the docstrings hold."""

from __future__ import annotations

import doctest

from presync.languages import cldr
from presync.report import wording
from presync.rules.catalogue import SUITES
from presync.rules.suite import load_suite
from presync.staging.tables import TABLES


def test_examples() -> None:
    assert doctest.testmod(wording).failed == 0
    assert doctest.testmod(wording).attempted >= 3


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    assert [cldr.moment(value) for value in (None, "", "soon")] == ["–", "–", "soon"]


def test_every_rule_has_words_for_what_it_finds_and_no_two_the_same() -> None:
    rules = {statement.rule for suite in SUITES for statement in load_suite(suite).statements}
    problems = {rule: wording.problem_title(rule, "") for rule in rules}
    assert all(problems.values())
    assert len(set(problems.values())) == len(rules)


def test_every_list_to_correct_has_a_name() -> None:
    assert set(TABLES["severa"]) - {"invoices"} <= set(wording.SHEETS)
    assert wording.sheet_title("R2") == "Table R2"
