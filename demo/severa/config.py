"""The stand-in's configuration file (JSON). Everything has a default; unknown keys are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from demo.severa.faults import AnyFault
from demo.severa.write_faults import AnyWriteFault
from demo.severa.writing import Writing

SCOPES: Final[tuple[str, ...]] = (
    "customers:read",
    "projects:read",
    "invoices:read",
    "users:read",
    "settings:read",
    "organization:read",
)


class Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials that are accepted, and the organisation they open."""

    secret: str
    data: str = "."
    """Folder of the organisation's files, relative to `--data`."""
    scopes: tuple[str, ...] = SCOPES
    refuse_missing_scopes: bool = True
    """Refuse a token request that asks for more than `scopes`; false: issue a token with fewer."""


class RateLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many requests a client may make over all routes; more are answered with 429."""

    enabled: bool = True
    requests: int = 10
    seconds: float = 1.0
    retry_after: str | None = None
    """Value of the header `Retry-After` of a 429; left out: no such header."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one server process."""

    clients: dict[str, Client] | None = None
    """By client id. Left out: every client id and secret is accepted; others are refused with 401."""
    token_lifetime_seconds: float = 3600
    default_rows: int = 20
    most_rows: int = 1000
    """Clamp: a larger `rowCount` is answered as if it were this one."""
    rate_limit: RateLimit = RateLimit()
    latency_seconds: float = 0
    log: str | None = None
    """File to which every request is appended as a JSON line, without secrets."""
    writing: Writing = Writing()
    faults: tuple[AnyFault | AnyWriteFault, ...] = ()


class ConfigError(Exception):
    """The configuration file cannot be used."""


def load(path: Path | None) -> Config:
    """Read a configuration file; without one, the defaults. Raises ConfigError with file and field."""
    if path is None:
        return Config()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Config)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
