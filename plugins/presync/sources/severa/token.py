"""The answer to a login at Severa: the token, how long it is good for, what it opens, and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from presync.errors import AccessError, SourceDataError
from presync.sources.severa.registers import SCOPES
from presync.sources.severa.responses import Answer, Explainer


class Token(msgspec.Struct, frozen=True):
    """The part of the token answer that is needed."""

    access_token: str
    access_token_expires_in: float | None = None
    scope: str | list[str] | None = None

    @property
    def renewed_after(self) -> float:
        """After how many seconds to ask for another: a little early; never, if it names no lifetime."""
        lifetime = self.access_token_expires_in
        return float("inf") if lifetime is None else lifetime - min(60.0, lifetime / 5)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it opens, sorted; empty if the server does not say."""
        named = self.scope if isinstance(self.scope, list) else (self.scope or "").replace(",", " ").split()
        return tuple(sorted(scope.lower() for scope in named))

    def check(self) -> None:
        """Raise SourceDataError if it cannot be sent in a header."""
        if not self.access_token or not self.access_token.isascii() or not self.access_token.isprintable():
            raise SourceDataError(
                "Severa's answer for /v1/token holds no usable access token, so nothing can be read. Check "
                "that the connection's host is the API's base address.",
                source="severa",
            )


TOKEN: Final = msgspec.json.Decoder(Token)


def login_refused(answer: Answer, explainer: Explainer) -> AccessError:
    """Return the error for credentials that Severa does not accept."""
    return AccessError(
        f"Severa refuses the credentials of the connection ({answer.status}, {explainer.quote(answer)}). "
        "Nothing can be read. Check client id and client secret, and that the API client has been granted "
        f"these scopes: {', '.join(SCOPES)}.",
        source="severa",
    )


def scopes_missing(missing: Sequence[str]) -> AccessError:
    """Return the error for an API client that may not read everything."""
    return AccessError(
        f"Severa's API client lacks the scopes {', '.join(missing)}. Nothing was read: what they open could "
        "not be checked. Grant them to the API client in Severa's settings (API credentials), then run "
        f"again; it needs all of: {', '.join(SCOPES)}.",
        source="severa",
    )
