"""What a text of a file may hold: nothing that nobody can see, and nothing that breaks a database's bound."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from presync.tenants.texts import ConnectionId, DagId, Day, SeriesKey, Title, Words, refuse_unseen


@pytest.mark.parametrize("text", ["Nordlys Rådgivning AS", "岡本", "🙂", "a\u00a0b", "é", "e\u0301"])
def test_what_can_be_seen_stays(text: str) -> None:
    assert refuse_unseen(text) == text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ab\x00", "character 3 of this text, U+0000"),
        ("\u200bX", "character 1 of this text, U+200B"),
        ("a\nb", "character 2 of this text, U+000A"),
        ("\u202eevil", "U+202E"),
        ("\ud83d", "U+D83D"),
        ("\ue000", "U+E000"),
        ("   ", "blank"),
        ("", "blank"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)):
        refuse_unseen(text)


@pytest.mark.parametrize(
    ("kind", "longest", "letter"),
    [(Title, 200, "å"), (Words, 1000, "å"), (ConnectionId, 250, "c"), (DagId, 250, "d")],
)
def test_bounds(kind: Any, longest: int, letter: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    assert adapter.validate_python(letter * longest) == letter * longest
    with pytest.raises(ValidationError):
        adapter.validate_python(letter * (longest + 1))


@pytest.mark.parametrize("value", [20261231, "31.12.2026", "2026-13-01", "2026-02-30", "", None, 1.5])
def test_a_day_is_written_one_way(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(value)
    assert TypeAdapter(Day).validate_python(" 2026-12-31 ") == date(2026, 12, 31)


@pytest.mark.parametrize("value", [True, 1.0, "", 2**63, "a\x00"])
def test_no_key_of_a_series(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(SeriesKey).validate_python(value)
