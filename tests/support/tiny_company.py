"""A company of a handful of records, ready to be started, in both systems; tests then break it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE Actor (ActNo INTEGER PRIMARY KEY, Nm TEXT, CustNo INTEGER, SupNo INTEGER, EmpNo INTEGER,
                    BsNo TEXT, MailAd TEXT, DelToAct INTEGER, Gr INTEGER);
CREATE TABLE R1 (RNo INTEGER PRIMARY KEY, Nm TEXT, Gr INTEGER);
CREATE TABLE R2 (RNo INTEGER PRIMARY KEY, Nm TEXT, Gr INTEGER);
CREATE TABLE Prod (ProdNo TEXT PRIMARY KEY, Descr TEXT, Gr INTEGER);
CREATE TABLE AcInt (AcCl INTEGER, AcIntProc INTEGER, FrNo INTEGER, ToNo INTEGER);
CREATE TABLE VoSr (VoSrNo INTEGER PRIMARY KEY, Nm TEXT, FstVoNo INTEGER, NxtVoNo INTEGER, LstVoNo INTEGER);
CREATE TABLE CustTr (InvoNo TEXT);
INSERT INTO Actor VALUES (1, 'Fjellheim Bakeri AS', 10001, 0, 0, '923609016', '', 0, 0);
INSERT INTO Actor VALUES (2, 'Nordvik Rør AS', 10002, 0, 0, '923609024', '', 0, 0);
INSERT INTO Actor VALUES (3, 'Kari Lunde', 0, 0, 101, '', 'kari@tiny.example', 0, 0);
INSERT INTO R1 VALUES (10, 'Salg', 0);
INSERT INTO R2 VALUES (2001, 'Ny nettside', 0);
INSERT INTO Prod VALUES ('P-1', 'Rådgivning', 0);
INSERT INTO AcInt VALUES (1, 1, 10000, 19999);
INSERT INTO VoSr VALUES (1, 'Faktura', 50000, 50010, 59999);
INSERT INTO CustTr VALUES ('50001');
"""
_SETTINGS = {
    "nextCustomerNumber": 20000,
    "nextInvoiceNumber": 70000,
    "nextProjectNumber": 5000,
    "uniqueIdentifierForProductsAndWorktypes": False,
}
_SEVERA: dict[str, list[dict[str, Any]]] = {
    "businessunits": [{"guid": "b1", "name": "Salg", "code": "10", "isActive": True}],
    "products": [{"guid": "p1", "name": "Rådgivning", "code": "P-1", "isActive": True}],
    "users": [
        {
            "guid": "u1",
            "firstName": "Kari",
            "lastName": "Lunde",
            "code": "101",
            "email": "kari@tiny.example",
            "isActive": True,
        }
    ],
    "customers": [
        {"guid": "c1", "name": "Fjellheim Bakeri", "number": 10001, "vatNumber": "NO923609016MVA"},
        {"guid": "c2", "name": "Nordvik Rør AS", "number": 10002, "vatNumber": "923 609 024"},
    ],
    "projects": [{"guid": "j1", "name": "Ny nettside", "number": 2001, "isClosed": False}],
    "invoices": [{"guid": "i1", "number": 69999}],
}
TENANT = """\
tenant: {name}
title: Tiny {name} AS
country: NO
visma_business:
  customer_series: {{table: AcInt, first: FrNo, last: ToNo}}
  invoice_series: [1]
  invoices: {{table: CustTr, number: InvoNo}}
severa: {{customer_number_ceiling: 99999, invoice_number_ceiling: 99999, project_number_ceiling: 99999}}
transfer: {{departments: all, products: all, employees: all, customers: all, projects: all}}
start: {start}
"""


def build(folder: Path) -> None:
    """Write `visma_business.db` and `severa/*.json` into an empty folder."""
    (folder / "severa").mkdir(parents=True)
    execute(folder, _TABLES)
    for register, rows in _SEVERA.items():
        write_register(folder, register, rows)
    write_register(folder, "organizationsettings", _SETTINGS)
    write_register(folder, "organizationdetails", {"guid": "tiny", "name": "Tiny AS"})


def execute(folder: Path, script: str) -> None:
    """Change the Visma Business company with SQL."""
    with closing(sqlite3.connect(folder / "visma_business.db")) as connection:
        connection.executescript(script)


def write_register(folder: Path, register: str, rows: object) -> None:
    """Replace a register of the Severa organisation."""
    (folder / "severa" / f"{register}.json").write_text(json.dumps(rows, ensure_ascii=False))


def register(name: str) -> list[dict[str, Any]]:
    """Return a copy of the rows that a register begins with."""
    return [dict(row) for row in _SEVERA[name]]
