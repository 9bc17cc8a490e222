"""The version of the rule set: the one that was judged by, and another for whatever may judge otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from presync import settings
from presync.rules import run_suite, suite
from presync.rules.suite import rules_version
from tests.support.rules_product import check
from tests.support.rules_samples import mismatched_customers


def test_a_suite_that_is_edited_while_it_runs_keeps_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(settings.expectations_folder(), folder)
    before, examine = rules_version(folder), run_suite.examine

    def edited_meanwhile(*arguments: Any) -> Any:
        suite = folder / "customers.json"
        suite.write_text(suite.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return examine(*arguments)

    monkeypatch.setattr(run_suite, "examine", edited_meanwhile)
    results, _ = check(mismatched_customers(), ["customers"], folder)
    assert results["customers"].rules_version == before != rules_version(folder)


def test_another_release_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settings.expectations_folder()
    before = rules_version(folder)
    monkeypatch.setattr(suite, "code_version", lambda: "0.2.0-other")
    assert rules_version(folder) != before
