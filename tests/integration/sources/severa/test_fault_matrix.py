"""The fault matrix: whatever Severa does at whatever route, the extract is right, or there is none.

Each case reads a whole organisation through a real server that misbehaves at one route.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from presync.errors import IncompleteError, PresyncError
from presync.sources.severa.client import Patience, SeveraAccess
from presync.sources.severa.extract import naming, read_organization
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.registers import SETTINGS
from presync.staging.extract import ExtractWriter, read_manifest
from presync.staging.tables import SEVERA
from presync.tenants.model import Tenant
from tests.support.severa_faults import PAGING, ROUTES, ROWS_PER_PAGE, Case, cases, rows, sampled
from tests.support.severa_server import NO_LIMIT, SeveraProcess, start_severa, write_severa
from tests.support.thorough import THOROUGH

CASES = list(cases()) if THOROUGH else sampled()
TENANT = Tenant(tenant="nordlys", title="Nordlys AS")
PATIENCE = Patience(tries=3, first=0.002, longest=2, connect=2, read=0.25, whole=5)
AT_ONCE = 6
Tables = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[Case, Tables | PresyncError]]:
    """What came of each case: the staged tables, or the error."""
    folder = tmp_path_factory.mktemp("matrix")
    for route in ROUTES:
        filled = route if route in PAGING else "customers"
        write_severa(folder / "data" / route, **{filled: rows(filled)})
    clients = {str(n): {"secret": "a secret", "data": case.route} for n, case in enumerate(CASES)}
    faults = [{**fault, "client": str(n)} for n, case in enumerate(CASES) for fault in case.faults]
    config = {**NO_LIMIT, "most_rows": ROWS_PER_PAGE, "clients": clients, "faults": faults}
    with start_severa(folder / "data", config) as server, pytest.MonkeyPatch.context() as patch:
        # the thousand certificates that nobody needs here would take most of the time
        (folder / "certificates").mkdir()
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(folder / "certificates"))
        yield asyncio.run(_all(server, folder / "out"))


async def _all(server: SeveraProcess, folder: Path) -> Mapping[Case, Tables | PresyncError]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, case: Case) -> Tables | PresyncError:
        async with gate:
            return await _extract(server, str(number), folder / str(number))

    return dict(
        zip(CASES, await asyncio.gather(*(one(*numbered) for numbered in enumerate(CASES))), strict=True)
    )


async def _extract(server: SeveraProcess, client: str, folder: Path) -> Tables | PresyncError:
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    writer = ExtractWriter(folder, "severa", tenant=TENANT.tenant, run_id="run")
    access = SeveraAccess(server.api, client, "a secret")
    try:
        with naming(TENANT):
            seen = await read_organization(access, writer, PATIENCE, RateLimit(1000, 0.01))
    except PresyncError as error:
        with pytest.raises(IncompleteError):
            writer.finish({})
        assert not (folder / "manifest.json").exists()
        return error
    writer.finish(seen)
    tables = read_manifest(folder, "severa").rows
    return {table: pq.read_table(folder / f"{table}.parquet").to_pylist() for table in tables}


def expected(case: Case) -> list[Tables]:
    """What may be staged: the organisation as it was and, if it changed, as it is then."""
    before = rows(case.route if case.route in PAGING else "customers")
    versions = [before]
    after = before
    for fault in case.faults:
        after = _edited(after, fault)
    if case.edits:
        versions.append(after)
    return [_staged(case.route if case.route in PAGING else "customers", version) for version in versions]


def _edited(found: list[dict[str, Any]], fault: Mapping[str, Any]) -> list[dict[str, Any]]:
    if fault["kind"] == "removed":
        return [row for row in found if row["guid"] != fault["guid"]]
    if fault["kind"] == "inserted":
        return [*found, fault["row"]]
    if fault["kind"] == "changed":
        return [row | fault["fields"] if row["guid"] == fault["guid"] else row for row in found]
    return found


def _staged(route: str, found: list[dict[str, Any]]) -> Tables:
    names = {"first_name": "firstName", "last_name": "lastName"}
    table = [{column: row.get(names.get(column, column)) for column in SEVERA[route]} for row in found]
    settings = {"next_customer_number": 5000, "next_invoice_number": 6000, "next_project_number": 7000}
    rest: Tables = {name: [] for name in SEVERA}
    return {**rest, route: table, SETTINGS: [{**settings, "unique_product_codes": False}]}


def ordered(tables: Tables) -> Tables:
    return {name: sorted(found, key=lambda row: str(row.get("guid"))) for name, found in tables.items()}


@pytest.mark.parametrize("route", ROUTES)
def test_an_extract_is_right_or_an_error_that_says_what_happened(
    route: str, outcomes: Mapping[Case, Tables | PresyncError]
) -> None:
    wrong = []
    for case in (case for case in CASES if case.route == route):
        outcome = outcomes[case]
        if isinstance(outcome, PresyncError):
            named = "tenant nordlys" in outcome.message and f"/v1/{route}" in outcome.message
            login = route == "token" and "credentials" in outcome.message
            fine = case.outcome != "same" and outcome.source == "severa" and (named or login)
        else:
            fine = case.outcome != "error" and ordered(outcome) in map(ordered, expected(case))
        if not fine:
            wrong.append((case.name, case.outcome, outcome))
    assert wrong == []


def test_the_matrix_is_as_large_as_it_says(
    outcomes: Mapping[Case, Tables | PresyncError], record_property: Callable[[str, object], None]
) -> None:
    counted = Counter(
        "error" if isinstance(outcome, PresyncError) else "same" for outcome in outcomes.values()
    )
    record_property("summary", f"Severa's fault matrix: {len(CASES)} cases, {dict(counted)}")
    assert len({(case.route, case.name) for case in CASES}) == len(CASES) == sum(counted.values())
    assert {case.outcome for case in CASES} == {"same", "error", "either"}
    assert {case.route for case in CASES} == set(ROUTES)
    assert {case.name for case in CASES} == {case.name for case in cases()}
