"""The report explains every rule that its suites state, offline, and its pages lead there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from presync.report.build import build_report
from presync.report.pages.render import as_code
from presync.report.pages.rules import rule_texts
from presync.report.suite_results import Suite
from presync.rules.catalogue import RULES
from presync.rules.result import Expectation
from presync.rules.suite import load_suite, stated_once
from tests.support import report_samples as samples


def suite_in_force(name: str) -> Suite:
    checks = tuple(
        Expectation(
            each.rule, each.severity, each.title, description=each.description, why=each.why, fix=each.fix
        )
        for each in load_suite(name).statements
    )
    return Suite(name, "passed", checks=checks)


def test_every_rule_is_explained_once_and_says_how_severe_it_is_where() -> None:
    texts = rule_texts([suite_in_force(name) for name in RULES])
    assert sorted(text.rule for text in texts) == sorted(set().union(*RULES.values()))
    for text in texts:
        assert text.problem
        assert text.why
        assert text.fix
        assert {name for name, *_ in text.stated} == {name for name in RULES if text.rule in RULES[name]}
        assert not re.search(r"\{[a-z_]+\}", text.why + text.fix)
    [taken] = [text for text in texts if text.rule == "code_shared"]
    assert [(name, severity) for name, _, severity, *_ in taken.stated] == [("products", "warning")]


def test_what_suites_say_in_nearly_the_same_words_is_said_once_and_nothing_else_is_lost() -> None:
    texts = [
        "Two departments clash: give one of them in Severa another code.",
        "Two products clash: give one of them in Severa another code.",
        "Two products clash: give one of them in Visma Business another code.",
        "Invoices that were sent keep their numbers.",
    ]
    assert stated_once(texts) == " ".join([texts[0], *texts[2:]])


def test_what_is_to_be_written_as_it_is_stands_as_code() -> None:
    assert as_code("Answer `<all>` & go on.") == "Answer <code>&lt;all&gt;</code> &amp; go on."
    assert as_code("one ` alone") == "one ` alone"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store, verdict = samples.blocked_run(tmp_path_factory.mktemp("data"))
    return Path(build_report(samples.tenant(), store, verdict))


def test_links_to_rules_lead_to_their_sections(report: Path) -> None:
    anchors = set(re.findall('id="([a-z_]+)"', (report / "rules.html").read_text(encoding="utf-8")))
    asked = set()
    for page in (report / "suites").iterdir():
        asked |= set(re.findall('href="../rules.html#([a-z_]+)"', page.read_text(encoding="utf-8")))
    assert "code_mismatch" in asked
    assert asked <= anchors
    assert 'href="rules.html"' in (report / "index.html").read_text(encoding="utf-8")


def test_what_was_not_checked_has_no_rules_to_show(tmp_path: Path) -> None:
    assert rule_texts([Suite("projects", "error")]) == []
