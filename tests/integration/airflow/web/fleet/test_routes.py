"""The fleet page in a real API server with Airflow's FAB manager: who sees and may do what.

Covers: airflow/web/fleet/view.py, airflow/web/fleet/actions.py, airflow/web/fleet/in_airflow.py.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from presync.control.companies import Judgement, facts_of, record_began, record_judged, sync_companies
from presync.control.database import now, transaction
from presync.tenants.model import Tenant
from tests.support import fleet_samples
from tests.support.airflow_server import AirflowServer

PATHS = ("/presync/", "/presync/causes", "/presync/history", "/presync/fleet.csv", "/presync/api/tenants")
TENANTS = [
    Tenant(tenant="nordlys", title="Nordlys Rådgivning AS", country="NO"),
    Tenant(tenant="fjord", title="Fjord Bygg AS"),
]
BLOCKED = Judgement("r1", "blocked", "", 0, {"customers/code_mismatch": [7, 0]}, {"severa": 7})


@pytest.fixture
def known(server: AirflowServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two companies that were checked and are blocked."""
    monkeypatch.setenv("PRESYNC_DATA", server.data)
    sync_companies(TENANTS, {}, 0)
    with transaction() as session:
        for tenant in TENANTS:
            record_judged(session, tenant.tenant, BLOCKED, now())


def test_everybody_sees_the_companies_whose_dags_they_may_read(
    known: None, clients: dict[str, httpx.Client]
) -> None:
    for path in PATHS:
        shown = {user: clients[user].get(path) for user in ("admin", "editor", "reader", "stranger")}
        assert {answer.status_code for answer in shown.values()} == {200}
        seen = {user: ("Nordlys" in a.text, "Fjord Bygg" in a.text) for user, a in shown.items()}
        # causes and history name companies, too
        assert seen == {
            "admin": (True, True),
            "editor": (True, False),
            "reader": (True, False),
            "stranger": (False, False),
        }, path
        assert clients["nobody"].get(path).status_code == 401
    assert "no company whose DAG you may read" in clients["stranger"].get("/presync/").text
    assert clients["stranger"].get("/presync/api/stages").json() == {"stages": []}
    assert "payroll" not in clients["admin"].get("/presync/").text


def test_json_csv_and_page_answer_the_same_address(known: None, clients: dict[str, httpx.Client]) -> None:
    admin = clients["admin"]
    query = "stage=blocked&rule=customers/code_mismatch&sort=company"
    rows = admin.get(f"/presync/api/tenants?{query}").json()["tenants"]
    assert [(row["tenant"], row["stage"], row["critical"]) for row in rows] == [
        ("fjord", "blocked", 7),
        ("nordlys", "blocked", 7),
    ]
    text = admin.get("/presync/fleet.csv?q=nordlys").text.removeprefix("\ufeff")
    assert [row["tenant"] for row in csv.DictReader(io.StringIO(text))] == ["nordlys"]
    page = admin.get("/presync/?country=NO").text
    assert ("Nordlys" in page, "Fjord Bygg" in page) == (True, False)
    assert "/presync/fleet.csv?country=NO" in page
    hostile = admin.get("/presync/?q=<script>alert(1)</script>&stage=<b>&owner=%22%3E").text
    assert "<script>alert" not in hostile
    for bad in ("page=0", "page=x", f"q={'x' * 500}"):
        assert admin.get(f"/presync/?{bad}").status_code == 422


def sealed(client: httpx.Client) -> str:
    found = re.search(r'name="page" value="([^"]+)"', client.get("/presync/").text)
    assert found
    return html.unescape(found[1])


def send(
    server: AirflowServer, client: httpx.Client, action: str, tenants: Sequence[str], **said: str
) -> Any:
    form = {"page": sealed(client), "tenant": list(tenants), "back": "stage=blocked&evil=1"} | said
    answer = client.post(f"/presync/fleet/{action}", data=form, headers={"Origin": server.url})
    if answer.status_code != 303:
        return answer
    assert "evil" not in answer.headers["location"]
    assert "stage=blocked" in answer.headers["location"]
    return client.get(answer.headers["location"])


def test_an_editor_checks_and_pauses_own_companies_and_no_others(
    known: None, server: AirflowServer, clients: dict[str, httpx.Client]
) -> None:
    dag = "/api/v2/dags/presync__nordlys"
    for run in clients["admin"].get(f"{dag}/dagRuns").json()["dag_runs"]:  # of tests of other pages
        clients["admin"].delete(f"{dag}/dagRuns/{run['dag_run_id']}").raise_for_status()
    for action, paused in (("unpause", False), ("pause", True)):
        answer = send(server, clients["editor"], action, ["nordlys", "fjord", "nobody"])
        assert "1 company: " in answer.text
        assert "fjord, nobody: you may not do this." in answer.text
        assert clients["admin"].get(dag).json()["is_paused"] is paused
    assert clients["admin"].get("/api/v2/dags/presync__fjord").json()["is_paused"] is True
    answer = send(server, clients["editor"], "check", ["nordlys", "fjord"])
    assert "nordlys: it waits until somebody unpauses its DAG." in answer.text
    runs = clients["admin"].get(f"{dag}/dagRuns?order_by=-run_after").json()["dag_runs"]
    assert (runs[0]["conf"], runs[0]["triggering_user_name"]) == ({"start": False}, "editor")
    assert clients["admin"].get("/api/v2/dags/presync__fjord/dagRuns").json()["dag_runs"] == []
    assert "a run is under way already" in send(server, clients["editor"], "check", ["nordlys"]).text
    assert "check under way" in clients["reader"].get("/presync/").text


@pytest.mark.parametrize("action", ["check", "pause"])
def test_who_may_only_read_does_nothing(
    known: None, server: AirflowServer, clients: dict[str, httpx.Client], action: str
) -> None:
    before = clients["admin"].get("/api/v2/dags/presync__nordlys/dagRuns").json()["total_entries"]
    answer = send(server, clients["reader"], action, ["nordlys"])
    assert "nordlys: you may not do this." in answer.text
    assert clients["admin"].get("/api/v2/dags/presync__nordlys/dagRuns").json()["total_entries"] == before


def test_a_form_of_another_site_is_refused(
    known: None, server: AirflowServer, clients: dict[str, httpx.Client]
) -> None:
    admin = clients["admin"]
    form = {"page": sealed(admin), "tenant": "fjord"}
    elsewhere = admin.post("/presync/fleet/pause", data=form, headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code == 403
    another = send(server, admin, "pause", ["fjord"], page=sealed(clients["editor"]))
    assert another.status_code == 403
    assert send(server, admin, "no-such-action", ["fjord"]).status_code == 404
    assert "No company was selected" in send(server, admin, "pause", []).text


def test_a_run_that_died_is_seen(
    known: None, server: AirflowServer, clients: dict[str, httpx.Client]
) -> None:
    server.trigger("presync__fjord", "dies")
    record_began(TENANTS[1], "dies")
    row = clients["admin"].get("/presync/api/tenants?q=fjord").json()["tenants"][0]
    assert (row["stage"], row["last_state"]) == ("blocked", "running")
    ended = clients["admin"].patch("/api/v2/dags/presync__fjord/dagRuns/dies", json={"state": "failed"})
    assert ended.status_code == 200
    row = clients["admin"].get("/presync/api/tenants?q=fjord").json()["tenants"][0]
    assert (row["stage"], row["last_state"]) == ("error", "no verdict")
    with transaction() as session:
        record_judged(session, "fjord", BLOCKED, now())


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What is sent to any database while this fixture is in use."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)


def test_a_thousand_companies_cost_as_many_queries_as_one(
    airflow_metadata: None, control_database: str, statements: list[str]
) -> None:
    from airflow.utils.session import create_session

    from presync.airflow.web.fleet.in_airflow import in_airflow

    def asked(session: Session) -> list[str]:
        statements.clear()
        facts = facts_of()
        in_airflow(session, {each.company.tenant for each in facts}, facts)
        return [sent for sent in statements if sent.lstrip().upper().startswith("SELECT")]

    with create_session() as session:
        fleet_samples.fill(12)
        few = len(asked(session))
        fleet_samples.fill(988, first=12)
        assert len(facts_of()) == 1000
        assert len(asked(session)) == few <= 8
