"""The rate limit, as the server counts it."""

from __future__ import annotations

import asyncio
import doctest
import random

from hypothesis import given
from hypothesis import strategies as st

from presync.control import request_shares
from presync.control.request_shares import divide
from presync.sources.severa.rate_limit import RateLimit


async def _arrivals(limit: RateLimit, requests: int) -> list[float]:
    """Send requests that take a random way to the server and back; return when each arrived there."""
    now, seen = asyncio.get_running_loop().time, []

    async def request() -> None:
        async with limit.slot():
            await asyncio.sleep(random.uniform(0, 0.03))
            seen.append(now())
            await asyncio.sleep(random.uniform(0, 0.03))

    await asyncio.gather(*(request() for _ in range(requests)))
    return sorted(seen)


def test_the_server_never_counts_more_than_the_limit() -> None:
    arrivals = asyncio.run(_arrivals(RateLimit(5, 0.1), 30))
    assert len(arrivals) == 30
    assert all(later - earlier >= 0.1 for earlier, later in zip(arrivals, arrivals[5:], strict=False))


def test_a_failed_request_gives_its_slot_back() -> None:
    async def scenario() -> int:
        limit = RateLimit(1, 0.001)
        failed = 0
        for _ in range(3):
            try:
                async with limit.slot():
                    raise ConnectionError
            except ConnectionError:
                failed += 1
        return failed

    assert asyncio.run(scenario()) == 3


def test_a_pause_holds_for_everybody_and_the_longest_counts() -> None:
    async def scenario() -> list[float]:
        limit, begun = RateLimit(10, 0.001), []
        start = asyncio.get_running_loop().time()
        limit.pause(0.1)
        limit.pause(0.02)

        async def request() -> None:
            async with limit.slot():
                begun.append(asyncio.get_running_loop().time() - start)

        await asyncio.gather(*(request() for _ in range(4)))
        return begun

    assert min(asyncio.run(scenario())) >= 0.1


def test_a_refusal_halves_the_slots_and_they_grow_back() -> None:
    async def scenario() -> list[int]:
        limit, together, seen = RateLimit(8, 0.02), 0, []

        async def request() -> None:
            nonlocal together
            async with limit.slot() as turn:
                turn.answered()
                together += 1
                seen.append(together)
                await asyncio.sleep(0.005)
                together -= 1

        for _ in range(3):
            limit.refused(0.01)  # a volley of refusals counts once
        await asyncio.gather(*(request() for _ in range(8)))
        first = max(seen)
        await asyncio.sleep(0.4)
        seen.clear()
        await asyncio.gather(*(request() for _ in range(8)))
        return [first, max(seen), limit.refusals]

    first, later, refusals = asyncio.run(scenario())
    assert 4 <= first < 8
    assert later == 8
    assert refusals == 3


def test_a_slow_answer_frees_its_slot_by_when_the_request_left() -> None:
    async def scenario(says_when: bool) -> bool:
        limit = RateLimit(1, 0.1)

        async def request() -> None:
            async with limit.slot():
                pass

        async with limit.slot() as turn:
            if says_when:
                turn.sent()
            await asyncio.sleep(0.3)
        following = asyncio.create_task(request())
        for _ in range(10):
            await asyncio.sleep(0)
        begun = following.done()
        await following
        return begun

    assert asyncio.run(scenario(says_when=True))
    assert not asyncio.run(scenario(says_when=False))


def test_who_gives_up_waiting_blocks_nobody() -> None:
    async def scenario() -> None:
        limit = RateLimit(1, 0.01)

        async def request() -> None:
            async with limit.slot():
                await asyncio.sleep(0.01)

        first, second, third = (asyncio.create_task(request()) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(first, third)

    asyncio.run(scenario())


def test_documented_examples() -> None:
    assert doctest.testmod(request_shares).failed == 0


@given(st.lists(st.integers(0, 12), max_size=14), st.integers(0, 12), st.integers(0, 99))
def test_slots_are_shared_out_fairly(wanted: list[int], slots: int, turn: int) -> None:
    given_out = divide(wanted, slots, turn)
    assert sum(given_out) == min(slots, sum(wanted))
    assert all(got <= want for got, want in zip(given_out, wanted, strict=True))
    # nobody goes short while another has more than one slot more
    short = [got for got, want in zip(given_out, wanted, strict=True) if got < want]
    assert not short or max(given_out) <= min(short) + 1


@given(st.integers(11, 30))
def test_where_slots_are_too_few_everybody_has_a_turn(holders: int) -> None:
    had = [0] * holders
    for turn in range(holders):
        had = [a + b for a, b in zip(had, divide([1] * holders, 10, turn), strict=True)]
    assert min(had) == max(had) == 10
