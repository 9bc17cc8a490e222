"""Great Expectations at work: validate a frame, and take from its results only what is certain."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from presync.errors import SuiteError
from presync.rules.asked_once import everything_asked_once
from presync.rules.frames import names_in, required_columns
from presync.rules.suite import Statement

if TYPE_CHECKING:
    import pandas as pd

_Numbered = Mapping[int, Statement]
# Expectations about missing values; every other one silently skips rows without a value.
_ABOUT_MISSING = {"expect_column_values_to_be_null", "expect_column_values_to_not_be_null"}
_PARSED_BY_PANDAS = {"condition_parser": "pandas"}
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "include_unexpected_rows": False,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}


class Validator:
    """One suite's Great Expectations: an ephemeral context, in which each condition's rows are a batch.

    Great Expectations would choose the rows of a condition five times for each expectation, with all columns
    that any of them needs; here they are chosen once, by the same pandas query, with the columns it needs.
    """

    def __init__(self, suite: str) -> None:
        with _quiet():
            import great_expectations as gx

            from presync.rules import expectations  # noqa: F401  (registers the custom ones)

            self._suite = suite
            self._context = gx.get_context(mode="ephemeral")
            self._context.variables.progress_bars = {"globally": False, "metric_calculations": False}

    def validate(self, statements: _Numbered, frame: pd.DataFrame) -> dict[int, dict[str, Any]]:
        """Return GX's result per statement number; a broken condition is one that raised."""
        with _quiet(), everything_asked_once():
            return self._validate_each(statements, frame)

    def _validate_each(self, statements: _Numbered, frame: pd.DataFrame) -> dict[int, dict[str, Any]]:
        groups: dict[str | None, dict[int, Statement]] = {}
        for number, statement in statements.items():
            groups.setdefault(_pandas_condition(statement), {})[number] = statement
        results: dict[int, dict[str, Any]] = {}
        without_any: dict[int, Statement] = {}
        for condition, group in groups.items():
            try:
                rows = _chosen(frame, condition, group.values())
            except Exception as error:
                results |= dict.fromkeys(
                    group,
                    _raised(f"its condition {condition!r} cannot be evaluated ({type(error).__name__})"),
                )
            else:
                if rows.empty:
                    without_any |= group
                else:
                    results |= self._validate(group, rows)
        if without_any:  # no rows are the same rows: one batch for all conditions that choose none
            results |= self._validate(without_any, frame.iloc[:0])
        return results

    def _validate(self, statements: _Numbered, rows: pd.DataFrame) -> dict[int, dict[str, Any]]:
        from great_expectations.execution_engine import PandasExecutionEngine
        from great_expectations.validator.validator import Validator as Graph

        wanted = [_configuration(self._suite, n, s) for n, s in statements.items()]
        engine = PandasExecutionEngine(batch_data_dict={self._suite: rows})
        graph = Graph(execution_engine=engine, data_context=self._context)
        found = graph.graph_validate(wanted, runtime_configuration={"result_format": _RESULT_FORMAT})
        # GX reorders results, so each carries its number
        results = {
            int(result["expectation_config"]["meta"]["number"]): result
            for result in (each.to_json_dict() for each in found)
        }
        for number, result in results.items():
            result["exception_info"] = _without_texts(result.get("exception_info"))
            condition = _pandas_condition(statements[number])
            if condition is not None:
                result["expectation_config"]["kwargs"] |= {"row_condition": condition, **_PARSED_BY_PANDAS}
        return results


# as a traceback's last line begins; what follows it may have lines of its own
_KIND: Final = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning))(?::|$)", re.MULTILINE
)


def _pandas_condition(statement: Statement) -> str | None:
    """Return the condition if it is a pandas query; any other one is left to Great Expectations."""
    parser = statement.kwargs.get("condition_parser")
    return statement.condition if parser == _PARSED_BY_PANDAS["condition_parser"] else None


def _chosen(frame: pd.DataFrame, condition: str | None, statements: Iterable[Statement]) -> pd.DataFrame:
    """Return the rows of a condition, with the columns that its statements are about."""
    if condition is None:
        return frame
    columns = sorted(set().union(*(required_columns(statement) for statement in statements)))
    about = [column for column in frame.columns if column in names_in(condition)]
    chosen: Any = frame[about].eval(condition)  # pandas makes a Series of every column that it is given
    rows: pd.DataFrame = (frame[columns] if columns else frame).loc[chosen]
    return rows


def _without_texts(info: Any) -> Any:
    """Return GX's `exception_info` with the kind of an exception for its text, which may quote the data."""
    if not isinstance(info, dict):
        return info
    if not info.get("raised_exception"):
        return {key: _without_texts(value) for key, value in info.items()}
    kinds = _KIND.findall(str(info.get("exception_traceback") or ""))
    kind = kinds[-1] if kinds else "an exception of unknown kind"
    return {"raised_exception": True, "exception_message": kind, "exception_traceback": None}


def _raised(message: str) -> dict[str, Any]:
    return {"exception_info": {"raised_exception": True, "exception_message": message}}


def _configuration(suite: str, number: int, statement: Statement) -> Any:
    """Return GX's expectation of a statement; without its condition if that has chosen the rows."""
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    configuration = ExpectationConfiguration(
        type=statement.type,
        kwargs=dict(statement.kwargs) if _pandas_condition(statement) is None else statement.requirement,
        severity=statement.severity,
        description=statement.description,
        meta={"rule": statement.rule, "table": statement.table, "number": number},
    )
    try:
        configuration.to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError) as error:
        raise SuiteError(
            f"expectations/{suite}.json: expectation {number + 1} ({statement.rule}): {statement.type} with "
            f"these arguments is not an expectation that Great Expectations or Presync knows "
            f"({_named(error, statement.kwargs)})",
            source=suite,
        ) from error
    return configuration


def _named(error: Exception, arguments: Mapping[str, Any]) -> str:
    """Return an error's kind and the arguments that it is about: names from the file, no foreign text."""
    items = error.errors() if hasattr(error, "errors") else ()
    about = {str(part) for item in items for part in item.get("loc", ())}
    return ": ".join(filter(None, (type(error).__name__, ", ".join(n for n in arguments if n in about))))


def violating_rows(statement: Statement, result: dict[str, Any] | None) -> tuple[int, Sequence[int]]:
    """Return how many rows were examined and which violate; raise SuiteError unless both are certain."""
    if result is None:
        raise SuiteError("Great Expectations returned no result for it")
    raised = _exception(result.get("exception_info"))
    if raised:
        raise SuiteError(f"Great Expectations could not check it: {raised}")
    found = result.get("result") or {}
    examined = found.get("element_count")
    unexpected = found.get("unexpected_count", 0 if examined == 0 else None)
    rows = found.get("unexpected_index_list") or []
    skipped = 0 if statement.type in _ABOUT_MISSING else found.get("missing_count", 0)
    if examined is None or unexpected is None or len(rows) != unexpected:
        raise SuiteError(f"the result is not complete: {unexpected} rows violate it, {len(rows)} are named")
    if skipped:
        raise SuiteError(f"{skipped} of {examined} rows have no value to compare, so they were not checked")
    if bool(result.get("success")) != (unexpected == 0):
        raise SuiteError(
            f"the result contradicts itself: success={result.get('success')}, {unexpected} violate"
        )
    return int(examined), rows


def rows_of(results: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """Yield the rows that GX names in any of the results, certain or not."""
    for result in results:
        yield from (result.get("result") or {}).get("unexpected_index_list") or ()


def _exception(info: Any) -> str | None:
    """Return the message of an exception in GX's `exception_info`, which is flat or one per metric."""
    if not isinstance(info, dict):
        return None
    if info.get("raised_exception"):
        return str(info.get("exception_message") or "an exception without message")
    return next((message for value in info.values() if (message := _exception(value))), None)


def without_rows(result: dict[str, Any]) -> dict[str, Any]:
    """Return GX's result without the lists of rows and values: those are in findings.parquet, in words."""
    kept = {k: v for k, v in (result.get("result") or {}).items() if not isinstance(v, list)}
    return {**result, "result": kept}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Great Expectations from calling home and from writing 170 lines of INFO into the task's log."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
