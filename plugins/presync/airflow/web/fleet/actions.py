"""What people do for several companies at once: check again, pause, unpause.

Each company counts by itself: what the user may not do for one is said, and done for the others. Airflow's
own functions do it, so nothing is possible here that Airflow refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from airflow.models.dag import DagModel
from airflow.models.dagbag import DBDagBag
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.utils.state import DagRunState, State
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select
from sqlalchemy.orm import Session

from presync.airflow.web.access import SignedIn, may_edit, may_trigger
from presync.control.database import now
from presync.report.wording import plural
from presync.tenants.model import NAME, dag_id

Action = Callable[[Session, Sequence[str], SignedIn], str]
"""Takes a session on Airflow's database, the selected tenants and who asks; returns what to say."""
_MOST_NAMED: Final = 10


def _check(session: Session, tenants: Sequence[str], user: SignedIn) -> str:
    bag = DBDagBag()
    done = _each(session, tenants, lambda dag: _trigger(session, bag, dag, user), user, may_trigger)
    return _told(done, "will be checked; nothing is started by that")


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


def _trigger(session: Session, bag: DBDagBag, dag: str, user: SignedIn) -> str:
    known = session.get(DagModel, dag)
    if known is None or known.is_stale:
        return "there is no such DAG any more"
    under_way = select(DagRun.id).where(DagRun.dag_id == dag, DagRun.state.in_(State.unfinished_dr_states))
    if session.scalar(under_way.limit(1)) is not None:
        return "a run is under way already"
    found = bag.get_latest_version_of_dag(dag, session=session)
    if found is None:
        return "there is no such DAG any more"
    moment = now()
    found.create_dagrun(
        run_id=f"manual__{moment.isoformat()}",
        logical_date=None,
        data_interval=None,
        run_after=moment,
        conf={"start": False},
        run_type=DagRunType.MANUAL,
        triggered_by=DagRunTriggeredByType.UI,
        triggering_user_name=user.get_name(),
        state=DagRunState.QUEUED,
        session=session,
    )
    _log(session, "trigger_dag_run", dag, user)
    return "it waits until somebody unpauses its DAG" if known.is_paused else ""


def _set_paused(session: Session, dag: str, user: SignedIn, paused: bool) -> str:
    known = session.get(DagModel, dag)
    if known is None:
        return "there is no such DAG any more"
    known.is_paused = paused
    _log(session, "patch_dag", dag, user, f'{{"is_paused": {str(paused).lower()}}}')
    return ""


def _log(session: Session, event: str, dag: str, user: SignedIn, extra: str = '{"by": "presync"}') -> None:
    session.add(Log(event=event, owner=user.get_name(), dag_id=dag, extra=extra))


def _told(done: Mapping[str, list[str]], success: str) -> str:
    if not done:
        return "No company was selected."
    parts = [f"{plural(len(done['']), 'company', 'companies')}: {success}."] if "" in done else []
    for outcome, tenants in done.items():
        if outcome:
            more = f" and {len(tenants) - _MOST_NAMED} more" if len(tenants) > _MOST_NAMED else ""
            parts.append(f"{', '.join(tenants[:_MOST_NAMED])}{more}: {outcome}.")
    return " ".join(parts)
