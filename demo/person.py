"""Plays the person who answers what a run asks, as Airflow's API records an answer."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

_PAUSE: Final = 0.3
_PATIENCE: Final = 60.0


@contextmanager
def answering(dag_id: str, choice: str, name: str) -> Iterator[list[str]]:
    """Answer every question of a DAG while the block runs; yield what was read before each answer."""
    over, read = threading.Event(), list[str]()

    def attend() -> None:
        while not over.wait(_PAUSE):
            try:
                read.extend(_answer(dag_id, choice, name))
            except Exception:  # a locked SQLite, mostly: the next look may do better
                traceback.print_exc()

    thread = threading.Thread(target=attend, name="person", daemon=True)
    thread.start()
    try:
        yield read
    finally:
        over.set()
        thread.join(_PATIENCE)


def _answer(dag_id: str, choice: str, name: str) -> list[str]:
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers.base import TriggerEvent
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    bodies = []
    with create_session() as session:
        waiting = select(TaskInstance).where(
            TaskInstance.dag_id == dag_id, TaskInstance.state == TaskInstanceState.AWAITING_INPUT
        )
        for task in session.scalars(waiting.options(joinedload(TaskInstance.hitl_detail))):
            question: Any = task.hitl_detail
            if question is None:
                continue
            if not question.response_received:
                bodies.append(str(question.body))
                question.chosen_options, question.params_input = [choice], {}
                question.responded_by = {"id": name.lower(), "name": name}
                question.responded_at = datetime.now(UTC)
                session.flush()
            event = TriggerEvent(question.as_resume_event_payload())  # type: ignore[no-untyped-call]
            handle_event_submit(event, task_instance=task, session=session)
    return bodies
