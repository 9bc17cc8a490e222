"""What the stand-in answers to a PATCH, and what it stores."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from demo.severa.app import StandIn
from demo.severa.config import Config

ROWS = [{"guid": "a", "name": "A", "number": 5}, {"guid": "b", "name": "B", "number": 6}]
REPLACE = {"op": "Replace", "path": "/number", "value": 7}


class Server:
    """A stand-in in this process with one client."""

    def __init__(self, folder: Path, scopes: list[str], **config: Any) -> None:
        self.folder = folder
        (folder / "customers.json").write_text(json.dumps(ROWS))
        (folder / "salescases.json").write_text(json.dumps([{"guid": "s", "name": "S", "number": 1}]))
        (folder / "organizationsettings.json").write_text(json.dumps({"nextCustomerNumber": 9}))
        clients = {"c": {"secret": "s", "scopes": scopes}}
        self.stand_in = StandIn(folder, msgspec.convert({"clients": clients, **config}, Config))
        login = {"client_id": "c", "client_secret": "s", "scope": " ".join(scopes)}
        self.token = self.send("POST", "token", login)[1]["access_token"]

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and body of an answer."""
        token = getattr(self, "token", "")
        scope = {
            "method": method,
            "path": f"/rest-api/v1/{path}",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {token}".encode())],
        }
        answer = asyncio.run(self.stand_in.respond(scope, json.dumps(body).encode()))
        return answer.status, json.loads(answer.body) if answer.body else None

    def numbers(self) -> list[Any]:
        """Return the customers' numbers as stored."""
        return [row["number"] for row in json.loads((self.folder / "customers.json").read_text())]


ALL = ["customers:read", "customers:write", "projects:read", "projects:write", "settings:read"]


def test_success_is_an_array_of_the_updated_model_with_a_new_stamp(tmp_path: Path) -> None:
    server = Server(tmp_path, ALL)
    status, (model,) = server.send("PATCH", "customers/a", [REPLACE])
    assert (status, model["number"], bool(model["lastUpdatedDateTime"])) == (200, 7, True)
    assert server.send("GET", "customers/a")[1] == model
    assert server.numbers() == [7, 6]
    assert server.send("PATCH", "projects/s", [REPLACE])[0] == 200, "a sales case is written as a project"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("customers/a", [REPLACE | {"value": 6}], 400),
        ("customers/a", [REPLACE | {"value": "7"}], 400),
        ("customers/a", [REPLACE | {"value": 0}], 400),
        ("customers/a", [REPLACE | {"op": "Remove"}], 400),
        ("customers/a", [REPLACE | {"path": "/guid"}], 400),
        ("customers/a", [REPLACE, REPLACE], 400),
        ("customers/a", REPLACE, 400),
        ("customers/x", [REPLACE], 404),
        ("users/a", [REPLACE], 403),
        ("salescases/s", [REPLACE], 404),
        ("organizationsettings", [REPLACE], 404),
    ],
)
def test_what_is_refused_is_not_stored(tmp_path: Path, path: str, body: Any, status: int) -> None:
    server = Server(tmp_path, ALL)
    assert server.send("PATCH", path, body)[0] == status
    assert server.numbers() == [5, 6]


def test_what_the_description_leaves_open_is_configuration(tmp_path: Path) -> None:
    writing = {"unique": [], "null_number": "numbered", "moves_counter": True}
    server = Server(tmp_path, ALL, writing=writing)
    assert server.send("PATCH", "customers/a", [REPLACE | {"value": 6}])[0] == 200
    assert server.send("PATCH", "customers/a", [REPLACE | {"value": None}])[1][0]["number"] == 9
    assert server.send("PATCH", "customers/b", [REPLACE | {"value": 20}])[0] == 200
    assert server.send("GET", "organizationsettings")[1]["nextCustomerNumber"] == 21


@pytest.mark.parametrize(
    ("fault", "status", "stored"),
    [
        ({"kind": "refused"}, 400, [5, 6]),
        ({"kind": "not_stored"}, 200, [5, 6]),
        ({"kind": "status", "status": 500}, 500, [7, 6]),
        ({"kind": "late", "behind": 1}, 504, [5, 6]),
        ({"kind": "given_out"}, 200, [7, 6, 9]),
        ({"kind": "other_user", "register": "customers", "guid": "b", "fields": {"number": 8}}, 200, [7, 8]),
    ],
)
def test_faults_of_writing(tmp_path: Path, fault: dict[str, Any], status: int, stored: list[int]) -> None:
    server = Server(tmp_path, ALL, faults=[{"method": "PATCH", "route": "customers", **fault}])
    assert server.send("GET", "customers/a")[0] == 200
    assert server.send("PATCH", "customers/a", [REPLACE])[0] == status
    assert server.numbers() == stored
