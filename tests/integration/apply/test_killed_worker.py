"""A worker that SIGKILL ends in the middle: another goes on, or takes everything back, exactly once each.

The log of the stand-in, a process of its own, proves what was written.

Covers: apply/make_call.py, apply/perform.py, apply/run.py, control/journal.py, sources/severa/writer.py.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from demo.severa.process import SeveraProcess, start_severa
from presync.sources.severa.client import SeveraAccess
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.writer import WRITABLE, Reply, SeveraWriter, scopes_for
from tests.support.killed_workers import Do, Worker, killed, rest_on
from tests.support.written_severa import WrittenSevera, written

__all__ = ["written"]

IN_FLIGHT = ("in flight", 2)
# token, organisation, counters; then per call record, holders, PATCH, record; at the end the counters
POINTS = [
    ("before", 6),  # in the journal, never sent
    ("after", 6),  # stored; nobody has looked
    ("after", 7),  # looked at, not yet in the journal
    IN_FLIGHT,  # stored, not yet answered: between the two that change places
    ("before", 14),  # one of them still on its free number
    ("after", 20),  # all done, nobody has said so
]
COMPANIES = [f"{way}-{place}" for way in ("resume", "undo") for place in range(len(POINTS))]
SUSPENDED = "suspended"
BEFORE = {"a": 5, "b": 6, "c": 7, "d": 8}
AFTER = {"a": "6", "b": "5", "c": "9", "d": "8"}
INVERSE = {("a", 999): 5, ("b", 5): 6, ("a", 6): 999, ("c", 9): 7}
ONCE = Counter(INVERSE.keys())


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeveraProcess]:
    clients = {
        name: {"secret": "s", "data": name, "scopes": [*scopes_for([*WRITABLE])]}
        for name in (*COMPANIES, SUSPENDED)
    }
    in_flight = {"kind": "hang", "method": "PATCH", "after": 1, "first": 1}
    faults = [{**in_flight, "client": f"{way}-{POINTS.index(IN_FLIGHT)}"} for way in ("resume", "undo")]
    config = {"rate_limit": {"enabled": False}, "clients": clients, "faults": faults}
    with start_severa(tmp_path_factory.mktemp("severa"), config) as server:
        yield server


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'control.db'}"


@pytest.mark.parametrize("name", COMPANIES)
def test_every_call_is_made_once_and_is_in_the_journal(
    stand_in: SeveraProcess,
    written: Callable[..., WrittenSevera],
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", database)
    changes = [("customers", "a", "6"), ("customers", "b", "5"), ("customers", "c", "9")]
    severa = written(stand_in.data / name, changes, tenant=name, customers=BEFORE)
    rest_on(severa.checked, monkeypatch.setattr)
    worker = Worker(severa.tenant, stand_in.api, name, severa.checked)
    identity = severa.propose()
    way, _, place = name.partition("-")
    point = POINTS[int(place)]
    do: Do = "resume" if way == "resume" else "undo"

    def written_so_far() -> Counter[tuple[str, int]]:
        lines = [line for line in stand_in.requests() if line["client_id"] == name and "body" in line]
        assert {line["path"].rsplit("/", 2)[1] for line in lines} <= {"customers"}
        return Counter((line["path"].rsplit("/", 1)[1], sent(line["body"])) for line in lines)

    from_outside = point == IN_FLIGHT
    assert killed(
        (database, worker, "apply", identity, None if from_outside else point),
        when=(lambda: written_so_far().total() == point[1]) if from_outside else None,
    )
    before = written_so_far()
    assert worker.do(do, identity).outcome.complete
    assert [severa.value("customers", guid) for guid in BEFORE] == [
        *(AFTER.values() if way == "resume" else map(str, BEFORE.values()))
    ]
    journal = severa.journal(identity)
    ended = Counter(call.state for call in journal if call.calls)
    never_sent = point[0] == "before" and way == "undo"
    assert ended - Counter(done=ended["done"]) == Counter(lost=int(never_sent)) - Counter()
    entries: Counter[tuple[str, int]] = Counter()
    for call in journal:
        entries[call.guid, int(call.new)] += call.calls
    assert not written_so_far() - entries
    if way == "resume":
        assert written_so_far() == ONCE
    else:
        assert written_so_far() - before == Counter((guid, INVERSE[guid, new]) for guid, new in before)


@pytest.mark.parametrize("clock", [[100.0], [0.0, 100.0]])
def test_no_part_of_a_call_leaves_after_a_long_suspension(
    stand_in: SeveraProcess, written: Callable[..., WrittenSevera], clock: list[float]
) -> None:
    """Over a real connection: before its headers leave, and between these and its body."""
    folder = stand_in.data / SUSPENDED
    severa = written(folder, [], tenant=SUSPENDED, customers=BEFORE)
    access = SeveraAccess(stand_in.api, SUSPENDED, "s")
    told = iter(clock)

    async def reply() -> Reply:
        limit = RateLimit(1000, 0.001)
        async with SeveraWriter(access, ["customers"], limit, clock=lambda: next(told)) as hands:
            return await hands.replace("customers", "a", "number", "9", entered=0.0)

    assert asyncio.run(reply()).said.startswith("not sent")
    assert next(told, None) is None
    assert severa.value("customers", "a") == "5"
    shutil.rmtree(folder)


def sent(body: str) -> int:
    """Return what a PATCH asks for; it asks for one field only, the number."""
    (operation,) = json.loads(body)
    assert (operation["op"], operation["path"]) == ("Replace", "/number")
    return int(operation["value"])
