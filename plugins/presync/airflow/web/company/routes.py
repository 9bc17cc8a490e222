"""The addresses of a company's page.

| method and path | does |
|---|---|
| GET `/dags/<dag>/company` | shows the page to those who may read the DAG |
| POST `/dags/<dag>/company/<action>` | does what a form of it says, for those who may edit the DAG |
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, status
from fastapi.responses import Response
from pydantic import BaseModel, Field

from presync.airflow.web import responses
from presync.airflow.web.access import (
    EditableTenant,
    Metadata,
    ReadableTenant,
    SignedIn,
    may_edit,
    may_trigger,
)
from presync.airflow.web.company.actions import ACTIONS
from presync.airflow.web.company.runs import RUNS, rehearsal_view
from presync.airflow.web.company.view import company_view, state_of
from presync.airflow.web.forms import (
    Posted,
    Seen,
    read_message,
    require_page,
    seal_message,
    seal_page,
)
from presync.airflow.web.links import company_path
from presync.apply.model import WRITABLE
from presync.control.audit import unless_changed
from presync.control.record_of_company import PAGE, Wanted
from presync.control.who import Who
from presync.errors import OutdatedError, PresyncError, SourceUnavailableError
from presync.report.pages.render import render_company
from presync.tenants.model import Tenant
from presync.tenants.model import dag_id as dag_of

router = APIRouter()
_MOST_PAGES = 10_000


class Asked(BaseModel):
    """The page's query parameters; `said` is a sealed message."""

    rule: str = Field("", max_length=64)
    q: str = Field("", max_length=200)
    page: int = Field(1, ge=1, le=_MOST_PAGES)
    trail: str = ""
    runs: str = ""
    said: str = ""

    @property
    def wanted(self) -> Wanted:
        """What is asked for."""
        return Wanted(self.rule, self.q.strip(), self.page, self.trail == "all", self.runs == "all")


@router.get("/dags/{dag_id}/company")
def company(
    tenant: ReadableTenant, user: SignedIn, asked: Annotated[Asked, Query()], session: Metadata
) -> Response:
    """Show a company's page."""
    message = read_message(str(user.get_id()), dag_of(tenant), asked.said)
    return _page(tenant, user, session, asked.wanted, message=message)


@router.post("/dags/{dag_id}/company/{action}")
def act(action: str, tenant: EditableTenant, user: SignedIn, form: Posted, session: Metadata) -> Response:
    """Do what a form says, then show the page again; what is refused is said on the page at once."""
    dag, who = dag_of(tenant), Who(user.get_name(), "airflow")
    seen = require_page(str(user.get_id()), dag, form)
    if action not in ACTIONS and action not in RUNS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such action on the company's page.")
    try:
        _require_unchanged(tenant, seen)
        if action in RUNS:
            message = RUNS[action](tenant, form, session, user)
        else:
            with unless_changed(tenant, seen.entry):
                message = ACTIONS[action](tenant, form, who)
    except PresyncError as error:
        return _refused(tenant, user, session, error)
    sealed = seal_message(str(user.get_id()), dag, message)
    return responses.see_other(f"{company_path(dag)}?said={sealed}")


def _require_unchanged(tenant: str, seen: Seen) -> None:
    if state_of(tenant) != seen:
        raise OutdatedError(
            "nothing was recorded: something has changed since this page was shown to you (a run, somebody "
            "else's decision, or the tenant file). Here is how it is now: look at it, then decide.",
            source=tenant,
        )


def _refused(tenant: str, user: SignedIn, session: Metadata, error: PresyncError) -> Response:
    code = status.HTTP_409_CONFLICT
    if isinstance(error, SourceUnavailableError):
        code = status.HTTP_503_SERVICE_UNAVAILABLE
    return _page(tenant, user, session, Wanted(), refusal=error.message, code=code)


def _may_apply(file: Tenant | None, user: SignedIn) -> bool:
    return file is not None and file.severa.apply and may_trigger(file.apply_dag_id, user)


def _page(
    tenant: str,
    user: SignedIn,
    session: Metadata,
    wanted: Wanted,
    *,
    message: str = "",
    refusal: str = "",
    code: int = 200,
) -> Response:
    dag = dag_of(tenant)
    view, seen = company_view(tenant, wanted)
    values = {
        **view,
        "rehearsal": rehearsal_view(tenant, session),
        "message": message,
        "refusal": refusal,
        "page_size": PAGE,
        "may_edit": may_edit(dag, user),
        "may_trigger": may_trigger(dag, user),
        "may_apply": _may_apply(view["file"], user),
        "registers": WRITABLE,
        "seal": seal_page(str(user.get_id()), dag, seen),
        "address": company_path(dag),
    }
    return responses.page_with_forms(render_company(values), status=code)
