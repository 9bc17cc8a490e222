"""Which addresses may be called without encryption."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from presync.errors import ConfigurationError

PLAIN: Final = "allow_plain_http"


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("10.0.0.1")
    (True, True, True, False)
    """
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def require_encryption(url: str, extra: Mapping[str, Any], *, connection: str, source: str) -> None:
    """Raise ConfigurationError for http:// to another machine, unless the connection's extra allows it."""
    parts = urlsplit(url)
    if parts.scheme == "https" or is_loopback(parts.hostname or ""):
        return
    if str(extra.get(PLAIN, "")).strip().lower() == "true":
        return
    raise ConfigurationError(
        f"The Airflow connection {connection!r} leads to http://{parts.hostname}, which would send its "
        "credentials over the network unencrypted, so nothing was sent. Write https:// in its host; if the "
        f'network is trusted all the same, add "{PLAIN}": true to its extra.',
        source=source,
    )
