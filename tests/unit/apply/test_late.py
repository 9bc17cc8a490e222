"""Calls of whose end nobody was told, and which Severa stores after somebody has looked.

Covers: apply/late.py, apply/make_call.py, apply/perform.py, apply/run.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from presync.apply.model import Options
from presync.apply.texts import report_lines
from presync.control import journal
from tests.support.written_severa import KilledError, WrittenSevera, written

__all__ = ["written"]

Make = Callable[..., WrittenSevera]
CUSTOMERS = {"a": 5, "b": 6, "c": 7}
ONE = [("customers", "a", "8")]
SWAP = [("customers", "a", "6"), ("customers", "b", "5")]  # a to 999, b to 5, a to 6
ONCE_UNANSWERED = {"kind": "late", "method": "PATCH", "first": 1, "behind": 1000}


def values(severa: WrittenSevera) -> list[str]:
    return [severa.value("customers", guid) for guid in "ab"]


def test_what_comes_after_an_undo_is_named_and_found_by_the_next(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS)
    identity = severa.propose()
    severa.kill_at = ("before", 6)  # nobody knows that it was not sent
    with pytest.raises(KilledError):
        severa.apply(identity)
    undone = severa.undo(identity)
    assert undone.outcome.complete
    assert "  may still be stored: customers a: number 5 → 8: lost" in "\n".join(
        report_lines(undone, undo=True)
    )
    severa.edit("customers", "a", number=8)  # as it does when it arrives
    again = severa.undo(identity)
    assert [(call.old, call.new, call.state) for call in again.outcome.calls] == [("8", "5", "done")]
    assert (values(severa)[0], again.outcome.may_arrive) == ("5", [])


@pytest.mark.parametrize("behind", [7, 13, 14, 16])
def test_the_first_of_two_calls_may_come_at_any_moment(written: Make, tmp_path: Path, behind: int) -> None:
    """Until after the undo: what is not as reported is named, and the next undo returns it."""
    late = {**ONCE_UNANSWERED, "behind": behind}
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS, config={"faults": [late]})
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    assert values(severa)[0] == "8"
    for _ in range(3):
        undone = severa.undo(identity)
        named = undone.outcome.may_arrive or not undone.outcome.complete
        assert named or values(severa)[0] == "5"
    assert undone.outcome.complete
    assert (values(severa)[0], undone.outcome.calls) == ("5", [])


def test_a_parked_record_that_returns_late_to_its_free_number_is_found(written: Make, tmp_path: Path) -> None:
    for way in ("resume", "undo"):
        config = {"faults": [ONCE_UNANSWERED, {"kind": "refused", "method": "PATCH", "after": 4}]}
        changes = [*SWAP, ("customers", "c", "8")]
        severa = written(tmp_path / way, changes, tenant=way, customers=CUSTOMERS, config=config)
        identity = severa.propose()
        assert "refuses" in severa.apply(identity).outcome.stopped
        severa.without_faults()
        severa.edit("customers", "a", number=999)
        assert getattr(severa, way)(identity).outcome.complete
        assert values(severa) == {"resume": ["6", "5"], "undo": ["5", "6"]}[way]


def test_a_swap_goes_on_when_its_first_call_comes_before_the_second_try(
    written: Make, tmp_path: Path
) -> None:
    config = {"faults": [{**ONCE_UNANSWERED, "behind": 2}]}
    severa = written(tmp_path / "o", SWAP, customers=CUSTOMERS, config=config)
    assert severa.apply(severa.propose()).outcome.complete
    assert [number for *_, number in severa.patches()] == [999, 5, 6]


def test_a_return_that_comes_late_is_found(written: Make, tmp_path: Path) -> None:
    config = {"faults": [{**ONCE_UNANSWERED, "after": 3}]}  # a from 6 to 999 on its way back
    severa = written(tmp_path / "o", SWAP, customers=CUSTOMERS, config=config)
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    undone = severa.undo(identity)
    assert (undone.outcome.complete, values(severa)) == (True, ["5", "6"])
    assert [call.new for call in undone.outcome.may_arrive] == ["999"]
    severa.edit("customers", "a", number=999)
    assert severa.undo(identity).outcome.complete
    assert values(severa) == ["5", "6"]


def test_an_undo_does_not_end_well_while_a_call_may_still_be_under_way(
    written: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"faults": [{**ONCE_UNANSWERED, "first": 3}]}
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS, config=config)
    identity = severa.propose()
    assert [call.state for call in severa.apply(identity).outcome.calls] == ["unknown"]
    monkeypatch.setattr(journal, "SILENCE", timedelta(hours=1))
    undone = severa.undo(identity)
    assert [call.state for call in undone.outcome.calls] == ["unknown"]
    assert "it is unknown whether" in undone.outcome.stopped
    monkeypatch.setattr(journal, "SILENCE", timedelta(0))
    undone = severa.undo(identity)
    assert (undone.outcome.complete, [call.state for call in undone.outcome.may_arrive]) == (True, ["lost"])


def test_what_a_killed_process_had_begun_is_closed_by_the_next(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "resume", SWAP, tenant="resume", customers=CUSTOMERS)
    identity = severa.propose()
    severa.edit("customers", "b", name="Another")
    severa.kill_at = ("before", 13)  # a is parked, b is skipped, and a is on its way back
    with pytest.raises(KilledError):
        severa.apply(identity)
    severa.resume(identity)
    returns = [(call.state, call.new) for call in severa.journal(identity) if call.undoes is not None]
    assert (returns, values(severa)) == ([("lost", "5"), ("done", "5")], ["5", "6"])

    severa = written(tmp_path / "undo", SWAP, tenant="undo", customers=CUSTOMERS)
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    severa.kill_at = ("before", 3)  # of three returns, none was made
    with pytest.raises(KilledError):
        severa.undo(identity)
    assert severa.undo(identity).outcome.complete
    returns = [(call.state, call.new) for call in severa.journal(identity) if call.undoes is not None]
    assert returns == [(state, new) for state in ("skipped", "done") for new in ("999", "6", "5")]


@pytest.mark.parametrize(("fault", "back"), [("not_stored", True), ("refused", False)])
def test_what_was_refused_and_somebody_wrote_by_hand_is_not_ours(
    written: Make, tmp_path: Path, fault: str, back: bool
) -> None:
    config: dict[str, Any] = {"faults": [{"kind": fault, "method": "PATCH"}]}
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS, config=config)
    identity = severa.propose()
    assert not severa.apply(identity).outcome.complete
    severa.without_faults()
    severa.edit("customers", "a", number=8)
    assert severa.undo(identity).outcome.complete
    assert values(severa)[0] == ("5" if back else "8")


def test_what_severa_did_not_take_back_stays_named(written: Make, tmp_path: Path) -> None:
    """The call before was sent twice; that its record has a third value now is the undo's doing, not its."""
    config = {
        "faults": [{**ONCE_UNANSWERED, "behind": 10_000}],
        "writing": {"null_number": "numbered"},
    }
    filled = Options(fill_empty=True)
    severa = written(tmp_path / "o", ONE, customers={**CUSTOMERS, "a": None}, config=config, options=filled)
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    for state in ("failed", "skipped"):
        undone = severa.undo(identity)
        assert [(call.guid, call.new, call.state) for call in undone.outcome.calls] == [("a", "", state)]
        assert not undone.outcome.complete
