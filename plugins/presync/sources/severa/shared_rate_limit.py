"""A rate limit that all processes on all machines share that read with one credential."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Final

from presync.control.request_shares import LEASE, Share, SlotClaim, leave_share, renew_share
from presync.errors import PresyncError, SourceUnavailableError
from presync.sources.severa.rate_limit import REQUESTS, SECONDS, RateLimit

logger = logging.getLogger(__name__)
_BEAT: Final = 1.0
_LONGEST_ANSWER: Final = 60.0


class SharedRateLimit(RateLimit):
    """Uses only the share of the slots that the control database grants, and says every second what it needs.

    A process that dies, or cannot reach the control database any more, loses its share after `lease`; it
    stops sending early enough for its last requests to have lapsed by then. The grace never grows so large
    that nothing of a lease is left to send in.
    """

    def __init__(
        self, credential: str, requests: int = REQUESTS, seconds: float = SECONDS, lease: timedelta = LEASE
    ) -> None:
        spare = lease.total_seconds() / seconds - 1
        super().__init__(requests, seconds, most_grace=max(0.0, min(1.2, spare / 4)))
        self._claim = SlotClaim(credential, str(uuid.uuid4()), requests, 0, requests, lease=lease)
        self._granted = 0
        self._ends = float("-inf")
        self._asked_to_pause_until = float("-inf")
        self._closing = asyncio.Event()
        self._beats: asyncio.Task[None] | None = None
        self._lost: Exception | None = None

    async def open(self) -> None:
        """Ask for a share. Raises SourceUnavailableError if the control database cannot be reached."""
        await self._renew(_LONGEST_ANSWER)
        self._beats = asyncio.create_task(self._keep_alive())

    async def close(self) -> None:
        """Give the share up; what was sent a moment ago goes on counting."""
        self._closing.set()
        if self._beats is None:
            return
        await self._beats
        now = asyncio.get_running_loop().time()
        counted = timedelta(seconds=self._seconds + self._grace(now))
        last = replace(self._claim, busy=self._in_use, lease=counted)
        try:
            await asyncio.to_thread(leave_share, last)
        except PresyncError as error:
            logger.warning("severa: the share of the rate limit will lapse: %s", error.message)

    def refused(self, seconds: float) -> None:
        """Take note of a 429, which the other processes hear of with the next renewal."""
        super().refused(seconds)
        until = asyncio.get_running_loop().time() + seconds
        self._asked_to_pause_until = max(self._asked_to_pause_until, until)

    def _may_begin(self, now: float) -> bool:
        return super()._may_begin(now) and now < self._ends - self._seconds - self._grace(now)

    def _hindrance(self, now: float) -> str:
        if now >= self._ends - self._seconds - self._grace(now):
            return "the control database has not renewed this process's share of it"
        if now >= self._not_before and self._in_use >= self._granted:
            return f"other processes that read with the same credential leave {self._granted} requests to it"
        return super()._hindrance(now)

    async def _begin(self, longest: float, *, urgent: bool) -> None:
        if self._lost:
            raise self._lost
        await super()._begin(longest, urgent=urgent)

    async def _keep_alive(self) -> None:
        while not self._closing.is_set() and not self._lost:
            try:
                await asyncio.wait_for(self._closing.wait(), _BEAT * self._seconds)
            except TimeoutError:
                await self._try_to_renew()

    async def _try_to_renew(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await self._renew(_LONGEST_ANSWER)
        except Exception as error:
            # The database may be back before the share has lapsed; a defect of ours will not go away.
            if not isinstance(error, PresyncError) or loop.time() >= self._ends:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._lost = error
        for ready in (*self._urgent, *self._waiting):
            if not ready.done():
                ready.set_exception(error)
        self._urgent.clear()
        self._waiting.clear()

    async def _renew(self, longest: float) -> None:
        """Renew the share. Raises SourceUnavailableError, also if that takes longer than `longest` seconds.

        A renewal that is late is never repeated beside the first one: the older could overtake it.
        """
        loop = asyncio.get_running_loop()
        before = loop.time()
        asking = asyncio.ensure_future(asyncio.to_thread(renew_share, self._claim_now(before)))
        done, _ = await asyncio.wait({asking}, timeout=longest)
        if not done:
            asking.add_done_callback(_ignore)
            raise SourceUnavailableError(
                f"The control database did not say for {longest:.0f} seconds how many requests this process "
                "may send to Severa, so it sends none. Nothing of this extract is used. Check that the "
                "control database answers, then run again.",
                source="severa",
            )
        share: Share = asking.result()
        self._ends = before + self._claim.lease.total_seconds()
        self._granted = share.slots
        if share.pause > 0:
            self.pause(share.pause)
        self.admit()

    def _claim_now(self, now: float) -> SlotClaim:
        wanted, self._wanted = max(1, self._wanted, self._in_use), self._in_use
        # Up to what is granted may come into use while the database is being asked: it all counts as busy,
        # so a share shrinks in two steps. Only what the server asked of this process is passed on as a pause:
        # two that passed on each other's would never end it.
        return replace(
            self._claim,
            busy=max(self._in_use, self._granted),
            wanted=self.requests if self._queued else wanted,
            pause=max(0.0, self._asked_to_pause_until - now),
        )


def _ignore(asking: asyncio.Future[Share]) -> None:
    if not asking.cancelled():
        asking.exception()
