"""The rate limit, as the server counts it."""

from __future__ import annotations

import asyncio
import random

from presync.sources.rate_limit import RateLimit


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
