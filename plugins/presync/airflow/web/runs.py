"""Starting runs of DAGs for a user who is signed in: as Airflow's own API does it, never two at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dagbag import DBDagBag
from airflow.models.dagrun import DagRun
from airflow.models.log import Log
from airflow.utils.state import DagRunState, State
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select
from sqlalchemy.orm import Session

from presync.airflow.web.access import SignedIn
from presync.control.database import now

PAUSED = "it waits until somebody unpauses its DAG"
GONE = "there is no such DAG any more"


@dataclass(frozen=True)
class LastRun:
    """The newest run of a kind: its id, whether it is over, and when it was asked for."""

    run_id: str
    over: bool
    asked_at: datetime | None


def trigger(
    session: Session,
    bag: DBDagBag,
    dag: str,
    user: SignedIn,
    conf: Mapping[str, Any],
    *,
    prefix: str = "manual__",
) -> str:
    """Start a run of a DAG; return "", or what keeps it: `PAUSED` has a run that waits, all else has none.

    Runs whose ids begin with `prefix` are of one kind, and none is started while another is under way.
    """
    known = session.get(DagModel, dag)
    if known is None or known.is_stale:
        return GONE
    kind = "" if prefix == "manual__" else prefix
    under_way = select(DagRun.id).where(
        DagRun.dag_id == dag,
        DagRun.run_id.startswith(kind, autoescape=True),
        DagRun.state.in_(State.unfinished_dr_states),
    )
    if session.scalar(under_way.limit(1)) is not None:
        return "a run is under way already"
    found = bag.get_latest_version_of_dag(dag, session=session)
    if found is None:
        return GONE
    moment = now()
    found.create_dagrun(
        run_id=f"{prefix}{moment.isoformat()}",
        logical_date=None,
        data_interval=None,
        run_after=moment,
        conf=dict(conf),
        run_type=DagRunType.MANUAL,
        triggered_by=DagRunTriggeredByType.UI,
        triggering_user_name=user.get_name(),
        state=DagRunState.QUEUED,
        session=session,
    )
    log(session, "trigger_dag_run", dag, user)
    return PAUSED if known.is_paused else ""


def last_run(session: Session, dag: str, prefix: str) -> LastRun | None:
    """Return the newest run of a DAG whose id begins so."""
    newest = select(DagRun).where(DagRun.dag_id == dag, DagRun.run_id.startswith(prefix, autoescape=True))
    found = session.scalars(newest.order_by(DagRun.run_after.desc()).limit(1)).first()
    if found is None:
        return None
    return LastRun(found.run_id, found.state in State.finished_dr_states, found.run_after)


def log(session: Session, event: str, dag: str, user: SignedIn, extra: str = '{"by": "presync"}') -> None:
    """Put on Airflow's own audit log who did it."""
    session.add(Log(event=event, owner=user.get_name(), dag_id=dag, extra=extra))
