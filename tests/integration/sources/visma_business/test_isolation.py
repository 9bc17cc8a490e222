"""A company that moves while it is read: one moment of it is staged, or it is read again, or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from presync.errors import SourceUnavailableError
from tests.support.patience import PATIENCE
from tests.support.tds.drivers import DRIVERS, Driver
from tests.support.tds.faults import Fault
from tests.support.tds.reading import ROWS, TYPED, WHOLE, reading
from tests.support.tds.server import Policy, TdsServer
from tests.support.visma_business import extracted, extracted_from, tenant, write_sqlite

both = pytest.mark.parametrize("driver", DRIVERS)
NEW = "INSERT INTO Prod VALUES ('008', 'Ny')"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)


@pytest.fixture
def locking(file: Path) -> Iterator[TdsServer]:
    """A server that does not allow SNAPSHOT."""
    with TdsServer({"F0001": file}, Policy(snapshot=False)) as server:
        yield server
        assert server.failures == []


def moving(file: Path, statement: str, when: str, times: int = 1) -> Callable[[str], None]:
    """Return a hook that changes the file right before the reader's SELECT of rows from this table."""
    left = [times]

    def move(text: str) -> None:
        if f"FROM [dbo].[{when}]" in text and "COUNT(*)" not in text and left[0]:
            left[0] -= 1
            with closing(sqlite3.connect(file)) as database:
                database.execute(statement)
                database.commit()

    return move


@both
def test_a_table_that_moved_is_read_again(locking: TdsServer, file: Path, driver: Driver) -> None:
    locking.on_statement = moving(file, NEW, "Prod")
    with reading(locking, driver):
        staged = extracted(WHOLE)
    assert [row["code"] for row in staged.rows["products"]] == ["007", "", "008"]
    assert staged.manifest.seen["isolation"] == "read uncommitted"
    assert staged.manifest.seen["read_again"] == {"products": 1}
    assert "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED" in locking.log


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("Actor", "UPDATE Actor SET ChTm = 931 WHERE ActNo = 1"),  # the stamp alone
        ("R1", "UPDATE R1 SET Nm = 'Salg og service'"),  # no stamp, the same number of rows
        ("VoSr", "UPDATE VoSr SET NxtVoNo = NxtVoNo + 1"),
    ],
)
def test_a_change_that_leaves_the_number_of_rows_is_seen(
    locking: TdsServer, file: Path, table: str, change: str
) -> None:
    locking.on_statement = moving(file, change, table)
    with reading(locking, "freetds"):
        assert sum(extracted(WHOLE).manifest.seen["read_again"].values()) == 1


@both
def test_a_table_that_never_rests_is_no_extract(locking: TdsServer, file: Path, driver: Driver) -> None:
    locking.on_statement = moving(file, NEW, "Prod", times=99)
    with (
        reading(locking, driver),
        pytest.raises(SourceUnavailableError, match=r"table Prod changed while it was read.*SNAPSHOT"),
    ):
        extracted(WHOLE)


@both
def test_a_snapshot_shows_one_moment_of_the_whole_company(file: Path, driver: Driver) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    with TdsServer({"F0001": file}) as server:
        server.on_statement = moving(file, NEW, "R2")  # after the snapshot was taken, before Prod is read
        with reading(server, driver):
            staged = extracted(WHOLE)
            assert [row["code"] for row in staged.rows["products"]] == ["007", ""]
            assert staged.manifest.seen["isolation"] == "snapshot"
            assert len(extracted(WHOLE).rows["products"]) == 3


@both
def test_without_snapshot_after_all_it_goes_on_without(file: Path, driver: Driver) -> None:
    with TdsServer({"F0001": file}) as server, reading(server, driver):
        server.faults.plant("R2", Fault("snapshot_refused", times=99))
        server.on_statement = lambda text: server.faults.clear() if "READ UNCOMMITTED" in text else None
        staged = extracted(WHOLE)
    assert staged.manifest.seen["isolation"] == "read uncommitted"
    assert len(staged.rows["projects"]) == 1


def test_a_shared_database_must_allow_snapshot_too(tmp_path: Path, file: Path) -> None:
    shared = write_sqlite(tmp_path / "F9999.db", {"Prod": TYPED["Prod"]}, Prod=ROWS["Prod"])
    policy = Policy(snapshot_refused=("F9999",))
    with TdsServer({"F0001": file, "F9999": shared}, policy) as server, reading(server, "freetds"):
        seen = extracted(tenant(customer_series="none", tables={"Prod": "F9999.dbo.Prod"})).manifest.seen
    assert seen["isolation"] == "read uncommitted"


def test_an_sqlite_file_is_read_in_one_transaction(file: Path) -> None:
    assert extracted_from(file, tenant(customer_series="none")).manifest.seen["isolation"] == "transaction"


class _StopError(Exception):
    pass


@both
def test_a_long_read_is_cancelled_by_a_signal(locking: TdsServer, driver: Driver) -> None:
    locking.faults.plant("Prod", Fault("hang", after=1))

    def stop(number: int, frame: object) -> None:
        raise _StopError

    before = signal.signal(signal.SIGALRM, stop)

    def send() -> None:
        if locking.hanging.wait(PATIENCE):
            os.kill(os.getpid(), signal.SIGALRM)

    stopper = threading.Thread(target=send, daemon=True)
    try:
        stopper.start()
        with reading(locking, driver, extra={"query_timeout": 60}), pytest.raises(_StopError):
            extracted(WHOLE)
    finally:
        stopper.join(PATIENCE)
        signal.signal(signal.SIGALRM, before)
    assert locking.released.wait(PATIENCE)
