"""Texts, numbers and times in the language that is spoken; English where nothing else was said.

Covers: languages/cldr.py, languages/said_again.py, languages/texts.py.
"""

from __future__ import annotations

import doctest
from datetime import date

import pytest

from presync.languages import cldr, said_again
from presync.languages.speaking import PSEUDO, speaking, spoken
from presync.languages.texts import Words, marked, tr, trn

READY = Words({"ready": marked("Ready")})


def test_a_text_is_translated_where_it_is_shown() -> None:
    assert (READY["ready"], tr("Ready until %(time)s", time="x")) == ("Ready", "Ready until x")
    with speaking("nb"):
        assert (READY["ready"], tr("Ready until %(time)s", time="x")) == ("Klar", "Klar til x")
        assert trn("%(n)s finding", "%(n)s findings", 1200) == "1\xa0200 funn"
        with speaking(PSEUDO):
            assert READY["ready"].startswith("⟦Ready")
            assert len(tr("Ready")) >= len("Ready") * 1.5
    assert spoken() == "en"
    assert READY.get("nothing") is None


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(KeyError, match="xx"), speaking("xx"):
        pass


def test_numbers_and_times_are_written_as_the_language_does() -> None:
    assert doctest.testmod(cldr).failed == 0
    assert doctest.testmod(said_again).failed == 0
    assert [cldr.moment(value) for value in (None, "", "soon")] == ["–", "–", "soon"]
    assert cldr.day(date(2026, 11, 3)) == "2026-11-03"
    with speaking("nb"):
        assert cldr.moment("2026-11-23T05:15:59+01:00") == "23. nov. 2026 04:15 UTC"
        assert cldr.day(date(2026, 11, 3)) == "3. nov. 2026"
        assert (cldr.number(1234567), cldr.number(None)) == ("1\xa0234\xa0567", "–")
