"""Great Expectations at work: each expectation has its own arguments, and nothing of GX stays changed.

Covers: rules/suite.py, rules/catalogue.py.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from great_expectations.expectations.expectation import Expectation

from presync.errors import SuiteError
from presync.rules.suite import Statement
from presync.rules.validation import Validator, _exception, _without_texts, violating_rows

FRAME = pd.DataFrame({"choices": [1, 2, 3, 4]}, index=[10, 20, 30, 40])


def statement(**kwargs: Any) -> Statement:
    words: dict[str, Any] = dict.fromkeys(
        ("description", "rule", "table", "title", "problem", "why", "message", "fix", "fix_in"), "for a test"
    )
    return Statement(
        type="expect_column_values_to_be_between",
        kwargs={"column": "choices", **kwargs},
        severity="critical",
        **words,
    )


def test_expectations_of_one_type_keep_their_own_arguments() -> None:
    statements = {n: statement(max_value=n) for n in range(5)}
    results = Validator("customers").validate(statements, FRAME)
    for number, stated in statements.items():
        examined, rows = violating_rows(stated, results[number])
        assert (examined, list(rows)) == (4, [10, 20, 30, 40][number:])


def test_great_expectations_is_left_as_it_was() -> None:
    before = Expectation.configuration
    Validator("customers").validate({0: statement(max_value=1)}, FRAME)
    assert Expectation.configuration is before
    with pytest.raises(SuiteError, match="is not an expectation that Great Expectations"):
        Validator("customers").validate({0: statement(max_value=1, minimum=2)}, FRAME)
    assert Expectation.configuration is before


def test_a_condition_that_finds_no_rows_examines_none() -> None:
    nothing = statement(max_value=1, row_condition="choices > 9", condition_parser="pandas")
    (result,) = Validator("customers").validate({0: nothing}, FRAME).values()
    assert violating_rows(nothing, result) == (0, [])


@pytest.mark.parametrize(
    ("traceback", "kind"),
    [
        ("Traceback (most recent call last):\n  File x\nValueError: Kari Nordmann\n", "ValueError"),
        (
            "File x\nKeyError: 'a'\n\nDuring handling\n\npandas.errors.DataError: Kari\n",
            "pandas.errors.DataError",
        ),
        ("File x\nKeyboardInterrupt\n", "KeyboardInterrupt"),
        ("ValueError: two lines\nKari: 7\n", "ValueError"),
        ("", "an exception of unknown kind"),
    ],
)
def test_of_what_great_expectations_raises_only_the_kind_is_kept(traceback: str, kind: str) -> None:
    raised = {"raised_exception": True, "exception_message": "Kari", "exception_traceback": traceback}
    for info in (raised, {"metric": raised}):
        kept = _without_texts(info)
        assert "Kari" not in str(kept)
        assert _exception(kept) == kind
    assert _without_texts({"raised_exception": False}) == {"raised_exception": False}
    assert _without_texts(None) is None
