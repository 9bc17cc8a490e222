"""`privacy: masked`: planted names are in nothing that a run leaves behind but its staged data.

Covers: staging/masked_names.py.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from presync import settings
from presync.staging.store import RunStore
from tests.e2e.conftest import MakeTenant
from tests.support import tiny_company

# a name of any of these records is recognised by this, whatever stands around it
PLANTED = b"qxname"
_ACTORS = """
UPDATE Actor SET Nm = 'Zqxname ' || Nm;
UPDATE R1 SET Nm = 'Zqxname ' || Nm;
UPDATE R2 SET Nm = 'Zqxname ' || Nm;
UPDATE Prod SET Descr = 'Zqxname ' || Descr;
INSERT INTO Actor VALUES (11, 'Zqxname Mismatch AS', 10011, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (12, 'Zqxname Missing AS', 10012, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (13, 'Zqxname Conflict AS', 10013, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (14, 'Zqxname Twice AS', 10014, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (15, 'Zqxname Twice AS', 10015, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (16, 'Zqxname-Double Nearly AS', 10016, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (17, 'Zqxname', 0, 0, 102, '', '', 0, 0);
INSERT INTO Prod VALUES ('P-9', 'Zqxname Forgotten', 0);
INSERT INTO R2 VALUES (-5, 'Zqxname Negative', 0);
ALTER TABLE Prod ADD COLUMN ChDt INTEGER DEFAULT 20100101;
ALTER TABLE Prod ADD COLUMN CreDt INTEGER DEFAULT 20100101;
"""
_CUSTOMERS: list[dict[str, Any]] = [
    {"guid": "c11", "name": "Zqxname Mismatch AS", "number": 20011},
    {"guid": "c12", "name": "Zqxname Missing AS"},
    {"guid": "c13", "name": "Another zqxname altogether", "number": 10013},
    {"guid": "c14", "name": "Zqxname Twice AS", "number": 20014},
    {"guid": "c16", "name": "Zqxname Double Nearlyy AS", "number": 20016},
    {"guid": "c17", "name": "=cmd|'zqxname'!A1", "number": 20017},
    {"guid": "c18", "name": "Zqxname " + "very long " * 9, "number": 10555},
]


def plant(company: Path) -> None:
    """Give every record a name that is told from all others, and break it in many ways."""
    tiny_company.execute(company, _ACTORS)
    for register in ("businessunits", "products", "customers", "projects"):
        rows = [row | {"name": f"Zqxname {row['name']}"} for row in tiny_company.register(register)]
        rows += _CUSTOMERS if register == "customers" else []
        rows += [{"guid": "x", "name": "Zqxname 7", "code": "007"}] if register == "businessunits" else []
        tiny_company.write_register(company, register, rows)
    users = [row | {"lastName": "Zqxname"} for row in tiny_company.register("users")]
    tiny_company.write_register(company, "users", users)


def test_planted_names_are_nowhere(make: MakeTenant, capfd: pytest.CaptureFixture[str]) -> None:
    tiny = make()
    plant(tiny.company)

    tiny.file.write_text(tiny.file.read_text() + "privacy: masked\n")
    run = tiny.run()

    assert tiny.verdict(run)["status"] == "blocked"
    rules = {finding["rule"] for finding in tiny.findings(run)}
    assert {"code_mismatch", "code_missing", "code_conflict", "ambiguous_match", "name_too_long"} <= rules
    report = tiny.report(run)
    kinds = {path.suffix for path in report.rglob("*") if path.is_file()}
    assert kinds == {".html", ".json", ".csv", ".xlsx"}
    assert (report / "fixes/severa/customers.xlsx").is_file()
    assert (report / "transfer/products.xlsx").is_file()
    assert "Z***" in (report / "fixes/severa/customers.csv").read_text()
    assert run.states["gate"] == "failed"

    # reports, errors and the control database: everything but staged tables, in which they are found
    left = _holding(settings.local_data())
    assert {path.relative_to(settings.local_data()).parts[0] for path in left} == {"staging"}
    staging = Path(RunStore(tiny.tenant.tenant, run.run_id).url)
    holding = {path.relative_to(staging).parts[0] for path in left}
    assert holding == {"visma_business", "severa", "database"}
    # Airflow's metadata (XCom, rendered fields, notes) and logs
    assert _holding(Path(os.environ["AIRFLOW_HOME"])) == []
    told = "".join(capfd.readouterr())
    assert "code_mismatch" in told
    assert PLANTED.decode() not in told.lower()


def _holding(folder: Path) -> list[Path]:
    """Return the files below a folder that hold a planted name, also packed in a spreadsheet."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and PLANTED in _bytes(path).lower()]


def _bytes(path: Path) -> bytes:
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
