"""What an answer of Severa means: usable, worth another try, or an error that a person can act on.

Facts: docs/reference/severa.md ("Limits and errors"). An answer is never taken for JSON before status,
type and character set say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec

from presync.errors import AccessError, ConfigurationError, PresyncError, SourceDataError

T = TypeVar("T")
_LONGEST_QUOTE: Final = 300
_BOM: Final = b"\xef\xbb\xbf"
_PLACE = re.compile(r" - at `\$(?:\[(?P<row>\d+)\])?\.?(?P<field>[^`]*)`$")


class TryAgainError(Exception):
    """The request may succeed if it is repeated, not before `after` seconds if the server named a time."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


@dataclass(frozen=True)
class Answer:
    """A complete answer. `headers` are looked up without regard to case."""

    route: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Explainer:
    """Words errors about answers; knows what must never be quoted and which scopes the token has."""

    secrets: Sequence[str] = field(default=(), repr=False)
    scopes: Sequence[str] = ()

    def quote(self, answer: Answer) -> str:
        """Return what the server said, in short: the API's error document, or its plain text."""
        kind = answer.headers.get("content-type", "").lower()
        if "html" in kind:
            return "an HTML page"
        text = _error_document(answer.body) if "json" in kind else answer.body.decode("utf-8", "replace")
        for secret in self.secrets:
            text = text.replace(secret, "***") if secret else text
        text = " ".join(text.split())
        return f'"{text[:_LONGEST_QUOTE]}"' if text else "no explanation"

    def check(self, answer: Answer) -> None:
        """Return if the status is 200; otherwise raise what it means (401 is the caller's affair)."""
        if answer.status == HTTPStatus.OK:
            return
        said = f"{_status(answer.status)}, {self.quote(answer)}"
        if answer.status in {408, 425, 429} or answer.status >= 500:
            raise TryAgainError(said, retry_after(answer.headers.get("retry-after")))
        raise self._refused(answer, said)

    def _refused(self, answer: Answer, said: str) -> PresyncError:
        place = f"/v1/{answer.route}"
        if answer.status == HTTPStatus.FORBIDDEN:
            granted = ", ".join(self.scopes) or "none that the server named"
            return AccessError(
                f"Severa refuses to read {place} ({said}). The access token's scopes: {granted}. "
                "Without this register nothing can be checked. Grant the API client the missing scope or "
                "right in Severa's settings (API credentials), then run again.",
                source="severa",
            )
        if 300 <= answer.status < 400:
            return ConfigurationError(
                f"Severa's address answers {place} with a redirection ({_status(answer.status)}). It is not "
                "followed, because the credentials would go along. Enter the API's own address, with https, "
                "as the host of the connection.",
                source="severa",
            )
        return SourceDataError(
            f"Severa answered {place} with {said}. That is not an answer this route can give, so nothing of "
            "the extract is used. Check that the connection's host is the API's base address; if it is, "
            "report the route and the answer to Severa's support.",
            source="severa",
        )


def decode(answer: Answer, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the body as what `decoder` expects.

    Raises TryAgainError for a body that ends half-way, SourceDataError for anything else that is wrong,
    with route, row (and its guid) and field, but never the value: it may be personal data.
    """
    kind = answer.headers.get("content-type", "application/json").lower()
    charset = kind.partition("charset=")[2].strip(' "') or "utf-8"
    if "json" not in kind or charset not in {"utf-8", "utf8", "us-ascii"}:
        raise _unusable(answer, f"it is of type {kind[:80]!r}, not JSON in UTF-8")
    body = answer.body.removeprefix(_BOM)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _unusable(answer, _place(str(error), body)) from None
    except msgspec.DecodeError as error:
        if "truncated" in str(error):
            raise TryAgainError("an answer that ends half-way") from None
        raise _unusable(answer, f"it is not valid JSON ({error})") from None
    except UnicodeDecodeError:
        raise _unusable(answer, "its text is not valid UTF-8") from None


def retry_after(value: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Return the seconds that a header `Retry-After` (seconds or an HTTP date) asks for, else None.

    >>> retry_after("2"), retry_after("soon"), retry_after("-1"), retry_after(None)
    (2.0, None, None, None)
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now()).total_seconds())


def _status(status: int) -> str:
    known = {item.value: item.phrase for item in HTTPStatus}
    return f"{status} {known.get(status, '')}".strip()


def _error_document(body: bytes) -> str:
    try:
        error: Any = msgspec.json.decode(body)["error"]
        details = error.get("details") or []
        messages = [str(detail.get("message", "")) for detail in details]
        return f"{error.get('type', '')}: {'; '.join(messages)}"
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, AttributeError):
        return body.decode("utf-8", "replace")


def _unusable(answer: Answer, reason: str) -> SourceDataError:
    return SourceDataError(
        f"Severa's answer for /v1/{answer.route} cannot be used: {reason}. What cannot be read cannot be "
        "checked, so nothing of this extract is used. If a record is named, correct it in Severa; otherwise "
        "report the route to Severa's support.",
        source="severa",
    )


def _place(message: str, body: bytes) -> str:
    """Turn msgspec's "… - at `$[3].name`" into words that name the record."""
    found = _PLACE.search(message)
    reason = message[: found.start()] if found else message
    if not found or found["row"] is None:
        return f"field {found['field']}: {reason}" if found and found["field"] else reason
    row = int(found["row"])
    where = f"row {row + 1} of a page (guid {_guid(body, row)})"
    return f"{where}, field {found['field']}: {reason}" if found["field"] else f"{where}: {reason}"


def _guid(body: bytes, row: int) -> str:
    try:
        guid = msgspec.json.decode(body)[row]["guid"]
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError):
        return "unknown"
    return str(guid)[:64] or "empty"
