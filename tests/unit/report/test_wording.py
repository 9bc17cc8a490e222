"""The examples in the docstrings hold."""

from __future__ import annotations

import doctest

from presync.report import wording


def test_examples() -> None:
    assert doctest.testmod(wording).failed == 0
    assert doctest.testmod(wording).attempted >= 4


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    assert [wording.moment(value) for value in (None, "", "soon")] == ["–", "–", "soon"]
