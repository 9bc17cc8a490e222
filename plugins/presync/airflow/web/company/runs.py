"""Runs that people start on the company page: a check, and a rehearsal of the corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from airflow.models.dagbag import DBDagBag
from sqlalchemy.orm import Session

from presync.airflow.web.access import SignedIn, may_trigger
from presync.airflow.web.company.actions import tenant_file
from presync.airflow.web.runs import PAUSED, last_run, trigger
from presync.errors import ConfigurationError
from presync.rehearsal.kept import REHEARSAL, kept, run_prefix
from presync.tenants.model import dag_id

Run = Callable[[str, Session, SignedIn], str]
"""Takes the tenant, Airflow's database and who asks; starts it, and returns what to say."""


def _check(tenant: str, session: Session, user: SignedIn) -> str:
    _require_right(tenant, user)
    outcome = trigger(session, DBDagBag(), dag_id(tenant), user, {"start": False})
    if outcome not in {"", PAUSED}:
        raise ConfigurationError(f"nothing was started: {outcome}", source=tenant)
    return f"The company will be checked{f'; {outcome}' if outcome else ''}. Nothing is started by that."


def _rehearse(tenant: str, session: Session, user: SignedIn) -> str:
    _require_right(tenant, user)
    tenant_file(tenant)
    conf = {"tenant": tenant}
    outcome = trigger(session, DBDagBag(), REHEARSAL, user, conf, prefix=run_prefix(tenant))
    if outcome not in {"", PAUSED}:
        raise ConfigurationError(f"nothing was started: {outcome}", source=tenant)
    waits = f"; {outcome}" if outcome else ""
    return f"The corrections will be rehearsed{waits}. Load this page again in a minute."


RUNS: Final[Mapping[str, Run]] = {"check": _check, "rehearse": _rehearse}


def rehearsal_view(tenant: str, session: Session) -> dict[str, Any]:
    """Return what the page shows of rehearsals: the one that was asked for last, and the newest outcome."""
    last, outcome = last_run(session, REHEARSAL, run_prefix(tenant)), kept(tenant)
    is_newest = bool(last and outcome and outcome.get("rehearsal") == last.run_id)
    return {
        "dag": REHEARSAL,
        "last": last,
        "kept": outcome,
        "is_newest": is_newest,
        "broke_off": bool(last and last.over and not is_newest),
    }


def _require_right(tenant: str, user: SignedIn) -> None:
    if not may_trigger(dag_id(tenant), user):
        raise ConfigurationError(
            "nothing was started: that is for those who may trigger this company's DAG in Airflow",
            source=tenant,
        )
