"""The addresses of the fleet page. All show only companies whose DAG the user may read.

| method and path | does |
|---|---|
| GET `/` | the fleet page; `?q=`, `stage=` (several), `owner=`, `country=`, `rule=`, `sort=`, `page=` |
| GET `/causes`, `/history` | companies × rules (`sort=`: `company`, `total` or a rule); twelve months |
| GET `/fleet.csv`, `/api/tenants` | the same rows as a file and as JSON, with the same filters |
| GET `/api/stages`, `/home.js` | how many companies are in each stage, and tiles for Airflow's home page |
| POST `/fleet/check`, `…/pause`, `…/unpause` | for the selected ones that the user may run or edit |
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, status
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from presync.airflow.web import responses
from presync.airflow.web.access import Metadata, ReadableTenants, SignedIn
from presync.airflow.web.fleet.actions import ACTIONS
from presync.airflow.web.fleet.in_airflow import in_airflow
from presync.airflow.web.fleet.view import back_to, causes_view, fleet_view, history_view
from presync.airflow.web.forms import (
    Posted,
    Seen,
    read_message,
    require_page,
    seal_message,
    seal_page,
)
from presync.airflow.web.links import mount_path
from presync.control.companies import days_since, facts_of, files_read, never_seen
from presync.control.database import now
from presync.fleet.board import CSV_COLUMNS, Board, Wanted, board, csv_row
from presync.fleet.causes import causes, matrix
from presync.fleet.history import WEEKS, history
from presync.fleet.stage import TITLES
from presync.report.pages.render import render_fleet

router = APIRouter()
_MOST_PAGES = 10_000
_FLEET = "fleet"
_NOTHING_SEEN = Seen(0, "")  # each action looks for itself how things stand


class Asked(BaseModel):
    """The page's query parameters; `said` is a sealed message."""

    q: str = Field("", max_length=200)
    stage: list[str] = Field(default_factory=list, max_length=20)
    owner: str = Field("", max_length=200)
    country: str = Field("", max_length=2)
    rule: str = Field("", max_length=100)
    sort: str = Field("stage", max_length=100)
    page: int = Field(1, ge=1, le=_MOST_PAGES)
    said: str = ""

    @property
    def wanted(self) -> Wanted:
        """What is asked for."""
        return Wanted(
            self.q.strip(), tuple(self.stage), self.owner, self.country, self.rule, self.sort, self.page
        )


Query_ = Annotated[Asked, Query()]


@router.get("/")
def fleet(names: ReadableTenants, user: SignedIn, asked: Query_, session: Metadata) -> Response:
    """Show the fleet page."""
    found = _board(names, asked.wanted, session)
    message = read_message(str(user.get_id()), _FLEET, asked.said)
    values = fleet_view(found, asked.wanted, files_read(), now())
    return _page("fleet.html", values, user, message)


@router.get("/causes")
def rules(names: ReadableTenants, user: SignedIn, asked: Query_, session: Metadata) -> Response:
    """Show which causes stand in how many companies."""
    found = _board(names, asked.wanted, session)
    listed = causes(found.rows)
    crossed = matrix(listed, found.rows, asked.sort, asked.page)
    return _page("causes.html", causes_view(found, listed, crossed, asked.wanted), user)


@router.get("/history")
def past(names: ReadableTenants, user: SignedIn) -> Response:
    """Show the last twelve months."""
    today = now().date()
    first = today - timedelta(weeks=WEEKS + 8)
    found = history(facts_of(names), days_since(first, set(names)), today)
    return _page("history.html", history_view(found), user)


@router.get("/fleet.csv")
def as_csv(names: ReadableTenants, asked: Query_, session: Metadata) -> Response:
    """Answer with the rows as a CSV file."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, CSV_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(csv_row(row) for row in _board(names, asked.wanted, session).rows)
    name = f"presync-companies-{now():%Y-%m-%d}.csv"
    headers = {**responses.security_headers(), "Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + sink.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


@router.get("/api/tenants")
def as_json(names: ReadableTenants, asked: Query_, session: Metadata) -> Response:
    """Answer with the rows as JSON."""
    found = _board(names, asked.wanted, session)
    read = files_read()
    content = {
        "at": now().isoformat(timespec="seconds"),
        "files_read_at": read.at.isoformat(timespec="seconds") if read else None,
        "stages": dict(found.tiles),
        "tenants": [row.as_dict() for row in found.rows],
    }
    return JSONResponse(content, headers=dict(responses.security_headers()))


@router.get("/api/stages")
def stages(names: ReadableTenants, session: Metadata) -> Response:
    """Answer with how many companies are in each stage, for the tiles on Airflow's home page."""
    tiles = _board(names, Wanted(), session).tiles
    content = [{"stage": stage, "title": TITLES[stage], "companies": count} for stage, count in tiles.items()]
    return JSONResponse({"stages": content}, headers=dict(responses.security_headers()))


@router.get("/home.js")
def tiles_on_home(user: SignedIn) -> Response:
    """Answer with the script that draws the tiles on Airflow's home page."""
    text = (Path(__file__).parent / "home.js").read_text(encoding="utf-8")
    headers = dict(responses.security_headers())
    return Response(text, headers=headers, media_type="text/javascript; charset=utf-8")


@router.post("/fleet/{action}")
def act(action: str, user: SignedIn, form: Posted, session: Metadata) -> Response:
    """Do something for the selected companies, as far as the user may, and say what became of it."""
    require_page(str(user.get_id()), _FLEET, form)
    if action not in ACTIONS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such action on the fleet page.")
    selected = [str(value) for value in form.getlist("tenant") if isinstance(value, str)]
    message = ACTIONS[action](session, selected, user)
    sealed = urlencode({"said": seal_message(str(user.get_id()), _FLEET, message)})
    back = back_to(str(form.get("back") or ""))
    return responses.see_other(f"{mount_path()}/?{back}{'&' if back else ''}{sealed}")


def _page(template: str, values: Mapping[str, Any], user: SignedIn, message: str = "") -> Response:
    sealed = seal_page(str(user.get_id()), _FLEET, _NOTHING_SEEN)
    html = render_fleet(template, {**values, "message": message, "seal": sealed})
    return responses.page_with_forms(html)


def _board(names: list[str], wanted: Wanted, session: Any) -> Board:
    facts = facts_of(set(names))
    said = in_airflow(session, set(names), facts)
    unseen = set(names) - {each.company.tenant for each in facts}
    facts += [never_seen(name) for name in sorted(unseen) if said[name].paused is not None]
    return board(facts, said, wanted, now())
