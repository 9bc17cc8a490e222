"""Tenant files and a past for many companies, in every stage, recorded by the functions that runs call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from presync.control import companies, database, runs, starts
from presync.control.companies import Judgement, record_asked, retire, sync_companies
from presync.control.runs import record_certificate, record_run
from presync.control.starts import claim_start, finish_start, record_started
from presync.control.systems import IDENTITY
from presync.control.who import Who
from presync.fleet.stage import STAGES, Stage
from presync.tenants.folder import read_folder

BY: Final = Who("Kari Nordmann", "airflow")
_RULES: Final = (
    {"customers/code_mismatch": [7, 0], "projects/code_missing": [2, 0]},
    {"customers/code_conflict": [3, 0]},
    {"employees/code_missing": [12, 0], "products/code_duplicate": [1, 0]},
)
_ANSWERS: Final = {"products/decision_missing": [1, 0], "projects/decision_missing": [1, 0]}


def write_files(folder: Path, count: int) -> Mapping[str, Stage]:
    """Write a tenant file for each company, as all of them once were; return the stage each will be in."""
    stages = {f"company-{n:03d}": STAGES[n % len(STAGES)] for n in range(count)}
    for n, tenant in enumerate(stages):
        country = ("NO", "SE", "FI", "DK")[n % 4]
        text = f"tenant: {tenant}\ntitle: Company {n:03d} AS\ncountry: {country}\nowner: Owner {n % 3}\n"
        (folder / f"{tenant}.yaml").write_text(text, "utf-8")
    sync_companies(read_folder(folder).tenants.values(), {}, 0)
    return stages


def give_past(folder: Path, stages: Mapping[str, Stage]) -> None:
    """Bring each company into its stage: some files are broken or gone since."""
    moment = database.now()
    found = {tenant.tenant: tenant for tenant in read_folder(folder).tenants.values()}
    for n, (tenant, stage) in enumerate(stages.items()):
        if stage != "unchecked":
            _judge(found[tenant].fingerprint, tenant, stage, n, moment - timedelta(days=1, hours=n))
        if stage == "broken":
            (folder / f"{tenant}.yaml").write_text(f"tenant: {tenant}\nscedule: daily\n", "utf-8")
        elif stage in {"removed", "retired"}:
            (folder / f"{tenant}.yaml").unlink()
    left = read_folder(folder)
    sync_companies(left.tenants.values(), left.broken, len(left.faults))
    for tenant, stage in stages.items():
        if stage == "retired":
            retire(tenant, BY)


def judged(tenant: str, run_id: str, judgement: Judgement, at: datetime) -> None:
    """Record a verdict as it was recorded at a moment in the past."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (companies, runs, starts):
            patch.setattr(module, "now", lambda: at)
        record_run(
            tenant=tenant, run_id=run_id, status=judgement.status, started_at=at, finished_at=at,
            rules_version="1", build_id=run_id, critical=judgement.critical, warning=judgement.warning,
            counts={}, judgement=judgement,
        )  # fmt: skip


def _judge(fingerprint: str, tenant: str, stage: Stage, n: int, at: datetime) -> None:
    rules: Mapping[str, list[int]] = {}
    if stage in {"blocked", "answers"}:
        rules = _ANSWERS if stage == "answers" else dict(_RULES[n // len(STAGES) % len(_RULES)])
    status = stage if stage == "error" else "blocked" if rules else "ready"
    reason = (
        "severa: Severa did not answer within 60 seconds (GET /v1/customers)." if stage == "error" else ""
    )
    place = "presync" if stage == "answers" else ("severa", "either")[n % 2]
    places = {place: sum(critical for critical, _ in rules.values())} if rules else {}
    judged(tenant, f"run-{n}", Judgement(f"run-{n}", status, reason, n, rules, places), at)
    if status != "ready":
        return
    ends = database.now() + timedelta(hours=-1 if stage == "expired" else 20)
    record_certificate(
        tenant=tenant, run_id=f"run-{n}", build_id=f"run-{n}", rules_version="1", fingerprint=fingerprint,
        expires_at=ends, bound=_bound(tenant),
    )  # fmt: skip
    if stage == "approval":
        record_asked(tenant, f"run-{n}", database.now() + timedelta(hours=9))
    if stage in {"started", "retired"}:
        record_started(tenant, BY)
    if stage == "uncertain":
        claim = claim_start(tenant, f"run-{n}", fingerprint, kind="webhook", who="run")
        finish_start(claim, "unknown", "the receiver did not answer")


def _bound(tenant: str) -> dict[str, object]:
    company = {"server": "sql01", "database": tenant}
    return {IDENTITY: {"severa": {"organisation": tenant}, "visma_business": company}}
