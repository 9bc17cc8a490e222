"""What is asked of Severa when single records are looked at and written, and what is made of its answers.

Covers: sources/severa/writer.py.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from presync.errors import SourceDataError
from presync.sources.severa import writer
from presync.sources.severa.client import SeveraAccess
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.writer import Reply, SeveraWriter

T = TypeVar("T")
ACCESS = SeveraAccess("http://127.0.0.1:1/rest-api", "writer", "s")
Answers = Callable[[httpx.Request], Awaitable[httpx.Response]]


def reply(body: Any, **headers: str) -> httpx.Response:
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(json.dumps(body).encode()))


def asked(answers: Answers, ask: Callable[[SeveraWriter], Awaitable[T]], *registers: str) -> T:
    """Ask a Severa that lets everybody in and answers like that."""

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return reply({"access_token": "t", "expires_in": 3600})
        return await answers(request)

    async def work() -> T:
        transport = httpx.MockTransport(answer)
        async with SeveraWriter(ACCESS, registers, RateLimit(1000, 0.001), transport=transport) as hands:
            return await ask(hands)

    return asyncio.run(work())


def test_whoever_has_a_code_is_found_on_every_page_and_partial_matches_are_not_taken_for_it() -> None:
    pages: dict[str | None, Any] = {
        None: (
            [{"guid": "x", "code": "u-80", "firstName": "X", "lastName": "X", "isActive": True}],
            {"NextPageToken": "2"},
        ),
        "2": ([{"guid": "y", "code": " U-8", "firstName": "Y", "lastName": "Y", "isActive": False}], {}),
    }

    async def answers(request: httpx.Request) -> httpx.Response:
        assert request.url.params["code"] == "u-8"
        assert "isActive" not in request.url.params
        rows, headers = pages[request.url.params.get("pageToken")]
        return reply(rows, **headers)

    assert asked(answers, lambda hands: hands.holders("users", "code", "u-8"), "users") == ("y",)


def test_an_answer_about_another_record_is_refused() -> None:
    async def answers(_: httpx.Request) -> httpx.Response:
        return reply({"guid": "b", "name": "B", "number": 5, "isActive": True})

    with pytest.raises(SourceDataError, match="with another record"):
        asked(answers, lambda hands: hands.record("customers", "a"), "customers")


def test_a_call_without_an_answer_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(writer, "LONGEST_CALL", 0.05)

    async def replaced(hands: SeveraWriter) -> Reply:
        async with asyncio.timeout(20):
            return await hands.replace("customers", "a", "number", "8", entered=hands.clock())

    assert asked(answers, replaced, "customers").outcome == "uncertain"
