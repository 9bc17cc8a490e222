"""One limit for all requests to a server that counts them."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from presync.errors import SourceUnavailableError

REQUESTS: Final = 10
SECONDS: Final = 1.0
LONGEST_WAIT: Final = 600.0
_GRACE: Final = 0.075
_MOST_GRACE: Final = 1.2
_QUIET: Final = 10.0
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

    def unused(self) -> None:
        """Give the slot back at once: no request will leave."""
        if not self._over:
            self._over = True
            self._limit.give_back()


class RateLimit:
    """Lets the server count at most `requests` in any `seconds`.

    The server counts a request somewhere between its leaving and its answer. A slot is free again `seconds`
    after the *answer*, or, where the server takes its time over answering, `seconds` and a grace after the
    request left: then no delay on the way up to the grace can push two batches into one second of the
    server's clock. A refusal (429) makes everybody wait, doubles the grace up to a bound, and halves the
    number of slots; both recover step by step while nothing is refused: others may use the same quota.
    """

    def __init__(
        self, requests: int = REQUESTS, seconds: float = SECONDS, *, most_grace: float = _MOST_GRACE
    ) -> None:
        self.requests = requests
        self.refusals = 0
        self._seconds = seconds
        self._most_grace = most_grace * seconds
        self._refused_grace = min(_GRACE * seconds, self._most_grace)
        self._granted = requests
        self._in_use = 0
        self._wanted = 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._not_before = 0.0
        self._allowed = float(requests)
        self._refused_at = self._halved_at = float("-inf")

    async def open(self) -> None:
        """Begin to use the limit."""

    async def close(self) -> None:
        """End the use of the limit."""

    @asynccontextmanager
    async def slot(
        self, longest: float = LONGEST_WAIT, *, urgent: bool = False
    ) -> AsyncIterator[RequestSlot]:
        """Wait for a slot; it ends when it is answered, or at the latest with the block.

        `urgent`: before all that are not. Raises SourceUnavailableError, which says what kept it, after
        `longest` seconds.
        """
        await self._begin(longest, urgent=urgent)
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
            grace = min(2 * self._grace(now), self._most_grace)
            self._allowed, self._halved_at = max(1.0, self._allowance(now) / 2), now
            self._refused_grace = grace
        self._refused_at = now
        self.pause(seconds)

    def counted_after(self, sent: float | None) -> None:
        """Give a slot back once the server's count of its request has lapsed."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        counted = now if sent is None else min(now, sent + self._grace(now))
        loop.call_at(counted + self._seconds, self.give_back)

    def give_back(self) -> None:
        """Take a slot back."""
        self._in_use -= 1
        self.admit()

    def admit(self) -> None:
        """Let the next ones begin, as far as slots are free."""
        now = asyncio.get_running_loop().time()
        most = min(self._granted, int(self._allowance(now)))
        while self._queued and self._in_use < most and self._may_begin(now):
            ready = (self._urgent or self._waiting).popleft()
            if not ready.done():
                self._in_use += 1
                ready.set_result(None)

    @property
    def _queued(self) -> int:
        return len(self._urgent) + len(self._waiting)

    def _may_begin(self, now: float) -> bool:
        return now >= self._not_before

    def _hindrance(self, now: float) -> str:
        """Return what keeps requests from beginning, for the one who has waited too long."""
        if now < self._not_before:
            return f"the server has asked for a pause, which lasts another {self._not_before - now:.0f} s"
        return f"{self._in_use} requests are under way and the server has refused {self.refusals}"

    def _quiet(self, now: float) -> float:
        # A refusal with a pause of its own: recovery begins when it is over.
        return max(0.0, now - max(self._refused_at, self._not_before)) / self._seconds

    def _allowance(self, now: float) -> float:
        return min(float(self.requests), self._allowed + self._quiet(now) / _RECOVERY)

    def _grace(self, now: float) -> float:
        halvings = int(min(60.0, self._quiet(now) / _QUIET))
        return max(math.ldexp(self._refused_grace, -halvings), min(_GRACE * self._seconds, self._most_grace))

    async def _begin(self, longest: float, *, urgent: bool) -> None:
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._urgent if urgent else self._waiting
        queue.append(ready)
        self.admit()
        self._wanted = max(self._wanted, self.requests if self._queued else self._in_use)
        try:
            async with asyncio.timeout(longest):
                await ready
        except TimeoutError:
            if not _granted(ready):
                raise self._waited_too_long(longest) from None
        except asyncio.CancelledError:
            if _granted(ready):
                self.give_back()
            raise
        finally:
            if ready in queue:
                queue.remove(ready)

    def _waited_too_long(self, seconds: float) -> SourceUnavailableError:
        now = asyncio.get_running_loop().time()
        return SourceUnavailableError(
            f"A request to Severa waited {seconds:.0f} seconds for its turn within the limit of "
            f"{self.requests} requests per second: {self._hindrance(now)}. Nothing of this extract is used. "
            "Run again later; if it persists, find out who else reads with these credentials.",
            source="severa",
        )


def _granted(ready: asyncio.Future[None]) -> bool:
    """Tell whether a slot was granted, be it at the very moment at which the wait was given up."""
    return ready.done() and not ready.cancelled() and ready.exception() is None
