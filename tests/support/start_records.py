"""Runs, certificates and claims of starts on record, as tests need them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from presync.control.runs import record_certificate, record_run
from presync.control.starts import StartClaim, claim_start

NOW = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
SYSTEMS: Mapping[str, Mapping[str, str]] = {
    "severa": {"organisation": "6f1c"},
    "visma_business": {"server": "SQL01", "database": "F0001"},
}
FAR = datetime(2999, 1, 1, tzinfo=UTC)


def run(
    run_id: str,
    status: str = "ready",
    *,
    build_id: str = "b1",
    rules_version: str = "1",
    began: datetime = NOW,
    tenant: str = "nordlys",
) -> None:
    record_run(
        tenant=tenant,
        run_id=run_id,
        status=status,
        started_at=began,
        finished_at=NOW,
        rules_version=rules_version,
        build_id=build_id,
        critical=0,
        warning=2,
        counts={"customers": {"business": 3}},
    )


def certificate(
    run_id: str,
    *,
    build_id: str = "b1",
    fingerprint: str = "f1",
    expires_at: datetime = FAR,
    tenant: str = "nordlys",
    identity: Mapping[str, Mapping[str, str]] = SYSTEMS,
) -> str:
    return record_certificate(
        tenant=tenant,
        run_id=run_id,
        build_id=build_id,
        rules_version="1",
        fingerprint=fingerprint,
        expires_at=expires_at,
        bound={"identity": identity},
    ).id


def claim(run_id: str = "r1", fingerprint: str = "f1") -> StartClaim:
    return claim_start("nordlys", run_id, fingerprint, kind="webhook", who="webhook")
