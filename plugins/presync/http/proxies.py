"""The proxy that the environment asks for (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from presync.errors import ConfigurationError
from presync.http.addresses import is_loopback
from presync.text.visible import visible

_KINDS: Final = {"http", "https"}
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Proxy:
    """A proxy, and the variable that names it; `url` may hold a password, `shown` does not."""

    url: str = field(repr=False)
    shown: str
    variable: str

    def __str__(self) -> str:
        return f"the proxy {self.shown} ({self.variable})"


def proxy_for(url: str, *, source: str, environment: Mapping[str, str] = os.environ) -> Proxy | None:
    """Return the proxy for an address, or None: for this machine, and for what NO_PROXY names.

    Raises ConfigurationError, which names the variable, for a proxy that cannot be used.
    """
    address = urlsplit(url)
    host = address.hostname or ""
    found = _named(address.scheme, environment)
    if found is None or is_loopback(host):
        return None
    port = address.port or _PORTS.get(address.scheme, 0)
    excepted = _value("no_proxy", environment)
    if excepted and any(_matches(entry, host, port) for entry in re.split(r"[\s,]+", excepted[1])):
        return None
    variable, value = found
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        usable = parts.scheme in _KINDS and bool(parts.hostname) and parts.port != 0
        usable = usable and value.isascii() and value.isprintable() and " " not in value
    except ValueError:
        raise _unusable(variable, "is not an address", source) from None
    if not usable:
        kind = (
            f"names a proxy of kind {visible(parts.scheme[:20])}" if parts.hostname else "is not an address"
        )
        raise _unusable(variable, kind, source)
    return Proxy(parts.geturl(), _shown(parts), variable)


def _shown(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _named(scheme: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    return _value(f"{scheme}_proxy", environment) or _value("all_proxy", environment)


def _value(name: str, environment: Mapping[str, str]) -> tuple[str, str] | None:
    names = [name, name.upper()]
    if name == "http_proxy" and "REQUEST_METHOD" in environment:
        names = [name]  # under CGI, HTTP_PROXY is the header of a request
    return next(
        ((key, value) for key in names if (value := environment.get(key, "").strip())),
        None,
    )


def _matches(entry: str, host: str, port: int) -> bool:
    """Tell whether an entry of NO_PROXY (name, domain, address, network; maybe a port) means a host."""
    if entry == "*":
        return True
    name, wanted = entry.lower(), ""
    if found := re.fullmatch(r"(\[[^\]]+\]|[^:]+):(\d+)", name):
        name, wanted = found[1], found[2]
    name = name.strip("[]")
    if not name or (wanted and int(wanted) != port):
        return False
    try:
        return ip_address(host.strip("[]")) in ip_network(name, strict=False)
    except (ValueError, TypeError):
        domain = name.removeprefix("*").lstrip(".").rstrip(".")
        asked = host.lower().rstrip(".")
        return bool(domain) and (asked == domain or asked.endswith(f".{domain}"))


def _unusable(variable: str, reason: str, source: str) -> ConfigurationError:
    return ConfigurationError(
        f"The environment variable {variable} {reason}, which Presync cannot use, so nothing was sent. Write "
        "an HTTP proxy there, such as http://proxy.example:3128, or name the server in NO_PROXY.",
        source=source,
    )
