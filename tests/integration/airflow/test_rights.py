"""Every address that the plugin registers, for three users and nobody, with Airflow's simple auth manager.

It tells companies apart by teams: `editor` belongs to that of nordlys, `reader`, who may only look, to that
of fjord. With the FAB manager: `web/`. Covers: airflow/web/access.py, airflow/web/app.py.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Airflow's API server imports what is deprecated
    from airflow.api_fastapi import app as airflow_app
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from fastapi import FastAPI
    from fastapi.routing import APIRoute
    from fastapi.testclient import TestClient

    from presync.airflow.web.app import create_app
    from presync.airflow.web.company.actions import ACTIONS
    from presync.airflow.web.company.runs import RUNS
    from presync.airflow.web.company.view import state_of
    from presync.airflow.web.fleet.routes import _FLEET, _NOTHING_SEEN
    from presync.airflow.web.forms import SEAL, seal_page

from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.team import Team
from airflow.utils.session import create_session
from sqlalchemy import delete, func, select

from presync.control.audit import audit_trail
from presync.control.companies import Judgement, record_judged, sync_companies
from presync.control.database import now, transaction
from presync.tenants.model import Tenant, dag_id

TITLES = {"nordlys": "Nordlys Rådgivning AS", "fjord": "Fjord Bygg AS"}
USERS: dict[str, SimpleAuthManagerUser | None] = {
    "admin": SimpleAuthManagerUser(username="admin", role="admin"),
    "editor": SimpleAuthManagerUser(username="editor", role="user", teams=["nordlys"]),
    "reader": SimpleAuthManagerUser(username="reader", role="viewer", teams=["fjord"]),
    "nobody": None,
}
MAY_READ = {"admin": {*TITLES}, "editor": {"nordlys"}, "reader": {"fjord"}, "nobody": set[str]()}
MAY_EDIT = {"admin": {*TITLES}, "editor": {"nordlys"}, "reader": set[str](), "nobody": set[str]()}
OWN, COUNTS, NOTHING = "shows the user's companies", "counts them", "shows no company"
READ, EDIT, SELECTED = "for who may read the DAG", "for who may edit the DAG", "for each selected company"
RULES = {
    "GET /": OWN,
    "GET /causes": OWN,
    "GET /history": OWN,
    "GET /fleet.csv": OWN,
    "GET /api/tenants": OWN,
    "GET /api/stages": COUNTS,
    "GET /home.js": NOTHING,
    "POST /fleet/{action}": SELECTED,
    "GET /dags/{dag_id}": READ,
    "GET /dags/{dag_id}/": READ,
    "GET /dags/{dag_id}/runs/{run_id}": READ,
    "GET /dags/{dag_id}/runs/{run_id}/": READ,
    "GET /dags/{dag_id}/runs/{run_id}/{file:path}": READ,
    "GET /dags/{dag_id}/company": READ,
    "POST /dags/{dag_id}/company/{action}": EDIT,
}


def registered(app: FastAPI) -> list[str]:
    return sorted(
        f"{method} {getattr(route, 'path', route)}"
        for route in app.routes
        for method in (route.methods if isinstance(route, APIRoute) else ["any"])
    )


@pytest.fixture(scope="module")
def pages(airflow_metadata: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The plugin's app where Airflow mounts it, over two companies that are blocked."""
    folder = tmp_path_factory.mktemp("rights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESYNC_DATA", str(folder))
        patch.setenv("AIRFLOW__CORE__MULTI_TEAM", "True")
        patch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "a secret of this test " * 4)
        patch.setattr(airflow_app._AuthManagerState, "instance", None)
        airflow_app.create_auth_manager()
        sync_companies([Tenant(tenant=name, title=title) for name, title in TITLES.items()], {}, 0)
        found = Judgement("r1", "blocked", "", 0, {"customers/code_mismatch": [7, 0]}, {"severa": 7})
        with transaction() as session:
            for name in TITLES:
                record_judged(session, name, found, now())
        with create_session() as session:
            for name in TITLES:
                bundle = DagBundleModel(name=name)
                bundle.teams.append(Team(name=name))
                session.add(bundle)
                session.flush()
                # Airflow's models have no types
                session.add(DagModel(dag_id=dag_id(name), bundle_name=name, is_paused=False, is_stale=False))  # type: ignore[no-untyped-call]
        app = FastAPI()
        app.mount("/presync", create_app())
        yield app
        with create_session() as session:
            session.execute(delete(DagModel).where(DagModel.bundle_name.in_(TITLES)))
            for name in TITLES:
                session.delete(session.get(DagBundleModel, name))
                session.delete(session.get(Team, name))


@pytest.fixture
def client(pages: FastAPI, user: str) -> Iterator[httpx.Client]:
    known = USERS[user]
    token = airflow_app.get_auth_manager().generate_jwt(known) if known else ""
    with TestClient(pages, follow_redirects=False, cookies={"_token": token} if token else None) as client:
        client.headers["Origin"] = "http://testserver"
        yield client


def form(user: str, dag: str, seen: Any, **values: Any) -> dict[str, Any]:
    known = USERS[user]
    return {SEAL: seal_page(str(known.get_id()) if known else "", dag, seen), **values}


def test_every_address_has_a_rule() -> None:
    assert registered(create_app()) == sorted(RULES)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("address", [name for name, rule in RULES.items() if rule in {OWN, COUNTS, NOTHING}])
def test_pages_of_all_companies_show_the_users_own(client: httpx.Client, user: str, address: str) -> None:
    answer = client.get(f"/presync{address.partition(' ')[2]}")
    assert answer.status_code == (401 if user == "nobody" else 200)
    shown = {name for name, title in TITLES.items() if title in answer.text}
    assert shown == (MAY_READ[user] if RULES[address] == OWN else set())
    if RULES[address] == COUNTS and user != "nobody":
        # other tests of this process may have left DAGs of companies that this database does not know
        counts = {stage["stage"]: stage["companies"] for stage in answer.json()["stages"]}
        assert counts["blocked"] == len(MAY_READ[user])


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("address", [name for name, rule in RULES.items() if rule == READ])
def test_a_companys_pages_are_for_those_who_may_read_it(
    client: httpx.Client, user: str, address: str
) -> None:
    path = address.partition(" ")[2].replace("{file:path}", "index.html").replace("{run_id}", "latest")
    for name, title in TITLES.items():
        answer = client.get("/presync" + path.replace("{dag_id}", dag_id(name)))
        refused = 401 if user == "nobody" else 403
        assert (answer.status_code == refused) == (name not in MAY_READ[user])
        assert title not in answer.text or name in MAY_READ[user]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("action", [*ACTIONS, *RUNS])
def test_deciding_is_for_those_who_may_edit(client: httpx.Client, user: str, action: str) -> None:
    for name in TITLES:
        dag = dag_id(name)
        answer = client.post(f"/presync/dags/{dag}/company/{action}", data=form(user, dag, state_of(name)))
        refused = 401 if user == "nobody" else 403
        # an empty form is refused for what it says only where deciding is allowed
        assert answer.status_code == (409 if name in MAY_EDIT[user] else refused)
        assert audit_trail(name) == []
    with create_session() as session:
        started = select(func.count()).where(DagRun.dag_id.in_(map(dag_id, TITLES)))
        assert session.scalar(started) == 0


@pytest.mark.parametrize("user", USERS)
def test_selected_companies_are_paused_by_those_who_may_edit_them(client: httpx.Client, user: str) -> None:
    for action, state in (("pause", True), ("unpause", False)):
        sent = form(user, _FLEET, _NOTHING_SEEN, tenant=[*TITLES])
        answer = client.post(f"/presync/fleet/{action}", data=sent)
        assert answer.status_code == (401 if user == "nobody" else 303)
        with create_session() as session:
            paused = {name: bool(session.get_one(DagModel, dag_id(name)).is_paused) for name in TITLES}
        assert paused == {name: state and name in MAY_EDIT[user] for name in TITLES}
