"""The pages that the API server mounts at `/presync`.

| path | shows |
|---|---|
| `/`, `/causes`, `/history`, `/api/…` | all companies whose DAGs the user may read (`fleet/routes.py`) |
| `/dags/<dag>/` | the tenant's newest report |
| `/dags/<dag>/company` | the company's page, with what people may do there (`company/routes.py`) |
| `/dags/<dag>/runs/<run>/<file>` | a file of a run's report; `<run>` is Airflow's run id, or `latest` |
"""

from __future__ import annotations

import logging

from airflow.api_fastapi.app import get_auth_manager
from airflow.models.dagrun import DagRun
from airflow.utils.state import State
from fastapi import APIRouter, FastAPI, HTTPException, Request, status
from fastapi.responses import Response
from sqlalchemy import select
from starlette.exceptions import HTTPException as StarletteHTTPException

from presync.airflow.web import responses
from presync.airflow.web.access import Metadata, ReadableTenant
from presync.airflow.web.assigned_users import assign_by_number
from presync.airflow.web.company import routes as company
from presync.airflow.web.fleet import routes as fleet
from presync.airflow.web.forms import NOTHING_RECORDED
from presync.airflow.web.links import company_path, report_path
from presync.errors import PresyncError
from presync.report.decision import CHANGING, as_of_now
from presync.report.pages.render import render_message
from presync.report.published import LATEST, Shelf
from presync.staging.store import folder_name
from presync.tenants.model import dag_id as dag_of

router = APIRouter()
log = logging.getLogger(__name__)
_RELOAD_SECONDS = 10
_LONGEST_NAME = 255  # of a folder, on every file system
_TITLES = {403: "You may not read this report", 404: "There is no such report"}


def create_app() -> FastAPI:
    """Return the app; it has no page that is readable without a login."""
    assign_by_number()
    app = FastAPI(title="Presync", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)
    app.include_router(fleet.router)
    app.include_router(company.router)
    app.add_exception_handler(StarletteHTTPException, _refuse)
    app.add_exception_handler(PresyncError, _fail)
    return app


@router.get("/dags/{dag_id}")
@router.get("/dags/{dag_id}/")
def newest(dag_id: str, tenant: ReadableTenant) -> Response:
    """Lead to a tenant's newest report."""
    return responses.redirect(report_path(dag_of(tenant)))


@router.get("/dags/{dag_id}/runs/{run_id}")
@router.get("/dags/{dag_id}/runs/{run_id}/")
def run(dag_id: str, run_id: str, tenant: ReadableTenant) -> Response:
    """Lead to the first page of a run's report."""
    return responses.redirect(report_path(dag_of(tenant), run_id))


@router.get("/dags/{dag_id}/runs/{run_id}/{file:path}")
def report_file(run_id: str, file: str, tenant: ReadableTenant, session: Metadata) -> Response:
    """Answer with a file of a run's report, or say why there is none."""
    # no run of Airflow's has an id that a database would refuse to look up
    folder = folder_name(run_id) if run_id.strip(".") and run_id.isprintable() else ""
    if not folder or not responses.is_report_file(file):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "A report has no such file. Begin at its first page.")
    if len(folder) > _LONGEST_NAME:
        return _no_report(tenant, run_id, session)
    try:
        stream = Shelf(tenant).open(folder, file)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return _no_report(tenant, run_id, session)
    current = as_of_now(Shelf(tenant), folder, file) if file in CHANGING else None
    shown = current or stream
    if file.endswith(".html"):
        shown = responses.with_link(shown, "The company’s page", company_path(dag_of(tenant)))
    return responses.file_response(shown, file, _saved_as(tenant, folder, file))


def _saved_as(tenant: str, folder: str, file: str) -> str:
    """Return what a saved list's name begins with: the company and when it was checked."""
    report = Shelf(tenant).read(folder) if file.endswith((".csv", ".xlsx")) else None
    return f"{tenant}-{report.finished_at[:16].replace(':', '')}" if report else f"{tenant}-{folder}"


def _no_report(tenant: str, run_id: str, session: Metadata) -> Response:
    dag = dag_of(tenant)
    query = select(DagRun.state).where(DagRun.dag_id == dag, DagRun.run_id == run_id)
    state = None if run_id == LATEST else session.scalar(query)
    links = {"The newest report of this tenant": report_path(dag)} if Shelf(tenant).read(LATEST) else {}
    headers = {}
    if state in State.unfinished_dr_states:
        title = "The check is under way"
        says = "This page appears automatically once the report exists, after the suites have run."
        headers = {"Refresh": str(_RELOAD_SECONDS)}
    elif state is not None:
        title = "This run has no report"
        says = (
            "The run ended without one, or its report was removed with the old ones. Nothing may be "
            "concluded from its absence: look at the run's report task, and run the DAG again."
        )
    elif run_id == LATEST:
        title = "This tenant has no report yet"
        says = "Nothing has been checked, so nothing may be started. Trigger the tenant's DAG."
    else:
        title = "There is no such run"
        says = f"DAG {dag} has no run {run_id}, and no report of one. Old reports are removed in time."
    return responses.page(render_message(title, [says], links), status=404, headers=headers)


async def _fail(request: Request, error: Exception) -> Response:
    """Say that something of Presync's own cannot be used; what it is may only the operator read."""
    log.error("%s cannot be shown: %s", request.url.path, error)
    return responses.refusal(
        request,
        status.HTTP_503_SERVICE_UNAVAILABLE,
        "This page cannot be shown",
        "Something that it needs cannot be used, most likely the control database. The API server's log says "
        "what. Try again in a moment.",
    )


async def _refuse(request: Request, error: Exception) -> Response:
    code = getattr(error, "status_code", 500)
    detail = str(getattr(error, "detail", ""))
    if code == status.HTTP_401_UNAUTHORIZED and responses.wants_page(request):
        address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method == "POST":  # what was typed is lost with the session; its page is not
            address = request.url.path.rpartition("/")[0]
        return responses.redirect(get_auth_manager().get_url_login(next_url=address))
    title = _TITLES.get(code, "This page cannot be shown")
    if detail.startswith(NOTHING_RECORDED):
        title = NOTHING_RECORDED
    elif code == status.HTTP_403_FORBIDDEN:
        detail = "It is for those who may read the tenant's DAG. Ask Airflow's administrator for that right."
    return responses.refusal(request, code, title, detail, getattr(error, "headers", None))
