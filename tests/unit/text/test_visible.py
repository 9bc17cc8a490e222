"""What a reader cannot see is written out; what can be seen stays as it is."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from presync.text.visible import visible, visible_within

SEEN = st.text(
    st.characters(
        exclude_categories=["C", "Z"], exclude_characters="\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
    ).filter(lambda character: not unicodedata.name(character, "").startswith("VARIATION SELECTOR"))
)


@given(st.lists(SEEN.filter(bool)).map(" ".join))
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible(text) == text


@given(st.text(st.characters()))
def test_two_texts_that_differ_look_different(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable() or not text.isprintable()
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for character in shown)
    if "<U+" not in text:  # what is shown tells the text
        assert re.sub(r"<U\+([0-9A-F]{4,6})>", lambda found: chr(int(found[1], 16)), shown) == text


def test_blanks_at_the_ends_and_beside_another() -> None:
    assert visible(" a  b ") == "<U+0020>a <U+0020>b<U+0020>"
    assert visible("a b") == "a b"
    assert visible("a\u00a0b") == "a<U+00A0>b"


@given(SEEN)
def test_a_sentence_that_can_be_read_stays(text: str) -> None:
    assert visible_within(text) == text


@given(st.text(st.characters()), st.text(st.characters()))
def test_two_texts_that_read_alike_are_alike_but_for_blanks(one: str, other: str) -> None:
    kept = set(" \r\n\t\xa0")
    for text in (one, other):
        assert all(character.isprintable() for character in visible_within(text) if character not in kept)
    unlike = "X100" + visible_within("\u200b\ufe0f\u2060\u00ad\u3164\u202e\ud83d")
    assert unlike == "X100<U+200B><U+FE0F><U+2060><U+00AD><U+3164><U+202E><U+D83D>"
