"""A rule's id leads to its statement, its SQL, its cases and its page."""

from __future__ import annotations

import re

from presync.rules.catalogue import RULES
from presync.rules.docs_page import sql_files
from presync.settings import HOME
from tests.oracle.case_files import FOLDER, PROPOSALS_FILE

ALL = frozenset().union(*RULES.values())


def test_sql_says_which_rules_it_feeds_and_names_no_other() -> None:
    # whether somebody has answered is in the tenant file, and where numbers are read from in the extracts
    elsewhere = {"decision_missing", "numbers_not_read"}
    assert set(sql_files()) == ALL - elsewhere


def test_every_rule_has_a_source_cases_and_a_place_on_the_page() -> None:
    assert {path.stem for path in (HOME / "expectations" / "source").glob("*.yaml")} - {"suites"} == ALL
    assert {path.name for path in FOLDER.glob("*.yaml")} == {f"{rule}.yaml" for rule in ALL} | {
        PROPOSALS_FILE
    }
    page = (HOME / "docs" / "rules.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### (\w+)$", page, flags=re.MULTILINE)) == ALL
