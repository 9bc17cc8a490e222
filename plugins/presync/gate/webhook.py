"""The call that starts an integration by HTTP, and what its outcome proves.

| what happened | what it proves |
|---|---|
| 2xx | started |
| 301, 307, 308, 4xx but 408 and 409 | not started: the receiver said so |
| no connection, no TLS, a proxy that refuses | not started: nothing was sent |
| anything else (time-out, reset, 5xx, 302, 408, 409 …) | nothing: it may have been started |

The whole call has one deadline, whatever the receiver sends meanwhile: below the time after which a person
may settle it by hand (`control/starts.py`, `IN_FLIGHT`).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from presync.errors import ConfigurationError, StartNotSentError, StartRefusedError, StartUnknownError
from presync.http.addresses import PLAIN, require_encryption
from presync.http.clients import Channel, open_channel
from presync.http.connections import fields_of
from presync.text.secrecy import mask
from presync.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from presync.gate.start_request import StartRequest

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0
WHOLE_SECONDS: Final = 90.0
SOURCE: Final = "start_integration"

_MOVED = frozenset({301, 307, 308})
_AMBIGUOUS = frozenset({408, 409})  # "you took too long", "already there": either may follow an arrival
_OPTIONS = frozenset(
    {"timeout", "allow_redirects", "max_redirects", "stream", "check_response", "trust_env", "headers", PLAIN}
)


@dataclass(frozen=True)
class Webhook:
    """Where and how to call. `certificates` is a file of trusted authorities, beside the usual ones."""

    name: str
    url: str
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificates: str | None = None


def webhook_from_connection(connection_id: str) -> Webhook:
    """Return what an Airflow HTTP connection says. Raises ConfigurationError if it cannot be used.

    Host may hold the whole address; schema is the protocol (or, in a URI, the path). Extra: further headers
    (at its top level, as Airflow's HTTP hook has them, or under `headers`); `verify` may name a file of
    trusted authorities, but cannot switch verification off.
    """
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        found: Any = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise ConfigurationError(
            f"there is no Airflow connection {connection_id!r}, so the integration was not started. Create "
            "it (type HTTP), or correct `start.webhook` in the tenant file.",
            source=SOURCE,
        ) from None
    connection = fields_of(connection_id, found, source=SOURCE)
    extra = dict(connection.extra)
    headers = extra.pop("headers", None) or {}
    if not isinstance(headers, dict):
        raise ConfigurationError(
            f"`headers` in the extra of the Airflow connection {connection_id!r} is not a JSON object, so "
            'the integration was not started. Write {"headers": {"X-Token": "…"}}.',
            source=SOURCE,
        )
    certificates = _certificates(connection_id, extra)
    url = address(connection_id, connection.kind, connection.host, connection.schema, connection.port)
    require_encryption(url, extra, connection=connection_id, source=SOURCE)
    given = {**{k: v for k, v in extra.items() if k not in _OPTIONS}, **headers}
    # the commonest slip of a secret's file is the end of its last line
    login, password = (
        value.strip("\r\n") if value else None for value in (connection.login, connection.password)
    )
    mask(password, login)
    for value in given.values():
        mask(str(value))
        mask(str(value).partition(" ")[2])  # without `Bearer`
    return Webhook(
        name=connection_id,
        url=url,
        login=login or None,
        password=password,
        headers={str(key): str(value) for key, value in given.items()},
        certificates=certificates,
    )


def address(name: str, kind: str | None, host: str | None, schema: str | None, port: int | None) -> str:
    """Return the address that an HTTP connection's fields mean.

    >>> address("hook", "http", "https://example.com/start", None, None)
    'https://example.com/start'
    >>> address("hook", "http", "127.0.0.1", "start", 8080)
    'http://127.0.0.1:8080/start'
    >>> address("hook", "http", "example.com/start", "https", 8443)
    'https://example.com:8443/start'
    """
    scheme = schema if schema in {"http", "https"} else ("https" if kind == "https" else "http")
    path = "" if schema in {"http", "https", None, ""} else f"/{str(schema).lstrip('/')}"
    try:
        parts = urlsplit(host if host and "://" in host else f"{scheme}://{host or ''}")
        named = parts.netloc if parts.port is None else ""
    except ValueError:
        parts, named = urlsplit(""), ""
    if not parts.hostname or parts.scheme not in {"http", "https"} or parts.username:
        raise ConfigurationError(
            f"the Airflow connection {name!r} does not name an http(s) address in its host field, so the "
            "integration was not started. Write e.g. https://example.com/start there, and user and password "
            "into their own fields.",
            source=SOURCE,
        )
    netloc = f"{named}:{port}" if port and named else parts.netloc
    return urlunsplit((parts.scheme, netloc, parts.path + path, parts.query, ""))


def _certificates(name: str, extra: dict[str, Any]) -> str | None:
    verify = [extra.pop(key) for key in ("verify", "verify_ssl") if key in extra]
    unusable = [key for key in ("cert", "proxy", "proxies", "srv_lookup") if extra.pop(key, None)]
    off = any(str(value).lower() in {"false", "0", "no"} for value in verify)
    unusable += ["verify: false"] if off else []
    if unusable:
        raise ConfigurationError(
            f"the extra of Airflow connection {name!r} asks for {', '.join(unusable)}, which the start "
            "does not do: it must be certain whom it calls. "
            "Remove that; `verify` may name a file of trusted authorities.",
            source=SOURCE,
        )
    files = [
        value for value in verify if isinstance(value, str) and value.lower() not in {"true", "1", "yes"}
    ]
    return files[0] if files else None


def call_webhook(webhook: Webhook, request: StartRequest) -> str:
    """POST the request once; return what to remember of the confirmation.

    Raises StartRefusedError or StartNotSentError if nothing was started, ConfigurationError if nothing could
    be sent, StartUnknownError if nobody can tell.
    Redirects are not followed, nothing is repeated, and no answer's text is kept: it could hold anything.
    """
    return _judge(webhook, asyncio.run(_status(webhook, request)))


async def _status(webhook: Webhook, request: StartRequest) -> int:
    """Return the status that the receiver answers with: a body that breaks off afterwards changes nothing."""
    times = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)
    channel = open_channel(webhook.url, source=SOURCE, timeout=times, certificates=webhook.certificates)
    message, departure = _message(channel.client, webhook, request), _Departure()
    message.extensions["trace"] = departure.listen
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            response = await channel.client.send(message, auth=_auth(webhook), stream=True)
        return response.status_code
    except (httpx.HTTPError, TimeoutError) as error:
        raise _failed(webhook, channel, error, sent=departure.begun) from None
    finally:
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(CONNECT_SECONDS):
                await channel.client.aclose()


class _Departure:
    """Hears whether any of the request, or of one to a proxy, has begun to leave."""

    begun = False

    async def listen(self, event: str, _info: Mapping[str, Any]) -> None:
        self.begun = self.begun or event.endswith(".send_request_headers.started")


def _failed(
    webhook: Webhook, channel: Channel, error: Exception, *, sent: bool
) -> StartNotSentError | StartUnknownError:
    """Return what an error proves; of its own text nothing is kept, because it may hold anything."""
    never = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError
    if isinstance(error, never | httpx.UnsupportedProtocol | httpx.LocalProtocolError) or not sent:
        return StartNotSentError(
            f"the receiver behind connection {webhook.name!r} was not reached ({channel.failure(error)}): "
            "nothing was sent, so nothing was started. Check its address and that it runs; then try again.",
            source=SOURCE,
        )
    late = f" in {WHOLE_SECONDS:.0f} seconds" if isinstance(error, TimeoutError) else ""
    return _unknown(webhook, f"did not finish its answer{late} ({type(error).__name__})")


def _message(client: httpx.AsyncClient, webhook: Webhook, request: StartRequest) -> httpx.Request:
    headers = {**webhook.headers, "Idempotency-Key": request.idempotency_key}
    for name, value in headers.items():
        if not (name.isascii() and name.isprintable() and value.isprintable()):
            raise ConfigurationError(
                f"the header {visible(name[:40])!r} of connection {webhook.name!r} holds a line break "
                "or another control character, so the integration was not started. "
                "Enter it again in the connection's extra, without the end of line that was copied along.",
                source=SOURCE,
            )
    try:
        return client.build_request("POST", webhook.url, json=request.body(), headers=headers)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ConfigurationError(
            f"connection {webhook.name!r} cannot be called ({type(error).__name__}), so the integration was "
            "not started. Correct its address and headers.",
            source=SOURCE,
        ) from None


def _auth(webhook: Webhook) -> httpx.BasicAuth | None:
    return httpx.BasicAuth(webhook.login, webhook.password or "") if webhook.login else None


def _judge(webhook: Webhook, status: int) -> str:
    if 200 <= status < 300:
        return f"answered {status}"
    if status in _MOVED or (400 <= status < 500 and status not in _AMBIGUOUS):
        moved = "it has moved: correct the connection's address" if status in _MOVED else "its log says why"
        raise StartRefusedError(
            f"the receiver behind connection {webhook.name!r} answered {status}: the integration was not "
            f"started; {moved}. Then run again.",
            source=SOURCE,
        )
    raise _unknown(webhook, f"answered {status}")


def _unknown(webhook: Webhook, what: str) -> StartUnknownError:
    return StartUnknownError(
        f"the receiver behind connection {webhook.name!r} {what}: the call was sent, and the integration may "
        "have been started",
        source=SOURCE,
    )
