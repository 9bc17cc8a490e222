"""What the stand-in is going to send, as a value that faults may change before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

Ending = Literal["complete", "close", "reset", "hang", "drip", "interim"]

ERROR_TYPES: Final[Mapping[int, str]] = {
    400: "InvalidParameter",
    401: "AuthenticationRequired",
    403: "InsufficientApiScope",
    409: "InvalidOperation",
    500: "InternalSystemError",
    502: "InternalSystemError",
    503: "InternalSystemError",
    504: "InternalSystemError",
}
QUOTA_EXCEEDED: Final = "API calls quota exceeded! maximum admitted {requests} per {seconds:g}s."


@dataclass(frozen=True)
class Answer:
    """Status, headers and body, and how the sending goes: after `delay` seconds, `ending` after `cut` bytes.

    The declared length is always that of `body`: an answer cut short is visible as such to the client.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    ending: Ending = "complete"
    cut: int | None = None


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer whose body is `value`, or, if these are bytes, JSON that is ready to send."""
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Answer(status, body, {"content-type": "application/json; charset=utf-8", **(headers or {})})


def as_text(text: str, status: int, kind: str = "text/plain") -> Answer:
    """Return an answer of plain text or HTML."""
    return Answer(status, text.encode(), {"content-type": f"{kind}; charset=utf-8"})


def empty(status: int) -> Answer:
    """Return an answer without a body, as the API gives for 404."""
    return Answer(status)


def error(
    status: int, message: str, *, kind: str | None = None, parameter: str | None = None, url: str = ""
) -> Answer:
    """Return the API's error document; `kind` is its `type`, `parameter` the query field it is about."""
    location = {"type": "Query", "name": parameter, "identifier": None} if parameter else None
    document = {
        "httpStatusCode": status,
        "type": kind or ERROR_TYPES.get(status, "InvalidRequest"),
        "details": [{"message": message, "url": url, "location": location}],
        "stack": None,
    }
    return as_json({"error": document}, status)
