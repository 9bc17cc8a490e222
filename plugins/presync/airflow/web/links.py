"""Where a report is inside Airflow: addresses for the UI's tabs, the gate's link and messages to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from airflow.configuration import conf
from airflow.sdk import BaseOperatorLink

from presync.tenants.model import NAME, dag_id

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

PREFIX: Final = "/presync"
LATEST: Final = "latest"
DAG_PREFIX: Final = dag_id("")


def mount_path() -> str:
    """Return the path under which the API server serves Presync's pages, behind `[api] base_url`."""
    base: str = conf.get("api", "base_url", fallback="") or ""
    return urlsplit(base).path.rstrip("/") + PREFIX


def report_path(dag_id: str, run_id: str = LATEST) -> str:
    """Return the path of a run's report on the API server; the run id is Airflow's own.

    >>> report_path("presync__nordlys", "manual__2026-11-23T04:15:59+00:00")
    '/presync/dags/presync__nordlys/runs/manual__2026-11-23T04%3A15%3A59%2B00%3A00/index.html'
    """
    return f"{mount_path()}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}/index.html"


def company_path(dag_id: str) -> str:
    """Return the path of a company's page on the API server.

    >>> company_path("presync__nordlys")
    '/presync/dags/presync__nordlys/company'
    """
    return f"{mount_path()}/dags/{quote(dag_id, safe='')}/company"


def report_url(dag_id: str, run_id: str = LATEST) -> str:
    """Return the report's full address if `[api] base_url` says where Airflow is, else its path."""
    return _origin() + report_path(dag_id, run_id)


def company_url(dag_id: str) -> str:
    """Return the full address of a company's page, or its path."""
    return _origin() + company_path(dag_id)


def _origin() -> str:
    base = urlsplit(conf.get("api", "base_url", fallback="") or "")
    return f"{base.scheme}://{base.netloc}" if base.netloc else ""


def tenant_of(dag: str) -> str | None:
    """Return the tenant whose DAG this is, or None: the name is safe as part of a path."""
    name = dag.removeprefix(DAG_PREFIX)
    return name if name != dag and NAME.fullmatch(name) else None


class ReportLink(BaseOperatorLink):
    """The button "Presync report" on the gate's task."""

    @property
    def name(self) -> str:
        """The button's text."""
        return "Presync report"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the path of the report of the task's run; there is one whether the task ended or not."""
        return report_path(ti_key.dag_id, ti_key.run_id)
