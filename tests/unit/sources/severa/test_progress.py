"""In simulated time: whatever a server refuses or delays, reading goes on, and never too fast."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from presync.control.database import transaction
from presync.control.models import RequestShare
from presync.errors import AccessError, PresyncError, SourceUnavailableError
from presync.sources.severa.client import Patience, SeveraAccess, SeveraClient
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.shared_rate_limit import SharedRateLimit
from tests.support.scripted_http import unread
from tests.support.simulated_time import in_this_thread, simulate

ROWS = msgspec.json.Decoder(list[int])
ACCESS = SeveraAccess("https://severa.test/rest-api", "id", "secret")


@dataclass
class Server(httpx.AsyncBaseTransport):
    """Counts requests as they arrive; refuses by `refusals` (seconds to wait; None: answers), then none."""

    refusals: deque[float | None] = field(default_factory=deque)
    delays: deque[float] = field(default_factory=deque)
    lifetime: float = 3600.0
    every: int = 0
    arrivals: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)
    expired: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return unread(await self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        now = asyncio.get_running_loop().time
        await request.extensions["trace"]("http11.send_request_body.complete", {})
        self.arrivals.append(now())
        refusal = self.refusals.popleft() if self.refusals else None
        if self.every and len(self.arrivals) % self.every == 0:
            refusal = 0.0
        await asyncio.sleep(self.delays.popleft() if self.delays else 0.02)
        if refusal is not None:
            return httpx.Response(429, text="quota", headers={"retry-after": str(refusal)} if refusal else {})
        if request.url.path.endswith("/token"):
            self.logins.append(now())
            answer = {"access_token": f"t{len(self.logins)}", "access_token_expires_in": self.lifetime}
            return httpx.Response(200, json=answer)
        if self.arrivals and now() > self.logins[-1] + self.lifetime:
            self.expired += 1
            return httpx.Response(401)
        return httpx.Response(200, json=[1])

    def most_in(self, seconds: float) -> int:
        """The largest number of arrivals in any stretch of so many seconds."""
        times = sorted(self.arrivals)
        return max(sum(1 for at in times if begin <= at < begin + seconds) for begin in times)


async def read(server: Server, pages: int, limit: RateLimit | None = None, **patience: Any) -> float:
    """Read so many pages of nine registers at once; return how long it took, in seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with SeveraClient(ACCESS, Patience(**patience), limit or RateLimit(), transport=server) as client:

        async def register(route: int) -> None:
            for _ in range(pages):
                await client.get(f"route{route}", {}, ROWS)

        try:
            async with asyncio.TaskGroup() as group:
                for n in range(9):
                    group.create_task(register(n))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
    return loop.time() - began


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A control database that is asked in this thread and lives in simulated time."""
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    monkeypatch.setattr("presync.control.database._sqlite_connect", _careless)
    begin = datetime(2026, 1, 1, tzinfo=UTC)

    def now() -> datetime:
        return begin + timedelta(seconds=asyncio.get_running_loop().time())

    monkeypatch.setattr("presync.control.request_shares.now", now)
    monkeypatch.setattr(asyncio, "to_thread", in_this_thread)


def _careless(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=OFF")


REFUSALS = st.lists(st.none() | st.sampled_from([0.0, 0.2, 1.0, 5.0]), max_size=60)
DELAYS = st.lists(st.sampled_from([0.0, 0.02, 0.3, 2.0, 20.0]), max_size=20)


@given(refusals=REFUSALS, delays=DELAYS)
@example(refusals=[0.0, None, 0.0, None] * 15, delays=[])
@settings(max_examples=60, deadline=None)
def test_reading_goes_on_whatever_is_refused_or_late(
    refusals: Sequence[float | None], delays: Sequence[float]
) -> None:
    server = Server(deque(refusals), deque(delays))
    try:
        taken = simulate(read(server, pages=4))
    except SourceUnavailableError:
        assert sum(refusal is not None for refusal in refusals) >= 7
    else:
        # each refusal costs its pause and at most twenty seconds before the next try, each delay itself
        bound = 30 + sum(25.0 for refusal in refusals if refusal is not None) + sum(delays)
        assert taken <= bound
    assert server.most_in(1.0) <= 10


@given(refusals=REFUSALS, others=st.lists(st.tuples(st.integers(0, 10), st.integers(1, 30)), max_size=6))
@example(refusals=[0.0, None, None] * 20, others=[])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_processes_that_share_go_on_whatever_happens(
    shared: None, refusals: Sequence[float | None], others: Sequence[tuple[int, int]]
) -> None:
    server = Server(deque(refusals))

    async def holder(slots: int, seconds: int) -> None:
        """Another process that takes a share and dies without a word."""
        limit = SharedRateLimit(ACCESS.credential)
        await limit.open()
        limit._wanted = slots
        await asyncio.sleep(seconds)
        assert limit._beats is not None
        limit._beats.cancel()

    async def scenario() -> float:
        with transaction() as session:
            session.query(RequestShare).delete()
        holders = [asyncio.create_task(holder(*other)) for other in others]
        await asyncio.sleep(0.5)
        reading = read(server, 3, SharedRateLimit(ACCESS.credential))
        second = read(server, 3, SharedRateLimit(ACCESS.credential))
        taken = await asyncio.gather(reading, second, return_exceptions=True)
        await asyncio.gather(*holders)
        for outcome in taken:
            if isinstance(outcome, BaseException) and not isinstance(outcome, SourceUnavailableError):
                raise outcome
        return max((outcome for outcome in taken if isinstance(outcome, float)), default=0.0)

    taken = simulate(scenario())
    bound = (
        120
        + sum(25.0 for refusal in refusals if refusal is not None)
        + sum(seconds + 10 for _, seconds in others)
    )
    assert taken <= bound
    assert server.most_in(1.0) <= 10


def test_seven_volleys_of_refusals_do_not_stop_a_shared_reading(shared: None) -> None:
    volleys: list[float | None] = [*([None] * 40), 0.0]
    server = Server(deque(volleys * 12))
    assert simulate(read(server, 60, SharedRateLimit(ACCESS.credential))) < 600
    assert not server.refusals
    assert server.most_in(1.0) <= 10


def test_the_grace_has_a_bound_and_shrinks_again() -> None:
    async def scenario() -> list[float]:
        limit, loop = RateLimit(), asyncio.get_running_loop()
        seen = [limit._grace(loop.time())]
        for _ in range(12):
            limit.refused(0.5)
            await asyncio.sleep(2)
        seen.append(limit._grace(loop.time()))
        await asyncio.sleep(60)
        return [*seen, limit._grace(loop.time())]

    before, most, after = simulate(scenario())
    assert (before, after) == (0.075, 0.075)
    assert 1.0 <= most <= 1.5


@pytest.mark.parametrize("lifetime", [0.0, 0.5, 2.0, 5.0])
def test_a_token_is_taken_when_the_slot_is_there(lifetime: float) -> None:
    server = Server(lifetime=lifetime)
    limit = RateLimit(1)  # one request a second: a token of five would end in the queue
    if lifetime < 2:
        with pytest.raises(PresyncError):
            simulate(read(server, 5, limit))
        return
    simulate(read(server, 5, limit))
    assert server.expired == 0


def test_who_waits_for_a_turn_for_ever_is_told_what_for() -> None:
    async def scenario() -> None:
        limit = RateLimit()
        limit.pause(7200)
        async with limit.slot(600):
            pass

    with pytest.raises(SourceUnavailableError, match=r"waited 600 seconds for its turn.*pause.*6600 s"):
        simulate(scenario())


def test_a_share_that_others_keep_ends_in_an_error_that_says_so(shared: None) -> None:
    async def scenario() -> None:
        greedy, mine = SharedRateLimit("credential"), SharedRateLimit("credential")
        await greedy.open()
        greedy._in_use = 10
        await greedy._renew(10)
        await mine.open()
        try:
            async with mine.slot(300):
                pass
        finally:
            await mine.close()
            await greedy.close()

    with pytest.raises(SourceUnavailableError, match="same credential leave 0 requests"):
        simulate(scenario())


def test_a_control_database_that_does_not_answer_ends_the_reading(
    shared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        limit = SharedRateLimit("credential")
        await limit.open()

        async def never(*_: Any) -> Any:
            await asyncio.sleep(10_000)

        monkeypatch.setattr(asyncio, "to_thread", never)
        try:
            while True:
                async with limit.slot(600):
                    await asyncio.sleep(1)
        finally:
            limit._claim = None  # type: ignore[assignment] # nothing to leave: nobody answers

    with pytest.raises(SourceUnavailableError, match="control database did not say for 60 seconds"):
        simulate(scenario())


def test_two_processes_do_not_keep_each_others_pause_alive(
    shared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(function: Any, *arguments: Any) -> Any:
        await asyncio.sleep(1.5)
        result = function(*arguments)
        await asyncio.sleep(1.5)
        return result

    monkeypatch.setattr(asyncio, "to_thread", slowly)

    async def scenario() -> float:
        first, second = SharedRateLimit("credential"), SharedRateLimit("credential")
        await asyncio.gather(first.open(), second.open())
        loop = asyncio.get_running_loop()
        began = loop.time()
        first.refused(20)
        async with second.slot(600):
            pass
        async with first.slot(600):
            taken = loop.time() - began
        await asyncio.gather(first.close(), second.close())
        return taken

    assert simulate(scenario()) < 40


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (Server(delays=deque([0.0] + [1e6] * 1000)), SourceUnavailableError),
        (Server(lifetime=-1.0), AccessError),
        (Server(every=1), SourceUnavailableError),
    ],
    ids=["no answer", "tokens that have ended", "refuses everything"],
)
def test_one_page_takes_no_longer_than_it_may(server: Server, kind: type[PresyncError]) -> None:
    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(kind):
            await read(server, 1)
        return loop.time() - began

    assert simulate(scenario()) <= 2 * Patience().altogether


def test_two_thousand_pages_of_a_server_that_refuses_one_in_ten() -> None:
    server = Server(every=10)
    simulate(read(server, 223))
    assert len(server.arrivals) > 9 * 223 * 10 / 9
