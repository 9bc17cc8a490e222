"""What a scheduler does for tasks that wait for a person, and `dag.test()` does not.

`dag.test()` writes `awaiting_input` over a task whose answer has arrived meanwhile, and looks at no deadline:
a task is then parked for ever. A real scheduler is never in between, and ends what is overdue.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.patience import PATIENCE

_PAUSE = 0.5


@contextmanager
def attended() -> Iterator[None]:
    """Resume parked tasks that are answered, and end those whose deadline has passed, in a thread."""
    from airflow.jobs.job import Job
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    scheduler, over = SchedulerJobRunner(Job()), threading.Event()  # type: ignore[no-untyped-call]

    def attend() -> None:
        while not over.wait(_PAUSE):
            try:
                _resume_answered()
                scheduler.check_awaiting_input_timeouts()
            except Exception:  # a locked SQLite, mostly: the next look may do better
                traceback.print_exc()

    thread = threading.Thread(target=attend, name="questions", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE)


def _resume_answered() -> None:
    """Resume as Airflow's API does when it records an answer; doing so twice does no harm."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers.base import TriggerEvent
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    with create_session() as session:
        parked = select(TaskInstance).where(TaskInstance.state == TaskInstanceState.AWAITING_INPUT)
        for task in session.scalars(parked.options(joinedload(TaskInstance.hitl_detail))):
            question = task.hitl_detail
            if question is not None and question.response_received:
                event = TriggerEvent(question.as_resume_event_payload())  # type: ignore[no-untyped-call]
                handle_event_submit(event, task_instance=task, session=session)
