"""The client against a scripted transport: edges that a well-built server cannot show.

Covers: sources/severa/token.py.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import pickle
import ssl
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presync.errors import (
    AccessError,
    ConfigurationError,
    PresyncError,
    SourceDataError,
    SourceUnavailableError,
)
from presync.sources.severa.client import Patience, SeveraAccess, SeveraClient
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.registers import SCOPES
from tests.support.scripted_http import unread

SECRET = "hush-hush-secret"
ACCESS = SeveraAccess("https://severa.test/rest-api", "the client", SECRET)
HASTY = Patience(tries=3, first=0.001, longest=5)
ROWS = msgspec.json.Decoder(list[int])
Step = httpx.Response | Exception


def token(name: str = "token-1", **changes: Any) -> httpx.Response:
    """A token answer; a field set to `...` is left out."""
    fields = {"access_token": name, "access_token_expires_in": 3600, "scope": ",".join(SCOPES)} | changes
    return httpx.Response(200, json={key: value for key, value in fields.items() if value is not ...})


class Script(httpx.AsyncBaseTransport):
    """Plays the prepared steps, one per request, and remembers the requests; the last step repeats."""

    def __init__(
        self, steps: Sequence[Step | Callable[[httpx.Request], Step]], tokens: Sequence[Step]
    ) -> None:
        self.steps, self.tokens = list(steps), list(tokens)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        self.requests.append(request)
        line = self.tokens if request.url.path.endswith("/token") else self.steps
        step = line.pop(0) if len(line) > 1 else line[0]
        step = step if isinstance(step, httpx.Response | Exception) else step(request)
        if isinstance(step, Exception):
            raise step
        return unread(step)

    def paths(self) -> list[str]:
        """The routes asked for, in order."""
        return [request.url.path.removeprefix("/rest-api/v1/") for request in self.requests]


def read(*steps: Step, tokens: Sequence[Step] = (), patience: Patience = HASTY) -> tuple[list[int], Script]:
    """Read one route of a server that plays `steps`."""
    script = Script(steps, tokens or [token()])

    async def scenario() -> list[int]:
        async with SeveraClient(ACCESS, patience, RateLimit(100, 0.001), transport=script) as client:
            rows, _ = await client.get("customers", {"rowCount": "1000"}, ROWS)
            return rows

    return asyncio.run(scenario()), script


def refusal(kind: type[PresyncError], *steps: Step, tokens: Sequence[Step] = ()) -> PresyncError:
    """Return the error that a reading ends with; none quotes the secret, each survives a process border."""
    with pytest.raises(kind) as caught:
        read(*steps, tokens=tokens)
    error = caught.value
    assert SECRET not in str(error)
    assert error.source == "severa"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301
    return error


OK = httpx.Response(200, json=[1, 2])


def test_credentials_scopes_and_headers_are_sent_as_the_api_wants_them() -> None:
    rows, script = read(OK)
    assert rows == [1, 2]
    login, call = script.requests
    assert (login.method, str(login.url)) == ("POST", "https://severa.test/rest-api/v1/token")
    assert msgspec.json.decode(login.content) == {
        "client_id": "the client",
        "client_secret": SECRET,
        "scope": "customers:read projects:read invoices:read users:read settings:read organization:read",
    }
    assert str(call.url) == "https://severa.test/rest-api/v1/customers?rowCount=1000"
    assert call.headers["authorization"] == "Bearer token-1"
    assert call.headers["client_id"] == "the client"


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500, json={"error": {"type": "InternalSystemError"}}),
        httpx.Response(502, html="<html>Bad gateway</html>"),
        httpx.Response(503, text="later", headers={"retry-after": "0"}),
        httpx.Response(429, text="API calls quota exceeded! maximum admitted 10 per 1s."),
        httpx.Response(200, content=b"[1, 2", headers={"content-type": "application/json"}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
        httpx.RemoteProtocolError("half"),
        httpx.ReadError("reset"),
        httpx.DecodingError("gzip"),
    ],
)
def test_a_passing_failure_is_overcome_and_a_lasting_one_reported(failure: Step) -> None:
    rows, script = read(failure, failure, OK)
    assert rows == [1, 2]
    assert len(script.requests) == 4
    error = refusal(SourceUnavailableError, failure)
    assert "/v1/customers in 3 tries" in str(error)
    assert error.retryable


def test_a_failing_login_is_tried_again_too() -> None:
    _, script = read(OK, tokens=[httpx.Response(503), httpx.ConnectError("no"), token()])
    assert script.paths() == ["token", "token", "token", "customers"]
    assert "/v1/token" in str(refusal(SourceUnavailableError, OK, tokens=[httpx.Response(500)]))


@pytest.mark.parametrize("status", [400, 401])
def test_refused_credentials_are_not_tried_again(status: int) -> None:
    said = httpx.Response(status, json={"error": {"type": "X", "details": [{"message": f"no {SECRET}"}]}})
    script = Script([OK], [said])
    with pytest.raises(AccessError, match=r"refuses the credentials .*401|refuses the credentials .*400"):
        asyncio.run(_only_log_in(script))
    assert script.paths() == ["token"]


def test_a_login_with_too_few_rights_names_those_that_are_missing() -> None:
    refused, granted = httpx.Response(403, json={"error": {"type": "InsufficientApiScope"}}), token()
    tokens = [refused, granted, granted, refused, granted, granted, refused]
    error = refusal(AccessError, OK, tokens=tokens)
    assert "lacks the scopes invoices:read, organization:read." in str(error)


def test_a_login_that_is_forbidden_whatever_it_asks_for_is_refused() -> None:
    assert "refuses the credentials" in str(refusal(AccessError, OK, tokens=[httpx.Response(403)]))


def test_scopes_are_checked_before_the_first_page() -> None:
    script = Script([OK], [token(scope=["customers:read", "Users:Read", "projects:read"])])
    with pytest.raises(AccessError, match=r"lacks the scopes invoices:read, settings:read, organization:r"):
        asyncio.run(_only_get(script))
    assert script.paths() == ["token"]


def test_a_server_that_names_no_scopes_is_asked_all_the_same() -> None:
    rows, _ = read(OK, tokens=[token(scope=...)])
    assert rows == [1, 2]


async def _only_log_in(script: Script) -> None:
    async with SeveraClient(ACCESS, HASTY, transport=script):
        pass


def test_a_token_that_is_refused_is_renewed_once() -> None:
    refused = httpx.Response(401, json={"error": {"type": "AuthenticationRequired"}})
    rows, script = read(refused, OK, tokens=[token("old"), token("new")])
    assert rows == [1, 2]
    assert script.paths() == ["token", "customers", "token", "customers"]
    assert script.requests[-1].headers["authorization"] == "Bearer new"
    assert "/v1/customers" in str(refusal(AccessError, refused))


def test_requests_that_fail_together_share_one_renewal() -> None:
    def by_token(request: httpx.Request) -> Step:
        return OK if request.headers["authorization"] == "Bearer new" else httpx.Response(401)

    script = Script([by_token], [token("old"), token("new")])

    async def scenario() -> None:
        async with SeveraClient(ACCESS, HASTY, RateLimit(100, 0.001), transport=script) as client:
            await asyncio.gather(*(client.get(f"route{n}", {}, ROWS) for n in range(8)))

    asyncio.run(scenario())
    assert script.paths().count("token") == 2


def test_a_token_is_renewed_before_it_ends() -> None:
    script = Script([OK], [token("brief", access_token_expires_in=0), token("long")])

    async def scenario() -> None:
        async with SeveraClient(ACCESS, HASTY, RateLimit(100, 0.001), transport=script) as client:
            await client.get("customers", {}, ROWS)

    asyncio.run(scenario())
    assert script.paths() == ["token", "token", "customers"]


def test_a_token_without_lifetime_is_used_until_it_is_refused() -> None:
    _, script = read(OK, tokens=[token(access_token_expires_in=...)])
    assert script.paths() == ["token", "customers"]


@pytest.mark.parametrize(
    "answer",
    [token(access_token=...), token(""), token("bad\nheader"), token("snø"), httpx.Response(200, text="ok")],
)
def test_an_unusable_token_is_an_error(answer: httpx.Response) -> None:
    assert "/v1/token" in str(refusal(SourceDataError, OK, tokens=[answer]))


ECHOES = st.sampled_from([SECRET, "token-1", json.dumps(SECRET)[1:-1], SECRET[::-1]])


@given(
    status=st.sampled_from([200, 201, 202, 204, 302, 400, 401, 403, 404, 418, 500, 503]),
    kind=st.sampled_from(["application/json", "text/plain", "text/html", f"text/{SECRET}"]),
    body=st.one_of(
        ECHOES,
        st.fixed_dictionaries({"error": ECHOES}).map(json.dumps),
        st.fixed_dictionaries({"error": st.fixed_dictionaries({"type": ECHOES})}).map(json.dumps),
        st.fixed_dictionaries({"scope": ECHOES, "expires": ECHOES}).map(json.dumps),
        st.fixed_dictionaries({"access_token": st.just("a b" + SECRET)}).map(json.dumps),
    ),
)
@settings(max_examples=40, deadline=None)
def test_nothing_that_a_login_answers_is_ever_shown(status: int, kind: str, body: str) -> None:
    answer = httpx.Response(status, content=body, headers={"content-type": kind})
    with pytest.raises(PresyncError) as caught:
        read(OK, tokens=[answer], patience=Patience(tries=1, first=0.001))
    for hidden in (SECRET, "token-1", SECRET[::-1]):
        assert hidden not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(201, json={"access_token": "t", "access_token_expires_in": 3600}),
        httpx.Response(200, json={"access_token": "t", "access_token_expires_in": "3600"}),
        httpx.Response(200, json={"Access_Token": "t", "ACCESS_TOKEN_EXPIRES_IN": 3600.0}),
        httpx.Response(200, json={"accessToken": "t", "accessTokenExpiresIn": "soon", "scope": [1, None]}),
    ],
)
def test_what_differs_harmlessly_in_a_login_is_accepted(answer: httpx.Response) -> None:
    rows, script = read(OK, tokens=[answer])
    assert (rows, script.paths()) == ([1, 2], ["token", "customers"])


def bomb(layers: int, megabytes: int = 80) -> httpx.Response:
    """An answer of blanks, packed so many times."""
    body = b" " * (megabytes << 20) + b"[1]"
    for _ in range(layers):
        body = gzip.compress(body, 1)
    coding = ", ".join(["gzip"] * layers)
    return httpx.Response(
        200,
        stream=httpx.ByteStream(body),
        headers={"content-type": "application/json", "content-encoding": coding},
    )


@pytest.mark.parametrize(
    ("layers", "words"), [(1, "larger than"), (2, "not asked for"), (5, "not asked for")]
)
@pytest.mark.parametrize("login", [True, False])
def test_a_packed_answer_is_limited_while_it_is_unpacked(layers: int, words: str, login: bool) -> None:
    tracemalloc.start()
    try:
        refusal_of = bomb(layers)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[1]
        error = refusal(SourceDataError, OK if login else refusal_of, tokens=[refusal_of] if login else [])
        assert tracemalloc.get_traced_memory()[1] - before < (16 << 20 if login or layers > 1 else 150 << 20)
    finally:
        tracemalloc.stop()
    assert words in str(error)


def test_a_packed_answer_is_read_and_a_damaged_one_asked_for_again() -> None:
    body = gzip.compress(b"[1,") + gzip.compress(b"2]")
    packed = {"content-type": "application/json", "content-encoding": "gzip"}

    def part(content: bytes) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(content), headers=packed)

    rows, script = read(part(body[:-4]), part(b"nonsense"), part(body))
    assert (rows, script.paths()) == ([1, 2], ["token", "customers", "customers", "customers"])


def test_a_wait_that_is_too_long_ends_the_reading_at_once() -> None:
    failure = httpx.Response(429, headers={"retry-after": "3600"})
    assert "3600 seconds" in str(refusal(SourceUnavailableError, failure))
    script = Script([failure], [token()])
    with pytest.raises(SourceUnavailableError):
        asyncio.run(_only_get(script))
    assert script.paths() == ["token", "customers"]


async def _only_get(script: Script) -> None:
    async with SeveraClient(ACCESS, HASTY, transport=script) as client:
        await client.get("customers", {}, ROWS)


def test_redirections_are_not_followed() -> None:
    moved = httpx.Response(302, headers={"location": "https://elsewhere.test/"})
    assert "redirection" in str(refusal(ConfigurationError, moved))


def test_missing_right_names_route_and_scopes() -> None:
    said = httpx.Response(403, json={"error": {"type": "InsufficientApiScope", "details": []}})
    error = refusal(AccessError, said)
    assert "/v1/customers" in str(error)
    assert ", ".join(sorted(SCOPES)) in str(error)


def test_an_untrusted_certificate_is_said_to_be_one() -> None:
    failure = httpx.ConnectError("ssl")
    failure.__cause__ = ssl.SSLCertVerificationError("self-signed")
    assert "certificate of severa.test" in str(refusal(ConfigurationError, failure))


def test_certificates_that_cannot_be_read_are_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        SeveraClient(ACCESS, HASTY, RateLimit())


@pytest.mark.parametrize("address", ["severa.test/rest-api", "ftp://severa.test", "https://severa.test:port"])
def test_an_impossible_address_is_a_configuration_error(address: str) -> None:
    async def scenario() -> None:
        async with SeveraClient(SeveraAccess(address, "id", SECRET), HASTY):
            pass

    with pytest.raises(ConfigurationError):
        asyncio.run(scenario())


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presync.sources.severa.client._LARGEST_BODY", 1 << 20)
    huge = httpx.Response(200, content=b" " * (1 << 20) + b"[]", headers={"content-type": "application/json"})
    assert "no answer of this kind can be" in str(refusal(SourceDataError, huge))
