"""Names without legal forms and in folded forms, beyond what the examples of the rules hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.reconcile.names import END, START, folded_forms, without_legal_form

WORDS = st.sampled_from(
    ["nordfjord", "as", "oy", "ab", "a", "s", "x", "ek", "för", "publ", "g", "m", "b", "h"]
)


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("nordfjord as", "nordfjord"),
        ("nordfjord a s", "nordfjord"),
        ("oy nordfjord ab", "nordfjord"),
        ("nordfjord as as publ", "nordfjord"),
        ("hus ek för", "hus"),
        ("polska sp z o o", "polska"),
        ("as", "as"),
        ("a s", "a s"),
        ("nordfjord asa norge", "nordfjord asa norge"),
        ("", ""),
    ],
)
def test_legal_forms(key: str, left: str) -> None:
    assert without_legal_form(key) == left


@given(st.lists(WORDS, min_size=1, max_size=6).map(" ".join))
def test_something_is_left_and_nothing_more_goes(key: str) -> None:
    left = without_legal_form(key)
    assert left
    assert f" {left} " in f" {key} "
    assert without_legal_form(left) == left
    words = tuple(left.split(" "))
    assert not any(words[-n:] in END for n in range(1, len(words)))
    assert not any(words[:n] in START for n in range(1, len(words)))


@given(st.text("abcæøåäöüßðþłđé", max_size=8))
def test_folded_forms_are_plain_and_stay_so(key: str) -> None:
    for form in folded_forms(key):
        assert form.isascii()
        assert folded_forms(form) == (form, form)
