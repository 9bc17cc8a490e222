"""The answer to a login at Severa: the token, how long it is good for, what it opens, and refusals.

Whatever the login's route says may hold the token or the client's secret, also where it should not: of its
answers, errors quote the status and the API's error type, and nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from presync.errors import AccessError, SourceDataError
from presync.sources.severa.responses import Answer, Explainer, TryAgainError, is_json

FINE: Final = (200, 201)
_SCOPE = re.compile(r"[a-z]{2,30}:[a-z]{2,20}")


@dataclass(frozen=True)
class Token:
    """The part of the token answer that is needed; `lifetime` in seconds, None if it names none."""

    access_token: str = field(repr=False)
    lifetime: float | None = None
    scopes: tuple[str, ...] = ()

    @property
    def renewed_after(self) -> float:
        """After how many seconds to ask for another: a little early; never, if it names no lifetime."""
        return math.inf if self.lifetime is None else self.lifetime - min(60.0, self.lifetime / 5)


def read_token(answer: Answer) -> Token:
    """Return what a login's answer holds, however it writes its keys and numbers.

    Raises TryAgainError for a body that ends half-way, SourceDataError for one without a usable token.
    """
    try:
        fields: Any = msgspec.json.decode(answer.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if "truncated" in str(error):
            raise TryAgainError("an answer that ends half-way") from None
        fields = None
    if is_json(answer) and isinstance(fields, dict):
        fields = {str(key).replace("_", "").lower(): value for key, value in fields.items()}
        token = fields.get("accesstoken")
        if isinstance(token, str) and token and token.isascii() and token.isprintable() and " " not in token:
            return Token(token, _seconds(fields.get("accesstokenexpiresin")), _scopes(fields.get("scope")))
    raise SourceDataError(
        f"Severa's answer for /v1/token (status {answer.status}) holds no usable access token, so nothing "
        "can be read. Check that the connection's host is the API's base address.",
        source="severa",
    )


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) else None


def _scopes(value: object) -> tuple[str, ...]:
    """Return what the token opens, sorted; empty if the server does not say. Only what looks like a scope."""
    named = value.replace(",", " ").split() if isinstance(value, str) else value
    texts = [str(scope).lower() for scope in named] if isinstance(named, list) else []
    return tuple(sorted({scope for scope in texts if _SCOPE.fullmatch(scope)}))


def login_refused(answer: Answer, explainer: Explainer, wanted: Sequence[str]) -> AccessError:
    """Return the error for credentials that Severa does not accept."""
    return AccessError(
        f"Severa refuses the credentials of the connection ({answer.status}, {explainer.quote(answer)}). "
        "Nothing can be read. Check client id and client secret, and that the API client has been granted "
        f"these scopes: {', '.join(wanted)}.",
        source="severa",
    )


def scopes_missing(missing: Sequence[str], wanted: Sequence[str]) -> AccessError:
    """Return the error for an API client that may not do everything that is needed."""
    return AccessError(
        f"Severa's API client lacks the scopes {', '.join(missing)}. Nothing was read: what they open could "
        "not be checked. Grant them to the API client in Severa's settings (API credentials), then run "
        f"again; it needs all of: {', '.join(wanted)}.",
        source="severa",
    )
