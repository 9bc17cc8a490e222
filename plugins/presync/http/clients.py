"""The one place where HTTP clients are made, and the words for how their connections fail."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from presync.errors import ConfigurationError
from presync.http.proxies import Proxy, proxy_for
from presync.text.visible import visible


@dataclass(frozen=True)
class Channel:
    """A client for one server, and the proxy that stands between, if any."""

    client: httpx.AsyncClient
    proxy: Proxy | None
    server: str

    def failure(self, error: Exception) -> str:
        """Return in words how a request failed; nothing of the error's own text, which may hold anything."""
        if isinstance(error, httpx.ProxyError):
            found = re.match(r"([1-5]\d\d)\b", str(error))
            return f"{self.proxy} refuses to connect{f' ({_phrase(int(found[1]))})' if found else ''}"
        if self.proxy and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return f"{self.proxy} cannot be reached, or does not lead to {self.server}"
        words = _WORDS.get(type(error), f"the connection failed: {type(error).__name__}")
        return f"{words}, by way of {self.proxy}" if self.proxy else words

    def untrusted(self, error: BaseException, *, source: str) -> ConfigurationError | None:
        """Return the error to raise if the server's certificate was refused."""
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            return None
        return ConfigurationError(
            f"The certificate of {self.server} is not trusted, so it may be another server. Nothing was "
            "sent. Check the connection's host; behind a company proxy, add its certificate (SSL_CERT_FILE).",
            source=source,
        )


_WORDS: Final = {
    httpx.ConnectError: "the server cannot be reached",
    httpx.ConnectTimeout: "the server cannot be reached in time",
    httpx.ReadTimeout: "no answer in time",
    httpx.WriteTimeout: "the request could not be sent in time",
    TimeoutError: "no complete answer in time",
    httpx.RemoteProtocolError: "the connection ended before the answer did",
    httpx.ReadError: "the connection broke off",
    httpx.WriteError: "the connection broke off",
}


def open_channel(
    url: str,
    *,
    source: str,
    timeout: httpx.Timeout,
    certificates: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Channel:
    """Return a client for the server of `url`; `certificates` is a file of authorities beside the usual ones.

    It follows no redirection, asks for plain or gzip answers only, and reads nothing from the environment
    but proxies and `SSL_CERT_FILE`, `SSL_CERT_DIR`. Raises ConfigurationError for what cannot be used.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise ConfigurationError(
            f"The address {visible(url.rpartition('@')[2][:200])!r} cannot be used, so nothing was sent. "
            "Enter one that begins with https:// as the host of the connection.",
            source=source,
        )
    proxy = proxy_for(url, source=source)
    encrypted = parts.scheme == "https" or (proxy is not None and proxy.url.startswith("https:"))
    try:
        client = httpx.AsyncClient(
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(certificates) if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            proxy=httpx.Proxy(proxy.url) if proxy else None,
            headers={"accept-encoding": "gzip"},
        )
    except OSError as error:
        named = repr(certificates) if certificates else "SSL_CERT_FILE or SSL_CERT_DIR"
        raise ConfigurationError(
            f"The certificates to trust cannot be read "
            f"({visible(error.strerror or type(error).__name__)}), so {parts.hostname} could not "
            f"be told apart from another server. Nothing was sent. Correct or remove {named}.",
            source=source,
        ) from None
    except (ValueError, httpx.InvalidURL):
        raise ConfigurationError(
            f"{proxy} cannot be used, so nothing was sent. Correct {proxy.variable if proxy else 'it'}, or "
            "name the server in NO_PROXY.",
            source=source,
        ) from None
    return Channel(client, proxy, parts.netloc.rpartition("@")[2])


def _trusted(certificates: str | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    if certificates:
        context.load_verify_locations(cafile=certificates)
    return context


def _phrase(status: int) -> str:
    known = {item.value: item.phrase for item in HTTPStatus}
    return f"{status} {known.get(status, '')}".strip()
