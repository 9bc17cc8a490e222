"""Approvers are named in tenant files by user name; Airflow's FAB manager knows its users by number.

A task cannot look the number up, so it assigns a question to `{"id": name, "name": name}`, which is right for
the simple manager. The API server, which stores the question, replaces the id where FAB is in charge. A name
that FAB does not know stays: then nobody can answer as that user.
"""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection

from presync.tenants.model import DAG_PREFIX


def assign_by_number() -> None:
    """Let this process store Presync's questions with FAB's numbers; does nothing under another manager."""
    if "FabAuthManager" in conf.get("core", "auth_manager", fallback="") and not event.contains(
        HITLDetail, "before_insert", _number
    ):
        event.listen(HITLDetail, "before_insert", _number)


def _number(_mapper: Any, connection: Connection, question: HITLDetail) -> None:
    assigned = question.assignees or []
    of_dag = select(TaskInstance.dag_id).where(TaskInstance.id == question.ti_id)
    if assigned and str(connection.scalar(of_dag)).startswith(DAG_PREFIX):
        question.assignees = [_numbered(connection, user) for user in assigned]


def _numbered(connection: Connection, user: dict[str, str]) -> dict[str, str]:
    from airflow.providers.fab.auth_manager.models import User

    named = select(User.id).where(func.lower(User.username) == user["name"].lower())
    number = connection.scalar(named)
    return user if number is None else {"id": str(number), "name": user["name"]}
