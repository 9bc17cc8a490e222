"""A suite's result names the rules that were judged by, not those that stand in the file afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from presync import settings
from presync.rules import run
from presync.rules.suites import rules_version
from tests.unit.rules.product import check
from tests.unit.rules.samples import mismatched_customers


def test_a_suite_that_is_edited_while_it_runs_keeps_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(settings.expectations_folder(), folder)
    before, examine = rules_version(folder), run.examine

    def edited_meanwhile(*arguments: Any) -> Any:
        suite = folder / "customers.json"
        suite.write_text(suite.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return examine(*arguments)

    monkeypatch.setattr(run, "examine", edited_meanwhile)
    results, _ = check(mismatched_customers(), ["customers"], folder)
    assert results["customers"].rules_version == before != rules_version(folder)
