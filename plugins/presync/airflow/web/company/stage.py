"""Where a company stands and what comes next, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from presync.airflow.web.company.told import Told
from presync.control.models import UNSETTLED
from presync.control.record_of_company import CompanyRecord
from presync.report.published import Published


@dataclass(frozen=True)
class Stage:
    """`state` is how it is drawn: ready, blocked or error."""

    state: str
    title: str
    next: str


def stage_of(record: CompanyRecord, report: Told, fault: str) -> Stage:
    """Return a company's stage."""
    start = record.start
    if start is not None and start.state == "confirmed":
        return Stage("ready", "Started", "The integration was started; nothing is left to do here.")
    if start is not None and start.state in UNSETTLED:
        return Stage("error", "Start uncertain", "Ask the receiver whether it runs, then settle the start.")
    if fault:
        return Stage("error", "Tenant file cannot be used", "Correct the file; until then nothing runs.")
    return _checked(report.published)


def _checked(published: Published | None) -> Stage:
    if published is None:
        return Stage("error", "Never checked", "Check the company: trigger its DAG.")
    if published.state == "ready":
        return Stage("ready", published.title, "The integration may be started until then.")
    if published.status == "blocked":
        return Stage(
            "blocked",
            "Blocked",
            "Correct the critical findings, or decide about them here; then check again.",
        )
    return Stage(
        "error", published.title, "The report says what could not be checked. Correct it, then check again."
    )
