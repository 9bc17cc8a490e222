"""What the suites of a run found, read from the run's store and held against its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from presync.errors import IncompleteError
from presync.languages.speaking import spoken
from presync.languages.texts import tr
from presync.report.wording import SUITES
from presync.rules.result import Expectation, SuiteResult, read_result
from presync.staging.store import RunStore


@dataclass(frozen=True)
class Suite:
    """One suite: its status in the verdict, and what it found where its result counts.

    `critical` and `warning` leave out what is `waived`; `listed` are both with it, as in its own list.
    """

    name: str
    status: str
    critical: int | None = None
    warning: int | None = None
    checks: tuple[Expectation, ...] = ()
    errors: tuple[Mapping[str, str], ...] = field(default=())
    folder: Path | None = None
    waived: int = 0
    listed: tuple[int, int] = (0, 0)

    @property
    def title(self) -> str:
        """The suite's name in words."""
        return SUITES.get(self.name, self.name)

    @property
    def examined(self) -> int | None:
        """Records and pairs that its expectations looked at, together; None if none of them said."""
        counts = [check.examined for check in self.checks if check.examined is not None]
        return sum(counts) if counts else None


def translated(suite: Suite) -> Suite:
    """Return a suite whose rules are stated in the language that is spoken.

    Descriptions say for programmers what exactly is compared: they are there in English only.
    """
    if spoken() == "en":
        return suite
    checks = (
        msgspec.structs.replace(
            check,
            title=tr(check.title),
            description="",
            why=tr(check.why),
            fix=tr(check.fix),
        )
        for check in suite.checks
    )
    return replace(suite, checks=tuple(checks))


def read_suites(store: RunStore, verdict: Mapping[str, Any], build_id: str) -> list[Suite]:
    """Return the seven suites in the order of `RULES`; one that the verdict does not name was not checked.

    A result that the verdict did not believe is shown only if it says itself that it is incomplete, and is
    of `build_id`, the verdict's build of the database.
    Raises IncompleteError if the verdict says of a suite that it was checked, and its result is not there.
    """
    judged = {entry["suite"]: entry for entry in verdict.get("suites", [])}
    names = [*SUITES, *sorted(set(judged) - set(SUITES))]
    errors = verdict.get("errors", [])
    return [_read(store, name, judged.get(name), errors, build_id) for name in names]


def _read(
    store: RunStore,
    name: str,
    entry: Mapping[str, Any] | None,
    all_errors: Sequence[Mapping[str, str]],
    build_id: str,
) -> Suite:
    status = entry["status"] if entry and entry["status"] in {"passed", "failed"} else "error"
    errors = [error for error in all_errors if error.get("source") == name]
    published = store.exists(f"results/{name}")
    if not published and status != "error":
        raise IncompleteError(
            f"the verdict of run {store.run_id} says that suite {name} was checked, but its result is not "
            "there, so no report can show what it found. Run the suite and the report again.",
            source=name,
        )
    folder = store.fetch(f"results/{name}") if published else None
    waived = int(entry.get("waived", 0)) if entry else 0
    result = _believed(folder, name, status, build_id, waived=waived)
    if folder is None or result is None:
        return Suite(name, "error", errors=tuple(errors) or (_not_checked(name),))
    own = [{"source": error.source, "message": error.message} for error in result.errors]
    errors += [error for error in own if error not in errors]
    checks = tuple(result.expectations)
    listed = (result.critical, result.warning)
    critical, warning = (entry["critical"], entry["warning"]) if entry and waived else listed
    return Suite(name, status, critical, warning, checks, tuple(errors), folder, waived, listed)


def _believed(
    folder: Path | None, name: str, status: str, build_id: str, *, waived: int
) -> SuiteResult | None:
    """Return the result if it is the one that the verdict is about; one not believed may be damaged."""
    if folder is None:
        return None
    try:
        result = read_result(folder, name)
        expected = (name, status, build_id)
        if waived and status == "passed" and result.status == "failed":
            expected = (name, "failed", build_id)  # everything critical is waived
        if (result.suite, result.status, result.build_id) != expected:
            return None
        return result if status != "error" or _whole(folder, result) else None
    except (IncompleteError, OSError, ValueError, KeyError):
        return None


def _whole(folder: Path, result: SuiteResult) -> bool:
    """Tell whether the findings beside a result are as many as it says."""
    import pyarrow.parquet as pq

    found = Counter(pq.read_table(folder / "findings.parquet", columns=["severity"])["severity"].to_pylist())
    return found == Counter(critical=result.critical, warning=result.warning)


def _not_checked(name: str) -> dict[str, str]:
    return {
        "source": name,
        "message": "There is no result of this suite that belongs to this run's data, so it counts as not "
        "checked. Look at the suite's task in the DAG run, then run it again.",
    }
