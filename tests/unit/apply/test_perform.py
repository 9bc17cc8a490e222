"""When an application stops itself, and what it leaves then.

Covers: apply/make_call.py, apply/perform.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.written_severa import WrittenSevera, written

__all__ = ["written"]

Make = Callable[..., WrittenSevera]
FIVE = {guid: place for place, guid in enumerate("abcde", 5)}
CHANGES = [("customers", guid, str(100 + place)) for place, guid in enumerate("abcde")]
ERROR: dict[str, Any] = {"kind": "status", "status": 500, "method": "PATCH"}  # stored all the same


def test_three_unexpected_answers_count_though_a_skipped_record_is_between(
    written: Make, tmp_path: Path
) -> None:
    severa = written(tmp_path / "o", CHANGES, customers=FIVE, config={"faults": [ERROR]})
    identity = severa.propose()
    severa.edit("customers", "b", name="Another")
    report = severa.apply(identity)
    assert report.outcome.stopped == "3 unexpected answers in a row"
    assert [call.state for call in report.outcome.calls] == ["done", "skipped", "done", "done", "planned"]


def test_an_expected_answer_ends_a_row_of_unexpected_ones(written: Make, tmp_path: Path) -> None:
    faults = [{**ERROR, "first": 2}, {**ERROR, "after": 3}]
    severa = written(tmp_path / "o", CHANGES, customers=FIVE, config={"faults": faults})
    assert severa.apply(severa.propose()).outcome.complete


def test_a_half_swap_is_taken_back_before_anything_else_is_written(written: Make, tmp_path: Path) -> None:
    lost = {"kind": "refused", "status": 403, "type": "PermissionDenied", "method": "PATCH", "after": 2}
    changes = [("customers", "a", "6"), ("customers", "b", "5"), ("customers", "c", "90")]
    severa = written(tmp_path / "o", changes, customers=FIVE, config={"faults": [lost]})
    identity = severa.propose()
    severa.edit("customers", "b", name="Another")
    assert severa.apply(identity).outcome.stopped.startswith("lost permission")
    assert [severa.value("customers", guid) for guid in "abc"] == ["5", "6", "7"]
    assert [(guid, number) for _, guid, _, number in severa.patches()] == [("a", 999), ("a", 5), ("c", 90)]


def test_without_permission_nothing_more_is_tried_and_a_half_swap_waits(
    written: Make, tmp_path: Path
) -> None:
    lost = {"kind": "refused", "status": 403, "type": "PermissionDenied", "method": "PATCH", "after": 1}
    swap = [("customers", "a", "6"), ("customers", "b", "5")]
    severa = written(tmp_path / "o", swap, customers=FIVE, config={"faults": [lost]})
    identity = severa.propose()
    assert severa.apply(identity).outcome.stopped.startswith("lost permission")
    assert [(guid, number) for _, guid, _, number in severa.patches()] == [("a", 999), ("b", 5)]
    severa.without_faults()
    assert severa.resume(identity).outcome.complete
    assert [severa.value("customers", guid) for guid in "ab"] == ["6", "5"]
