"""What Airflow's own database knows about the companies' DAGs; three queries for any number of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.state import State
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from presync.airflow.web.links import tenant_of
from presync.control.companies import Facts
from presync.fleet.board import InAirflow
from presync.tenants.model import dag_id

_AT_ONCE = 5000  # pairs of a query; databases have a limit on parameters


def in_airflow(session: Session, names: Collection[str], facts: Collection[Facts]) -> Mapping[str, InAirflow]:
    """Return, by tenant, whether its DAG is paused, when it runs next, and how its last run fares.

    `paused` is None where there is no DAG any more.
    """
    columns = (DagModel.dag_id, DagModel.is_paused, DagModel.next_dagrun_create_after)
    dags = {
        tenant: (paused, following)
        for dag, paused, following in session.execute(
            select(*columns).where(DagModel.dag_id.startswith(dag_id("")), ~DagModel.is_stale)
        )
        if (tenant := tenant_of(dag)) in names
    }
    # the control database alone cannot tell how these are doing
    unjudged = [
        (dag_id(each.company.tenant), each.company.began_run)
        for each in facts
        if each.company.began_run and each.company.began_run != each.company.judged_run
    ]
    states: dict[str, str] = {}
    for start in range(0, len(unjudged), _AT_ONCE):
        pairs = unjudged[start : start + _AT_ONCE]
        found = select(DagRun.dag_id, DagRun.state).where(tuple_(DagRun.dag_id, DagRun.run_id).in_(pairs))
        states |= {str(tenant_of(dag)): str(state) for dag, state in session.execute(found)}
    waiting = select(DagRun.dag_id).where(DagRun.state.in_(State.unfinished_dr_states))
    under_way = {tenant_of(dag) for dag in session.scalars(waiting)}
    return {
        name: InAirflow(
            paused=dags[name][0] if name in dags else None,
            next_run=dags[name][1] if name in dags else None,
            ended=states.get(name) in {str(state) for state in State.finished_dr_states},
            queued=name in under_way,
        )
        for name in names
    }
