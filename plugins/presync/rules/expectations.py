"""Expectations that Great Expectations has no native one for. Importing this module registers them."""

# ruff: noqa: TID253  (run.py imports this module inside its functions only)

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics import ColumnMapMetricProvider, column_condition_partial

_METRIC = "column_values.whole_numbers_between"


class ColumnValuesWholeNumbersBetween(ColumnMapMetricProvider):  # type: ignore[misc]
    """Plain decimals without sign or leading zero within two bounds, compared as integers, never floats."""

    condition_metric_name = _METRIC
    condition_value_keys = ("min_value", "max_value")

    @column_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column: Any, min_value: int, max_value: int, **_: Any) -> Any:  # noqa: N805
        import pandas as pd

        # texts of one length sort like the numbers they are, so none is turned into a number
        texts, low, high = column.astype("str"), str(max(min_value, 1)), str(max(max_value, 0))
        lengths = texts.str.len()
        holds = texts.str.fullmatch("[1-9][0-9]*") & lengths.between(len(low), len(high))
        holds &= ((lengths > len(low)) | (texts >= low)) & ((lengths < len(high)) | (texts <= high))
        return pd.Series(holds.to_numpy(dtype=bool), index=column.index)


class ExpectColumnValuesToBeWholeNumbersBetween(ColumnMapExpectation):  # type: ignore[misc]
    """Expect texts to be plain decimals without leading zero, from `min_value` to `max_value`."""

    map_metric: ClassVar[str] = _METRIC
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "min_value", "max_value")
    min_value: int
    max_value: int
