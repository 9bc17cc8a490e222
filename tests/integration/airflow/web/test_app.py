"""The pages inside a real API server with Airflow's FAB auth manager: who may read what, and what is said.

Three users: `admin` may read everything, `reader` only the DAG of tenant nordlys, `stranger` nothing.

Covers: airflow/plugin.py, airflow/web/access.py, airflow/web/responses.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from presync.report.wording import SUITES
from tests.support import report_samples as samples
from tests.support.airflow_server import AirflowServer

BROWSER = {"Accept": "text/html,application/xhtml+xml"}
NORDLYS = "/presync/dags/presync__nordlys/runs"
FJORD = "/presync/dags/presync__fjord/runs"
RAW_RUN = samples.RUN.replace(":", "%3A").replace("+", "%2B")


@pytest.mark.parametrize(
    "path", ["/presync/", "/presync/dags/presync__nordlys", f"{NORDLYS}/latest/index.html"]
)
def test_nobody_reads_anything(clients: dict[str, httpx.Client], path: str) -> None:
    nobody = clients["nobody"]
    assert nobody.get(path).status_code == 401
    answer = nobody.get(path, headers=BROWSER)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/auth/login")


def test_a_forged_token_is_refused(server: AirflowServer) -> None:
    with httpx.Client(
        base_url=server.url, headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
    ) as forger:
        answer = forger.get(f"{NORDLYS}/latest/index.html")
    assert answer.status_code in {401, 403}
    assert "Nordlys" not in answer.text


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        ("admin", f"{NORDLYS}/latest/index.html", 200),
        ("admin", f"{FJORD}/latest/index.html", 200),
        ("reader", f"{NORDLYS}/latest/index.html", 200),
        ("reader", f"{FJORD}/latest/index.html", 403),
        ("reader", f"{FJORD}/latest/findings.csv", 403),
        ("reader", f"{FJORD}/no-such-run/index.html", 403),
        ("reader", "/presync/dags/presync__fjord", 403),
        ("stranger", f"{NORDLYS}/latest/index.html", 403),
        # an id that means "any DAG" elsewhere in Airflow
        ("reader", "/presync/dags/~/runs/latest/index.html", 403),
        ("reader", f"{FJORD}/latest/index.html?dag_id=presync__nordlys", 403),
        ("admin", "/presync/dags/payroll/runs/latest/index.html", 404),
    ],
)
def test_who_may_not_read_the_dag_may_not_read_its_report(
    clients: dict[str, httpx.Client], user: str, path: str, status: int
) -> None:
    answer = clients[user].get(path)
    assert answer.status_code == status
    assert ("Rådgivning" in answer.text or "Fjord Bygg" in answer.text) == (status == 200)


@pytest.mark.parametrize(
    "path",
    [
        f"{NORDLYS}/latest/../../secret.txt",
        f"{NORDLYS}/latest/%2e%2e/%2e%2e/secret.txt",
        f"{NORDLYS}/latest/..%2f..%2fsecret.txt",
        f"{NORDLYS}/latest/..%5c..%5csecret.txt",
        f"{NORDLYS}/latest/suites/..%2f..%2f..%2ffjord%2flatest%2findex.html",
        f"{NORDLYS}/..%2f..%2ffjord%2flatest/index.html",
        f"{NORDLYS}/../fjord/latest/index.html",
        f"{NORDLYS}/%2e%2e/index.html",
        f"{NORDLYS}/latest/%2fetc%2fpasswd",
        f"{NORDLYS}/latest/index.html%00.txt",
        f"{NORDLYS}/latest/{'a' * 300}.html",
        f"{NORDLYS}/latest/secret.txt",
        f"{NORDLYS}/latest/_complete.json",
        "/presync/dags/presync__..%2ffjord/runs/latest/index.html",
    ],
)
def test_no_path_leads_out_of_a_report(clients: dict[str, httpx.Client], path: str) -> None:
    for user in ("admin", "reader"):
        client = clients[user]
        request = client.build_request("GET", "/", headers=BROWSER)
        # set it raw: the client would tidy dots away before sending
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
        assert "secret" not in answer.text.replace("secret.txt", "")
        assert "root:" not in answer.text
        assert "Fjord Bygg" not in answer.text
        assert answer.status_code in {403, 404}, (user, answer.status_code, answer.text[:200])


def test_a_report_is_found_by_airflows_own_run_id(clients: dict[str, httpx.Client]) -> None:
    answer = clients["reader"].get(f"{NORDLYS}/{RAW_RUN}/", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.url.path.endswith("/index.html")
    assert "Blocked: the integration must not be started" in answer.text


def test_files_have_their_types_and_no_copy_is_kept(clients: dict[str, httpx.Client]) -> None:
    types = {
        "index.html": "text/html; charset=utf-8",
        "suites/customers.html": "text/html; charset=utf-8",
        "verdict.json": "application/json",
        "validations/customers.json": "application/json",
        "findings.csv": "text/csv; charset=utf-8",
        "findings.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    for file, kind in types.items():
        answer = clients["reader"].get(f"{NORDLYS}/latest/{file}")
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    answer = clients["reader"].get(f"{NORDLYS}/{RAW_RUN}/findings.csv")
    saved = answer.headers["content-disposition"]
    assert saved == 'attachment; filename="nordlys-2026-11-23T0417-findings.csv"'
    assert answer.text.count("\n") == 51


def test_every_file_of_a_report_is_served(server: AirflowServer, clients: dict[str, httpx.Client]) -> None:
    report = Path(server.data.removeprefix("file://")) / "reports/nordlys/latest"
    found = [path.relative_to(report).as_posix() for path in report.rglob("*") if path.is_file()]
    files = [file for file in found if file not in {"secret.txt", "_complete.json"}]
    assert {"index.html", "preview.html", "preview.csv", *(f"suites/{s}.html" for s in SUITES)} <= set(files)
    for file in files:
        answer = clients["reader"].get(f"{NORDLYS}/latest/{file}")
        link = b'<nav class="trail" aria-label="In Airflow"><a href="/presync/dags/presync__nordlys/company">'
        assert (link in answer.content) == file.endswith(".html")
        page = re.sub(rb'<nav class="trail" aria-label="In Airflow">.*?</nav>\n', b"", answer.content)
        assert page == (report / file).read_bytes()
        if not file.endswith((".html", ".json")):
            assert answer.headers["content-disposition"].endswith(f'-{file.replace("/", "-")}"')


def test_missing_reports_are_explained(server: AirflowServer, clients: dict[str, httpx.Client]) -> None:
    server.trigger("presync__nordlys", "waiting+1")
    waiting = clients["admin"].get(f"{NORDLYS}/waiting%2B1/index.html", headers=BROWSER)
    assert (waiting.status_code, "The check is under way" in waiting.text) == (404, True)
    assert waiting.headers["refresh"]
    unknown = clients["admin"].get(f"{NORDLYS}/nobody-made-it/index.html", headers=BROWSER)
    assert (unknown.status_code, "There is no such run" in unknown.text) == (404, True)
    assert "The newest report of this tenant" in unknown.text


def test_the_gate_has_a_button_before_it_ever_ran(
    server: AirflowServer, clients: dict[str, httpx.Client]
) -> None:
    server.trigger("presync__fjord", "fjord-run")
    links = (
        clients["admin"].get("/api/v2/dags/presync__fjord/dagRuns/fjord-run/taskInstances/gate/links").json()
    )
    path = links["extra_links"]["Presync report"]
    assert path == "/presync/dags/presync__fjord/runs/fjord-run/index.html"
    assert "Fjord Bygg" in clients["admin"].get(path).text


def test_the_plugin_is_the_only_module_loaded_as_one(clients: dict[str, httpx.Client]) -> None:
    plugins = clients["admin"].get("/api/v2/plugins").json()["plugins"]
    ours = [plugin for plugin in plugins if "presync" in plugin["source"]]
    assert [plugin["source"] for plugin in ours] == ["$PLUGINS_FOLDER/presync/airflow/plugin.py"]
    assert {view["destination"] for view in ours[0]["external_views"]} == {
        "nav",
        "dag",
        "dag_run",
        "task_instance",
    }
    errors = clients["admin"].get("/api/v2/plugins/importErrors").json()
    assert errors["total_entries"] == 0


def test_the_log_names_no_password_and_no_trace(server: AirflowServer) -> None:
    log = server.log()
    assert "correct horse" not in log
    assert "Traceback" not in log
    assert Path(server.data.removeprefix("file://")).is_dir()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("headers", [BROWSER, {}])
def test_another_method_is_refused_with_the_one_that_is_allowed(
    clients: dict[str, httpx.Client], method: str, headers: dict[str, str]
) -> None:
    answer = clients["admin"].request(method, f"{NORDLYS}/latest/index.html", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("run", ["a%00b", "%00", "%01%1f", "%c2%85", "%ed%a0%80", "a" * 300, "%F0%9F%A6%86"])
def test_an_odd_run_id_is_a_clean_page(clients: dict[str, httpx.Client], run: str) -> None:
    for dag in ("presync__nordlys", f"presync__{run}"):
        answer = clients["admin"].get(f"/presync/dags/{dag}/runs/{run}/index.html", headers=BROWSER)
        assert answer.status_code == 404
        assert not any(ord(each) < 32 and each not in "\t\n\r" for each in answer.text)
        assert not any(0x7F <= ord(each) < 0xA0 for each in answer.text)
