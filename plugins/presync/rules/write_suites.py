"""Writes `expectations/<suite>.json` from `expectations/source/`, and the baseline from them: `make rules`.

A rule that several suites state is written once, in `source/<rule>.yaml`; `source/suites.yaml` says for each
suite what it is about, its own words, and its rules in order. `[[record]]` in a text stands for the suite's
word, and `only` holds what differs in one suite. The JSON is what Great Expectations loads and what a
consultant may edit for a customer; in this repository the source is edited, and a test compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from ruamel.yaml import YAML

from presync import settings
from presync.errors import SuiteError
from presync.rules.baseline import FILE, baseline_text

_WORD: Final = re.compile(r"\[\[(\w+)\]\]")


class SuiteSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A suite: what it is about, its own words (`record`, `records`, `code` …), and its rules in order."""

    description: str
    rules: list[str]
    words: dict[str, str] = {}


class StatementSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One statement of a rule, in every suite of `suites`; `require` and `where` become GX's arguments."""

    suites: list[str]
    table: str
    type: str
    require: dict[str, Any]
    severity: str
    description: str
    title: str
    why: str
    message: str
    fix: str
    fix_in: str
    where: str | None = None
    waivable: bool = True
    only: dict[str, dict[str, Any]] = {}


class RuleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: what is wrong where it finds something, why people must correct it, and its statements."""

    problem: str
    statements: list[StatementSource]
    by_hand: str = ""


def source_folder() -> Path:
    """Return where the sources of the shipped suites are."""
    return settings.HOME / "expectations" / "source"


def read_suites(folder: Path) -> dict[str, SuiteSource]:
    """Return the suites by name. Raises SuiteError that names the file and what is wrong with it."""
    suites: dict[str, SuiteSource] = _read(folder / "suites.yaml", dict[str, SuiteSource])
    return suites


def read_rule(folder: Path, rule: str) -> RuleSource:
    """Return a rule's source. Raises SuiteError that names the file and what is wrong with it."""
    source: RuleSource = _read(folder / f"{rule}.yaml", RuleSource)
    return source


def suite_texts(folder: Path) -> dict[str, str]:
    """Return the content of every suite file, by suite."""
    suites = read_suites(folder)
    rules = {rule: read_rule(folder, rule) for suite in suites.values() for rule in suite.rules}
    return {name: _text(name, suite, rules) for name, suite in suites.items()}


def _read(path: Path, kind: Any) -> Any:
    try:
        return msgspec.convert(YAML(typ="safe", pure=True).load(path), kind)
    except (OSError, msgspec.ValidationError) as error:
        raise SuiteError(f"{path}: {error}", source=path.stem) from None


def _text(name: str, suite: SuiteSource, rules: Mapping[str, RuleSource]) -> str:
    expectations = [
        expectation for rule in suite.rules for expectation in _stated(name, suite, rule, rules[rule])
    ]
    content = {"name": name, "meta": {"description": suite.description}, "expectations": expectations}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _stated(name: str, suite: SuiteSource, rule: str, source: RuleSource) -> Iterator[dict[str, Any]]:
    for statement in source.statements:
        if name in statement.suites:
            values = msgspec.structs.asdict(statement) | statement.only.get(name, {})
            texts = {key: _in_words(value, suite, rule) for key, value in values.items()}
            yield _expectation(rule, {"problem": source.problem, "by_hand": source.by_hand, **texts})


def _in_words(value: Any, suite: SuiteSource, rule: str) -> Any:
    if not isinstance(value, str):
        return value
    missing = [word for word in _WORD.findall(value) if word not in suite.words]
    if missing:
        raise SuiteError(f"rule {rule} uses the word {missing[0]!r}, which suites.yaml lacks", source=rule)
    return _WORD.sub(lambda found: suite.words[found[1]], value)


def _expectation(rule: str, values: Mapping[str, Any]) -> dict[str, Any]:
    condition = values["where"]
    where = {"row_condition": condition, "condition_parser": "pandas"} if condition else {}
    texts = ("table", "title", "problem", "why", "message", "fix", "fix_in")
    return {
        "type": values["type"],
        "kwargs": {**values["require"], **where},
        "severity": values["severity"],
        "description": values["description"],
        "meta": {
            "rule": rule,
            **{key: values[key] for key in texts},
            **({"by_hand": values["by_hand"]} if values["by_hand"] else {}),
            **({} if values["waivable"] else {"waivable": False}),
        },
    }


if __name__ == "__main__":
    written = suite_texts(source_folder())
    for suite_name, text in written.items():
        (settings.HOME / "expectations" / f"{suite_name}.json").write_text(text, encoding="utf-8")
    FILE.write_text(baseline_text(settings.HOME / "expectations", written), encoding="utf-8")
