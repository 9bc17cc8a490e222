"""One limit for all requests to a server that counts them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class RateLimit:
    """Lets the server count at most `requests` in any `seconds`.

    The server counts a request somewhere between its start and its answer. So a slot is free again `seconds`
    after the *answer*: then no delay on the way can push two batches into one second of the server's clock.
    """

    def __init__(self, requests: int = 10, seconds: float = 1.0) -> None:
        self._slots = asyncio.Semaphore(requests)
        self._seconds = seconds
        self._not_before = 0.0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a turn; hold it until the answer's headers are there."""
        await self._slots.acquire()
        try:
            await self._sit_out()
            yield
        finally:
            asyncio.get_running_loop().call_later(self._seconds, self._slots.release)

    def pause(self, seconds: float) -> None:
        """Let no request begin for `seconds`: the server said that its quota is used up."""
        self._not_before = max(self._not_before, asyncio.get_running_loop().time() + seconds)

    async def _sit_out(self) -> None:
        now = asyncio.get_running_loop().time
        while (remaining := self._not_before - now()) > 0:
            await asyncio.sleep(remaining)
