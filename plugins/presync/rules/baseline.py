"""The shipped suites as a baseline: how the suites that are used deviate from the release.

Suites may be edited for a customer: a weaker or another statement is allowed, but never silent. `make rules`
writes `baseline.json` beside this module from the shipped suites; a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from presync.errors import SuiteError
from presync.rules.suite_json import read_suite_json

FILE: Final = Path(__file__).with_name("baseline.json")
What = Literal["added", "table", "expectation", "requirement", "condition", "severity", "waivable"]
_NOTHING: Final = "(nothing)"


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a statement the one it is: everything but its texts."""

    rule: str
    table: str
    type: str
    kwargs: dict[str, Any]
    severity: str
    waivable: bool

    def facets(self) -> dict[What, str]:
        """Return what a deviation can be in, as text."""
        require = {k: v for k, v in self.kwargs.items() if k not in {"row_condition", "condition_parser"}}
        condition = self.kwargs.get("row_condition")
        parser = self.kwargs.get("condition_parser", "pandas")
        return {
            "table": self.table,
            "expectation": self.type,
            "requirement": ", ".join(
                f"{k}={json.dumps(require[k], ensure_ascii=False)}" for k in sorted(require)
            ),
            "condition": f"{condition or 'all rows'}{'' if parser == 'pandas' else f' ({parser})'}",
            "severity": self.severity,
            "waivable": "yes" if self.waivable else "no",
        }


class Change(msgspec.Struct, frozen=True):
    """One way in which a statement deviates: what the release says, and what is said here."""

    what: What
    release: str
    here: str


class Deviation(msgspec.Struct, frozen=True):
    """A statement that is not the release's."""

    suite: str
    rule: str
    changes: list[Change]

    def __str__(self) -> str:
        changes = "; ".join(
            f"an added statement: {each.here}"
            if each.what == "added"
            else f"{each.what} is {each.here}, in the release {each.release}"
            for each in self.changes
        )
        return f"{self.suite}, {self.rule}: {changes}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as `verdict.json` shows it."""
        changes = [msgspec.structs.asdict(change) for change in self.changes]
        return {"suite": self.suite, "rule": self.rule, "changes": changes}


@dataclass(frozen=True)
class Comparison:
    """A suite held against the release: how it deviates, and the statements that are gone."""

    deviations: tuple[Deviation, ...]
    missing: tuple[Form, ...]


def compare(suite: str, forms: Sequence[Form]) -> Comparison:
    """Hold the statements of a suite against those of the release.

    A statement that occurs here unchanged stands for one of the release, once. The others of a rule are
    paired by what they have in common; what is left of the release's is missing. A second copy of an
    unchanged statement never stands for another one.
    """
    shipped = _shipped().get(suite, [])
    deviations: list[Deviation] = []
    missing: list[Form] = []
    for rule in dict.fromkeys(form.rule for form in (*shipped, *forms)):
        wanted, given = _of_rule(shipped, rule), _of_rule(forms, rule)
        unchanged = [form for form in wanted if form in given]
        left = [form for form in wanted if form not in given]
        pairs = list(_paired(left, [form for form in given if form not in unchanged]))
        deviations += [Deviation(suite, rule, list(_changes(old, new))) for old, new in pairs]
        missing += [form for form in left if not any(form is old for old, _ in pairs)]
        deviations += [Deviation(suite, rule, [_added(f)]) for f in _extra(given, unchanged, pairs)]
    return Comparison(tuple(deviations), tuple(missing))


def baseline_text(folder: Path, suites: Iterable[str]) -> str:
    """Return the content of `baseline.json` for the suites in a folder."""
    forms = {
        suite: [_form(e) for e in read_suite_json(folder / f"{suite}.json")["expectations"]]
        for suite in suites
    }
    lines = {suite: [msgspec.to_builtins(form) for form in of_suite] for suite, of_suite in forms.items()}
    return json.dumps(lines, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def in_words(form: Form) -> str:
    """Return a statement in one line."""
    facets = form.facets()
    return (
        f"{facets['expectation']} on {facets['table']} ({facets['requirement']}) where {facets['condition']}"
    )


@cache
def _shipped() -> Mapping[str, list[Form]]:
    try:
        return msgspec.json.decode(FILE.read_bytes(), type=dict[str, list[Form]])
    except (OSError, msgspec.DecodeError) as error:
        raise SuiteError(
            f"{FILE} cannot be read ({type(error).__name__}), so nobody can tell whether the suites are "
            "those of the release. Install Presync again; in a working copy, run `make rules`.",
        ) from None


def _form(expectation: Mapping[str, Any]) -> Form:
    meta = expectation["meta"]
    return Form(
        rule=meta["rule"],
        table=meta["table"],
        type=expectation["type"],
        kwargs=dict(expectation["kwargs"]),
        severity=expectation["severity"],
        waivable=meta.get("waivable", True),
    )


def _of_rule(forms: Iterable[Form], rule: str) -> list[Form]:
    return [form for form in forms if form.rule == rule]


def _paired(old: Sequence[Form], new: Sequence[Form]) -> Iterator[tuple[Form, Form]]:
    """Yield pairs of the most alike first; each is in one pair at most."""
    facets = [(a, b, sum(1 for _ in _changes(a, b))) for a in old for b in new]
    taken: list[Form] = []
    for a, b, _ in sorted(facets, key=lambda each: each[2]):
        if not any(a is each or b is each for each in taken):
            taken += [a, b]
            yield a, b


def _changes(old: Form, new: Form) -> Iterator[Change]:
    before, now = old.facets(), new.facets()
    for what, value in before.items():
        if value != now[what]:
            yield Change(what, value or _NOTHING, now[what] or _NOTHING)


def _added(form: Form) -> Change:
    return Change("added", _NOTHING, f"{form.severity}, {in_words(form)}")


def _extra(
    given: Sequence[Form], unchanged: Sequence[Form], pairs: Sequence[tuple[Form, Form]]
) -> Iterator[Form]:
    standing = list(unchanged)
    for form in given:
        if form in standing:
            standing.remove(form)
        elif not any(form is new for _, new in pairs):
            yield form
