"""Names from systems become YAML that says the same, and comments that stay comments."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from presync.new_tenant.document.draft import Draft, mapping, printable, scalar, writable

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def loaded(text: str) -> object:
    return YAML(typ="rt").load(text)


@given(ANY_TEXT)
def test_any_name_is_read_again_as_it_was(text: str) -> None:
    assert loaded(f"title: {scalar(text)}\nnext: 1\n") == {"title": text, "next": 1}


@given(ANY_TEXT)
@example("0,0")
def test_any_name_fits_into_a_mapping_on_one_line(text: str) -> None:
    assert loaded(f"m: {mapping(table=text, other='x')}\n") == {"m": {"table": text, "other": "x"}}


@given(ANY_TEXT)
def test_a_comment_stays_one(text: str) -> None:
    draft = Draft()
    draft.say(text)
    draft.table([["a", text]])
    draft.put("tenant: x")
    assert all(line.startswith("#") for line in draft.lines[:-1])
    assert loaded(draft.text) == {"tenant": "x"}


@pytest.mark.parametrize("text", ["NO", "Nordlys Rådgivning AS", "Bröderna (1905) AB"])
def test_harmless_names_are_not_quoted(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    "text", ["1e3", "007", "true", "null", "~", "2026-01-01", "a: b", "a #b", "- a", "0x1F"]
)
def test_what_yaml_reads_as_something_else_is_quoted(text: str) -> None:
    assert scalar(text) == f'"{text}"'


def test_half_a_character_can_be_written() -> None:
    assert scalar("a\ud800").encode() == '"a\ufffd"'.encode()
    assert printable("a\ud800b") == "a b"


def test_a_block_without_settings_is_a_comment() -> None:
    draft = Draft()
    draft.block("severa", lambda: draft.leave("connection: x", 1))
    draft.block("other", lambda: draft.put("key: 1", 1))
    assert loaded(draft.text) == {"other": {"key": 1}}
    assert draft.lines[0] == "# severa:"


@pytest.mark.parametrize(
    ("name", "may"),
    [("VoSr", True), ("Vo Sr", True), ("Løpenr", True), (" a", False), ("a.b", False), ("x" * 129, False)],
)
def test_names_that_a_tenant_file_can_hold(name: str, may: bool) -> None:
    assert writable("Actor", name) is may
