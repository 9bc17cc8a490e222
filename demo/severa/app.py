"""The stand-in as an ASGI application: routes, rights, rate limit, faults, request log."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

import msgspec

from demo.severa import delivery
from demo.severa.answer import QUOTA_EXCEEDED, Answer, as_json, as_text, empty, error
from demo.severa.config import Config
from demo.severa.fault_plan import FaultPlan
from demo.severa.faults import Fault
from demo.severa.pages import page
from demo.severa.registers import OBJECTS, REGISTERS, DataFolder
from demo.severa.tokens import Session, TokenDesk
from demo.severa.writable import WritableFolder
from demo.severa.write_faults import Late, others_act
from demo.severa.writing import SCOPES as WRITE_SCOPES
from demo.severa.writing import Desk

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PATH = re.compile(
    r"^/rest-api(?:/v1(?:\.0)?)?/(?P<route>[a-z]+(?:/(?:server|database|authorized))?)(?:/(?P<guid>[^/]+))?/?$"
)


@dataclass(frozen=True)
class Request:
    """What one request asks for; `route` is empty where the API has none of that name."""

    method: str
    path: str
    route: str
    guid: str | None
    query: dict[str, str]
    authorization: str
    body: bytes


class RateLimiter:
    """Admits so many requests of a client in any stretch of time; refused ones do not count."""

    def __init__(self, config: Config) -> None:
        self._limit = config.rate_limit
        self._admitted: dict[str, deque[float]] = {}

    def refusal(self, client: str) -> Answer | None:
        """Count a request of `client`; return the 429 if it is one too many."""
        now, limit = time.monotonic(), self._limit
        admitted = self._admitted.setdefault(client, deque())
        while admitted and admitted[0] <= now - limit.seconds:
            admitted.popleft()
        if not limit.enabled or len(admitted) < limit.requests:
            admitted.append(now)
            return None
        text = QUOTA_EXCEEDED.format(requests=limit.requests, seconds=limit.seconds)
        refused = as_text(text, 429)
        extra = {"retry-after": limit.retry_after} if limit.retry_after is not None else {}
        return replace(refused, headers={**refused.headers, **extra})


class StandIn:
    """Answers as Severa would for the organisations in a data folder."""

    def __init__(self, data: Path, config: Config, log: IO[str] | None = None) -> None:
        self._data = data
        self._config = config
        self._log = log
        self._desk = TokenDesk(config)
        self._limiter = RateLimiter(config)
        self._plan = FaultPlan(config.faults)
        self._folders: dict[str, DataFolder] = {}
        self._late: list[tuple[int, Callable[[], Answer]]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        await delivery.deliver(await self.respond(scope, await _body(receive)), scope, send)

    async def respond(self, scope: Message, body: bytes) -> Answer:
        """Return the answer to a request, and how its sending shall go."""
        request = _request(scope, body)
        session = self._desk.session(request.authorization)
        client = _client_id(request) or (session.client_id if session else "")
        answer, faults = await self._answer(request, session, client)
        self._note(request, client, answer, faults)
        return answer

    async def _answer(
        self, request: Request, session: Session | None, client: str
    ) -> tuple[Answer, Sequence[Fault]]:
        refusal = self._limiter.refusal(client)
        if refusal:
            return refusal, ()
        await asyncio.sleep(self._config.latency_seconds)
        faults = self._plan.striking(request.route, client, request.method)
        try:
            self._store_late()
            if session is not None:
                others_act(faults, WritableFolder(self._data / session.data))
            answer = self._route(request, session, faults)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as problem:
            sys.stderr.write(f"the data for {request.path} cannot be read: {problem}\n")
            answer = error(500, "The data cannot be read")
        for fault in faults:
            answer = fault.alter(answer)
        return answer, faults

    def _route(self, request: Request, session: Session | None, faults: Sequence[Fault]) -> Answer:
        if request.method == "POST":
            desk = {
                "token": self._desk.issue,
                "refreshtoken": self._desk.refresh,
                "signout": self._desk.sign_out,
            }
            return desk[request.route](request.body) if request.route in desk else empty(404)
        if request.method not in {"GET", "PATCH"}:
            return empty(405)
        if request.route in {"heartbeat/server", "heartbeat/database"}:
            return empty(204)
        if session is None:
            return error(401, "Access token is missing, unknown or expired", url=request.path)
        if request.method == "PATCH":
            return self._write(request, session, faults)
        return self._read(request, session, faults)

    def _write(self, request: Request, session: Session, faults: Sequence[Fault]) -> Answer:
        scope = WRITE_SCOPES.get(request.route)
        if scope is None or request.guid is None:
            return empty(404 if scope is None else 405)
        if scope not in session.scopes:
            return error(403, f"The access token lacks the scope {scope}", url=request.path)
        folder = WritableFolder(self._data / session.data)
        desk = Desk(folder, self._config.writing, faults)
        store = partial(desk.patch, request.route, request.guid, request.body)
        for fault in faults:
            if isinstance(fault, Late):
                self._late.append((fault.behind, store))
                return error(504, "No answer in time", url=request.path)
        return store()

    def _store_late(self) -> None:
        """Store what was to be stored before this request."""
        waiting, self._late = self._late, []
        for behind, store in waiting:
            if behind > 1:
                self._late.append((behind - 1, store))
            else:
                store()

    def _read(self, request: Request, session: Session, faults: Sequence[Fault]) -> Answer:
        if request.route == "heartbeat/authorized":
            return empty(204)
        register = REGISTERS.get(request.route)
        scope = register.scope if register else OBJECTS.get(request.route)
        if scope is None:
            return empty(404)
        if scope not in session.scopes:
            return error(403, f"The access token lacks the scope {scope}", url=request.path)
        folder = self._folders.setdefault(session.data, DataFolder(self._data / session.data))
        if register is None or request.guid:
            found = folder.row(request.route, request.guid) if request.guid else folder.object(request.route)
            return empty(404) if found is None else as_json(found)
        rows = folder.rows(request.route)
        seen = folder.seen_changes(request.route)
        return page(
            request.route, register, rows, request.query, config=self._config, faults=faults, seen=seen
        )

    def _note(self, request: Request, client: str, answer: Answer, faults: Sequence[Fault]) -> None:
        if self._log is None:
            return
        line: dict[str, Any] = {
            "at": time.time(),
            "method": request.method,
            "path": request.path,
            "route": request.route,
            "query": request.query,
            "client_id": client,
            "status": answer.status,
            "faults": [str(fault.__struct_config__.tag) for fault in faults],
        }
        if request.method == "PATCH":
            line["body"] = request.body.decode("utf-8", "replace")
        self._log.write(msgspec.json.encode(line).decode() + "\n")
        self._log.flush()


def _request(scope: Message, body: bytes) -> Request:
    path = str(scope["path"])
    found = _PATH.match(path)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        method=str(scope["method"]),
        path=path,
        route=found["route"] if found else "",
        guid=found["guid"] if found else None,
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        authorization=headers.get("authorization", ""),
        body=body,
    )


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _client_id(request: Request) -> str:
    if request.route != "token":
        return ""
    try:
        return str(msgspec.json.decode(request.body, type=dict[str, Any]).get("client_id", ""))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
