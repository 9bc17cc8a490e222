"""What each driver makes of the keywords of a connection string, so that one connection suits them all.

Tried with FreeTDS 1.3.17, Microsoft's driver 18.6 and unixODBC (tests/integration/…/test_tds.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from presync.errors import ConfigurationError

Family = Literal["microsoft", "freetds", "sqlite", "other"]
_MICROSOFTS: Final = re.compile(r"msodbcsql|ODBC Driver \d+ for SQL Server", re.IGNORECASE)
_ENCRYPTION: Final = {
    **dict.fromkeys(("yes", "true", "1", "mandatory", "require", "required"), "require"),
    **dict.fromkeys(("no", "false", "0", "optional", "off"), "off"),
    "request": "request",
    "strict": "strict",
}
_RESILIENCE: Final = "connectretrycount"


def family(driver: str) -> Family:
    """Return whose driver it is, by its name or the path of its library.

    >>> family("/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so"), family("ODBC Driver 18 for SQL Server")
    ('freetds', 'microsoft')
    """
    if _MICROSOFTS.search(driver):
        return "microsoft"
    name = driver.lower()
    if "tdsodbc" in name or "freetds" in name:
        return "freetds"
    return "sqlite" if "sqlite" in name else "other"


def for_driver(of: Family, keywords: dict[str, str]) -> dict[str, str]:
    """Return the keywords as this driver wants them. Raises ConfigurationError."""
    port = keywords.get("port")
    if port is not None and not (re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65_536):
        raise ConfigurationError(f"its port is {port[:40]!r}; it must be a number from 1 to 65535.")
    if of == "microsoft":
        return _for_microsofts(keywords)
    return _for_freetds(keywords) if of == "freetds" else keywords


def _for_microsofts(keywords: dict[str, str]) -> dict[str, str]:
    """Put the port where it is read, and leave a lost connection to us: a new one needs a new transaction."""
    keywords = {_RESILIENCE: "0", **keywords}
    port = keywords.pop("port", None)  # Microsoft's driver ignores PORT without a word
    if port and "," not in keywords.get("server", ","):
        keywords["server"] += f",{port}"
    return keywords


def _for_freetds(keywords: dict[str, str]) -> dict[str, str]:
    """Take the instance's name out where the port says it all, and say in FreeTDS' words what to encrypt.

    `host\\instance,port`, which is Microsoft's form, makes FreeTDS ask the browser service all the same; and
    it ignores `Encrypt` without a word, so that a password would go over the network unencrypted.
    """
    keywords = dict(keywords)
    server, comma, port = keywords.get("server", "").partition(",")
    if comma and "port" not in keywords:
        keywords["port"] = port.strip()
    if "port" in keywords and server:
        keywords["server"] = server.partition("\\")[0].strip()
    wanted = keywords.pop("encrypt", None)
    wanted = keywords.get("encryption", wanted)
    if wanted is not None:
        if wanted.lower() not in _ENCRYPTION:
            raise ConfigurationError(
                f"`Encryption` (or `Encrypt`) is {wanted[:40]!r}, which FreeTDS does not know. It may be "
                "`off`, `request`, `require` or `strict`."
            )
        keywords["encryption"] = _ENCRYPTION[wanted.lower()]
    return keywords


def escaped(of: Family, key: str, value: str) -> str:
    """Return a keyword's value in braces, if it needs them: some drivers take braces literally.

    >>> escaped("microsoft", "pwd", "a;b}c"), escaped("freetds", "pwd", "a}c")
    ('{a;b}}c}', 'a}c')
    """
    if ";" not in value and not value.startswith("{"):
        return value
    if of == "freetds" and "}" in value:
        raise ConfigurationError(
            f"`{key}` holds `}}` together with `;`, or with `{{` at its start, which FreeTDS cannot pass on: "
            "it would try another one, and the server might lock the account. Nothing was sent. Choose "
            "another value, or use Microsoft's driver."
        )
    return "{" + value.replace("}", "}}") + "}"


def mapping(extra: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a mapping inside of extra with its keys in lower case; a URI can only hold it as JSON text.

    Raises ConfigurationError if it is something else.
    """
    value = extra.get(key) or {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"`{key}` in its extra must be a JSON object of ODBC keywords.")
    return {str(name).lower(): item for name, item in value.items()}


def server_of(host: str, extra: Mapping[str, Any]) -> str:
    """Return the server that a connection names, else its data source; "" for a file of SQLite.

    Cheap and without the driver. Raises what `mapping` raises; other faults are noticed when connecting.

    >>> server_of("", {"driver": "FreeTDS", "odbc": {"Server": "sql01"}}), server_of("", {"DSN": "Visma"})
    ('sql01', 'Visma')
    """
    extra = {str(key).lower(): value for key, value in extra.items()}
    found = {"server": host, **extra, **mapping(extra, "odbc"), **mapping(extra, "connect_kwargs")}
    if family(str(found.get("driver") or "")) == "sqlite":
        return ""
    return next((str(found[key]) for key in ("server", "servername", "dsn") if found.get(key)), "")
