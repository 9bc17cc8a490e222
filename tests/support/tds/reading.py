"""A company on the test server, and reading it through either driver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.support.tds.drivers import Driver, odbc
from tests.support.tds.server import TdsServer
from tests.support.visma_business import SCHEMA, connection, tenant

# SQL Server's own types, as Visma Business' installations have them
TYPED: Final = {
    **{table: columns.replace("Nm VARCHAR(80)", "Nm NVARCHAR(80)") for table, columns in SCHEMA.items()},
    "Actor": SCHEMA["Actor"].replace("Nm VAR", "Nm NVAR") + ", Ok BIT, ChDt INT, ChTm SMALLINT",
    "VoSr": "VoSrNo SMALLINT, Nm NVARCHAR(40), FstVoNo BIGINT, NxtVoNo DECIMAL(19,0), LstVoNo INT",
}
ROWS: Final[dict[str, list[tuple[Any, ...]]]] = {
    "Actor": [
        (1, "Ærlig & Sønn AS ", 10001, 0, 0, "NO 923 609 016 MVA", "", 0, 2, 1, 20260101, 930),
        (2, "Kari Łunde Żółw", 0, 101, 0, "", "kari@c.example", 1, 0, 0, 0, 0),
        (3, "a contact person", 0, 0, 0, "", "", 0, 0, None, 0, 0),
        (-(2**31), None, 2**31 - 1, None, 10001, None, None, None, None, None, None, None),
    ],
    "R1": [(10, "Salg", 1)],
    "R2": [(2001, "Nettside", 10001)],
    "R7": [("ÅR-1", "Avdeling")],
    "Prod": [("007", "Rådgivning £"), ("", "")],
    "AcInt": [(1, 1, 10000, 19999), (2, 0, 5, 0)],
    "VoSr": [(1, "Faktura", 2**62, 50010, 2**31 - 1)],
    "CustTr": [("50001",), ("KID-7  ",), ("",), (None,)],
}
WHOLE: Final = tenant(
    projects={"table": "R2", "customer": "CustNo"},
    customer_series={"table": "AcInt", "first": "FrNo", "last": "ToNo"},
    invoice_series=[1],
    invoices={"table": "CustTr", "number": "InvoNo"},
    transfer={
        "departments": {"except": {"field": "Gr2", "value": 1}},
        "customers": {"except": {"field": "Gr5", "value": 1}},
        "employees": {"except": {"field": "Gr", "value": 1}},
    },
)
SOURCES: Final = ("Actor", "R1", "R2", "Prod", "AcInt", "VoSr", "CustTr")


@contextmanager
def reading(
    server: TdsServer, driver: Driver, *, extra: dict[str, Any] | None = None, **odbc_keywords: Any
) -> Iterator[None]:
    """Define the Airflow connection of tenant `c` as leading to the server through this driver."""
    keywords = odbc(server, driver, **odbc_keywords)
    with connection(driver=keywords.pop("Driver"), odbc=keywords, **(extra or {})):
        yield
