"""What a reader cannot see is written out; what can be seen stays as it is."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from presync.visible_text import visible

SEEN = st.text(
    st.characters(
        exclude_categories=["C", "Z"], exclude_characters="\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
    )
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
