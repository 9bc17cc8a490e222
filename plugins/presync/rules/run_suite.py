"""Run one suite over a run's check tables: Great Expectations judges, the result is complete or an error."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from presync.errors import PresyncError, SuiteError
from presync.reconcile.similar_names import search
from presync.rules.findings_writer import FindingsWriter
from presync.rules.frames import load_frame
from presync.rules.result import VALIDATION, Expectation, Reported, Status, SuiteResult, write_result
from presync.rules.suite import Statement, Suite, load_suite, rules_version
from presync.rules.validation import Validator, rows_of, violating_rows, without_rows
from presync.staging.database import opened
from presync.staging.made_by import this_version

if TYPE_CHECKING:
    import duckdb


def run_suite(suite: str, database: Path, out: Path, folder: Path | None = None) -> SuiteResult:
    """Run the suite `<folder>/<suite>.json` over `database`; fill the folder `out`.

    Writes `result.json`, `findings.parquet` and `validation.json.gz` (GX's own results). Raises SuiteError if
    the suite cannot be used; an expectation that raised makes the status `error`.
    """
    started_at = _now()
    # first: a file that is edited meanwhile must not lend its version to what was judged before
    version = rules_version(folder)
    stated = load_suite(suite, folder)
    with opened(database, out, read_only=True) as connection:
        build_id, floor = _build(connection, suite)
        _respect_floor(stated, floor)
        writer = FindingsWriter(connection, suite)
        judgements, raw = examine(connection, stated, writer)
        findings = writer.write(out / "findings.parquet")
    result = _result(stated, judgements, build_id, started_at, version)
    if findings != result.critical + result.warning:
        raise SuiteError(
            f"{findings} findings were written, {result.critical + result.warning} counted", source=suite
        )
    (out / VALIDATION).write_bytes(gzip.compress(json.dumps(raw, indent=1, default=str).encode(), mtime=0))
    write_result(out, result)
    return result


def examine(
    connection: duckdb.DuckDBPyConnection, suite: Suite, writer: FindingsWriter
) -> tuple[list[Expectation], list[dict[str, Any]]]:
    """Let Great Expectations examine every statement of a suite, table by table.

    Returns a judgement per statement, in their order, and GX's own results without rows; the findings go to
    `writer`.
    """
    judgements: dict[int, Expectation] = {}
    raw: list[dict[str, Any]] = []
    validator = Validator(suite.name)
    for table in dict.fromkeys(statement.table for statement in suite.statements):
        numbered = {n: s for n, s in enumerate(suite.statements) if s.table == table}
        frame = load_frame(connection, suite.name, table, numbered.values())
        results = validator.validate(numbered, frame)
        raw += [without_rows(result) for result in results.values()]
        writer.look_up(table, rows_of(results.values()))
        for number, statement in numbered.items():
            judgement = _judge(statement, results.get(number), writer)
            judgements[number] = _with_caveat(judgement, statement, connection, suite.name)
    return [judgements[number] for number in sorted(judgements)], raw


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


def _judge(statement: Statement, result: dict[str, Any] | None, writer: FindingsWriter) -> Expectation:
    judgement = Expectation(
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
        waivable=statement.waivable,
    )
    try:
        examined, rows = violating_rows(statement, result)
        writer.add(statement, rows)
    except PresyncError as error:
        return msgspec.structs.replace(judgement, error=error.message)
    return msgspec.structs.replace(judgement, examined=examined, violating=len(rows))


def _with_caveat(
    judgement: Expectation, statement: Statement, connection: duckdb.DuckDBPyConnection, suite: str
) -> Expectation:
    """Say at a rule about similar names which pairs were not compared, if any were not.

    If the database does not say it, the rule counts as not checked.
    """
    if statement.kwargs.get("column") != "similarity":
        return judgement
    try:
        caveat = search.caveat(connection, suite)
    except PresyncError as error:
        return msgspec.structs.replace(judgement, error=judgement.error or error.message)
    return msgspec.structs.replace(judgement, description=f"{judgement.description} {caveat}".strip())


def _result(
    suite: Suite, judgements: list[Expectation], build_id: str, started_at: str, version: str
) -> SuiteResult:
    counts = {
        severity: sum(j.violating or 0 for j in judgements if j.severity == severity)
        for severity in ("critical", "warning")
    }
    errors = [Reported(suite.name, f"rule {j.rule}: {j.error}") for j in judgements if j.error is not None]
    status: Status = "error" if errors else "failed" if counts["critical"] else "passed"
    return SuiteResult(
        suite=suite.name,
        status=status,
        build_id=build_id,
        rules_version=version,
        made_by=this_version().as_dict(),
        started_at=started_at,
        finished_at=_now(),
        critical=counts["critical"],
        warning=counts["warning"],
        description=suite.description,
        expectations=judgements,
        errors=errors,
        deviations=list(suite.deviations),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
