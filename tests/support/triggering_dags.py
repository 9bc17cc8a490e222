"""A DAG that triggers another one twice, and one that is not there; run as a process of its own.

`python -m tests.support.triggering_dags FOLDER` writes `FOLDER/outcome.json`: the tasks' states, what
they returned, and the runs of the triggered DAG.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from presync.apply.model import Options
from presync.errors import StartRefusedError, StartUnknownError
from presync.gate.start_request import StartRequest
from presync.gate.trigger_dag import trigger_dag
from presync.tenants.model import Tenant

CORRECTED = Tenant.model_validate({"tenant": "nordlys", "title": "Nordlys", "severa": {"apply": True}})
REQUEST = StartRequest("nordlys", "Nordlys", "r1", "c1", "00000000-0000-5000-8000-000000000001")


def define() -> None:
    """Define both DAGs; Airflow collects what is defined while it reads this file."""
    from airflow.sdk import DAG, task

    from presync.airflow.apply_dag import apply_dag

    with DAG("integration", schedule=None):
        pass

    @task
    def start(dag_id: str) -> str:
        try:
            return trigger_dag(dag_id, REQUEST)
        except StartRefusedError as refusal:
            return f"refused: {refusal.message}"
        except StartUnknownError as unknown:
            return f"unknown: {unknown.message}"

    globals()["correcting"] = apply_dag(CORRECTED)

    with DAG("caller", schedule=None):
        first = start.override(task_id="first")("integration")
        second = start.override(task_id="second")("integration")
        nothing = start.override(task_id="nothing")("no_such_dag")
        first >> second >> nothing


def run() -> dict[str, Any]:
    """Store the DAGs in Airflow's metadata, run the caller, and return what came of it."""
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models import DagRun
    from airflow.models.dagbundle import DagBundleModel
    from airflow.utils.session import create_session

    bag = DagBag(dag_folder=__file__, bundle_name="testing")
    with create_session() as session:
        session.merge(DagBundleModel(name="testing"))
    sync_bag_to_db(bag, "testing", None)
    caller: Any = bag.dags["caller"].test()
    with create_session() as session:
        runs = session.query(DagRun).filter(DagRun.dag_id == "integration")
        found = [[each.run_id, each.conf] for each in runs]
    asked = _ask_for_corrections()
    instances = caller.get_task_instances()
    return {
        "states": {each.task_id: str(each.state) for each in instances},
        "returned": {each.task_id: each.xcom_pull(task_ids=each.task_id) for each in instances},
        "runs": found,
        "request": REQUEST.body(),
        "asked": asked,
    }


def _ask_for_corrections() -> dict[str, Any]:
    """Trigger the DAG for corrections as a page does; return its run, and a refusal."""
    from airflow.models import DagRun
    from airflow.models.dagbag import DBDagBag
    from airflow.utils.session import create_session

    from presync.airflow.web.trigger_apply import request_apply

    user: Any = SimpleNamespace(get_name=lambda: "Anna")
    options = Options(only=("customers",), at_most=1)
    unknown = CORRECTED.model_copy(update={"tenant": "unknown"})
    with create_session() as session:
        said = [
            request_apply(session, DBDagBag(), tenant, user, options)
            for tenant in (CORRECTED, CORRECTED, unknown)
        ]
        (found,) = session.query(DagRun).filter(DagRun.dag_id == CORRECTED.apply_dag_id)
        return {"said": said, "conf": found.conf, "by": found.triggering_user_name}


def main() -> None:
    """Run in an Airflow home of its own."""
    from presync.airflow.in_process import home

    folder = Path(sys.argv[1])
    with home(folder):
        (folder / "outcome.json").write_text(json.dumps(run()))


if __name__ == "__main__":
    main()
else:
    define()
