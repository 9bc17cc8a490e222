"""What is proposed for a run whose customers take their projects along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.company import Company, tenant
from presync import reconcile
from presync.fixes.plan_run import plan_fixes
from presync.rules.catalogue import SUITES
from presync.rules.run_suite import run_suite
from presync.tenants.entities import ENTITIES


def test_no_proposal_rests_on_similar_names_of_others_than_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, database = Company(tmp_path / "company"), tmp_path / "staging.duckdb"
    company.make(2_000)
    build: Any = reconcile.build
    build(database, tenant(), company.extracts)
    for suite in SUITES:
        (tmp_path / suite).mkdir()
        run_suite(suite, database, tmp_path / suite)
    results = {suite: tmp_path / suite for suite in SUITES}
    plan = plan_fixes(tenant(), database, company.extracts, results)

    looked_for: list[object] = []

    def look_for_all(*arguments: Any, similar: object) -> Any:
        looked_for.append(similar)
        return build(*arguments, similar=ENTITIES)

    monkeypatch.setattr(reconcile, "build", look_for_all)
    assert plan_fixes(tenant(), database, company.extracts, results) == plan
    assert looked_for == [("projects",)]
    assert {change.register for change in plan.severa} >= {"customers", "projects"}
