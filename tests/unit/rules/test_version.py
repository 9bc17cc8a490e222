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


def test_another_release_that_may_judge_otherwise_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.expectations_folder()
    package = tmp_path / "presync"
    shutil.copytree(Path(suite.__file__).parents[1], package)
    monkeypatch.setattr(suite, "__file__", str(package / "rules/suite.py"))
    seen = {rules_version(folder)}
    assert seen == {rules_version(folder)}

    for name in ("reconcile/build.py", "rules/sql/pairs.sql", "reconcile/sql/new.sql"):
        file = package / name
        file.write_bytes((file.read_bytes() if file.exists() else b"") + b"\n")
        seen.add(rules_version(folder))
    (package / "report/build.py").write_text("")
    assert len(seen | {rules_version(folder)}) == 4
