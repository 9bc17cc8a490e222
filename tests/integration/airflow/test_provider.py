"""The connection types that Airflow's UI offers, and what testing a connection there says.

Covers: sources/severa/hook.py, sources/visma_business/hook.py.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from demo.severa.process import SeveraProcess
from tests.support.severa_server import write_severa
from tests.support.tds.drivers import DRIVERS, PASSWORD, Driver, odbc
from tests.support.tds.reading import ROWS, TYPED
from tests.support.tds.server import Policy, TdsServer
from tests.support.visma_business import write_sqlite


def outcome(monkeypatch: pytest.MonkeyPatch, connection: dict[str, object]) -> tuple[bool, str]:
    """Test a connection as the API server does for its UI."""
    from airflow.models import Connection

    monkeypatch.setenv("AIRFLOW_CONN_TESTED", json.dumps(connection))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's API server uses what Airflow deprecates
        tested = Connection.from_json(json.dumps(connection), conn_id="tested")
        ok, said = tested.test_connection()  # type: ignore[no-untyped-call]
    return bool(ok), str(said)


def test_airflow_offers_both_types() -> None:
    from airflow.providers_manager import ProvidersManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's API server uses what Airflow deprecates
        hooks = ProvidersManager().hooks  # type: ignore[no-untyped-call]
    for kind, name in (("visma_business", "Visma Business"), ("severa", "Severa")):
        hook = hooks[kind]
        assert hook is not None
        assert (hook.hook_name, hook.connection_testable) == (name, True)


@pytest.mark.parametrize("driver", DRIVERS)
def test_visma_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: Driver) -> None:
    file = write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)
    with TdsServer({"F0001": file}, Policy(may_write=True)) as server:
        keywords = odbc(server, driver)
        extra = {"driver": keywords.pop("Driver"), "odbc": keywords}
        ok, said = outcome(monkeypatch, {"conn_type": "visma_business", "extra": extra})
        assert ok, said
        assert "logged in as reader" in said
        assert "database F0001" in said
        assert "8 tables are visible, among them Actor, Prod, R1, R2, R7" in said
        assert "warning: the login could write" in said
        keywords["PWD"] = "wrong"
        extra = {"driver": extra["driver"], "odbc": keywords}
        ok, said = outcome(monkeypatch, {"conn_type": "visma_business", "extra": extra})
    assert not ok
    assert "refused the login" in said
    assert "wrong" not in said
    assert PASSWORD not in said


def test_severa(severa_server: SeveraProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    write_severa(severa_server.data, users=[{"guid": "1", "firstName": "A", "lastName": "B"}])
    values: dict[str, object] = {"conn_type": "severa", "host": severa_server.url, "login": "id"}
    ok, said = outcome(monkeypatch, {**values, "password": "a client's secret"})
    assert ok, said
    assert "users: 1 rows" in said
    assert "secret are accepted" in said
    assert "a client's secret" not in said
    ok, said = outcome(monkeypatch, values)
    assert not ok
    assert "password" in said
