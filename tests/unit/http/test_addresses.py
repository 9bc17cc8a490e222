"""Credentials go unencrypted to this machine only, unless the connection says so itself."""

from __future__ import annotations

import pytest

from presync.errors import ConfigurationError
from presync.http.addresses import PLAIN, require_encryption


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("https://severa.example", {}),
        ("http://localhost:8000", {}),
        ("http://stand-in.localhost", {}),
        ("http://127.8.0.1/rest-api", {}),
        ("http://[::1]:80", {}),
        ("http://severa.example", {PLAIN: True}),
        ("http://severa.example", {PLAIN: " True "}),
    ],
)
def test_may_be_called(url: str, extra: dict[str, object]) -> None:
    require_encryption(url, extra, connection="severa__nordlys", source="severa")


@pytest.mark.parametrize(
    ("url", "extra"),
    [
        ("http://severa.example", {}),
        ("http://localhost.example", {}),
        ("http://10.0.0.1", {}),
        ("http://user@127.0.0.1@severa.example", {}),
        ("http://severa.example", {PLAIN: "no"}),
        ("http://severa.example", {PLAIN: 1}),
        ("ftp://severa.example", {}),
    ],
)
def test_is_refused_before_anything_is_sent(url: str, extra: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="nothing was sent") as raised:
        require_encryption(url, extra, connection="severa__nordlys", source="severa")
    assert "severa__nordlys" in raised.value.message
