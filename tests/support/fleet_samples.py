"""A fleet in the control database: companies in every stage, with a year behind them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from presync.control.database import now, transaction
from presync.control.models import Certificate, Company, CompanyDay, FilesRead, Start
from presync.fleet.stage import STAGES, Stage
from presync.rules.catalogue import RULES

_WORDS: Final = ("Nordlys", "Fjord", "Bjørk", "Älv", "Saimaa", "Vik", "Åsen", "Lumi", "Sund", "Holm", "Dal")
_KINDS: Final = ("Rådgivning AS", "Bygg AS", "Konsult AB", "Oy", "ApS", "Teknikk AS", "Digital AB")
_PLACES: Final = ("severa", "visma_business", "either", "presync")
_CRITICAL: Final = ("code_mismatch", "code_missing", "code_conflict", "code_duplicate", "ambiguous_match")


def fill(count: int, *, first: int = 0, seed: int = 1) -> Mapping[str, Stage]:
    """Put so many companies into the control database, numbered from `first`; return each tenant's stage."""
    chance, moment = random.Random(seed), now()
    stages: dict[str, Stage] = {}
    with transaction() as session:
        session.merge(FilesRead(id=1, at=moment, usable=count, refused=1))
        for number in range(first, first + count):
            tenant = f"company-{number:04d}"
            stages[tenant] = STAGES[number % len(STAGES)]
            session.add_all(_company(tenant, stages[tenant], chance, moment))
    return stages


def _company(tenant: str, stage: Stage, chance: random.Random, moment: datetime) -> Sequence[Any]:
    first = moment - timedelta(days=chance.randint(20, 300))
    company = Company(
        tenant=tenant,
        title=f"{chance.choice(_WORDS)} {chance.choice(_KINDS)}",
        country=chance.choice(("NO", "SE", "FI", "DK")),
        owner=chance.choice(("Kari Nordmann", "Ola Hansen", "Anna Berg", None)),
        go_live=date(2026, 12, 1) + timedelta(days=chance.randint(-10, 200))
        if chance.random() < 0.8
        else None,
        start_kind="manual",
        fingerprint="f",
        file_state={"broken": "broken", "removed": "removed", "retired": "removed"}.get(stage, "ok"),
        file_fault=f"{tenant}.yaml:4: scedule: this field is not known (did you mean 'schedule'?); check it",
        file_since=first,
        status="",
        reason="",
        warning=0,
        rules={},
        places={},
        trend=[],
    )
    if stage == "unchecked":
        return [company]
    company.first_checked_at = first
    company.began_run = company.judged_run = f"scheduled__{moment:%Y-%m-%dT%H}:00:00+00:00"
    company.began_at = moment - timedelta(minutes=chance.randint(60, 6000))
    company.judged_at = company.began_at + timedelta(minutes=7)
    company.status_since = moment - timedelta(hours=chance.randint(1, 900))
    company.status = _STATUS.get(stage, "ready")
    days = _past(company, stage, chance, moment)
    if stage == "error":
        company.reason = "severa: Severa did not answer within 60 seconds (GET /v1/customers)."
    if stage == "retired":
        company.retired_at, company.retired_by = moment - timedelta(days=3), "Kari Nordmann"
    if company.status == "ready":
        company.first_ready_at = first + timedelta(days=10)
    return [company, *days, *_proofs(company, stage, moment)]


_STATUS: Final[Mapping[str, str]] = {"error": "error", "blocked": "blocked", "answers": "blocked"}


def _past(company: Company, stage: Stage, chance: random.Random, moment: datetime) -> list[CompanyDay]:
    """Let critical findings become fewer from week to week, down to what stands now."""
    if stage in {"blocked", "error"}:
        for rule in chance.sample(_CRITICAL, chance.randint(1, 3)):
            suite = chance.choice([suite for suite, rules in RULES.items() if rule in rules])
            company.rules = {**company.rules, f"{suite}/{rule}": [chance.randint(1, 90), 0]}
    if stage == "answers":
        company.rules = {"products/decision_missing": [1, 0], "projects/decision_missing": [1, 0]}
    total = sum(critical for critical, _ in company.rules.values())
    place = "presync" if stage == "answers" else chance.choice(_PLACES[:3])
    company.places = {place: total} if total else {}
    company.places_before = {place: max(0, total + chance.randint(-5, 20))}
    company.warning = chance.randint(0, 300)
    counts = sorted((total + chance.randint(0, 200) for _ in range(12)), reverse=True)
    days = [moment.date() - timedelta(days=7 * back) for back in range(12, 0, -1)]
    company.trend = [[day.isoformat(), n] for day, n in zip(days, counts, strict=True)]
    company.trend += [[moment.date().isoformat(), total]]
    return [
        CompanyDay(
            tenant=company.tenant, day=date.fromisoformat(day), status="blocked", critical=n, warning=0
        )
        for day, n in company.trend
    ]


def _proofs(company: Company, stage: Stage, moment: datetime) -> list[Any]:
    proofs: list[Any] = []
    if company.status == "ready":
        end = moment + timedelta(hours=-3 if stage == "expired" else 20)
        proofs.append(
            Certificate(
                id=company.tenant, tenant=company.tenant, run_id=company.judged_run,
                issued_at=company.judged_at, build_id="b", rules_version="1", fingerprint="f", expires_at=end,
            )
        )  # fmt: skip
    if stage == "approval":
        company.asked_run, company.asked_until = company.judged_run, moment + timedelta(hours=9)
    state = {"started": "confirmed", "retired": "confirmed", "uncertain": "unknown"}.get(stage)
    if state:
        at = company.judged_at
        proofs.append(
            Start(
                tenant=company.tenant, run_id=company.judged_run, certificate_id=company.tenant,
                idempotency_key="k", kind="webhook", state=state, attempt="a", requested_at=at,
                confirmed_at=at if state == "confirmed" else None, who="run 1", detail="",
            )
        )  # fmt: skip
    return proofs
