"""One credential's rate limit, shared by several real processes, on SQLite and on PostgreSQL.

Covers: control/request_shares.py.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from presync.control.database import transaction
from presync.control.models import RequestShare
from presync.control.request_shares import SlotClaim, leave_share, renew_share
from presync.errors import SourceUnavailableError
from presync.sources.severa.shared_rate_limit import SharedRateLimit
from tests.support.patience import PATIENCE
from tests.support.severa_server import SeveraProcess, some_customers, start_severa, write_severa

HOME = Path(__file__).parents[4]
FIRST = SlotClaim("credential", "first", 10, 0, 10)
SECOND = replace(FIRST, holder="second")
BRIEF = timedelta(milliseconds=50)

READER = """
import asyncio, sys, tempfile
from datetime import timedelta
from pathlib import Path
from presync.sources.severa.extract import read_organization
from presync.sources.severa.client import PATIENCE, SeveraAccess
from presync.sources.severa.shared_rate_limit import SharedRateLimit
from presync.staging.extract import ExtractWriter

access = SeveraAccess(sys.argv[1], "one client", "a secret")
limit = SharedRateLimit(access.credential, 10, 0.4, lease=timedelta(seconds=2))
with tempfile.TemporaryDirectory() as folder:
    writer = ExtractWriter(Path(folder), "severa", tenant="nordlys", run_id="run")
    print("ready", flush=True)
    seen = asyncio.run(read_organization(access, writer, PATIENCE, limit))
    print(writer.finish(seen).rows["customers"])
"""


def start_reader(server: SeveraProcess) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", READER, server.api]
    return subprocess.Popen(command, cwd=HOME, text=True, stdout=subprocess.PIPE)


def shares() -> dict[str, int]:
    with transaction() as session:
        return {share.holder: share.slots for share in session.scalars(select(RequestShare))}


@pytest.fixture
def organisation(tmp_path: Path) -> Path:
    return write_severa(tmp_path / "data", customers=some_customers(5))


# a limit of 10 per 0.4 s, so that the tests need not wait as long as people do
SLOW_PAGES: dict[str, Any] = {"most_rows": 2, "latency_seconds": 0.02, "rate_limit": {"seconds": 0.4}}


def test_several_processes_never_meet_the_servers_limit(control_database: str, organisation: Path) -> None:
    with start_severa(organisation, SLOW_PAGES) as server:
        readers = [start_reader(server) for _ in range(3)]
        outputs = [reader.communicate(timeout=PATIENCE)[0].split() for reader in readers]
        lines = server.requests()
    assert outputs == [["ready", "5"]] * 3
    # an organisation without details is answered with 404: never with 429
    assert {line["status"] for line in lines} <= {200, 404}
    assert len(lines) >= 3 * 24


def test_a_killed_process_leaves_its_share_to_the_others(control_database: str, organisation: Path) -> None:
    hang = {"kind": "hang", "route": "invoices", "first": 1}
    with start_severa(organisation, {**SLOW_PAGES, "faults": [hang]}) as server:
        victim = start_reader(server)
        while not server.requests("invoices"):
            assert victim.poll() is None
        victim.send_signal(signal.SIGKILL)
        victim.communicate(timeout=PATIENCE)
        assert sum(shares().values()) > 0
        survivor = start_reader(server)
        assert survivor.communicate(timeout=PATIENCE)[0].split() == ["ready", "5"]
        assert {line["status"] for line in server.requests()} <= {200, 404}


def test_one_alone_has_everything(control_database: str) -> None:
    assert renew_share(FIRST).slots == 10


def test_credentials_do_not_share(control_database: str) -> None:
    assert renew_share(FIRST).slots == 10
    assert renew_share(replace(SECOND, credential="another")).slots == 10


def test_a_share_shrinks_only_when_its_slots_are_idle(control_database: str) -> None:
    renew_share(FIRST)
    assert renew_share(SECOND).slots == 0
    assert renew_share(replace(FIRST, busy=10)).slots == 5
    assert renew_share(SECOND).slots == 0
    assert renew_share(replace(FIRST, busy=5)).slots == 5
    assert renew_share(SECOND).slots == 5
    assert shares() == {"first": 5, "second": 5}


def test_who_wants_little_leaves_the_rest(control_database: str) -> None:
    renew_share(replace(FIRST, wanted=2))
    assert renew_share(SECOND).slots == 8


def test_a_share_that_is_not_renewed_lapses(control_database: str) -> None:
    renew_share(replace(FIRST, lease=BRIEF))
    asyncio.run(asyncio.sleep(0.06))
    assert renew_share(SECOND).slots == 10
    assert shares() == {"second": 10}
    # who overslept gets nothing back before it is free
    assert renew_share(replace(FIRST, busy=10)).slots == 0


def test_who_leaves_gives_idle_slots_at_once_and_busy_ones_when_they_have_lapsed(
    control_database: str,
) -> None:
    renew_share(FIRST)
    leave_share(replace(FIRST, busy=4, lease=BRIEF))
    assert renew_share(replace(SECOND, lease=timedelta(seconds=60))).slots == 6
    asyncio.run(asyncio.sleep(0.06))
    assert renew_share(SECOND).slots == 10


def test_a_pause_of_one_is_a_pause_of_all(control_database: str) -> None:
    assert renew_share(replace(FIRST, pause=30)).pause == pytest.approx(30)
    assert 25 < renew_share(SECOND).pause <= 30
    assert renew_share(replace(SECOND, credential="another")).pause == 0


def test_no_share_is_ever_given_twice(control_database: str) -> None:
    code = (
        "import random, sys\n"
        "from presync.control.request_shares import SlotClaim, renew_share\n"
        "busy = 0\n"
        "for _ in range(8):\n"
        "    share = renew_share(SlotClaim('c', sys.argv[1], 10, busy, random.randint(1, 10)))\n"
        "    busy = random.randint(0, share.slots)\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, f"holder {n}"], cwd=HOME, text=True) for n in range(3)
    ]
    for _ in range(20):
        assert sum(shares().values()) <= 10
    assert [process.wait(PATIENCE) for process in started] == [0, 0, 0]
    assert 1 <= sum(shares().values()) <= 10


def test_without_a_control_database_nothing_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "control.db").write_text("this is no database" * 100)
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'control.db'}")
    with pytest.raises(SourceUnavailableError, match="control database"):
        asyncio.run(SharedRateLimit("credential").open())


def test_who_loses_the_control_database_stops_before_its_share_lapses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "control.db"
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{file}")

    async def scenario() -> None:
        limit = SharedRateLimit("credential", 1, 0.1, lease=timedelta(seconds=0.6))
        await limit.open()
        file.write_text("this is no database any more")
        try:
            while True:
                async with limit.slot():
                    pass
        finally:
            await limit.close()

    with pytest.raises(SourceUnavailableError, match="control database"):
        asyncio.run(scenario())


def test_a_defect_in_renewing_ends_the_reading(
    control_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        limit = SharedRateLimit("credential", 1, 0.1)
        await limit.open()
        monkeypatch.setattr("presync.sources.severa.shared_rate_limit.renew_share", lambda claim: 1 // 0)
        try:
            while True:
                async with limit.slot():
                    pass
        finally:
            await limit.close()

    with pytest.raises(ZeroDivisionError):
        asyncio.run(scenario())
