"""A rule's id leads to its statement, its SQL, its examples and its page."""

from __future__ import annotations

import re

from presync.rules.catalogue import RULES
from presync.rules.docs_page import sql_files
from presync.settings import HOME
from tests.oracle.examples import EXAMPLES

ALL = frozenset().union(*RULES.values())


def test_sql_says_which_rules_it_feeds_and_names_no_other() -> None:
    # whether somebody has answered is in the tenant file, and where numbers are read from in the extracts
    elsewhere = {"decision_missing", "numbers_not_read"}
    assert set(sql_files()) == ALL - elsewhere


def test_every_rule_has_a_source_an_example_and_a_place_on_the_page() -> None:
    assert {path.stem for path in (HOME / "expectations" / "source").glob("*.yaml")} - {"suites"} == ALL
    assert {example.rule for example in EXAMPLES} == ALL
    page = (HOME / "docs" / "rules.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### (\w+)$", page, flags=re.MULTILINE)) == ALL
