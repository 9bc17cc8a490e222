"""What the suites of a run found, read from the run's store and held against its verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from presync.errors import IncompleteError
from presync.report.wording import SUITES
from presync.staging.store import RunStore


@dataclass(frozen=True)
class Check:
    """One expectation of a suite, as `result.json` describes it (`docs/architecture.md`)."""

    rule: str
    type: str
    severity: str
    title: str
    description: str = ""
    why: str = ""
    fix: str = ""
    condition: str = ""
    expects: str = ""
    table: str = ""
    examined: int | None = None
    violating: int | None = None
    error: str | None = None


@dataclass(frozen=True)
class Suite:
    """One suite: its status in the verdict, and what it found where its result counts."""

    name: str
    status: str
    critical: int | None = None
    warning: int | None = None
    checks: tuple[Check, ...] = ()
    errors: tuple[Mapping[str, str], ...] = field(default=())
    folder: Path | None = None

    @property
    def title(self) -> str:
        """The suite's name in words."""
        return SUITES.get(self.name, self.name)

    @property
    def examined(self) -> int | None:
        """Records and pairs that its expectations looked at, together; None if none of them said."""
        counts = [check.examined for check in self.checks if check.examined is not None]
        return sum(counts) if counts else None


def read_suites(store: RunStore, verdict: Mapping[str, Any]) -> list[Suite]:
    """Return the seven suites in the order of `RULES`; one that the verdict does not name was not checked.

    Raises IncompleteError if the verdict says of a suite that it was checked, and its result is not there.
    """
    judged = {entry["suite"]: entry for entry in verdict.get("suites", [])}
    names = [*SUITES, *sorted(set(judged) - set(SUITES))]
    return [_read(store, name, judged.get(name), verdict) for name in names]


def _read(store: RunStore, name: str, entry: Mapping[str, Any] | None, verdict: Mapping[str, Any]) -> Suite:
    status = entry["status"] if entry and entry["status"] in {"passed", "failed"} else "error"
    errors = [e for e in verdict.get("errors", []) if e.get("source") == name]
    published = store.exists(f"results/{name}")
    if not published and status != "error":
        raise IncompleteError(
            f"the verdict of run {store.run_id} says that suite {name} was checked, but its result is not "
            "there, so no report can show what it found. Run the suite and the report again.",
            source=name,
        )
    folder = store.fetch(f"results/{name}") if published else None
    result = _load(folder, name)
    if folder is None or result is None or not _counts(result, status):
        return Suite(name, "error", errors=tuple(errors) or (_not_checked(name),))
    errors += [e for e in result.get("errors", []) if e not in errors]
    checks = tuple(_check(values) for values in result.get("expectations", []))
    return Suite(name, status, result["critical"], result["warning"], checks, tuple(errors), folder)


def _counts(result: Mapping[str, Any], status: str) -> bool:
    """Tell whether the verdict judged this result: else it belongs to an earlier build of the run."""
    return bool(result.get("status") == status)


def _load(folder: Path | None, name: str) -> dict[str, Any] | None:
    if folder is None or not (folder / "result.json").is_file():
        return None
    values = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return values if isinstance(values, dict) and values.get("suite") == name else None


def _check(values: Mapping[str, Any]) -> Check:
    known = {key: values[key] for key in Check.__dataclass_fields__ if values.get(key) is not None}
    known.setdefault("title", values["rule"])
    return Check(**known)


def _not_checked(name: str) -> dict[str, str]:
    return {
        "source": name,
        "message": "There is no result of this suite that belongs to this run's data, so it counts as not "
        "checked. Look at the suite's task in the DAG run, then run it again.",
    }
