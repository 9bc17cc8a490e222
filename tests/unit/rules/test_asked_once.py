"""What is asked once is answered as if it were asked each time."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from great_expectations.core.id_dict import IDDict

from presync.rules import validation
from presync.rules.asked_once import everything_asked_once
from tests.support.rules_product import check
from tests.support.rules_samples import mismatched_customers


def test_results_of_all_suites_are_those_of_great_expectations_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, list[Any]] = {"alone": [], "asked once": []}
    validate = validation.Validator.validate
    for how, memory in (("alone", nullcontext), ("asked once", everything_asked_once)):

        def kept(*arguments: Any, how: str = how) -> Any:
            found[how].append(validate(*arguments))
            return found[how][-1]

        monkeypatch.setattr(validation, "everything_asked_once", memory)
        monkeypatch.setattr(validation.Validator, "validate", kept)
        check(mismatched_customers())

    assert sum(len(results) for results in found["alone"]) > 100
    rows = [
        result["result"].get("unexpected_index_list") for each in found["alone"] for result in each.values()
    ]
    assert any(rows)
    assert found["asked once"] == found["alone"]


def test_arguments_that_are_written_differently_have_ids_of_their_own() -> None:
    alike = [1, True, 1.0, "1", None, 0.0, -0.0, [1], [True], (1,), {"a": 1}]
    alone = [IDDict({"value": value, "column": "code"}).to_id() for value in alike]

    with everything_asked_once():
        for _ in range(2):
            assert [IDDict({"value": value, "column": "code"}).to_id() for value in alike] == alone
