"""What is written to a stand-in, gone on with and taken back.

Covers: apply/basis.py, apply/make_call.py, apply/model.py, apply/perform.py, apply/plan.py, apply/texts.py,
cli/apply.py, control/journal.py, sources/severa/writer.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from presync.apply import run
from presync.apply.model import Options
from presync.control import journal
from presync.control.audit import audit_trail, verify_trail
from presync.control.starts import record_started
from presync.errors import ConfigurationError
from presync.sources.severa.client import SeveraAccess
from tests.support.written_severa import WHO, KilledError, WrittenSevera, written

__all__ = ["written"]

Make = Callable[..., WrittenSevera]
SWAP: dict[str, Any] = {"customers": {"a": 5, "b": 6, "c": 7}}


def states(severa: WrittenSevera, identity: str) -> list[tuple[str, str, str, str]]:
    return [(call.guid, call.old, call.new, call.state) for call in severa.journal(identity)]


def test_numbers_change_places_by_way_of_a_free_one_and_back(written: Make, tmp_path: Path) -> None:
    changes = [("customers", "a", "6"), ("customers", "b", "5")]
    severa = written(tmp_path / "o", changes, customers={"a": 5, "b": 6, "c": 999})
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    assert [severa.value("customers", guid) for guid in "abc"] == ["6", "5", "999"]
    assert severa.patches() == [
        ("customers", "a", "/number", 998),  # the highest below Severa's counter that is free
        ("customers", "b", "/number", 5),
        ("customers", "a", "/number", 6),
    ]
    assert severa.undo(identity).outcome.complete
    assert [severa.value("customers", guid) for guid in "abc"] == ["5", "6", "999"]
    assert [entry.what for entry in audit_trail("nordlys")] == ["apply", "apply", "undo", "undo"]
    assert severa.undo(identity).outcome.calls == [], "nothing is taken back twice"
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
    severa = written(tmp_path / "o", [("customers", "a", "8"), ("customers", "b", "9")], **SWAP)
    identity = severa.propose()
    severa.edit("customers", "a", number=77)
    report = severa.apply(identity)
    assert [(call.guid, call.state) for call in report.outcome.calls] == [("a", "skipped"), ("b", "done")]
    severa.edit("customers", "b", name="Another")
    undone = severa.undo(identity)
    assert [(call.guid, call.state) for call in undone.outcome.calls] == [("b", "skipped")]
    assert [severa.value("customers", guid) for guid in "ab"] == ["77", "9"]


def test_a_changed_number_is_seen_without_a_new_stamp(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "8"), ("customers", "b", "9")], **SWAP)
    identity = severa.propose()
    severa.edit("customers", "a", stamped=False, number=77)
    assert [call.state for call in severa.apply(identity).outcome.calls] == ["skipped", "done"]
    severa.edit("customers", "b", stamped=False, number=78)
    assert [call.state for call in severa.undo(identity).outcome.calls] == ["skipped"]
    assert [severa.value("customers", guid) for guid in "ab"] == ["77", "78"]


def test_whoever_waits_for_a_number_that_is_not_left_is_skipped(written: Make, tmp_path: Path) -> None:
    changes = [("customers", "a", "6"), ("customers", "b", "9")]
    severa = written(tmp_path / "o", changes, **SWAP)
    identity = severa.propose()
    severa.edit("customers", "b", name="Another")
    report = severa.apply(identity)
    assert [(call.guid, call.state) for call in report.outcome.calls] == [("b", "skipped"), ("a", "skipped")]
    assert "b of customers has 6 now" in report.outcome.calls[1].answer
    assert severa.patches() == []


def test_a_swap_that_cannot_be_finished_is_taken_back(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "6"), ("customers", "b", "5")], **SWAP)
    identity = severa.propose()
    severa.edit("customers", "b", name="Another")
    report = severa.apply(identity)
    assert not report.outcome.complete
    assert [severa.value("customers", guid) for guid in "ab"] == ["5", "6"]
    assert severa.patches() == [("customers", "a", "/number", 999), ("customers", "a", "/number", 5)]


def test_another_process_that_takes_over_stops_the_first(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "8"), ("customers", "b", "9")], **SWAP)
    identity = severa.propose()
    second: list[Any] = []

    def take_over() -> None:
        if severa.patches() and not second:
            second.append(journal.begin(identity, WHO, "running", ("running",), what="apply"))

    severa.watch = take_over
    with pytest.raises(ConfigurationError, match="taken over"):
        severa.apply(identity)
    assert severa.patches() == [("customers", "a", "/number", 8)]


@pytest.mark.parametrize("moment", ["entered", "before", "after"])
@pytest.mark.parametrize("way", ["resume", "undo"])
def test_a_worker_that_was_suspended_sends_nothing_after_another_took_over(
    written: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, moment: str
) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "8"), ("customers", "b", "9")], **SWAP)
    identity = severa.propose()
    severa.suspend_at = (moment, 6)  # a's call is in the journal, about to leave, or stored
    note = journal.note

    def noted(*where: Any, **values: Any) -> Any:
        entry = note(*where, **values)
        if severa.suspend_at == ("entered", 6) and values.get("state") == "calling":
            severa.suspend()
        return entry

    monkeypatch.setattr(journal, "note", noted)
    severa.meanwhile = lambda: getattr(severa, way)(identity)
    with pytest.raises(ConfigurationError, match="taken over"):
        severa.apply(identity)
    a, b = ("customers", "a", "/number"), ("customers", "b", "/number")
    stored, back = [(*a, 8)] if moment == "after" else [], [(*a, 5)] if moment == "after" else []
    assert severa.patches() == (stored + back if way == "undo" else [(*a, 8), (*b, 9)])
    assert [severa.value("customers", guid) for guid in "ab"] == (["5", "6"] if way == "undo" else ["8", "9"])


def test_a_worker_that_was_suspended_looks_again_before_it_goes_on(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "8")], **SWAP)
    severa.suspend_at = ("before", 6)
    assert severa.apply(severa.propose()).outcome.complete
    assert severa.patches() == [("customers", "a", "/number", 8)]


def test_nothing_is_written_to_another_organisation_or_after_a_start(
    written: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    severa = written(tmp_path / "o", [("customers", "a", "8")], **SWAP)
    (tmp_path / "o" / "organizationdetails.json").write_text('{"guid": "another"}')
    with pytest.raises(ConfigurationError, match="another"):
        severa.propose()
    record_started("nordlys", WHO)
    with pytest.raises(ConfigurationError, match="must never change"):
        severa.propose()
    assert severa.patches() == []


@pytest.mark.parametrize(
    ("fault", "state", "stopped"),
    [
        ({"kind": "refused"}, "failed", "Severa refuses the value"),
        ({"kind": "refused", "status": 403, "type": "PermissionDenied"}, "failed", "lost permission"),
        ({"kind": "not_stored"}, "unknown", "3 unexpected answers in a row"),
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
    settings = tmp_path / "o" / "organizationsettings.json"
    settings.write_text(
        settings.read_text().replace('"nextCustomerNumber": 1000', '"nextCustomerNumber": 999')
    )
    (call,) = severa.apply(identity).outcome.calls
    assert (call.state, severa.patches()) == ("skipped", [])
    assert "gives out numbers from 999 on" in call.answer


def test_an_empty_number_is_filled_only_where_somebody_asks(written: Make, tmp_path: Path) -> None:
    changes = [("customers", "a", "8"), ("customers", "b", "9")]
    with pytest.raises(ConfigurationError, match="nothing to write"):
        written(tmp_path / "1", changes, customers={"a": None, "b": None}).propose()
    severa = written(
        tmp_path / "2",
        changes,
        customers={"a": None, "b": None},
        options=Options(fill_empty=True),
        config={"writing": {"null_number": "numbered"}},
    )
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    undone = severa.undo(identity)
    told = [(call.state, call.answer) for call in undone.outcome.calls]
    assert [state for state, _ in told] == ["failed", "skipped"]
    assert "reads back as 1000" in told[0][1]
    assert len(severa.patches()) == len(changes) + 1, "a second would use another number up"


def test_a_late_call_is_found_and_can_be_taken_back(written: Make, tmp_path: Path) -> None:
    late = {"kind": "late", "method": "PATCH", "first": 1, "behind": 2}
    severa = written(tmp_path / "o", [("customers", "a", "8")], config={"faults": [late]}, **SWAP)
    identity = severa.propose()
    report = severa.apply(identity)
    assert [(call.state, call.calls) for call in report.outcome.calls] == [("done", 1)]
    assert severa.undo(identity).outcome.complete
    assert severa.value("customers", "a") == "5"


def test_a_call_that_is_stored_after_its_last_look_is_found_later(written: Make, tmp_path: Path) -> None:
    late = {"kind": "late", "method": "PATCH", "behind": 50}
    for way in ("resume", "undo"):
        severa = written(
            tmp_path / way, [("customers", "a", "8")], tenant=way, config={"faults": [late]}, **SWAP
        )
        identity = severa.propose()
        assert [call.state for call in severa.apply(identity).outcome.calls] == ["unknown"]
        severa.without_faults()
        severa.edit("customers", "a", number=8)  # as it does when one of the three arrives
        report = getattr(severa, way)(identity)
        assert [call.state for call in report.outcome.calls] == ["done"]
        assert severa.value("customers", "a") == {"resume": "8", "undo": "5"}[way]


def test_what_others_changed_after_a_call_without_an_answer_stays_unknown(
    written: Make, tmp_path: Path
) -> None:
    edit = {"kind": "other_user", "register": "customers", "guid": "a", "fields": {"number": 77}}
    faults = [
        {"kind": "late", "method": "PATCH", "behind": 50},
        {**edit, "method": "GET", "route": "customers", "after": 4, "first": 1},  # before the second try
    ]
    severa = written(tmp_path / "o", [("customers", "a", "8")], config={"faults": faults}, **SWAP)
    report = severa.apply(severa.propose())
    assert [(call.state, call.calls) for call in report.outcome.calls] == [("unknown", 1)]
    assert "it is unknown whether" in report.outcome.stopped


def test_a_call_that_comes_late_over_a_newer_one_is_named(written: Make, tmp_path: Path) -> None:
    late = {"kind": "late", "method": "PATCH", "first": 1, "behind": 14}  # a to 999, after a to 6
    changes = [("customers", "a", "6"), ("customers", "b", "5")]
    severa = written(tmp_path / "o", changes, config={"faults": [late]}, **SWAP)
    identity = severa.propose()
    named = [(call.guid, call.state) for call in severa.apply(identity).outcome.calls]
    assert named == [("a", "done"), ("b", "done"), ("a", "failed")]
    assert severa.value("customers", "a") == "999"


def test_a_refused_token_is_no_reason_to_write_twice_blindly(written: Make, tmp_path: Path) -> None:
    refused = {"kind": "status", "status": 401, "method": "PATCH"}  # stored all the same
    severa = written(tmp_path / "o", [("customers", "a", "8")], config={"faults": [refused]}, **SWAP)
    assert severa.apply(severa.propose()).outcome.complete
    assert severa.patches() == [("customers", "a", "/number", 8)]


@pytest.mark.parametrize("stamped", [True, False])
def test_projects_return_though_their_customers_number_moved_their_stamp(
    written: Make, tmp_path: Path, stamped: bool
) -> None:
    project = {"customer": {"guid": "a", "number": 5}}
    severa = written(
        tmp_path / "o",
        [("customers", "a", "8"), ("projects", "p", "21"), ("projects", "q", "31")],
        customers={"a": 5},
        projects={"p": {"number": 20, **project}, "q": {"number": 30, **project}},
        config={"writing": {"moves_projects": stamped}},
    )
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    assert severa.rows()["projects"]["p"]["customer"]["number"] == int("8")
    severa.edit("projects", "q", name="Another")
    undone = severa.undo(identity)
    assert {call.guid: call.state for call in undone.outcome.calls} == {
        "a": "done",
        "p": "done",
        "q": "skipped",
    }
    assert [severa.value("projects", guid) for guid in "pq"] == ["20", "31"]


def test_writing_has_its_own_credential_and_shares_the_limit_of_reading(
    written: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = written(tmp_path / "o", [], **SWAP).tenant
    reading, writing = (SeveraAccess("http://127.0.0.1:9/rest-api", name, "p") for name in "rw")
    monkeypatch.setattr(run, "severa_access", lambda _: reading)
    monkeypatch.setattr(run, "severa_write_access", lambda _: writing)
    monkeypatch.setattr(run, "SharedRateLimit", str)
    given: list[Any] = []

    def writer(*arguments: Any) -> AsyncExitStack:
        given.extend(arguments)
        return AsyncExitStack()

    monkeypatch.setattr(run, "SeveraWriter", writer)

    async def connected() -> None:
        async with run.connect(tenant, ["customers"]):
            pass

    asyncio.run(connected())
    assert given == [writing, ["customers"], reading.credential]
