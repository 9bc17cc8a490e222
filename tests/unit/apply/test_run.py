"""What is written to a stand-in, gone on with and taken back.

Covers: apply/basis.py, apply/make_call.py, apply/model.py, apply/perform.py, apply/plan.py, apply/texts.py,
cli/apply.py, control/journal.py, sources/severa/writer.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from presync.apply.model import Options
from presync.control.audit import audit_trail, verify_trail
from presync.errors import ConfigurationError
from tests.support.written_severa import KilledError, WrittenSevera, written

__all__ = ["written"]

Make = Callable[..., WrittenSevera]
SWAP: dict[str, Any] = {"customers": {"a": 5, "b": 6, "c": 7}}


def states(severa: WrittenSevera, identity: str) -> list[tuple[str, str, str, str]]:
    return [(call.guid, call.old, call.new, call.state) for call in severa.journal(identity)]


def test_numbers_change_places_by_way_of_a_free_one_and_back(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "6"), ("customers", "b", "5")], **SWAP)
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    assert [severa.value("customers", guid) for guid in "abc"] == ["6", "5", "7"]
    assert severa.patches() == [
        ("customers", "a", "/number", 999),
        ("customers", "b", "/number", 5),
        ("customers", "a", "/number", 6),
    ]
    assert severa.undo(identity).outcome.complete
    assert [severa.value("customers", guid) for guid in "abc"] == ["5", "6", "7"]
    assert [entry.what for entry in audit_trail("nordlys")] == ["apply", "apply", "undo", "undo"]
    assert verify_trail().faults == ()


def test_a_killed_worker_leaves_a_state_from_which_it_goes_on(written: Make, tmp_path: Path) -> None:
    changes = [("customers", "a", "8"), ("customers", "b", "9")]
    severa = written(tmp_path / "o", changes, **SWAP)
    identity = severa.propose()
    severa.kill_at = ("after", 7)  # token, organisation, counters, record, holders, PATCH; then its look
    with pytest.raises(KilledError):
        severa.apply(identity)
    assert states(severa, identity) == [("a", "5", "8", "calling"), ("b", "6", "9", "planned")]
    assert severa.resume(identity).outcome.complete
    assert severa.patches() == [("customers", "a", "/number", 8), ("customers", "b", "/number", 9)]
    with pytest.raises(ConfigurationError, match="'done'"):
        severa.resume(identity)


def test_what_somebody_else_changed_is_skipped_and_named(written: Make, tmp_path: Path) -> None:
    changed = {"kind": "other_user", "register": "customers", "guid": "a", "fields": {"name": "Anders"}}
    severa = written(
        tmp_path / "o",
        [("customers", "a", "8"), ("customers", "b", "9")],
        config={"faults": [{**changed, "method": "PATCH", "first": 1}]},
        **SWAP,
    )
    identity = severa.propose()
    report = severa.apply(identity)
    assert [call.state for call in report.outcome.calls] == ["done", "done"]
    severa.stand_in._plan._plans.clear()
    (tmp_path / "o" / "customers.json").write_text(
        (tmp_path / "o" / "customers.json").read_text().replace('"number": 9', '"number": 77')
    )
    undone = severa.undo(identity)
    assert {call.guid: call.state for call in undone.outcome.calls} == {"b": "skipped", "a": "done"}
    assert severa.value("customers", "b") == "77"


@pytest.mark.parametrize(
    ("fault", "state", "stopped"),
    [
        ({"kind": "refused"}, "failed", "Severa refuses the value"),
        ({"kind": "refused", "status": 403, "type": "PermissionDenied"}, "failed", "lost permission"),
        ({"kind": "not_stored"}, "failed", "3 unexpected answers in a row"),
        ({"kind": "status", "status": 500}, "done", "3 unexpected answers in a row"),
        ({"kind": "hang", "first": 1}, "done", ""),
    ],
)
def test_it_stops_itself_and_tells_what_is_done(
    written: Make, tmp_path: Path, fault: dict[str, Any], state: str, stopped: str
) -> None:
    changes = [("customers", guid, str(100 + place)) for place, guid in enumerate("abcd")]
    severa = written(
        tmp_path / "o",
        changes,
        customers={"a": 5, "b": 6, "c": 7, "d": 8},
        config={"faults": [{"method": "PATCH", "route": "customers", **fault}]},
    )
    report = severa.apply(severa.propose())
    assert report.outcome.calls[0].state == state
    assert stopped in report.outcome.stopped
    assert bool(report.outcome.stopped) is bool(stopped)


def test_a_number_that_severa_gives_out_itself_waits_for_the_counter(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "1000"), ("customers", "b", "999")], **SWAP)
    identity = severa.propose()
    assert [guid for guid, *_ in states(severa, identity)] == ["b"]


def test_an_empty_number_is_filled_only_where_somebody_asks(written: Make, tmp_path: Path) -> None:
    changes = [("customers", "a", "8")]
    with pytest.raises(ConfigurationError, match="nothing to write"):
        written(tmp_path / "1", changes, customers={"a": None}).propose()
    severa = written(
        tmp_path / "2",
        changes,
        customers={"a": None},
        options=Options(fill_empty=True),
        config={"writing": {"null_number": "numbered"}},
    )
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    undone = severa.undo(identity)
    assert not undone.outcome.complete
    assert "reads back as 1000" in undone.outcome.calls[0].answer
