"""A client of the Severa REST API: one login, one rate limit, bounded patience, no blind trust."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
import msgspec
import tenacity

from presync.errors import AccessError, ConfigurationError, SourceDataError, SourceUnavailableError
from presync.http.bodies import BodyError, read_body
from presync.http.clients import open_channel
from presync.sources.severa.rate_limit import LONGEST_WAIT, RateLimit, RequestSlot
from presync.sources.severa.registers import SCOPES
from presync.sources.severa.responses import Answer, Explainer, TryAgainError, decode, retry_after
from presync.sources.severa.token import FINE, login_refused, read_token, scopes_missing

T = TypeVar("T")
_LARGEST_BODY: Final = 64 * 1024 * 1024
_LARGEST_LOGIN: Final = 1024 * 1024
_MOST_RENEWALS: Final = 3


@dataclass(frozen=True)
class SeveraAccess:
    """Where the API is (`https://…/rest-api`, without version) and who asks."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def credential(self) -> str:
        """A name for who asks whom, the same in every process; nothing can be read from it."""
        return hashlib.sha256(f"{self.base_url}\n{self.client_id}".encode()).hexdigest()


@dataclass(frozen=True)
class Patience:
    """How often to try and how long to wait, in seconds; who asks for more than `longest` is given up.

    Whatever waits has an end: `turn` for a place in the rate limit, `connect` and `read` for parts of an
    answer, `whole` for one answer, `altogether` for all that it takes to read one page.
    """

    tries: int = 7
    first: float = 0.5
    longest: float = 60.0
    connect: float = 10.0
    read: float = 30.0
    whole: float = 300.0
    turn: float = LONGEST_WAIT
    altogether: float = 1800.0


PATIENCE: Final = Patience()


class SeveraClient:
    """Reads routes; an async context manager. `requests` and `retries` count what was sent."""

    def __init__(
        self,
        access: SeveraAccess,
        patience: Patience = PATIENCE,
        limit: RateLimit | None = None,
        *,
        scopes: Sequence[str] = SCOPES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._access = access
        self._patience = patience
        self._limit = limit or _shared_limit(access)
        self._wanted = tuple(scopes)
        self._login = asyncio.Lock()
        self._token = ""
        self._token_ends = 0.0
        self.scopes: tuple[str, ...] = ()
        self.requests = 0
        self.retries = 0
        timeout = httpx.Timeout(patience.read, connect=patience.connect, pool=None)
        self._channel = open_channel(access.base_url, source="severa", timeout=timeout, transport=transport)
        self._http = self._channel.client

    @property
    def refusals(self) -> int:
        """How often the server said that its quota is used up."""
        return self._limit.refusals

    async def __aenter__(self) -> Self:
        """Log in, so that refused credentials are found before anything else is tried."""
        await self._http.__aenter__()
        try:
            await self._limit.open()
            async with self._ending("token"):
                await self._valid_token()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections and leave the rate limit to others."""
        await self._close()

    async def _close(self) -> None:
        await self._http.aclose()
        await self._limit.close()

    async def get(
        self,
        route: str,
        query: Mapping[str, str],
        decoder: msgspec.json.Decoder[T],
        *,
        page: int | None = None,
    ) -> tuple[T, Mapping[str, str]]:
        """Return the decoded body and the headers of `GET /v1/<route>`; `page` counts those of a reading.

        Raises AccessError, SourceUnavailableError (no usable answer in all tries), SourceDataError,
        ConfigurationError.
        """

        async def attempt() -> tuple[T, Mapping[str, str]]:
            answer = await self._authorised("GET", route, params=dict(query))
            self._explainer().check(answer)
            return decode(replace(answer, page=page), decoder), answer.headers

        async with self._ending(route):
            return await self._patiently(route, attempt)

    async def _authorised(self, method: str, route: str, *, once: bool = False, **content: Any) -> Answer:
        """Send a request with a valid token; `once`: a 401 is returned, and the request not repeated."""
        refused: Answer | None = None
        urgent = False
        for renewals in range(2 * self._patience.tries):
            async with self._limit.slot(self._patience.turn, urgent=urgent) as turn:
                # only now is it known when the request leaves: a token taken earlier can end in the queue
                if not self._token or (self._now() >= self._token_ends and renewals < _MOST_RENEWALS):
                    turn.unused()
                    answer = None
                else:
                    token = self._token
                    headers = {"authorization": f"Bearer {token}", "client_id": self._access.client_id}
                    answer = await self._send(turn, method, route, headers=headers, **content)
            if answer is None:
                await self._valid_token()
                urgent = True
                continue
            if answer.status != httpx.codes.UNAUTHORIZED:
                return answer
            outlived = self._now() >= self._token_ends
            if token == self._token:
                self._token = ""
            if once:
                return answer
            # A token that ran out on the way is no refusal; a fresh one that is refused is.
            if refused is not None and not outlived:
                break
            refused = refused if outlived else answer
        raise self._token_refused(route, answer)

    def _token_refused(self, route: str, answer: Answer | None) -> AccessError:
        said = self._explainer().quote(answer) if answer else "its tokens end before a request can be sent"
        return AccessError(
            f"Severa refuses /v1/{route} although it has just issued a new access token ({said}). Nothing "
            "can be checked without it. Ask the organisation's administrator whether the API client is "
            "still active.",
            source="severa",
        )

    async def _valid_token(self) -> None:
        async with self._login:
            if not self._token or self._now() >= self._token_ends:
                await self._patiently("token", self._log_in)

    async def _log_in(self) -> None:
        answer = await self._ask_for_token(self._wanted)
        if answer.status == httpx.codes.FORBIDDEN:
            raise await self._scopes_refused(answer)
        if answer.status in {400, 401}:
            raise login_refused(answer, self._explainer(), self._wanted)
        self._explainer().check(answer, FINE)
        token = read_token(answer)
        self._token, self._token_ends = token.access_token, self._now() + token.renewed_after
        self.scopes = token.scopes
        missing = [scope for scope in self._wanted if self.scopes and scope not in self.scopes]
        if missing:
            raise scopes_missing(missing, self._wanted)

    async def _ask_for_token(self, scopes: Sequence[str]) -> Answer:
        access = self._access
        login = {"client_id": access.client_id, "client_secret": access.client_secret}
        async with self._limit.slot(self._patience.turn, urgent=True) as turn:
            return await self._send(turn, "POST", "token", json={**login, "scope": " ".join(scopes)})

    async def _scopes_refused(self, answer: Answer) -> AccessError:
        """Find out which scopes are missing: one that is makes Severa refuse the whole request."""
        missing = []
        for scope in self._wanted:
            alone = await self._ask_for_token([scope])
            if alone.status in {400, 401, 403}:
                missing.append(scope)
            else:
                self._explainer().check(alone, FINE)
        if len(missing) in {0, len(self._wanted)}:
            return login_refused(answer, self._explainer(), self._wanted)
        return scopes_missing(missing, self._wanted)

    async def _patiently(self, route: str, attempt: Callable[[], Awaitable[T]]) -> T:
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TryAgainError),
            stop=tenacity.stop_after_attempt(self._patience.tries),
            wait=self._wait,
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            return await retrying(attempt)
        except TryAgainError as error:
            raise self._unavailable(
                route, f"in {self._patience.tries} tries (the last: {error.reason})"
            ) from None

    @asynccontextmanager
    async def _ending(self, route: str) -> AsyncIterator[None]:
        """End whatever the block waits for, and whatever that waits for, in time."""
        try:
            async with asyncio.timeout(self._patience.altogether):
                yield
        except TimeoutError:
            raise self._unavailable(
                route, f"in {self._patience.altogether:.0f} seconds, tries and new logins included"
            ) from None

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        after = error.after if isinstance(error, TryAgainError) else None
        backoff = tenacity.wait_exponential_jitter(
            multiplier=self._patience.first, max=20, jitter=self._patience.first
        )
        return max(after or 0.0, backoff(state))

    def _count_retry(self, state: tenacity.RetryCallState) -> None:
        self.retries += 1

    async def _send(
        self,
        turn: RequestSlot,
        method: str,
        route: str,
        *,
        may_leave: Callable[[], None] = lambda: None,
        **content: Any,
    ) -> Answer:
        """Send a request; `may_leave` is asked just before each part of it leaves, and may raise."""
        url = f"{self._access.base_url}/v1/{route}"
        try:
            async with asyncio.timeout(self._patience.whole):
                self.requests += 1
                request = self._http.build_request(
                    method, url, extensions={"trace": _departure(turn, may_leave)}, **content
                )
                response = await self._http.send(request, stream=True)
                turn.answered()
                try:
                    body = await read_body(response, _LARGEST_LOGIN if route == "token" else _LARGEST_BODY)
                finally:
                    await response.aclose()
        except BodyError as error:
            if error.again:
                raise TryAgainError(error.reason) from None
            raise self._unreadable(route, error.reason) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError):
            raise ConfigurationError(
                f"The request to Severa's /v1/{route} cannot be written with what the connection says, so it "
                "was not sent. Check its host, login and password for characters that do not belong there.",
                source="severa",
            ) from None
        except (httpx.RequestError, TimeoutError) as error:
            if untrusted := self._channel.untrusted(error, source="severa"):
                raise untrusted from None
            raise TryAgainError(self._channel.failure(error)) from None
        answer = Answer(route, response.status_code, response.headers, body)
        self._heed_quota(answer)
        return answer

    def _heed_quota(self, answer: Answer) -> None:
        """The quota is shared: a 429 makes all requests wait, and one that asks for too much ends them."""
        if answer.status != httpx.codes.TOO_MANY_REQUESTS and answer.status < 500:
            return
        after = retry_after(answer.headers.get("retry-after"))
        if after is not None and after > self._patience.longest:
            raise self._unavailable(answer.route, f"and asks to be left alone for {after:.0f} seconds")
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            self._limit.refused(self._patience.first if after is None else after)

    def _unavailable(self, route: str, how: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            f"Severa ({self._channel.server}) gave no complete answer to /v1/{route} {how}. "
            "A register that is read in part cannot be checked, so nothing of this extract is used. Run "
            "again later; if it persists, check the network and Severa's status page.",
            source="severa",
        )

    @staticmethod
    def _unreadable(route: str, reason: str) -> SourceDataError:
        return SourceDataError(
            f"Severa's answer for /v1/{route} cannot be used: {reason}. Nothing of this extract is used. "
            "Check that the connection's host is Severa's API.",
            source="severa",
        )

    def _explainer(self) -> Explainer:
        return Explainer(self.scopes)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _shared_limit(access: SeveraAccess) -> RateLimit:
    from presync.sources.severa.shared_rate_limit import SharedRateLimit

    return SharedRateLimit(access.credential)


def _departure(
    slot: RequestSlot, may_leave: Callable[[], None]
) -> Callable[[str, Mapping[str, Any]], Awaitable[None]]:
    """Return the listener of httpx's transport that hears when a request is about to leave, and has left."""

    async def listen(event: str, _info: Mapping[str, Any]) -> None:
        if event.endswith((".send_request_headers.started", ".send_request_body.started")):
            may_leave()
        if event.endswith((".send_request_headers.complete", ".send_request_body.complete")):
            slot.sent()

    return listen
