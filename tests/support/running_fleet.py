"""A running Airflow with 200 companies in all stages; one of them, Havn, is real: it has both systems.

Nordlys and Fjord have what a test puts into the data folder; all others have a past, and no report.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from demo.severa.process import start_severa
from demo.world import WRITER_SCOPES
from presync.control.companies import Judgement
from presync.control.database import now
from tests.support import tiny_company
from tests.support.airflow_server import RunningAirflow
from tests.support.generated_fleet import give_past, judged, write_files
from tests.support.tenant_run import SECRET

HAVN: Final = "havn"
_MANY: Final = 197
_TENANT: Final = """\
tenant: havn
title: Havn Eiendom AS
country: NO
owner: Kari
visma_business:
  customer_series: {table: AcInt, first: FrNo, last: ToNo}
  invoice_series: [1]
  invoices: {table: CustTr, number: InvoNo}
severa:
  customer_number_ceiling: 99999
  invoice_number_ceiling: 99999
  project_number_ceiling: 99999
  apply: true
transfer: {departments: all, employees: all, customers: all}
start: manual
"""
_BUSINESS: Final = """
INSERT INTO Actor VALUES (4, 'Kroa ved Fjorden', 10003, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (5, 'Vestby Elektro AS', 10004, 0, 0, '', '', 0, 0);
INSERT INTO R1 VALUES (20, 'Drift', 0);
"""
_SEVERA: Final = (
    {"guid": "c3", "name": "Gjestgiveriet Lunde", "number": 10003},
    {"guid": "c4", "name": "Vestby Elektro", "number": 555},
)
_ADMINISTRATION: Final = {"guid": "b2", "name": "Administrasjon", "code": "20", "isActive": True}


@contextmanager
def running_fleet(root: Path, data: Path) -> Iterator[RunningAirflow]:
    """Start everything; Havn was checked once, 40 days ago, and is blocked since."""
    tenants = root / "airflow/tenants"
    tenants.mkdir(parents=True)
    for name, title in (("nordlys", "Nordlys Rådgivning AS"), ("fjord", "Fjord Bygg AS")):
        (tenants / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: {title}\n", "utf-8")
    (tenants / f"{HAVN}.yaml").write_text(_TENANT, "utf-8")
    _build_havn(root / HAVN)
    client = {"secret": SECRET, "data": f"{HAVN}/severa"}
    clients = {"reads": client, "writes": {**client, "scopes": WRITER_SCOPES}}
    with ExitStack() as stack:
        severa = stack.enter_context(start_severa(root, {"clients": clients}))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PRESYNC_DATA", str(data))
            stages = write_files(tenants, _MANY)
            server = RunningAirflow(root / "airflow", str(data), **_connections(root, severa.api))
            stack.callback(server.stop)
            give_past(tenants, stages)
            rules = {"customers/code_mismatch": [1, 0]}
            found = Judgement("before", "blocked", "", 0, rules, {"either": 1})
            judged(HAVN, "before", found, now() - timedelta(days=40))
        for dag in ("presync", "presync_apply"):
            server.unpause(f"{dag}__{HAVN}")
        yield server


def _connections(root: Path, severa: str) -> dict[str, str]:
    database = {"Database": str(root / HAVN / "visma_business.db")}
    connections: dict[str, Any] = {
        "VISMA_BUSINESS__HAVN": {"conn_type": "odbc", "extra": {"driver": "SQLite3", "odbc": database}}
    }
    for name, login in (("SEVERA__HAVN", "reads"), ("SEVERA_WRITE__HAVN", "writes")):
        connections[name] = {"conn_type": "http", "host": severa, "login": login, "password": SECRET}
    return {f"AIRFLOW_CONN_{name}": json.dumps(said) for name, said in connections.items()}


def _build_havn(folder: Path) -> None:
    tiny_company.build(folder)
    tiny_company.execute(folder, _BUSINESS)
    customers = [*tiny_company.register("customers"), *_SEVERA]
    tiny_company.write_register(folder, "customers", customers)
    units = [*tiny_company.register("businessunits"), _ADMINISTRATION]
    tiny_company.write_register(folder, "businessunits", units)
