"""One limit for all requests to a server that counts them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

REQUESTS: Final = 10
SECONDS: Final = 1.0
_GRACE: Final = 0.075
_RECOVERY: Final = 2.0


class RequestSlot:
    """One request's place in the limit: says when the request left and when its answer began."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._sent: float | None = None
        self._over = False

    def sent(self) -> None:
        """Take note that the request is on its way (again, if it leaves in parts)."""
        self._sent = asyncio.get_running_loop().time()

    def answered(self) -> None:
        """Take note that the server has answered: it has counted the request by now."""
        if not self._over:
            self._over = True
            self._limit.counted_after(self._sent)


class RateLimit:
    """Lets the server count at most `requests` in any `seconds`.

    The server counts a request somewhere between its leaving and its answer. A slot is free again `seconds`
    after the *answer*, or, where the server takes its time over answering, `seconds` and a grace after the
    request left: then no delay on the way up to the grace can push two batches into one second of the
    server's clock. A refusal (429) makes everybody wait, doubles the grace, and halves the number of slots,
    which then grows back one by one: others may use the same quota.
    """

    def __init__(self, requests: int = REQUESTS, seconds: float = SECONDS) -> None:
        self.requests = requests
        self.refusals = 0
        self._seconds = seconds
        self._grace = _GRACE * seconds
        self._granted = requests
        self._in_use = 0
        self._wanted = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._not_before = 0.0
        self._allowed = float(requests)
        self._refused_at = self._halved_at = float("-inf")

    async def open(self) -> None:
        """Begin to use the limit."""

    async def close(self) -> None:
        """End the use of the limit."""

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[RequestSlot]:
        """Wait for a slot; it ends when it is answered, or at the latest with the block."""
        await self._begin()
        slot = RequestSlot(self)
        try:
            yield slot
        finally:
            slot.answered()

    def pause(self, seconds: float) -> None:
        """Let no request begin for `seconds`: the server said that its quota is used up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if until > self._not_before:
            self._not_before = until
            loop.call_at(until + 0.001, self.admit)  # asyncio's timers may fire a moment early

    def refused(self, seconds: float) -> None:
        """Take note of a 429: pause, then go on with fewer slots. A volley of them counts once."""
        now = asyncio.get_running_loop().time()
        self.refusals += 1
        if now >= self._halved_at + self._seconds:
            self._allowed, self._halved_at = max(1.0, self._allowance(now) / 2), now
            self._grace *= 2
        self._refused_at = now
        self.pause(seconds)

    def counted_after(self, sent: float | None) -> None:
        """Give a slot back once the server's count of its request has lapsed."""
        loop = asyncio.get_running_loop()
        counted = loop.time() if sent is None else min(loop.time(), sent + self._grace)
        loop.call_at(counted + self._seconds, self._give_back)

    def admit(self) -> None:
        """Let the next ones begin, as far as slots are free."""
        now = asyncio.get_running_loop().time()
        most = min(self._granted, int(self._allowance(now)))
        while self._waiting and self._in_use < most and self._may_begin(now):
            ready = self._waiting.popleft()
            if not ready.done():
                self._in_use += 1
                ready.set_result(None)

    def _may_begin(self, now: float) -> bool:
        return now >= self._not_before

    def _allowance(self, now: float) -> float:
        # A refusal with a pause of its own: growing back begins when it is over.
        grown = max(0.0, now - max(self._refused_at, self._not_before)) / (_RECOVERY * self._seconds)
        return min(float(self.requests), self._allowed + grown)

    async def _begin(self) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(ready)
        self.admit()
        self._wanted = max(self._wanted, self.requests if self._waiting else self._in_use)
        try:
            await ready
        except asyncio.CancelledError:
            if ready.done() and not ready.cancelled():
                self._give_back()
            raise

    def _give_back(self) -> None:
        self._in_use -= 1
        self.admit()
