"""Runs that people start on the company page: a check, a start, a rehearsal, and corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from airflow.models.dagbag import DBDagBag
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from presync.airflow.web.access import SignedIn, may_trigger
from presync.airflow.web.company.actions import tenant_file
from presync.airflow.web.forms import text_of
from presync.airflow.web.runs import PAUSED, last_run, trigger
from presync.airflow.web.trigger_apply import Do, request_apply
from presync.apply.model import WRITABLE, Options
from presync.errors import ConfigurationError
from presync.rehearsal.kept import kept, run_prefix
from presync.tenants.model import REHEARSAL, dag_id

Run = Callable[[str, FormData, Session, SignedIn], str]
"""Takes the tenant, the form, Airflow's database and who asks; starts it, and returns what to say."""


def _check(tenant: str, form: FormData, session: Session, user: SignedIn) -> str:
    _require_right(dag_id(tenant), user)
    outcome = trigger(session, DBDagBag(), dag_id(tenant), user, {"start": False})
    if outcome not in {"", PAUSED}:
        raise ConfigurationError(f"nothing was started: {outcome}", source=tenant)
    return f"The company will be checked{f'; {outcome}' if outcome else ''}. This starts nothing."


def _start(tenant: str, form: FormData, session: Session, user: SignedIn) -> str:
    _require_right(dag_id(tenant), user)
    asks = tenant_file(tenant).asks_first
    outcome = trigger(session, DBDagBag(), dag_id(tenant), user, {"start": True})
    if outcome not in {"", PAUSED}:
        raise ConfigurationError(f"nothing was started: {outcome}", source=tenant)
    ready = "a person is asked to approve the start" if asks else "the integration is started"
    return f"The company will be checked{f'; {outcome}' if outcome else ''}. If it is ready, {ready}."


def _rehearse(tenant: str, form: FormData, session: Session, user: SignedIn) -> str:
    _require_right(dag_id(tenant), user)
    tenant_file(tenant)
    conf = {"tenant": tenant}
    outcome = trigger(session, DBDagBag(), REHEARSAL, user, conf, prefix=run_prefix(tenant))
    if outcome not in {"", PAUSED}:
        raise ConfigurationError(f"nothing was started: {outcome}", source=tenant)
    waits = f"; {outcome}" if outcome else ""
    return f"The corrections will be rehearsed{waits}. Load this page again in a minute."


def _apply(tenant: str, form: FormData, session: Session, user: SignedIn) -> str:
    file = tenant_file(tenant)
    _require_right(file.apply_dag_id, user)
    do = WAYS.get(text_of(form, "do"))
    if do is None:
        raise ConfigurationError("nothing was started: say what is to be done with the corrections")
    options = _options(form)
    if do != "apply" and options != Options():
        raise ConfigurationError(
            f"nothing was started: registers, a number of records and empty ones cannot be chosen with {do}, "
            "which is about a whole plan"
        )
    outcome = request_apply(session, DBDagBag(), file, user, options, do=do)
    if outcome not in {"", PAUSED}:
        raise ConfigurationError(f"nothing was started: {outcome}", source=tenant)
    waits = f"; {outcome}" if outcome else ""
    return f"A plan is being made{waits}. Nothing is written before somebody approves it."


def _options(form: FormData) -> Options:
    only, at_most = form.getlist("only"), text_of(form, "at_most")
    if any(name not in WRITABLE for name in only):
        raise ConfigurationError(f"nothing was started: each register is one of {', '.join(WRITABLE)}")
    if at_most and not (at_most.isascii() and at_most.isdigit() and 0 < int(at_most[:10]) < _MANY):
        raise ConfigurationError(f"nothing was started: {at_most[:40]!r} is not a number of records")
    return Options(
        only=tuple(dict.fromkeys(map(str, only))),
        at_most=int(at_most) if at_most else None,
        fill_empty=text_of(form, "fill_empty") == "yes",
    )


RUNS: Final[Mapping[str, Run]] = {"check": _check, "start": _start, "rehearse": _rehearse, "apply": _apply}
WAYS: Final[Mapping[str, Do]] = {"apply": "apply", "resume": "resume", "undo": "undo"}
_MANY: Final = 10**9


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


def _require_right(dag: str, user: SignedIn) -> None:
    if not may_trigger(dag, user):
        raise ConfigurationError(f"nothing was started: that is for those who may trigger {dag} in Airflow")
