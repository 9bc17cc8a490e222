"""Workers that write to a stand-in in a process of its own, and end by SIGKILL at a chosen request."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final, Literal

import httpx

from presync.apply import plan, run
from presync.apply.basis import Checked
from presync.apply.make_call import CallMaker
from presync.control import journal
from presync.sources.severa.client import SeveraAccess
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.writer import SeveraWriter
from presync.tenants.model import Tenant
from tests.support.written_severa import HASTY, WHO, at_once

_PATIENCE: Final = 60
Do = Literal["apply", "resume", "undo"]


@dataclass(frozen=True)
class Worker:
    """Writes as `client` to the stand-in at `api`; `checked` is what its plans rest on."""

    tenant: Tenant
    api: str
    client: str
    checked: Checked

    def do(self, what: Do, identity: str, kill_at: tuple[str, int] | None = None) -> run.Report:
        """Apply, resume or undo; `kill_at`: before or after which PATCH this process ends."""
        step: Callable[..., run.Report] = {"apply": run.apply_plan, "resume": run.resume, "undo": run.undo}[
            what
        ]
        return step(self.tenant, identity, WHO, connect=self.connect(kill_at))

    def connect(self, kill_at: tuple[str, int] | None = None) -> Any:
        """Return what connects to the stand-in."""

        @asynccontextmanager
        async def connected(_tenant: Tenant, registers: Sequence[str]) -> AsyncIterator[SeveraWriter]:
            access = SeveraAccess(self.api, self.client, "s")
            limit = RateLimit(1000, 0.001)
            async with SeveraWriter(access, registers, limit, HASTY, transport=Mortal(kill_at)) as hands:
                yield hands

        return connected


class Mortal(httpx.AsyncHTTPTransport):
    """Ends the process before or after a request; `at` names the moment and counts requests from 1."""

    def __init__(self, at: tuple[str, int] | None) -> None:
        super().__init__()
        self._at = at
        self._count = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._count += 1
        self._end("before")
        answer = await super().handle_async_request(request)
        body = await answer.aread()
        self._end("after")
        headers = [
            (name, value) for name, value in answer.headers.raw if name.lower() != b"transfer-encoding"
        ]
        return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))

    def _end(self, moment: str) -> None:
        if self._at == (moment, self._count):
            os.kill(os.getpid(), signal.SIGKILL)


def work(database: str, worker: Worker, what: Do, identity: str, kill_at: tuple[str, int] | None) -> None:
    """Do it, in a process of its own."""
    os.environ["PRESYNC_DATABASE_URL"] = database
    rest_on(worker.checked, setattr)
    worker.do(what, identity, kill_at)


def rest_on(checked: Checked, put: Callable[[Any, str, Any], Any]) -> None:
    """Let plans rest on `checked`, and a silent process count as dead at once."""
    for module in (run, plan):
        put(module, "find_checked", lambda *_: checked)
        put(module, "require_unmoved", lambda *_: None)
    put(journal, "SILENCE", timedelta(0))
    put(run, "CallMaker", partial(CallMaker, pause=at_once))


def killed(arguments: tuple[Any, ...], *, when: Callable[[], bool] | None = None) -> bool:
    """Have a process `work` until it is dead; tell whether SIGKILL was its end.

    `when`: it is killed from outside as soon as this is so.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=work, args=arguments)
    process.start()
    ends = time.monotonic() + _PATIENCE
    while when is not None and process.is_alive() and time.monotonic() < ends:
        if when():
            process.kill()
            break
        time.sleep(0.01)
    process.join(_PATIENCE)
    if process.is_alive():
        process.kill()
        raise TimeoutError("the worker did not end")
    return process.exitcode == -signal.SIGKILL
