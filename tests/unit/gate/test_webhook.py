"""What an HTTP connection's fields mean."""

from __future__ import annotations

import pytest

from presync.errors import ConfigurationError
from presync.gate.webhook import Webhook, address


@pytest.mark.parametrize(
    ("kind", "host", "schema", "port", "expected"),
    [
        ("http", "example.com", None, None, "http://example.com"),
        ("http", "example.com", "", None, "http://example.com"),
        ("http", "example.com", "https", None, "https://example.com"),
        ("https", "example.com", None, 8443, "https://example.com:8443"),
        ("http", "https://example.com/start", None, None, "https://example.com/start"),
        ("http", "https://example.com/start", "http", 8443, "https://example.com:8443/start"),
        ("http", "https://example.com:9/start?x=1", None, 8443, "https://example.com:9/start?x=1"),
        ("http", "127.0.0.1", "hooks/start", 80, "http://127.0.0.1:80/hooks/start"),
        ("http", "[::1]", None, 80, "http://[::1]:80"),
    ],
)
def test_addresses(kind: str, host: str, schema: str | None, port: int | None, expected: str) -> None:
    assert address("hook", kind, host, schema, port) == expected


@pytest.mark.parametrize(
    "host", [None, "", "ftp://example.com", "https://me:secret@example.com", "https:///x"]
)
def test_what_is_no_address_is_refused_without_repeating_it(host: str | None) -> None:
    with pytest.raises(ConfigurationError, match="'hook'") as refusal:
        address("hook", "http", host, None, None)
    assert "secret" not in refusal.value.message


def test_a_webhook_in_a_log_shows_no_secret() -> None:
    webhook = Webhook("hook", "http://x", login="me", password="secret", headers={"X-Api-Key": "key1"})
    assert "secret" not in repr(webhook)
    assert "key1" not in repr(webhook)
