"""Access and refresh tokens: who gets one, what it may read, how long it lasts."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from demo.severa.answer import Answer, as_json, empty, error
from demo.severa.config import SCOPES, Client, Config


@dataclass(frozen=True)
class Session:
    """What an access token stands for."""

    client_id: str
    data: str
    scopes: frozenset[str]
    expires: float


class TokenDesk:
    """Issues, renews and ends tokens."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._access: dict[str, Session] = {}
        self._refresh: dict[str, Session] = {}

    def issue(self, body: bytes) -> Answer:
        """Answer `POST /token`: `{client_id, client_secret, scope}`."""
        try:
            asked = msgspec.json.decode(body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return error(400, "The body is not a JSON object", kind="InvalidRequest")
        client_id, secret = asked.get("client_id"), asked.get("client_secret")
        client = self._accepted(client_id, secret)
        if client is None:
            return error(401, "Client id or client secret is not valid")
        wanted = set(str(asked.get("scope") or "").replace(",", " ").split()) or set(client.scopes)
        missing = sorted(wanted - set(client.scopes))
        if missing and client.refuse_missing_scopes:
            return error(403, f"Scope is not granted: {', '.join(missing)}")
        return self._new(str(client_id), client.data, frozenset(wanted & set(client.scopes)))

    def refresh(self, body: bytes) -> Answer:
        """Answer `POST /refreshtoken`: the body is the refresh token as a JSON string."""
        session = self._refresh.pop(_string(body), None)
        if session is None or session.expires <= time.monotonic():
            return error(401, "Refresh token is not valid")
        return self._new(session.client_id, session.data, session.scopes)

    def sign_out(self, body: bytes) -> Answer:
        """Answer `POST /signout`: the refresh token is worth nothing afterwards."""
        self._refresh.pop(_string(body), None)
        return empty(204)

    def session(self, authorization: str) -> Session | None:
        """Return what a header `Authorization` stands for, or None if it is missing, unknown or expired."""
        kind, _, token = authorization.partition(" ")
        session = self._access.get(token.strip()) if kind.lower() == "bearer" else None
        return session if session and session.expires > time.monotonic() else None

    def _accepted(self, client_id: object, secret: object) -> Client | None:
        if not (isinstance(client_id, str) and isinstance(secret, str) and client_id and secret):
            return None
        if self._config.clients is None:
            return Client(secret=secret, scopes=SCOPES)
        client = self._config.clients.get(client_id)
        known = client is not None and secrets.compare_digest(client.secret.encode(), secret.encode())
        return client if known else None

    def _new(self, client_id: str, data: str, scopes: frozenset[str]) -> Answer:
        now, lifetime = time.monotonic(), self._config.token_lifetime_seconds
        self._access = {key: kept for key, kept in self._access.items() if kept.expires > now}
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._access[access] = Session(client_id, data, scopes, now + lifetime)
        self._refresh[refresh] = Session(client_id, data, scopes, now + 24 * lifetime)
        return as_json(
            {
                "access_token": access,
                "access_token_type": "Bearer",
                "access_token_expires_in": int(lifetime) if lifetime >= 1 else lifetime,
                "access_token_expires_utc": _utc(lifetime),
                "refresh_token": refresh,
                "refresh_token_expires_in": int(24 * lifetime),
                "refresh_token_expires_utc": _utc(24 * lifetime),
                "scope": " ".join(sorted(scopes)),
            }
        )


def _utc(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _string(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
