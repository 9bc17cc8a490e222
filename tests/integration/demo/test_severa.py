"""The stand-in Severa answers as the API's description says, over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from demo.severa import faults
from demo.severa.faults import AnyFault
from demo.severa.write_faults import AnyWriteFault
from tests.support.patience import PATIENCE
from tests.support.severa_server import NO_LIMIT, SeveraProcess, start_severa, write_severa

ALL = "customers:read projects:read,invoices:read users:read settings:read organization:read"
CUSTOMERS = [
    {"guid": "a", "name": "Å", "isActive": True, "lastUpdatedDateTime": "2026-01-01T00:00:00Z"},
    {"guid": "b", "name": "B", "isActive": False, "lastUpdatedDateTime": "2026-03-01T00:00:00Z"},
    {"guid": "c", "name": "C", "lastUpdatedDateTime": "2025-03-01T00:00:00Z"},
]


def log_in(http: httpx.Client, scope: str = ALL, **login: str) -> httpx.Response:
    who, secret = login.get("who", "me"), login.get("secret", "mine")
    return http.post("/v1/token", json={"client_id": who, "client_secret": secret, "scope": scope})


@contextmanager
def api(server: SeveraProcess, **login: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.api, timeout=5) as http:
        token = log_in(http, **login).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def guids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    return [row["guid"] for row in answer.json()]


def error(answer: httpx.Response) -> tuple[int, str]:
    document = answer.json()["error"]
    assert document["httpStatusCode"] == answer.status_code
    assert document["details"][0]["message"]
    return answer.status_code, document["type"]


def test_a_token_has_everything_the_api_says(severa_server: SeveraProcess) -> None:
    with httpx.Client(base_url=severa_server.api) as http:
        answer = log_in(http).json()
    assert set(answer) == {
        "access_token",
        "access_token_type",
        "access_token_expires_in",
        "access_token_expires_utc",
        "refresh_token",
        "refresh_token_expires_in",
        "refresh_token_expires_utc",
        "scope",
    }
    assert answer["access_token_expires_in"] == 3600
    assert set(answer["scope"].split()) == set(ALL.replace(",", " ").split())


def test_a_refresh_token_works_once_and_not_after_signing_out(severa_server: SeveraProcess) -> None:
    with httpx.Client(base_url=severa_server.api) as http:
        first = log_in(http).json()["refresh_token"]
        second = http.post("/v1/refreshtoken", json=first)
        assert second.json()["access_token"]
        assert error(http.post("/v1/refreshtoken", json=first)) == (401, "AuthenticationRequired")
        latest = second.json()["refresh_token"]
        assert http.post("/v1/signout", json=latest).status_code == 204
        assert error(http.post("/v1/refreshtoken", json=latest)) == (401, "AuthenticationRequired")


def test_heartbeats(severa_server: SeveraProcess) -> None:
    with httpx.Client(base_url=severa_server.api) as http:
        assert http.get("/v1/heartbeat/server").status_code == 204
        assert http.get("/heartbeat/database").status_code == 204
        assert error(http.get("/v1/heartbeat/authorized")) == (401, "AuthenticationRequired")
    with api(severa_server) as http:
        assert http.get("/v1/heartbeat/authorized").status_code == 204


@pytest.mark.parametrize("version", ["v1", "v1.0"])
def test_both_versions_page_by_token_twenty_rows_by_default(
    severa_server: SeveraProcess, version: str
) -> None:
    rows = [{"guid": str(n), "name": "x"} for n in range(45)]
    write_severa(severa_server.data, customers=rows)
    with api(severa_server) as http:
        found: list[list[str]] = []
        query: dict[str, str] = {}
        while True:
            answer = http.get(f"/{version}/customers", params=query)
            found.append(guids(answer))
            if not answer.headers.get("NextPageToken"):
                break
            query = {"pageToken": answer.headers["NextPageToken"]}
    assert [len(page) for page in found] == [20, 20, 5]
    assert [guid for page in found for guid in page] == [row["guid"] for row in rows]


def test_paging_by_first_row(severa_server: SeveraProcess) -> None:
    rows = [{"guid": str(n), "name": "x"} for n in range(25)]
    write_severa(severa_server.data, worktypes=rows, travelexpensetypes=rows)
    with api(severa_server) as http:
        assert len(guids(http.get("/v1/worktypes"))) == 20
        assert guids(http.get("/v1/worktypes?firstRow=20&rowCount=3")) == ["20", "21", "22"]
        assert guids(http.get("/v1/worktypes?firstRow=25")) == []
        assert "NextPageToken" not in http.get("/v1/worktypes").headers
        assert len(guids(http.get("/v1/travelexpensetypes"))) == 25


def test_a_large_row_count_is_clamped(tmp_path: Path) -> None:
    write_severa(tmp_path / "data", users=[{"guid": str(n)} for n in range(150)])
    with start_severa(tmp_path / "data", {**NO_LIMIT, "most_rows": 100}) as server, api(server) as http:
        assert len(guids(http.get("/v1/users?rowCount=1000"))) == 100


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["a", "b", "c"]),
        ("isActive=true", ["a", "c"]),
        ("isActive=false", ["b"]),
        ("changedSince=2026-03-01T00:00:00Z", ["b"]),
        ("active=false", ["a", "b", "c"]),
    ],
)
def test_filters(severa_server: SeveraProcess, query: str, expected: list[str]) -> None:
    write_severa(severa_server.data, customers=CUSTOMERS)
    with api(severa_server) as http:
        assert guids(http.get(f"/v1/customers?{query}")) == expected


def test_a_row_without_a_date_has_changed_when_its_file_did(tmp_path: Path) -> None:
    rows = [{"guid": "a", "name": "A"}, {"guid": "b", "name": "B"}]
    with start_severa(write_severa(tmp_path, users=rows), NO_LIMIT) as server, api(server) as http:
        assert guids(http.get("/v1/users?changedSince=2020-01-01T00:00:00Z")) == []
        write_severa(tmp_path, users=[rows[0], {"guid": "b", "name": "Another"}, {"guid": "c"}])
        assert guids(http.get("/v1/users?changedSince=2020-01-01T00:00:00Z")) == ["b", "c"]
        assert guids(http.get("/v1/users?changedSince=2099-01-01T00:00:00Z")) == []


def test_registers_change_while_they_are_read(tmp_path: Path) -> None:
    rows = [{"guid": guid, "name": guid} for guid in "abcd"]
    edits: list[dict[str, Any]] = [
        {"kind": "removed", "guid": "a"},
        {"kind": "moved", "guid": "d", "to": 0},
        {"kind": "changed", "guid": "c", "fields": {"name": "another"}},
        {"kind": "inserted", "row": {"guid": "e"}, "to": 2},
    ]
    config = {**NO_LIMIT, "faults": [{"route": "worktypes", "after": 1, **edit} for edit in edits]}
    with start_severa(write_severa(tmp_path, worktypes=rows), config) as server, api(server) as http:
        assert guids(http.get("/v1/worktypes")) == ["a", "b", "c", "d"]
        after = http.get("/v1/worktypes")
        assert guids(after) == ["d", "b", "e", "c"]
        assert after.json()[3]["name"] == "another"
        changed = http.get("/v1/worktypes?changedSince=2020-01-01T00:00:00Z")
        assert guids(changed) == ["e", "c"]
        assert guids(http.get("/v1/worktypes?changedSince=2099-01-01T00:00:00Z")) == []


def test_a_fault_may_concern_one_client_only(tmp_path: Path) -> None:
    fault = {"kind": "status", "status": 500, "client": "unlucky"}
    config = {**NO_LIMIT, "faults": [{**fault, "route": "users"}]}
    with start_severa(write_severa(tmp_path), config) as server:
        with api(server, who="lucky") as http:
            assert http.get("/v1/users").status_code == 200
        with api(server, who="unlucky") as http:
            assert http.get("/v1/users").status_code == 500


def test_the_orders_of_an_unstable_register_come_again_after_every_start(tmp_path: Path) -> None:
    data = write_severa(tmp_path / "data", customers=[{"guid": str(n)} for n in range(9)])

    def orders() -> list[list[str]]:
        config = {**NO_LIMIT, "faults": [{"kind": "unstable_order"}]}
        with start_severa(data, config) as server, api(server) as http:
            return [guids(http.get("/v1/customers")) for _ in range(3)]

    first = orders()
    assert len({tuple(order) for order in first}) == 3
    assert orders() == first


def test_filters_of_the_other_routes(severa_server: SeveraProcess) -> None:
    projects = [{"guid": "a", "isClosed": True}, {"guid": "b", "isClosed": False}, {"guid": "c"}]
    write_severa(severa_server.data, projects=projects, businessunits=CUSTOMERS)
    with api(severa_server) as http:
        assert guids(http.get("/v1/projects?isClosed=true")) == ["a"]
        assert guids(http.get("/v1/projects?isClosed=false")) == ["b", "c"]
        assert guids(http.get("/v1/businessunits?active=false")) == ["b"]


@pytest.mark.parametrize(
    "query",
    ["rowCount=0", "rowCount=x", "pageToken=nonsense", "isActive=perhaps", "changedSince=yesterday"],
)
def test_a_parameter_that_makes_no_sense_is_refused(severa_server: SeveraProcess, query: str) -> None:
    with api(severa_server) as http:
        assert error(http.get(f"/v1/customers?{query}")) == (400, "InvalidParameter")


def test_what_is_not_there_is_404_without_a_body(severa_server: SeveraProcess) -> None:
    write_severa(severa_server.data, customers=CUSTOMERS)
    with api(severa_server) as http:
        assert http.get("/v1/customers/b").json()["name"] == "B"
        for path in ["/v1/customers/nobody", "/v1/nothing", "/v1/organizationdetails", "/v2/customers"]:
            answer = http.get(path)
            assert (answer.status_code, answer.content) == (404, b"")
        assert guids(http.get("/v1/salescases")) == []
        assert http.get("/v1/organizationsettings").json()["nextCustomerNumber"] == 5000


def test_without_a_valid_token_nothing_is_read(severa_server: SeveraProcess) -> None:
    with httpx.Client(base_url=severa_server.api) as http:
        for value in ["", "Bearer", "Bearer nonsense", "Basic eA=="]:
            answer = http.get("/v1/customers", headers={"Authorization": value})
            assert error(answer) == (401, "AuthenticationRequired")


def test_an_expired_token_is_refused(tmp_path: Path) -> None:
    config = {**NO_LIMIT, "token_lifetime_seconds": 0}
    with start_severa(write_severa(tmp_path / "data"), config) as server, api(server) as http:
        assert error(http.get("/v1/customers")) == (401, "AuthenticationRequired")


def test_clients_scopes_and_organisations_of_their_own(tmp_path: Path) -> None:
    for name in ["nordlys", "koivu"]:
        write_severa(tmp_path / name, customers=[{"guid": name}])
    clients: Mapping[str, Any] = {
        "n": {"secret": "one", "data": "nordlys"},
        "k": {"secret": "two", "data": "koivu", "scopes": ["customers:read"], "refuse_missing_scopes": False},
        "narrow": {"secret": "three", "scopes": ["users:read"]},
    }
    with start_severa(tmp_path, {**NO_LIMIT, "clients": clients}) as server:
        with api(server, who="n", secret="one") as http:
            assert guids(http.get("/v1/customers")) == ["nordlys"]
            assert error(log_in(http, who="n", secret="two")) == (401, "AuthenticationRequired")
            assert error(log_in(http, who="nobody")) == (401, "AuthenticationRequired")
            assert error(log_in(http, who="narrow", secret="three")) == (403, "InsufficientApiScope")
        with api(server, who="k", secret="two") as http:
            assert guids(http.get("/v1/customers")) == ["koivu"]
            assert error(http.get("/v1/users")) == (403, "InsufficientApiScope")


@pytest.mark.parametrize("retry_after", [None, "1"])
def test_the_eleventh_request_in_a_second_is_refused(tmp_path: Path, retry_after: str | None) -> None:
    config = {"rate_limit": {"seconds": 60, "retry_after": retry_after}}
    with start_severa(write_severa(tmp_path / "data"), config) as server, api(server) as http:
        routes = ["users", "worktypes", "customers"] * 3
        assert {http.get(f"/v1/{route}").status_code for route in routes} == {200}
        answer = http.get("/v1/projects")
        assert answer.status_code == 429
        assert answer.text == "API calls quota exceeded! maximum admitted 10 per 60s."
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers.get("Retry-After") == retry_after
        assert log_in(http, who="another").status_code == 200


def test_changed_files_are_read_again_and_broken_ones_are_an_error(severa_server: SeveraProcess) -> None:
    write_severa(severa_server.data, users=[{"guid": "first"}])
    with api(severa_server) as http:
        assert guids(http.get("/v1/users")) == ["first"]
        write_severa(severa_server.data, users=[{"guid": "second one"}])
        assert guids(http.get("/v1/users")) == ["second one"]
        (severa_server.data / "users.json").write_text("[{")
        assert error(http.get("/v1/users")) == (500, "InternalSystemError")


def test_the_log_tells_what_was_asked_and_holds_no_secret(severa_server: SeveraProcess) -> None:
    write_severa(severa_server.data)
    with httpx.Client(base_url=severa_server.api) as http:
        answer = log_in(http, who="log-reader", secret="hush-hush").json()
        http.get("/v1/users?rowCount=3", headers={"Authorization": f"Bearer {answer['access_token']}"})
    lines = [line for line in severa_server.requests() if line["client_id"] == "log-reader"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", "token", 200),
        ("GET", "users", 200),
    ]
    assert lines[1]["query"] == {"rowCount": "3"}
    text = severa_server.log.read_text()
    assert "hush-hush" not in text
    assert answer["access_token"] not in text


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{", "config.json"),
        ('{"nonsense": 1}', "nonsense"),
        ('{"faults": [{"kind": "storm"}]}', "storm"),
        ('{"faults": [{"kind": "status", "status": "x"}]}', "faults"),
    ],
)
def test_a_wrong_configuration_is_refused(tmp_path: Path, config: str, words: str) -> None:
    (tmp_path / "config.json").write_text(config)
    command = [sys.executable, "-m", "demo.severa", "--data", str(tmp_path), "--port", "0"]
    done = subprocess.run(
        [*command, "--config", str(tmp_path / "config.json")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 64
    assert words in done.stderr


def test_a_taken_port_is_said_to_be_one(severa_server: SeveraProcess, tmp_path: Path) -> None:
    port = int(severa_server.url.rpartition(":")[2])
    with pytest.raises(RuntimeError, match=f"cannot listen on 127.0.0.1:{port}"):
        start_severa(tmp_path, port=port)


def test_a_stopped_server_is_gone_and_stopping_twice_does_no_harm(tmp_path: Path) -> None:
    server = start_severa(write_severa(tmp_path / "data"))
    server.stop()
    server.stop()
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_the_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys, time; from demo.severa.process import start_severa;"
        "s = start_severa(sys.argv[1]); print(s.pid, s.url, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(write_severa(tmp_path / "data"))],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid, url = parent.stdout.readline().split()
    assert httpx.get(f"{url}/rest-api/v1/heartbeat/server").status_code == 204
    parent.send_signal(signal.SIGKILL)
    parent.wait(PATIENCE)
    parent.stdout.close()
    for _ in range(200):
        try:
            httpx.get(url, timeout=0.2)
        except httpx.TransportError:
            break
    else:
        os.killpg(int(pid), signal.SIGKILL)
        pytest.fail("the server outlived its parent")


def test_the_command_prints_its_address_as_documented(tmp_path: Path) -> None:
    (tmp_path / "customers.json").write_text(json.dumps(CUSTOMERS))
    command = [sys.executable, "-m", "demo.severa", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            words, _, url = server.stdout.readline().strip().rpartition(" ")
            assert words == "listening on"
            assert url.startswith("http://127.0.0.1:")
            assert httpx.get(f"{url}/rest-api/v1/heartbeat/server").status_code == 204
        finally:
            server.terminate()
    assert server.returncode in {0, -signal.SIGTERM}


def test_every_fault_is_described() -> None:
    every = [*get_args(AnyFault), *get_args(AnyWriteFault)]
    kinds = {str(fault.__struct_config__.tag) for fault in every}
    text = Path(faults.__file__).with_name("README.md").read_text(encoding="utf-8")
    described = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert described == kinds
