"""The policies that every DAG of Presync keeps."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG


def check_policies(dag: DAG) -> None:
    assert dag.doc_md
    assert dag.description
    assert dag.tags
    assert not dag.catchup
    for task in dag.tasks:
        assert task.owner == "onboarding"
        limit = getattr(task, "response_timeout", None) or task.execution_timeout
        assert limit is not None
        assert limit <= timedelta(hours=12)
