"""The DAG that tells people what has changed for their companies, every few minutes (Airflow)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, task

from presync.airflow.runbook import notify_runbook
from presync.tenants.model import NOTIFY, OWNER

with DAG(
    dag_id=NOTIFY,
    dag_display_name="Presync: notifications",
    description="Tells people what has changed for their companies.",
    schedule="*/5 * * * *",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags={"presync"},
    default_args={"owner": OWNER, "retries": 0, "execution_timeout": timedelta(minutes=20)},
    doc_md=notify_runbook(),
):

    @task
    def tell() -> int:
        """Look for changes and send what is to be sent; return how many messages were sent."""
        from presync.airflow.notify import tell_all

        return tell_all()

    tell()
