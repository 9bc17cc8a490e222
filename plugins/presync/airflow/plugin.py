"""What Presync adds to the Airflow UI: reports and companies as pages and tabs, a button on the gate's task.

Airflow imports this module in every process, so what only the API server needs is imported when it asks.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from presync.airflow.web.links import PREFIX, mount_path


class PresyncPlugin(AirflowPlugin):
    """Mounts the pages at `/presync` and shows them where people look for a run's outcome."""

    name = "presync"

    @cached_property
    def external_views(self) -> list[dict[str, str]]:  # type: ignore[override]
        """Tabs of every DAG run and of every DAG, and an entry of the navigation."""
        return [
            _view("Presync report", "dag_run", "presync-report", "/dags/{DAG_ID}/runs/{RUN_ID}/"),
            _view("Company", "dag", "presync-company", "/dags/{DAG_ID}/company"),
            _view("Presync report", "dag", "presync-latest", "/dags/{DAG_ID}/"),
            {**_view("Presync", "nav", "presync", "/"), "category": "browse"},
        ]

    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The pages; asked for by the API server only."""
        from presync.airflow.web.app import create_app

        return [{"name": "presync", "app": create_app(), "url_prefix": PREFIX}]

    @cached_property
    def operator_extra_links(self) -> list[Any]:  # type: ignore[override]
        """The gate's button: computed by the API server, so it is there even if a worker died."""
        from presync.airflow.gate_task import GateOperator
        from presync.airflow.web.links import ReportLink

        class GateReportLink(ReportLink):
            operators: ClassVar[list[Any]] = [GateOperator]

        return [GateReportLink()]


def _view(name: str, destination: str, route: str, path: str) -> dict[str, str]:
    return {"name": name, "destination": destination, "url_route": route, "href": mount_path() + path}
