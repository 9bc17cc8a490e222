"""What an answer of Severa means: usable, worth another try, or an error that a person can act on.

Facts: docs/reference/severa.md ("Limits and errors"). An answer is never taken for JSON before status,
type and character set say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec

from presync.errors import AccessError, ConfigurationError, PresyncError, SourceDataError
from presync.sources.severa.bad_json import ends_half_way, invalid_json, row_named

T = TypeVar("T")
_BOM: Final = b"\xef\xbb\xbf"
ERROR_TYPES: Final = frozenset(
    [
        "InternalSystemError",
        "AuthenticationRequired",
        "AddonMissing",
        "FeatureIsNotEnabled",
        "InvalidParameter",
        "InvalidOperation",
        "InvalidRequest",
        "InsufficientApiScope",
        "InvalidApiVersion",
        "ConfigurationError",
        "UserLicenseType",
        "TermsOfServiceNotApproved",
        "HttpsRequired",
        "OrganizationNotActive",
        "PermissionDenied",
        "TrialExpired",
        "NotAvailableInTrial",
        "InvalidRecaptcha",
        "AddonMissingTermsOfServiceApproval",
        "ExcludedFromTrial",
    ]
)
_PLACES: Final = frozenset({"rowCount", "pageToken", "firstRow", "client_id", "client_secret", "scope"})
_KNOWN_TEXT: Final = re.compile(
    rb"API calls quota exceeded! maximum admitted [0-9]{1,6} per [0-9.]{1,6} ?m?s\.?"
)
_PLACE = re.compile(r" - at `\$(?:\[(?P<row>\d+)\])?\.?(?P<field>[^`]*)`$")


class TryAgainError(Exception):
    """The request may succeed if it is repeated, not before `after` seconds if the server named a time."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


@dataclass(frozen=True)
class Answer:
    """A complete answer; `page` counts a reading's pages from 1. `headers` are looked up without case."""

    route: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    page: int | None = None


@dataclass(frozen=True)
class Explainer:
    """Words errors about answers; knows which scopes the token has."""

    scopes: Sequence[str] = ()

    def quote(self, answer: Answer) -> str:
        """Return what kind of thing the server said: type and place of the API's error document.

        Its text is quoted only where it is one that is known: any other may hold personal data or secrets.
        """
        kind = answer.headers.get("content-type", "").lower()
        if "html" in kind:
            return "an HTML page"
        if not answer.body.strip():
            return "no explanation"
        if "json" in kind:
            return _error_document(answer.body)
        known = _KNOWN_TEXT.fullmatch(answer.body.strip()[:200])
        return f'"{known[0].decode()}"' if known else "a text that is not quoted"

    def check(self, answer: Answer, fine: Collection[int] = (HTTPStatus.OK,)) -> None:
        """Return if the status is fine; otherwise raise what it means (401 is the caller's affair)."""
        if answer.status in fine:
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
        if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return ConfigurationError(
                f"A proxy wants a login before it passes {place} on ({_status(answer.status)}). Nothing was "
                "read. Write user and password into the proxy's variable (HTTPS_PROXY, HTTP_PROXY or "
                "ALL_PROXY), or name the server in NO_PROXY.",
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
    if not is_json(answer):
        raise _unusable(answer, f"it is {_media_type(_kind(answer))}, not JSON in UTF-8")
    body = answer.body.removeprefix(_BOM)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _unusable(answer, _place(str(error), body, answer.page)) from None
    except msgspec.DecodeError as error:
        if "truncated" in str(error) and ends_half_way(body):
            raise TryAgainError("an answer that ends half-way") from None
        raise _unusable(answer, invalid_json(body, str(error), answer.page)) from None
    except UnicodeDecodeError:
        raise _unusable(answer, invalid_json(body, "its text is not valid UTF-8", answer.page)) from None
    except RecursionError:
        raise _unusable(answer, "its values are nested too deeply for any answer of the API") from None


def is_json(answer: Answer) -> bool:
    """Tell whether an answer says that it is JSON in UTF-8."""
    kind = _kind(answer)
    charset = kind.partition("charset=")[2].strip(' "') or "utf-8"
    return "json" in kind and charset in {"utf-8", "utf8", "us-ascii"}


def _kind(answer: Answer) -> str:
    return answer.headers.get("content-type", "application/json").lower()


def retry_after(value: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Return the seconds that a header `Retry-After` (seconds or an HTTP date) asks for, else None.

    >>> retry_after("2"), retry_after("soon"), retry_after("-1"), retry_after(None)
    (2.0, None, None, None)
    """
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now()).total_seconds())


def http_date(text: str) -> datetime | None:
    """Return the moment that an HTTP date names, or None for what is not one."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _status(status: int) -> str:
    known = {item.value: item.phrase for item in HTTPStatus}
    return f"{status} {known.get(status, '')}".strip()


def _error_document(body: bytes) -> str:
    """Return type and place of the API's error document, as far as they are the API's own words."""
    try:
        error: Any = msgspec.json.decode(body)["error"]
        kind = str(error.get("type"))
        words = [kind if kind in ERROR_TYPES else "an error of a type that the API does not have"]
        for detail in error.get("details") or []:
            location = detail.get("location") or {}
            if (name := str(location.get("name"))) in _PLACES and f"at {name}" not in words:
                words.append(f"at {name}")
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, AttributeError, RecursionError):
        return "JSON that is not the API's error document"
    return " ".join(words)


def _media_type(kind: str) -> str:
    found = re.match(r"[a-z]{2,20}/[a-z0-9.+-]{2,40}", kind)
    charset = re.search(r"charset=\"?([a-z0-9-]{2,20})", kind)
    named = f"of type {found[0]}" if found else "of no known type"
    return f"{named} in {charset[1]}" if charset else named


def _unusable(answer: Answer, reason: str) -> SourceDataError:
    return SourceDataError(
        f"Severa's answer for /v1/{answer.route} cannot be used: {reason}. What cannot be read cannot be "
        "checked, so nothing of this extract is used. If a record is named, correct it in Severa; otherwise "
        "report the route to Severa's support.",
        source="severa",
    )


def _place(message: str, body: bytes, page: int | None) -> str:
    """Turn msgspec's "… - at `$[3].name`" into words that name the record."""
    found = _PLACE.search(message)
    reason = message[: found.start()] if found else message
    if not found or found["row"] is None:
        return f"field {found['field']}: {reason}" if found and found["field"] else reason
    row = int(found["row"])
    where = row_named(page, row, _guid(body, row))
    return f"{where}, field {found['field']}: {reason}" if found["field"] else f"{where}: {reason}"


def _guid(body: bytes, row: int) -> object:
    try:
        return msgspec.json.decode(body)[row].get("guid")
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        return None
