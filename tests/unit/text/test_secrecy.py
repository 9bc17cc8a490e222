"""Secrets are found however they are written, and foreign texts are shown nowhere."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presync.errors import ConfigurationError
from presync.text.secrecy import spellings, trace, without

WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "JSON": json.dumps,
    "JSON as it is": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "URL": quote,
    "URL, whole": lambda text: quote(text, safe=""),
    "query": lambda text: urlencode({"": text}),
    "form": quote_plus,
    "repr": repr,
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "basic": lambda text: base64.b64encode(f"me:{text}".encode()).decode(),
    "basic, URL-safe": lambda text: base64.urlsafe_b64encode(f"me:{text}".encode()).decode(),
}
SECRETS = ['p"ss\\w/rd', "pässwörd", "a+b c%20<&>'", "line\nend", "\x00\x1b[0m…"]


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_taken_out_however_it_is_written(secret: str, written: Callable[[str], str]) -> None:
    shown = without(f"before {written(secret)} after", secret, "me")
    assert set(shown.removeprefix("before ").removesuffix(" after")) <= set("*=\\'\"")


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40))
def test_any_secret(secret: str) -> None:
    for written in (str, json.dumps, quote_plus, WRITTEN["basic"]):
        shown = without(f"<{written(secret)}>", secret, "me")
        assert "***" in shown
        assert secret.strip() == "" or secret not in shown


def test_nothing_short_is_masked() -> None:
    assert all(len(form) >= 4 for form in spellings("ab"))


def test_a_trace_tells_places_and_kinds_and_no_texts_but_ours() -> None:
    hidden = "hunter2, Kari Nordmann"
    try:
        try:
            raise KeyError(hidden)
        except KeyError as error:
            raise ConfigurationError("what we say") from error
    except ConfigurationError as error:
        shown = trace(error)
    assert "hunter2" not in shown
    assert "KeyError\n" in shown
    assert "ConfigurationError: what we say" in shown
    assert "test_secrecy.py" in shown
