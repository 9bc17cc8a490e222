"""The fault matrix of Visma Business: whatever breaks, the same content is staged, or an error says so.

Every fault of the test server × every table and catalogue call × where in the table × once or always × both
drivers. Never fewer rows, never a pass. In the usual run the drivers take turns at the places in
a table. The number of cases is printed.

Covers: sources/visma_business/extract.py, sources/visma_business/stability.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from presync.errors import AccessError, CatalogueError, PresyncError, SourceUnavailableError
from presync.sources.visma_business.extract import Patience
from tests.support.tds.drivers import DRIVERS, PASSWORD, Driver
from tests.support.tds.faults import Fault, Kind
from tests.support.tds.reading import SOURCES, TYPED, WHOLE, reading
from tests.support.tds.server import Policy, TdsServer
from tests.support.thorough import THOROUGH
from tests.support.visma_business import extracted, write_sqlite

TRIES = Patience(tries=2, wait=0)
ALWAYS = 10_000
FEW, MANY = 40, 1_050  # many: more than one portion of the reader, and many packets
HEALS: tuple[Kind, ...] = ("reset", "close", "killed", "deadlock", "snapshot_refused")
ENDS: dict[Kind, type[PresyncError]] = {
    **dict.fromkeys(HEALS, SourceUnavailableError),
    "missing": CatalogueError,
    "denied": AccessError,
}
CALLS = ("tables", "columns")  # catalogue calls, under whatever name the driver has for them
CASES = [
    (place, Fault(kind, after, times))
    for place in (*SOURCES, *CALLS)
    for kind in ENDS
    for after in ((0,) if place in CALLS else (0, 1, 1_040) if place == "Actor" else (0, 1, FEW))
    for times in ((1, ALWAYS) if kind in HEALS else (1,))
]


def chosen(driver: Driver) -> list[tuple[str, Fault]]:
    """Return a driver's cases: all, or each fault at every second place (the other has the rest)."""
    if THOROUGH:
        return CASES
    places, kinds = (*SOURCES, *CALLS), list(ENDS)
    afters = sorted({fault.after for _, fault in CASES})
    return [
        (place, fault)
        for place, fault in CASES
        if place in CALLS
        or (places.index(place) + kinds.index(fault.kind) + min(afters.index(fault.after), 2)) % 2
        == DRIVERS.index(driver)
    ]


@pytest.fixture(scope="module", params=DRIVERS)
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TdsServer, Driver]]:
    numbers = range(1, FEW + 1)
    tables: dict[str, list[tuple[Any, ...]]] = {
        "Actor": [
            (i, f"Kunde {i} ÅÄÖ", 10_000 + i, 0, 0, "", "", 0, 0, 0, 20260101, 900) for i in range(MANY)
        ],
        "R1": [(i, f"Avdeling {i}", 0) for i in numbers],
        "R2": [(i, f"Prosjekt {i}", 10_000 + i) for i in numbers],
        "Prod": [(str(i), f"Vare {i}") for i in numbers],
        "AcInt": [(1, 1, i, i) for i in numbers],
        "VoSr": [(i, f"Serie {i}", i, i, i) for i in numbers],
        "CustTr": [(str(i),) for i in numbers],
    }
    file = write_sqlite(tmp_path_factory.mktemp("company") / "F0001.db", TYPED, **tables)
    with TdsServer({"F0001": file}, Policy()) as server:
        yield server, request.param
        assert server.failures == []


def procedures(call: str, driver: Driver) -> str:
    """Return the procedure that a driver calls for a catalogue function."""
    return f"sp_{call}_100" if (call, driver) == ("columns", "microsoft") else f"sp_{call}"


def test_no_fault_makes_an_extract_short(
    company: tuple[TdsServer, Driver], capsys: pytest.CaptureFixture[str]
) -> None:
    server, driver = company
    cases = chosen(driver)
    with reading(server, driver):
        whole = extracted(WHOLE, TRIES).rows
        assert {len(rows) for rows in whole.values()} == {FEW, MANY}
        wrong = [case for case in cases if not harmless(server, driver, *case, whole)]
    assert wrong == []
    with capsys.disabled():
        # the count belongs into the closing note of whoever runs this
        sys.stdout.write(f"\nfault matrix of Visma Business through {driver}: {len(cases)} cases\n")


def test_every_fault_strikes_every_table_and_call_through_both_drivers() -> None:
    assert sorted(map(str, CASES)) == sorted({str(case) for driver in DRIVERS for case in chosen(driver)})
    struck = {(place, fault.kind, fault.times) for place, fault in CASES}
    for driver in DRIVERS:
        assert {(place, fault.kind, fault.times) for place, fault in chosen(driver)} == struck


def harmless(
    server: TdsServer, driver: Driver, place: str, planned: Fault, whole: Mapping[str, object]
) -> bool:
    """Tell whether a fault ended as it must: in the same content, or in an error that a person can use."""
    fault = Fault(planned.kind, planned.after, planned.times)
    server.faults.clear()
    server.faults.plant(procedures(place, driver) if place in CALLS else place, fault)
    must_heal = fault.kind in HEALS and fault.times == 1
    try:
        staged = extracted(WHOLE, TRIES)
    except PresyncError as error:
        names_all = "Visma Business of c" in error.message and place in error.message
        right_kind = isinstance(error, ENDS[planned.kind]) or planned.kind == "snapshot_refused"
        no_secret = PASSWORD not in error.message
        return not must_heal and names_all and right_kind and no_secret and error.source == "visma_business"
    return must_heal and fault.times == 0 and staged.rows == whole


@pytest.mark.parametrize(("place", "kind"), [("Prod", "hang"), ("Prod", "deaf"), ("sp_tables", "hang")])
def test_silence_is_no_extract(company: tuple[TdsServer, Driver], place: str, kind: Kind) -> None:
    server, driver = company
    server.faults.clear()
    server.faults.plant(place, Fault(kind, 0 if place == "sp_tables" else 30))
    with (
        reading(server, driver, extra={"query_timeout": 1}),
        pytest.raises(SourceUnavailableError, match="was interrupted while"),
    ):
        extracted(WHOLE, TRIES)
    server.faults.clear()
