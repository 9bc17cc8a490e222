"""A rate limit that all processes on all machines share that read with one credential."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Final

from presync.control.request_shares import LEASE, Share, SlotClaim, leave_share, renew_share
from presync.errors import PresyncError
from presync.sources.severa.rate_limit import REQUESTS, SECONDS, RateLimit

logger = logging.getLogger(__name__)
_BEAT: Final = 1.0


class SharedRateLimit(RateLimit):
    """Uses only the share of the slots that the control database grants, and says every second what it needs.

    A process that dies, or cannot reach the control database any more, loses its share after `lease`; it
    stops sending early enough for its last requests to have lapsed by then.
    """

    def __init__(
        self, credential: str, requests: int = REQUESTS, seconds: float = SECONDS, lease: timedelta = LEASE
    ) -> None:
        super().__init__(requests, seconds)
        self._claim = SlotClaim(credential, str(uuid.uuid4()), requests, 0, requests, lease=lease)
        self._granted = 0
        self._ends = float("-inf")
        self._closing = asyncio.Event()
        self._beats: asyncio.Task[None] | None = None
        self._lost: Exception | None = None

    async def open(self) -> None:
        """Ask for a share. Raises SourceUnavailableError if the control database cannot be reached."""
        await self._renew()
        self._beats = asyncio.create_task(self._keep_alive())

    async def close(self) -> None:
        """Give the share up; what was sent a moment ago goes on counting."""
        self._closing.set()
        if self._beats is None:
            return
        await self._beats
        last = replace(self._claim, busy=self._in_use, lease=timedelta(seconds=self._seconds + self._grace))
        try:
            await asyncio.to_thread(leave_share, last)
        except PresyncError as error:
            logger.warning("severa: the share of the rate limit lapses by itself: %s", error.message)

    def _may_begin(self, now: float) -> bool:
        return super()._may_begin(now) and now < self._ends - self._seconds - self._grace

    async def _begin(self) -> None:
        if self._lost:
            raise self._lost
        await super()._begin()

    async def _keep_alive(self) -> None:
        while not self._closing.is_set():
            try:
                await asyncio.wait_for(self._closing.wait(), _BEAT * self._seconds)
            except TimeoutError:
                await self._try_to_renew()

    async def _try_to_renew(self) -> None:
        try:
            await self._renew()
        except Exception as error:
            # The database may be back before the share has lapsed; a defect of ours will not mend itself.
            if not isinstance(error, PresyncError) or asyncio.get_running_loop().time() >= self._ends:
                self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self._lost = error
        for ready in self._waiting:
            if not ready.done():
                ready.set_exception(error)
        self._waiting.clear()

    async def _renew(self) -> None:
        loop = asyncio.get_running_loop()
        before = loop.time()
        share: Share = await asyncio.to_thread(renew_share, self._claim_now(before))
        self._ends = before + self._claim.lease.total_seconds()
        self._granted = share.slots
        if share.pause > 0:
            self.pause(share.pause)
        self.admit()

    def _claim_now(self, now: float) -> SlotClaim:
        wanted, self._wanted = max(1, self._wanted, self._in_use), self._in_use
        # Up to what is granted may come into use while the database is being asked: it all counts as busy,
        # so a share shrinks in two steps.
        return replace(
            self._claim,
            busy=max(self._in_use, self._granted),
            wanted=self.requests if self._waiting else wanted,
            pause=max(0.0, self._not_before - now),
        )
