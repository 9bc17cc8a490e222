"""The fields of an Airflow connection, each of its kind: a secrets backend may hold anything."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from presync.errors import ConfigurationError

_HIGHEST_PORT: Final = 65_535


@dataclass(frozen=True)
class Fields:
    """A connection as it can be used; a text that is missing is ""."""

    kind: str
    host: str
    schema: str
    login: str
    password: str = field(repr=False)
    port: int | None
    extra: dict[str, Any] = field(repr=False)


def fields_of(connection_id: str, connection: Any, *, source: str) -> Fields:
    """Return a connection's fields. Raises ConfigurationError that names the field that cannot be used."""
    texts = {
        name: getattr(connection, name) or "" for name in ("conn_type", "host", "schema", "login", "password")
    }
    wrong = [f"its {name} is not a text" for name, value in texts.items() if not isinstance(value, str)]
    port = connection.port
    if port is not None and (type(port) is not int or not 0 <= port <= _HIGHEST_PORT):
        wrong.append(f"its port is not a number from 1 to {_HIGHEST_PORT}")
    extra = _extra(connection.extra)
    if extra is None:
        wrong.append("its extra is not a JSON object")
    if wrong or extra is None:
        raise ConfigurationError(
            f"The Airflow connection {connection_id!r} cannot be used, so nothing was sent: "
            f"{', '.join(wrong)}. Correct it where it is defined.",
            source=source,
        )
    return Fields(
        texts["conn_type"],
        texts["host"],
        texts["schema"],
        texts["login"],
        texts["password"],
        port or None,
        extra,
    )


def _extra(value: Any) -> dict[str, Any] | None:
    """Return the extra; Airflow itself takes one that is not JSON for an empty one, and loses headers."""
    if value is None or value == "":
        return {}
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
