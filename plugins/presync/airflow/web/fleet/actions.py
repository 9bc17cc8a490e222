"""What people do for several companies at once: check again, pause, unpause.

Companies are independent: what the user may not do for one is reported, and done for the others. Airflow's
own functions do it, so nothing is possible here that Airflow refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from airflow.models.dag import DagModel
from airflow.models.dagbag import DBDagBag
from sqlalchemy.orm import Session

from presync.airflow.web.access import SignedIn, may_edit, may_trigger
from presync.airflow.web.runs import log, trigger
from presync.report.wording import plural
from presync.tenants.model import NAME, dag_id

Action = Callable[[Session, Sequence[str], SignedIn], str]
"""Takes a session on Airflow's database, the selected tenants and who asks; returns what to say."""
ONLY_CHECK: Final[Mapping[str, bool]] = {"start": False}
_MOST_NAMED: Final = 10


def _check(session: Session, tenants: Sequence[str], user: SignedIn) -> str:
    bag = DBDagBag()
    done = _each(
        session, tenants, lambda dag: trigger(session, bag, dag, user, ONLY_CHECK), user, may_trigger
    )
    return _told(done, "will be checked; this starts nothing")


def _pause(session: Session, tenants: Sequence[str], user: SignedIn) -> str:
    done = _each(session, tenants, lambda dag: _set_paused(session, dag, user, True), user, may_edit)
    return _told(done, "paused: no schedule checks them until somebody unpauses them")


def _unpause(session: Session, tenants: Sequence[str], user: SignedIn) -> str:
    done = _each(session, tenants, lambda dag: _set_paused(session, dag, user, False), user, may_edit)
    return _told(done, "unpaused")


ACTIONS: Final[Mapping[str, Action]] = {"check": _check, "pause": _pause, "unpause": _unpause}


def _each(
    session: Session,
    tenants: Sequence[str],
    work: Callable[[str], str],
    user: SignedIn,
    may: Callable[[str, SignedIn], bool],
) -> Mapping[str, list[str]]:
    """Return, by what became of it, the tenants; "" stands for success."""
    done: dict[str, list[str]] = {}
    for tenant in dict.fromkeys(tenants):
        dag = dag_id(tenant)
        if not NAME.fullmatch(tenant) or not may(dag, user):
            outcome = "you may not do this"
        else:
            with session.begin_nested():  # what fails for one company is not done for it alone
                outcome = work(dag)
        done.setdefault(outcome, []).append(tenant)
    return done


def _set_paused(session: Session, dag: str, user: SignedIn, paused: bool) -> str:
    known = session.get(DagModel, dag)
    if known is None:
        return "there is no such DAG any more"
    known.is_paused = paused
    log(session, "patch_dag", dag, user, f'{{"is_paused": {str(paused).lower()}}}')
    return ""


def _told(done: Mapping[str, list[str]], success: str) -> str:
    if not done:
        return "No company was selected."
    parts = [f"{plural(len(done['']), 'company', 'companies')}: {success}."] if "" in done else []
    for outcome, tenants in done.items():
        if outcome:
            more = f" and {len(tenants) - _MOST_NAMED} more" if len(tenants) > _MOST_NAMED else ""
            parts.append(f"{', '.join(tenants[:_MOST_NAMED])}{more}: {outcome}.")
    return " ".join(parts)
