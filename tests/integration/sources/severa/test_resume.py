"""A retry does not start over where an earlier try has finished, unless anything has changed since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from presync.errors import SourceUnavailableError
from presync.sources.severa.resume import Spool
from presync.staging.store import RunStore
from tests.support.severa_server import NO_LIMIT, SeveraProcess, read_severa, start_severa, write_severa

CUSTOMERS = [{"guid": f"c-{n}", "name": f"Customer {n}", "number": n} for n in range(9)]
# the first try fails at the invoices when the customers have long been read
BROKEN: dict[str, Any] = {"kind": "status", "status": 503, "route": "organizationsettings", "first": 4}
CONFIG: dict[str, Any] = {**NO_LIMIT, "most_rows": 2, "faults": [BROKEN]}


def spool(folder: Path, credential: str = "credential") -> Spool:
    return Spool(RunStore("nordlys", "run", root=str(folder)), credential)


def fail_once(server: SeveraProcess, folder: Path) -> int:
    """Let the first try fail; return how many requests for customers it took."""
    with pytest.raises(SourceUnavailableError, match="organizationsettings"):
        read_severa(server, folder / "first", spool=spool(folder))
    return len(server.requests("customers"))


def test_what_an_earlier_try_has_read_is_only_looked_through_again(tmp_path: Path) -> None:
    with start_severa(write_severa(tmp_path / "data", customers=CUSTOMERS), CONFIG) as server:
        before = fail_once(server, tmp_path)
        tables, seen = read_severa(server, tmp_path / "second", spool=spool(tmp_path))
        assert len(server.requests("customers")) - before == before / 2 == 5
    assert seen["registers"]["customers"]["proof"] == "read alike by an earlier try"
    assert [row["guid"] for row in tables["customers"]] == [row["guid"] for row in CUSTOMERS]
    assert spool(tmp_path).find("customers") is None


@pytest.mark.parametrize(
    "customers",
    [
        CUSTOMERS[1:],
        [*CUSTOMERS, {"guid": "new", "name": "x"}],
        [CUSTOMERS[0] | {"name": "Another"}, *CUSTOMERS[1:]],
        CUSTOMERS[::-1],
        [],
    ],
)
def test_a_register_that_has_changed_since_is_read_anew(
    tmp_path: Path, customers: list[dict[str, Any]]
) -> None:
    with start_severa(write_severa(tmp_path / "data", customers=CUSTOMERS), CONFIG) as server:
        fail_once(server, tmp_path)
        write_severa(server.data, customers=customers)
        tables, seen = read_severa(server, tmp_path / "second", spool=spool(tmp_path))
    assert seen["registers"]["customers"]["proof"] == "read twice alike"
    assert [row["name"] for row in tables["customers"]] == [row["name"] for row in customers]


def test_another_credential_does_not_get_it(tmp_path: Path) -> None:
    with start_severa(write_severa(tmp_path / "data", customers=CUSTOMERS), CONFIG) as server:
        fail_once(server, tmp_path)
        _, seen = read_severa(server, tmp_path / "second", spool=spool(tmp_path, "another"))
    assert seen["registers"]["customers"]["proof"] == "read twice alike"


@pytest.mark.parametrize("file", ["rows.parquet", "signature.json"])
def test_a_damaged_spool_is_not_used(tmp_path: Path, file: str) -> None:
    with start_severa(write_severa(tmp_path / "data", customers=CUSTOMERS), CONFIG) as server:
        fail_once(server, tmp_path)
        (damaged,) = tmp_path.rglob(f"spool/severa/customers/{file}")
        damaged.write_bytes(damaged.read_bytes()[:-9])
        tables, seen = read_severa(server, tmp_path / "second", spool=spool(tmp_path))
    assert seen["registers"]["customers"]["proof"] == "read twice alike"
    assert len(tables["customers"]) == 9


def test_what_is_spooled_holds_no_more_than_what_is_staged(tmp_path: Path) -> None:
    customers = [{**row, "bankAccountNumber": "planted"} for row in CUSTOMERS]
    with start_severa(write_severa(tmp_path / "data", customers=customers), CONFIG) as server:
        fail_once(server, tmp_path)
    spooled = list(tmp_path.rglob("spool/severa/*/*"))
    assert {path.name for path in spooled} == {"rows.parquet", "signature.json"}
    assert not any(b"planted" in path.read_bytes() for path in spooled)
