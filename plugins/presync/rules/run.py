"""Run one suite over a run's check tables: Great Expectations judges, the result is complete or an error."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from presync.errors import PresyncError, SuiteError
from presync.rules.findings import FindingsWriter
from presync.rules.frames import load_frame
from presync.rules.suites import Statement, Suite, load_suite, rules_version

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

Status = Literal["passed", "failed", "error"]
# Expectations about missing values; every other one silently skips rows without a value.
_ABOUT_MISSING = {"expect_column_values_to_be_null", "expect_column_values_to_not_be_null"}
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "include_unexpected_rows": False,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}


@dataclass(frozen=True)
class Judgement:
    """What one expectation examined and found. `error` is set if it could not be checked."""

    rule: str
    type: str
    severity: str
    table: str
    title: str
    description: str
    why: str
    fix: str
    condition: str | None
    expects: dict[str, Any]
    examined: int = 0
    violating: int = 0
    error: str | None = None


@dataclass(frozen=True)
class SuiteResult:
    """`result.json`: passed (nothing critical), failed (critical findings) or error (not checked)."""

    suite: str
    status: Status
    build_id: str
    rules_version: str
    started_at: str
    finished_at: str
    critical: int
    warning: int
    description: str = ""
    expectations: list[Judgement] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)


def run_suite(suite: str, database: Path, out: Path, folder: Path | None = None) -> SuiteResult:
    """Run the suite `<folder>/<suite>.json` over `database`; fill the folder `out`.

    Writes `result.json`, `findings.parquet` and `validation.json` (GX's own results). Raises SuiteError if
    the suite cannot be used; an expectation that raised makes the status `error`.
    """
    import duckdb

    started_at = _now()
    stated = load_suite(suite, folder)
    with duckdb.connect(str(database), read_only=True) as connection:
        build_id, floor = _build(connection, suite)
        _respect_floor(stated, floor)
        writer = FindingsWriter(connection, suite)
        judgements: dict[int, Judgement] = {}
        raw: list[dict[str, Any]] = []
        for table in dict.fromkeys(statement.table for statement in stated.statements):
            numbered = {n: s for n, s in enumerate(stated.statements) if s.table == table}
            frame = load_frame(connection, suite, table, numbered.values())
            results = _validate(suite, table, numbered, frame)
            raw += [_without_rows(result) for result in results.values()]
            for number, statement in numbered.items():
                judgements[number] = _judge(statement, results.get(number), writer)
        findings = writer.write(out / "findings.parquet")
    result = _result(stated, [judgements[n] for n in sorted(judgements)], build_id, started_at, folder)
    if findings != result.critical + result.warning:
        raise SuiteError(
            f"{findings} findings were written, {result.critical + result.warning} counted", source=suite
        )
    (out / "validation.json").write_text(json.dumps(raw, indent=1, default=str), encoding="utf-8")
    (out / "result.json").write_text(
        json.dumps(asdict(result), indent=1, ensure_ascii=False), encoding="utf-8"
    )
    return result


def _build(connection: duckdb.DuckDBPyConnection, suite: str) -> tuple[str, float]:
    row = connection.execute("SELECT build_id, similarity_floor FROM checks.build").fetchone()
    if row is None:
        raise SuiteError("the staging database does not say which build it is; reconcile again", source=suite)
    return str(row[0]), float(row[1])


def _respect_floor(suite: Suite, floor: float) -> None:
    """Refuse a similarity threshold below what reconcile looked for: it would miss pairs silently."""
    for statement in suite.statements:
        threshold = statement.kwargs.get("max_value")
        if statement.kwargs.get("column") == "similarity" and threshold is not None and threshold < floor:
            raise SuiteError(
                f"rule {statement.rule} asks for names of similarity {threshold}, but pairs below {floor:g} "
                "are never looked for. Choose a threshold from there up.",
                source=suite.name,
            )


def _validate(
    suite: str, table: str, statements: dict[int, Statement], frame: pd.DataFrame
) -> dict[int, dict[str, Any]]:
    """Return GX's result per statement number; GX reorders results, so each carries its number."""
    with _quiet():
        import great_expectations as gx

        from presync.rules import expectations  # noqa: F401  (registers the custom ones)

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        asset = context.data_sources.add_pandas("checks").add_dataframe_asset(table)
        batch = asset.add_batch_definition_whole_dataframe(table).get_batch({"dataframe": frame})
        expectation_suite = gx.ExpectationSuite(
            name=suite, expectations=[_configuration(suite, n, s) for n, s in statements.items()]
        )
        validation = batch.validate(expectation_suite, result_format=_RESULT_FORMAT)
        results = [result.to_json_dict() for result in validation.results]
    return {int(result["expectation_config"]["meta"]["number"]): result for result in results}


def _configuration(suite: str, number: int, statement: Statement) -> Any:
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    configuration = ExpectationConfiguration(
        type=statement.type,
        kwargs=dict(statement.kwargs),
        severity=statement.severity,
        description=statement.description,
        meta={"rule": statement.rule, "table": statement.table, "number": number},
    )
    try:
        return configuration.to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError) as error:
        raise SuiteError(
            f"expectations/{suite}.json: expectation {number + 1} ({statement.rule}): {statement.type} with "
            f"these arguments is no expectation that Great Expectations or Presync knows: {error}",
            source=suite,
        ) from error


def _judge(statement: Statement, result: dict[str, Any] | None, writer: FindingsWriter) -> Judgement:
    judgement = Judgement(
        rule=statement.rule,
        type=statement.type,
        severity=statement.severity,
        table=statement.table,
        title=statement.title,
        description=statement.description,
        why=statement.why,
        fix=statement.fix,
        condition=statement.condition,
        expects=statement.requirement,
    )
    values = asdict(judgement)
    try:
        examined, rows = _violating_rows(statement, result)
        writer.add(statement, rows)
    except PresyncError as error:
        return Judgement(**{**values, "error": error.message})
    return Judgement(**{**values, "examined": examined, "violating": len(rows)})


def _violating_rows(statement: Statement, result: dict[str, Any] | None) -> tuple[int, Sequence[int]]:
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


def _exception(info: Any) -> str | None:
    """Return the message of an exception in GX's `exception_info`, which is flat or one per metric."""
    if not isinstance(info, dict):
        return None
    if info.get("raised_exception"):
        return str(info.get("exception_message") or "an exception without message")
    return next((message for value in info.values() if (message := _exception(value))), None)


def _result(
    suite: Suite, judgements: list[Judgement], build_id: str, started_at: str, folder: Path | None
) -> SuiteResult:
    counts = {
        severity: sum(j.violating for j in judgements if j.severity == severity)
        for severity in ("critical", "warning")
    }
    errors = [
        {"source": suite.name, "message": f"rule {j.rule}: {j.error}"}
        for j in judgements
        if j.error is not None
    ]
    status: Status = "error" if errors else "failed" if counts["critical"] else "passed"
    return SuiteResult(
        suite=suite.name,
        status=status,
        build_id=build_id,
        rules_version=rules_version(folder),
        started_at=started_at,
        finished_at=_now(),
        critical=counts["critical"],
        warning=counts["warning"],
        description=suite.description,
        expectations=judgements,
        errors=errors,
    )


def _without_rows(result: dict[str, Any]) -> dict[str, Any]:
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
