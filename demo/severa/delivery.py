"""Sending an answer, whole or broken off: faults need the connection itself, which ASGI hides."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.severa.answer import Answer

_open: dict[tuple[str, int], asyncio.Transport] = {}


class Protocol(H11Protocol):
    """Uvicorn's HTTP protocol, which lets `deliver` find the connection of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client:
            _open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client:
            _open.pop(self.client, None)
        super().connection_lost(exc)


async def deliver(
    answer: Answer,
    scope: MutableMapping[str, Any],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Send an answer to the end that it says."""
    await asyncio.sleep(answer.delay)
    if answer.ending == "hang" and answer.cut is None:
        await asyncio.Event().wait()
    if answer.ending in {"drip", "interim"}:
        await _never_ready(_open[tuple(scope["client"])], interim=answer.ending == "interim")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    whole = answer.ending == "complete"
    await send({"type": "http.response.body", "body": answer.body[: answer.cut], "more_body": not whole})
    if answer.ending == "hang":
        await asyncio.Event().wait()
    if not whole:
        await _break_off(_open[tuple(scope["client"])], reset=answer.ending == "reset")


async def _never_ready(transport: asyncio.Transport, *, interim: bool) -> None:
    """Send something every moment that keeps a reader waiting: headers, or answers that promise another."""
    transport.write(b"" if interim else b"HTTP/1.1 200 OK\r\n")
    count = 0
    while not transport.is_closing():
        count += 1
        transport.write(b"HTTP/1.1 102 Processing\r\n\r\n" if interim else b"x-%d: 1\r\n" % count)
        await asyncio.sleep(0.05)
    await asyncio.Event().wait()


async def _break_off(transport: asyncio.Transport, *, reset: bool) -> None:
    if reset:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    for _ in range(3):  # until the server has noticed, or it would report an unfinished answer
        await asyncio.sleep(0)
