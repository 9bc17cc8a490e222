"""The gate: shut unless the verdict is `ready`, with a message that says what to change.

It fails closed: what is missing, half, outdated or contradictory counts as not checked, and what was not
checked counts as `error`, which shuts the gate exactly as `blocked` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from presync.errors import NotReadyError
from presync.fixes.counter_texts import CounterTexts
from presync.rules.result import read_result
from presync.staging.database import DATABASE_FILE
from presync.staging.masked_names import names_masked
from presync.staging.store import RunStore
from presync.verdict.model import Verdict

_EXAMPLES = 3


def check_gate(verdict: Verdict, store: RunStore, report: str, counters: CounterTexts | None = None) -> None:
    """Return if the verdict is `ready`; else raise NotReadyError that says what to change.

    `report` is where the report is (a link or a path); the message ends with it. `counters` are the report's
    proposals for Severa's counters: the message says the same.
    """
    if verdict.status == "ready":
        return
    lines = [
        *_headline(verdict),
        *_errors(verdict),
        *_critical(verdict, store, counters or CounterTexts()),
        f"Report: {report}",
    ]
    raise NotReadyError("\n".join(lines), source="gate")


def _headline(verdict: Verdict) -> Iterator[str]:
    if verdict.status == "blocked":
        yield (
            f"The integration of {verdict.tenant} must not be started: everything was checked, and "
            f"{verdict.critical} critical finding(s) stand. Correct them and run again."
        )
    else:
        yield (
            f"The integration of {verdict.tenant} must not be started: not everything could be checked in "
            f"run {verdict.run_id}, and what was not checked counts as not passed. Fix this and run again."
        )


def _errors(verdict: Verdict) -> Iterator[str]:
    for problem in verdict.errors:
        yield f"- {problem.source}: {problem.message}"


def _critical(verdict: Verdict, store: RunStore, counters: CounterTexts) -> Iterator[str]:
    if verdict.critical and not _may_be_told(verdict, store):
        yield (
            f"- {verdict.critical} critical finding(s), not shown here: they were found before the tenant "
            "asked for masked names, and would show them."
        )
        return
    for suite in verdict.suites:
        if not suite.critical:
            continue
        try:
            folder = store.fetch(f"results/{suite.suite}")
            yield from _critical_of(suite.suite, folder, verdict.waived_findings, counters)
        except Exception as error:  # a message about findings must not replace the verdict itself
            yield f"- {suite.suite}: {suite.critical} critical (not readable: {type(error).__name__})"


def _may_be_told(verdict: Verdict, store: RunStore) -> bool:
    if not verdict.names_masked:
        return True
    return store.exists("database") and names_masked(store.fetch("database") / DATABASE_FILE)


def _critical_of(suite: str, folder: Path, waived: Collection[str], counters: CounterTexts) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from presync.report.wording import problem_title

    titles = {each.rule: each.title for each in read_result(folder, suite).expectations}
    findings = pq.read_table(
        folder / "findings.parquet",
        columns=["finding_id", "rule", "fix_in", "message", "fix"],
        filters=[("severity", "=", "critical")],
    )
    findings = findings.filter(
        pc.invert(pc.is_in(findings["finding_id"], pa.array(sorted(waived), pa.string())))
    )
    for rule in pc.unique(findings["rule"]).to_pylist():
        of_rule = findings.filter(pc.equal(findings["rule"], rule))
        yield f"- {suite}: {problem_title(rule, titles.get(rule) or rule)} ({rule}): {of_rule.num_rows}"
        for finding in of_rule.slice(0, _EXAMPLES).to_pylist():
            yield f"    {finding['message']} Fix: {counters.fix(suite, finding)}"
        if of_rule.num_rows > _EXAMPLES:
            yield f"    … and {of_rule.num_rows - _EXAMPLES} more"
