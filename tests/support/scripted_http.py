"""Answers of a scripted transport, as they come from a network: not read yet."""

from __future__ import annotations

from collections.abc import Callable

import httpx


def unread(response: httpx.Response) -> httpx.Response:
    """Return the same answer with its body, as sent, still to be read."""
    sent = b"".join(response.stream) if isinstance(response.stream, httpx.ByteStream) else b""
    return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(sent))


class Scripted(httpx.AsyncBaseTransport):
    """Answers every request with what a function makes of it."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return unread(self._answer(request))
