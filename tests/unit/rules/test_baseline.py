"""The shipped suites are the baseline: no deviation is silent, and half a rule is an error."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from presync import settings
from presync.errors import SuiteError
from presync.rules import baseline
from presync.rules.baseline import FILE, Form, baseline_text, compare
from presync.rules.catalogue import SUITES
from presync.rules.suite import load_suite
from tests.support.rules_product import check
from tests.support.rules_samples import mismatched_customers

Spoil = Callable[[Form], Form]


def forms(suite: str) -> list[Form]:
    return [statement.form for statement in load_suite(suite).statements]


def every_statement() -> Iterator[tuple[str, int]]:
    for suite in SUITES:
        yield from ((suite, place) for place in range(len(forms(suite))))


def test_the_baseline_is_written_from_the_shipped_suites() -> None:
    written = baseline_text(settings.HOME / "expectations", SUITES)
    assert FILE.read_text(encoding="utf-8") == written, "make rules"


@pytest.mark.parametrize("suite", SUITES)
def test_the_shipped_suites_do_not_deviate(suite: str) -> None:
    assert load_suite(suite).deviations == ()
    assert compare(suite, list(reversed(forms(suite)))) == baseline.Comparison((), ())


def test_each_statement_that_is_gone_is_missing() -> None:
    for suite, place in every_statement():
        left = forms(suite)
        gone = left.pop(place)
        assert compare(suite, left).missing == (gone,)
        # neither a second copy of another statement nor one of another rule stands for it
        others = [form for form in left if form.rule == gone.rule] or left
        assert compare(suite, [*left, others[0]]).missing == (gone,)


SPOILT: dict[str, Spoil] = {
    "severity": lambda f: msgspec.structs.replace(
        f, severity="warning" if f.severity == "critical" else "critical"
    ),
    "condition": lambda f: msgspec.structs.replace(
        f, kwargs={**f.kwargs, "row_condition": f"{f.kwargs.get('row_condition', 'live')} and live != live"}
    ),
    "requirement": lambda f: msgspec.structs.replace(f, kwargs={**f.kwargs, "max_value": -1}),
    "table": lambda f: msgspec.structs.replace(f, table="counters2"),
    "expectation": lambda f: msgspec.structs.replace(f, type="expect_column_to_exist"),
    "waivable": lambda f: msgspec.structs.replace(f, waivable=not f.waivable),
}


@pytest.mark.parametrize("what", SPOILT)
def test_each_change_of_each_statement_is_named(what: str) -> None:
    for suite, place in every_statement():
        changed = forms(suite)
        changed[place] = SPOILT[what](changed[place])
        found = compare(suite, changed)
        assert found.missing == ()
        (deviation,) = found.deviations
        assert (deviation.suite, deviation.rule) == (suite, changed[place].rule)
        assert [change.what for change in deviation.changes] == [what]
        assert changed[place].facets()[what] in str(deviation)  # type: ignore[index]


def test_an_added_statement_and_a_second_copy_are_named() -> None:
    given = forms("customers")
    extra = msgspec.structs.replace(given[0], table="other")
    for added in (extra, given[0]):
        found = compare("customers", [*given, added])
        assert found.missing == ()
        assert [[change.what for change in each.changes] for each in found.deviations] == [["added"]]


def _edited(folder: Path, suite: str, change: Callable[[list[dict[str, Any]]], None]) -> Path:
    shutil.copytree(settings.expectations_folder(), folder)
    path = folder / f"{suite}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["expectations"])
    path.write_text(json.dumps(content), encoding="utf-8")
    return folder


def _without_visma_business(entries: list[dict[str, Any]]) -> None:
    (half,) = [
        entry
        for entry in entries
        if entry["meta"]["rule"] == "code_not_transferable" and "visma" in entry["kwargs"]["row_condition"]
    ]
    entries.remove(half)


def test_half_a_rule_is_an_error_that_names_it(tmp_path: Path) -> None:
    folder = _edited(tmp_path / "expectations", "customers", _without_visma_business)
    with pytest.raises(SuiteError, match=r"a part of a rule is missing.*code_not_transferable"):
        load_suite("customers", folder)


def _column_with_itself(entries: list[dict[str, Any]]) -> None:
    (entry,) = [entry for entry in entries if entry["meta"]["rule"] == "code_mismatch"]
    entry["kwargs"]["column_B"] = entry["kwargs"]["column_A"]


def test_a_weaker_statement_is_judged_and_named_in_the_result(tmp_path: Path) -> None:
    folder = _edited(tmp_path / "expectations", "customers", _column_with_itself)
    results, rows = check(mismatched_customers(), ["customers"], folder)
    assert {row["rule"] for row in rows} == {"near_duplicate"}
    (deviation,) = results["customers"].deviations
    assert (deviation.rule, [change.what for change in deviation.changes]) == (
        "code_mismatch",
        ["requirement"],
    )


def test_an_installation_without_the_baseline_checks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baseline, "FILE", tmp_path / "baseline.json")
    baseline._shipped.cache_clear()
    with pytest.raises(SuiteError, match="cannot be read"):
        load_suite("customers")
