"""Whatever a secrets backend holds for a connection: it can be used, or one of our errors names the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presync.errors import ConfigurationError
from presync.gate.webhook import Webhook, webhook_from_connection
from presync.http.connections import Fields, fields_of
from presync.sources.severa.access import severa_access
from presync.sources.severa.client import SeveraAccess
from presync.tenants.model import Tenant

SECRET = "hunter2-of-the-backend"
TENANT = Tenant(tenant="nordlys", title="Nordlys")
SOUND: dict[str, Any] = {
    "conn_type": "http",
    "host": "https://example.com/start",
    "schema": None,
    "login": "client",
    "password": SECRET,
    "port": None,
    "extra": None,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)
EXTRAS = st.dictionaries(
    st.sampled_from(["headers", "verify", "verify_ssl", "cert", "proxy", "allow_plain_http", "X-Token"]),
    JSON,
    max_size=3,
)


def connection(**changes: Any) -> Any:
    values = SOUND | changes
    try:
        loaded = json.loads(values["extra"] or "{}")
    except (ValueError, TypeError, RecursionError):
        loaded = {}
    return SimpleNamespace(**values, extra_dejson=loaded)


def test_what_can_be_used() -> None:
    found = fields_of("hook", connection(port=8443, extra='{"headers": {"X": "1"}}'), source="s")
    assert found == Fields(
        "http", "https://example.com/start", "", "client", SECRET, 8443, {"headers": {"X": "1"}}
    )
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("port", "http", "its port is not a number"),
        ("port", 65_536, "its port is not a number"),
        ("port", -1, "its port is not a number"),
        ("port", True, "its port is not a number"),
        ("host", ["https://example.com"], "its host is not a text"),
        ("password", 12345, "its password is not a text"),
        ("extra", "{'headers': 1}", "its extra is not a JSON object"),
        ("extra", "[1]", "its extra is not a JSON object"),
        ("extra", "[" * 100_000, "its extra is not a JSON object"),
    ],
)
def test_what_cannot_be_used_is_named(field: str, value: object, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as raised:
        fields_of("hook", connection(**{field: value}), source="s")
    assert "'hook'" in raised.value.message
    assert "12345" not in raised.value.message


@pytest.mark.parametrize("headers", ["X-Token: 1", [1], 5, True])
def test_headers_that_are_none(headers: object, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = json.dumps({"headers": headers})
    monkeypatch.setattr("airflow.sdk.BaseHook.get_connection", lambda _: connection(extra=extra))
    with pytest.raises(ConfigurationError, match="`headers` in the extra"):
        webhook_from_connection("hook")


@settings(max_examples=150, deadline=None)
@given(field=st.sampled_from([*SOUND]), value=JSON | st.binary(max_size=5), extra=EXTRAS)
def test_any_field_is_used_or_refused_by_us(field: str, value: Any, extra: dict[str, Any]) -> None:
    changes = {"extra": json.dumps(extra)} | {field: value}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("airflow.sdk.BaseHook.get_connection", lambda _: connection(**changes))
        readers: list[tuple[Callable[[], object], type]] = [
            (lambda: webhook_from_connection("hook"), Webhook),
            (lambda: severa_access(TENANT), SeveraAccess),
        ]
        for read, kind in readers:
            try:
                assert isinstance(read(), kind)
            except ConfigurationError as error:
                assert SECRET not in error.message  # noqa: PT017 - both ends are right ones
