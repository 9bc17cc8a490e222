"""Every number of the table of server errors, as both drivers report it: at login, and while reading."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from presync.errors import AccessError, ConfigurationError, PresyncError, SourceDataError
from presync.sources.visma_business.connection import open_company
from presync.sources.visma_business.driver_errors import BusyError, LostError, SnapshotRefusedError
from presync.sources.visma_business.server_errors import SERVER_ERRORS, Next
from tests.support.tds.drivers import DRIVERS, Driver
from tests.support.tds.faults import Fault
from tests.support.tds.reading import ROWS, TYPED, WHOLE, reading
from tests.support.tds.server import TdsServer
from tests.support.visma_business import extracted, write_sqlite

KINDS: dict[Next, type[PresyncError]] = {
    Next.READ_AGAIN: LostError,
    Next.BEGIN_AGAIN: LostError,
    Next.WAIT: BusyError,
    Next.WITHOUT_SNAPSHOT: SnapshotRefusedError,
    Next.ACCESS: AccessError,
    Next.CONFIGURATION: ConfigurationError,
    Next.OWNER: SourceDataError,
}
SEVERITIES = {601: 12, 605: 21, 596: 21, 701: 19, 823: 24, 824: 24, 1204: 19, 3967: 17, 3966: 17, 1205: 13}


@pytest.fixture(scope="module", params=DRIVERS)
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TdsServer, Driver]]:
    file = write_sqlite(tmp_path_factory.mktemp("company") / "F0001.db", TYPED, **ROWS)
    with TdsServer({"F0001": file}) as server, reading(server, request.param):
        yield server, request.param
        assert server.failures == []


@pytest.fixture
def server(company: tuple[TdsServer, Driver]) -> Iterator[TdsServer]:
    company[0].faults.clear()
    yield company[0]
    company[0].faults.clear()


def said(number: int) -> tuple[int, int, str]:
    return number, SEVERITIES.get(number, 14), f"What the server says of {number} (and 18456)."


def test_every_number_means_the_same_through_both_drivers(server: TdsServer) -> None:
    found = {}
    with open_company(WHOLE) as company:
        for number in SERVER_ERRORS:
            for after in (0, 1):
                server.faults.plant("Prod", Fault("error", after, error=said(number)))
                company.reopen()
                with pytest.raises(PresyncError) as caught, company.cursor("reading table Prod") as cursor:
                    cursor.execute("SELECT [ProdNo] FROM [dbo].[Prod]").fetchall()
                found[number, after] = type(caught.value)
                assert "reading table Prod" in caught.value.message
    expected = {number: KINDS[what_next] for number, (what_next, _) in SERVER_ERRORS.items()}
    assert {place: kind for place, kind in found.items() if not issubclass(kind, expected[place[0]])} == {}


def test_every_number_at_login_says_whether_it_passes_and_names_the_database(server: TdsServer) -> None:
    wrong = {}
    for number, (what_next, meaning) in SERVER_ERRORS.items():
        server.faults.login = said(number)
        with pytest.raises(PresyncError) as caught, open_company(WHOLE):
            pass
        passes = what_next in {Next.READ_AGAIN, Next.BEGIN_AGAIN, Next.WAIT, Next.WITHOUT_SNAPSHOT}
        message = caught.value.message
        named = passes or what_next is Next.OWNER or "F0001" in message
        explained = meaning in message or number == 18456
        if caught.value.retryable is not passes or not named or not explained:
            wrong[number] = message
    assert wrong == {}


@pytest.mark.parametrize("number", [18456, 4060, 921, 18401])
def test_a_reopened_connection_that_is_refused_uses_the_tries_left(server: TdsServer, number: int) -> None:
    server.faults.plant("Prod", Fault("reset"))
    server.on_statement = lambda text: refuse(server, number) if "[dbo].[R2]" in text else None
    try:
        assert extracted(WHOLE).manifest.seen["read_again"] == {"products": 2}
    finally:
        server.on_statement = None


def refuse(server: TdsServer, number: int) -> None:
    server.faults.login, server.faults.logins = said(number), 1


@pytest.mark.parametrize("number", [601, 605, 1222, 952, 3958])
def test_what_passes_by_itself_is_read_again(server: TdsServer, number: int) -> None:
    server.faults.plant("Prod", Fault("error", 1, error=said(number)))
    staged = extracted(WHOLE)
    assert staged.manifest.seen["read_again"] == {"products": 1}
    assert staged.manifest.seen["isolation"] == "snapshot"
    assert [row["code"] for row in staged.rows["products"]] == ["007", ""]


@pytest.mark.parametrize("number", [3953, 3954, 3956, 3957])
def test_where_snapshot_is_not_to_be_had_it_goes_on_without(server: TdsServer, number: int) -> None:
    server.faults.plant("Prod", Fault("error", error=said(number)))
    assert extracted(WHOLE).manifest.seen["isolation"] == "read uncommitted"
