"""Reading the suites: what each expectation examines, requires, and says when it is violated.

A suite is a plain Great Expectations suite. Beside GX's own keys each expectation carries in `meta`:

| key | meaning |
|---|---|
| `rule` | the rule's stable name, as in `findings.csv` |
| `table` | the check table it examines (`docs/staging.md`) |
| `title`, `why` | for people: what should hold, and why it matters |
| `problem` | for people: what is wrong where it is violated |
| `by_hand` | why people must correct it, where no correction can be proposed |
| `waivable` | `false`: nobody may waive its findings; left out: a person may |
| `message`, `fix`, `fix_in` | of one finding; `{names}` are columns of `rules/sql/<table>.sql` |
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, cast

from presync import settings
from presync.errors import SuiteError
from presync.rules.baseline import Deviation, Form, compare, in_words
from presync.rules.catalogue import RULES, SUITES
from presync.rules.suite_json import read_suite_json
from presync.staging.made_by import code_version

Severity = Literal["critical", "warning"]
_META = ("rule", "table", "title", "problem", "why", "message", "fix", "fix_in")
_VERSION = "1"
_NEARLY = 0.6
_SYSTEM = re.compile(r"\b(Severa|Visma)")


@dataclass(frozen=True)
class Statement:
    """One expectation of a suite, as it stands in the file."""

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    description: str
    rule: str
    table: str
    title: str
    problem: str
    why: str
    message: str
    fix: str
    fix_in: str
    by_hand: str = ""
    waivable: bool = True

    @property
    def condition(self) -> str | None:
        """Which rows are examined (a pandas query), or None for all of them."""
        return self.kwargs.get("row_condition")

    @property
    def requirement(self) -> dict[str, Any]:
        """What is required of the rows: the expectation's arguments without the condition."""
        return {k: v for k, v in self.kwargs.items() if k not in {"row_condition", "condition_parser"}}

    @property
    def form(self) -> Form:
        """What makes it the statement it is: everything but its texts."""
        return Form(self.rule, self.table, self.type, dict(self.kwargs), self.severity, self.waivable)


@dataclass(frozen=True)
class Suite:
    """A suite: its statements in the order of the file, and how they deviate from the release."""

    name: str
    description: str
    statements: tuple[Statement, ...]
    deviations: tuple[Deviation, ...] = ()


def load_suite(name: str, folder: Path | None = None) -> Suite:
    """Read `<folder>/<name>.json`. Raises SuiteError if the rules in it could not all be checked."""
    path = (folder or settings.expectations_folder()) / f"{name}.json"
    content = read_suite_json(path)
    entries = content.get("expectations")
    if content.get("name") != name:
        raise SuiteError(f"{path}: its name is {content.get('name')!r}, it must be {name!r}", source=name)
    if not isinstance(entries, list) or not entries:
        raise SuiteError(
            f"{path}: the suite is empty. Nothing would be checked; restore it from the repository.",
            source=name,
        )
    statements = tuple(_statement(path, number, entry) for number, entry in enumerate(entries, start=1))
    missing = sorted(RULES[name] - {statement.rule for statement in statements})
    if missing:
        raise SuiteError(
            f"{path}: no expectation states {', '.join(missing)}, so it would not be checked. Restore it, or "
            "give it severity `warning` if it is not to block.",
            source=name,
        )
    compared = compare(name, [statement.form for statement in statements])
    if compared.missing:
        gone = "; ".join(f"{form.rule}: {in_words(form)}" for form in compared.missing)
        raise SuiteError(
            f"{path}: a part of a rule is missing, so it would not be checked: {gone}. Restore it from the "
            "repository, or give it severity `warning` if it is not to block.",
            source=name,
        )
    about = content.get("meta")
    description = str(about.get("description") or "") if isinstance(about, dict) else ""
    return Suite(name, description, statements, compared.deviations)


def rule_statements(folder: Path | None = None) -> dict[str, Statement]:
    """Return one statement of each rule, for what is said of the rule as a whole: `problem`, `by_hand`.

    A suite that cannot be used is left out: whoever runs it says so.
    """
    folder = folder or settings.expectations_folder()  # resolved once: a report asks a thousand times
    files = [folder / f"{name}.json" for name in SUITES]
    return _rule_statements(tuple((file, file.stat().st_mtime_ns) for file in files if file.is_file()))


@lru_cache(maxsize=4)
def _rule_statements(files: tuple[tuple[Path, int], ...]) -> dict[str, Statement]:
    found: dict[str, Statement] = {}
    for file, _ in files:
        with suppress(SuiteError):
            for statement in load_suite(file.stem, file.parent).statements:
                found.setdefault(statement.rule, statement)
    return found


def stated_once(texts: Iterable[str]) -> str:
    """Return what is said of a rule in several suites, each text once; placeholders stand as `…`.

    A text that names the same systems and differs from one before in a few words (department, product) says
    the same of another entity: the first stands for all, and each suite's page has its own.
    """
    kept: list[str] = []
    for text in map(_generally, texts):
        if not any(_nearly_the_same(text, other) for other in kept):
            kept.append(text)
    return " ".join(kept)


def _nearly_the_same(one: str, other: str) -> bool:
    """Tell whether two texts, in whatever language, differ in a few words, none of them a system's name."""
    if _SYSTEM.findall(one) != _SYSTEM.findall(other):
        return False
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio() >= _NEARLY


def _generally(text: str) -> str:
    with suppress(ValueError):
        text = "".join(said + "…" * (name is not None) for said, name, _, _ in Formatter().parse(text))
        return text.replace("….", "…")
    return text


def rules_version(folder: Path | None = None) -> str:
    """Return the version of the rule set: it changes whenever any suite file does, or Presync's code."""
    digest = hashlib.sha256(code_version().encode())
    for name in SUITES:
        path = (folder or settings.expectations_folder()) / f"{name}.json"
        digest.update(path.read_bytes() if path.is_file() else b"missing")
    return f"{_VERSION}-{digest.hexdigest()[:12]}"


def _statement(path: Path, number: int, entry: Any) -> Statement:
    def fault(reason: str) -> SuiteError:
        return SuiteError(f"{path}: expectation {number}: {reason}", source=path.stem)

    if not isinstance(entry, dict):
        raise fault("it must be an object with type, kwargs, severity, description and meta")
    meta, kwargs = entry.get("meta") or {}, entry.get("kwargs") or {}
    if not isinstance(meta, dict) or not isinstance(kwargs, dict):
        raise fault("meta and kwargs must be objects")
    absent = [key for key in _META if not isinstance(meta.get(key), str) or not meta[key]]
    absent += [key for key in ("type", "description") if not isinstance(entry.get(key), str)]
    if absent:
        raise fault(f"{', '.join(absent)} is missing; findings could not be explained without")
    if "mostly" in kwargs:
        raise fault("`mostly` would let violations pass as success; use severity `warning` instead")
    if entry.get("severity") not in ("critical", "warning"):
        raise fault(f"severity is {entry.get('severity')!r}; it must be `critical` or `warning`")
    if not isinstance(meta.get("waivable", True), bool):
        raise fault("waivable must be true or false")
    if meta["rule"] not in RULES[path.stem]:
        raise fault(f"rule {meta['rule']!r} does not belong to this suite; see docs/rules.md")
    return Statement(
        type=entry["type"],
        kwargs=kwargs,
        severity=cast("Severity", entry["severity"]),
        description=entry["description"],
        by_hand=str(meta.get("by_hand") or ""),
        waivable=meta.get("waivable", True),
        **{key: meta[key] for key in _META},
    )
