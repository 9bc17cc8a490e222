"""`result.json`: what one suite examined and found. It is believed only if it is complete and consistent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final, Literal

import msgspec

from presync.errors import IncompleteError
from presync.rules.baseline import Deviation

VALIDATION: Final = "validation.json.gz"
"""GX's own results beside `result.json`: the same texts again and again, a tenth of the size when packed."""

Count = Annotated[int, msgspec.Meta(ge=0)]
Severity = Literal["critical", "warning"]
Status = Literal["passed", "failed", "error"]


class Expectation(msgspec.Struct, frozen=True):
    """One expectation: how it is stated, and what it found.

    `error` says why it could not be checked; it is waivable only if it says so. `examined` and `violating`
    count records or pairs; they are missing if it could not be checked.
    """

    rule: str
    severity: Severity
    title: str
    type: str = ""
    table: str = ""
    description: str = ""
    why: str = ""
    fix: str = ""
    condition: str | None = None
    expects: Any = ""
    waivable: bool = False
    examined: Count | None = None
    violating: Count | None = None
    error: str | None = None

    @property
    def general_fix(self) -> str:
        """What to do about any finding of the rule; empty where each finding says it for itself."""
        try:
            parts = list(Formatter().parse(self.fix))
        except ValueError:
            return self.fix
        return "" if any(name is not None for _, name, _, _ in parts) else "".join(p[0] for p in parts)


class Reported(msgspec.Struct, frozen=True):
    """A problem that the suite reports of itself."""

    source: str
    message: str


class SuiteResult(msgspec.Struct, frozen=True):
    """`result.json`, strictly typed: what the verdict rests on has no default.

    passed (nothing critical), failed (critical findings) or error (not checked). `deviations`: how the suite
    differs from the release's.
    """

    suite: str
    status: Status
    build_id: str
    rules_version: str
    critical: Count
    warning: Count
    expectations: list[Expectation]
    errors: list[Reported]
    started_at: str = ""
    finished_at: str = ""
    description: str = ""
    made_by: dict[str, str] = msgspec.field(default_factory=dict)
    deviations: list[Deviation] = []


def write_result(folder: Path, result: SuiteResult) -> None:
    """Write `result.json`."""
    (folder / "result.json").write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))


def read_result(folder: Path, suite: str) -> SuiteResult:
    """Return what a suite published. Raises IncompleteError if it cannot be understood."""
    try:
        return msgspec.json.decode((folder / "result.json").read_bytes(), type=SuiteResult)
    except (OSError, msgspec.DecodeError) as error:
        raise IncompleteError(
            f"the result of suite {suite} cannot be understood ({type(error).__name__}), so its rules "
            "count as not checked. "
            "Run the suite again.",
            source=suite,
        ) from None


def waivable_rules(result: SuiteResult) -> frozenset[str]:
    """Return the rules whose findings a person may waive: those of which every expectation says so."""
    never = {each.rule for each in result.expectations if not each.waivable}
    return frozenset(each.rule for each in result.expectations) - never


def contradictions(folder: Path, suite: str, result: SuiteResult) -> Iterator[str]:
    """Yield why a result cannot be believed: it says so itself, is empty, or its findings say otherwise."""
    yield from _own_words(suite, result)
    if result.suite != suite:
        yield f"the result of suite {suite} is that of suite {result.suite!r}"
    try:
        found = _findings(folder)
    except (OSError, ValueError, KeyError) as error:
        yield f"the findings of suite {suite} cannot be read ({type(error).__name__}). Run the suite again."
        return
    yield from _disagreements(suite, result, found)


def _own_words(suite: str, result: SuiteResult) -> Iterator[str]:
    yield from (problem.message for problem in result.errors)
    if not result.expectations:
        yield f"suite {suite} holds no expectation, so none of its rules was checked. Restore its file."
    for expectation in result.expectations:
        if expectation.error is not None:
            yield f"rule {expectation.rule} could not be checked: {expectation.error}"
        elif expectation.examined is None or expectation.violating is None:
            yield f"rule {expectation.rule} does not say how much it examined, so it counts as not checked"
    if result.status == "error" and not result.errors:
        yield f"suite {suite} could not be checked and does not say why; its task's log does"


def _disagreements(suite: str, result: SuiteResult, found: dict[tuple[str, str, str], int]) -> Iterator[str]:
    stated = {(suite, each.rule, each.severity) for each in result.expectations}
    for of_suite, rule, severity in sorted(set(found) - stated):
        yield f"suite {suite} has findings of {of_suite}/{rule} ({severity}), a rule that it does not state"
    for severity, claimed in (("critical", result.critical), ("warning", result.warning)):
        rows = sum(count for (_, _, of_severity), count in found.items() if of_severity == severity)
        if rows != claimed:
            yield f"suite {suite} claims {claimed} {severity} findings, but {rows} are listed. Run it again."
    if result.status != "error" and (result.status == "failed") != (result.critical > 0):
        yield f"suite {suite} calls itself {result.status!r} with {result.critical} critical findings"


def _findings(folder: Path) -> dict[tuple[str, str, str], int]:
    """Return how many findings there are per suite, rule and severity."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "findings.parquet", columns=["suite", "rule", "severity"])
    groups = table.group_by(["suite", "rule", "severity"]).aggregate([([], "count_all")])
    return {(r["suite"], r["rule"], r["severity"]): r["count_all"] for r in groups.to_pylist()}
