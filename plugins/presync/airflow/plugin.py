"""What Presync adds to the Airflow UI: reports and companies as pages and tabs, a button on the gate's task.

Airflow imports this module in every process, so what only the API server needs is imported when it asks.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import quote

from airflow.plugins_manager import AirflowPlugin

from presync.airflow import pools, run_notes
from presync.airflow.web.links import PREFIX, mount_path

_DRAWING: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{}" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M3 21V8l9-5 9 5v13M3 12h18M8 21v-6l3 3 5-6"/></svg>'
)


def _icon(colour: str) -> str:
    return f"data:image/svg+xml,{quote(_DRAWING.format(colour))}"


_ICONS: Final = {"icon": _icon("#3f4a5a"), "icon_dark_mode": _icon("#d5dce4")}
"""A gate with a tick, in the colours of Airflow's own icons."""


class PresyncPlugin(AirflowPlugin):
    """Mounts the pages at `/presync` and shows them where people look for a run's outcome."""

    name = "presync"
    listeners = [run_notes, pools]  # noqa: RUF012 - Airflow declares it so

    @cached_property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Tabs of every DAG, run and task of a run, and an entry of the navigation."""
        return [
            _view("Presync report", "dag_run", "presync-report", "/dags/{DAG_ID}/runs/{RUN_ID}/"),
            _view("Company", "dag", "presync-company", "/dags/{DAG_ID}/company"),
            _view("Presync report", "dag", "presync-latest", "/dags/{DAG_ID}/"),
            _view("Presync report", "task_instance", "presync-of-task", "/dags/{DAG_ID}/runs/{RUN_ID}/"),
            {**_view("Presync", "nav", "presync", "/"), "nav_top_level": True, **_ICONS},
        ]

    @cached_property
    def react_apps(self) -> list[dict[str, str]]:  # type: ignore[override]
        """The tiles on Airflow's home page."""
        bundle = f"{mount_path()}/home.js"
        return [{"name": "Presync companies", "bundle_url": bundle, "destination": "dashboard"}]

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
