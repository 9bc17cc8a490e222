"""Looks of `presync init` at a company, and a plain company to look at."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from demo.severa.process import SeveraProcess
from presync.new_tenant.begin import Request, begin, provisional, refuse_early
from presync.new_tenant.connections import Connections, System, default_id
from presync.new_tenant.document.document import document
from presync.new_tenant.document.draft import Draft
from presync.new_tenant.look.business import look_at_business
from presync.new_tenant.look.facts import Looked, Severa
from presync.tenants.model import Tenant, load_tenant
from tests.support.visma_business import SQLITE, connection, write_sqlite

SYSTEMS: tuple[System, ...] = ("visma_business", "severa")
SECRET = "a client's secret"

PLAIN_ROWS: dict[str, list[tuple[Any, ...]]] = {
    "Actor": [
        (1, "Kunde En AS", 1001, 0, 0, "", "", 0, 1),
        (2, "Kunde To AS", 1002, 0, 0, "", "", 0, 0),
        (3, "Lager", 1002, 0, 1001, "", "", 0, 0),
        (4, "Kari Nordmann", 0, 7, 0, "", "", 0, 0),
    ],
    "R1": [(10, "Salg", 0)],
    "R2": [(2001, "Nettside", 1001)],
    "AcInt": [(1, 1, 1000, 1999), (2, 1, 5000, 5999), (1, 1, 3000, 0)],
    "VoSr": [(1, "Faktura", 100, 150, 199), (2, "Bilag", 1, 9, 0)],
    "CustTr": [("101",), ("102",), ("KID-7",), ("",)],
}
PLAIN_SCHEMA = {
    "Actor": "ActNo INT, Nm VARCHAR(80), CustNo INT, EmpNo INT, DelToAct INT, BsNo VARCHAR(20), "
    "MailAd VARCHAR(80), Gr INT, Gr5 INT",
    "R1": "RNo INT, Nm VARCHAR(80), CustNo INT",
    "R2": "RNo INT, Nm VARCHAR(80), CustNo INT",
    "Prod": "ProdNo VARCHAR(40), Descr VARCHAR(80)",
    "AcInt": "AcCl INT, AcIntProc INT, FrNo INT, ToNo INT",
    "VoSr": "VoSrNo INT, Nm VARCHAR(40), FstVoNo INT, NxtVoNo INT, LstVoNo INT",
    "CustTr": "InvoNo VARCHAR(20)",
}


def changed(folder: Path, schema: dict[str, str | None], **rows: list[tuple[Any, ...]]) -> Path:
    """Write the plain company with other tables (None: without)."""
    tables = {name: columns for name, columns in (PLAIN_SCHEMA | schema).items() if columns is not None}
    kept = {name: content for name, content in (PLAIN_ROWS | rows).items() if name in tables}
    return write_sqlite(folder / "c.db", tables, **kept)


def use(server: SeveraProcess, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"conn_type": "http", "host": server.url, "login": "id", "password": SECRET}
    monkeypatch.setenv(f"AIRFLOW_CONN_SEVERA__{tenant.upper()}", json.dumps(values))


def begun(folder: Path, tenant: str = "c", **options: Any) -> tuple[int, Tenant, str, str]:
    """Return exit code, the file as a tenant and as text, and what was printed."""
    request = Request(tenant, folder / f"{tenant}.yaml", **options)
    refuse_early(request)
    out = io.StringIO()
    code = begin(request, Connections({system: default_id(system, tenant) for system in SYSTEMS}), out)
    text = request.output.read_text(encoding="utf-8")
    assert SECRET not in text + out.getvalue()
    return code, load_tenant(request.output), text, out.getvalue()


def begun_on(file: Path, folder: Path, **options: Any) -> tuple[int, Tenant, str, str]:
    with connection(driver=SQLITE, odbc={"Database": str(file)}):
        return begun(folder, **options)


def look_at(folder: Path) -> tuple[Draft, Tenant, str]:
    """Look at the company alone; return the file's draft, the tenant that it is, and its text."""
    tenant = provisional(Request("c", folder / "c.yaml"), {s: default_id(s, "c") for s in SYSTEMS})
    draft = document(Looked("c", "2026-03-01", look_at_business(tenant, None), Severa("Nordlys AS")))
    (folder / "c.yaml").write_text(draft.text, encoding="utf-8")
    return draft, load_tenant(folder / "c.yaml"), flat(draft.text)


def look_at_file(file: Path) -> tuple[Draft, Tenant, str]:
    with connection(driver=SQLITE, odbc={"Database": str(file)}):
        return look_at(file.parent)


def flat(text: str) -> str:
    """Return the text without its comments' signs and line ends."""
    return " ".join(text.replace("#", " ").split())


def technical(draft: Draft) -> list[str]:
    return [question.question for question in draft.questions if question.technical]
