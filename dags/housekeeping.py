"""The DAG that lets old runs go, once a day (Airflow)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, get_current_context, task

from presync.airflow.runbook import housekeeping_runbook
from presync.tenants.model import HOUSEKEEPING, OWNER

with DAG(
    dag_id=HOUSEKEEPING,
    dag_display_name="Presync: housekeeping",
    description="Removes staged data and reports of old runs.",
    schedule="@daily",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags={"presync"},
    default_args={"owner": OWNER, "retries": 1, "execution_timeout": timedelta(hours=1)},
    params={
        "retire": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Companies to take out for good",
            description="Tenants whose file was removed: the audit trail is kept, data and reports go.",
        )
    },
    doc_md=housekeeping_runbook(),
):

    @task
    def prune() -> dict[str, int]:
        """Prune every tenant; one that cannot be pruned does not keep the others from it."""
        from presync import settings
        from presync.airflow.housekeeping import prune_tenant, staged_tenants

        removed: dict[str, int] = {}
        failures: list[str] = []
        for tenant in staged_tenants():
            try:
                removed[tenant] = len(prune_tenant(tenant, settings.keep_runs()))
            except OSError as error:
                failures.append(
                    f"{tenant}: {error.strerror or type(error).__name__} ({error.filename or '?'})"
                )
        if failures:
            raise OSError("old runs could not be removed: " + "; ".join(failures))
        return removed

    @task
    def tidy() -> int:
        """Remove what killed tasks left behind, and old logs."""
        from presync.airflow import housekeeping

        return housekeeping.tidy()

    @task
    def retire() -> dict[str, str]:
        """Retire the companies that a person named; return where each one's audit trail is kept."""
        from presync.airflow.retirement import retire_company
        from presync.control.who import Who

        context = get_current_context()
        by = Who(context["dag_run"].triggering_user_name or "scheduler", "airflow")
        return {name: retire_company(name, by).trail for name in context["params"]["retire"]}

    prune()
    tidy()
    retire()
