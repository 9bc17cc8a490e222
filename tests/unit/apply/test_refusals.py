"""What is not written: plans that do not hold any more, and records that are not as the run has read them.

Covers: apply/make_call.py, apply/plan.py, apply/run.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from presync.apply import basis, business_sql, plan, run
from presync.apply.model import Options
from presync.apply.texts import report_lines
from presync.control.starts import record_started
from presync.errors import ConfigurationError
from tests.support.written_severa import WHO, WrittenSevera, written

__all__ = ["written"]

Make = Callable[..., WrittenSevera]
ONE = [("customers", "a", "8")]
CUSTOMERS: dict[str, Any] = {"a": 5, "b": 6, "c": 7}


def test_what_changed_between_plan_and_approval_is_not_written(
    written: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS)
    identity = severa.propose()
    checked = severa.checked
    changed = replace(checked.fixes.severa[0], proposed="9")
    severa.checked = replace(checked, fixes=replace(checked.fixes, severa=[changed]))
    with pytest.raises(ConfigurationError, match="the plan that would be made now"):
        severa.apply(identity)
    severa.checked = checked
    for module in (plan, run):  # nothing that this run rests on is as it was: there is no such run
        monkeypatch.setattr(module, "require_unmoved", basis.require_unmoved)
    monkeypatch.setattr(business_sql, "find_checked", lambda *_: checked)
    for_review = partial(business_sql.business_changes, severa.tenant, None)
    for step in (severa.propose, lambda: severa.apply(identity), for_review):
        with pytest.raises(ConfigurationError, match="a newer run has checked the company"):
            step()
    assert severa.patches() == []


def test_what_was_read_is_written_and_no_other_plan(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS)
    read = plan.make_plan(severa.tenant, severa.options).digest[:12]
    made, _ = run.propose(severa.tenant, severa.options, digest=read, connect=severa.connect)
    assert made.digest.startswith(read)
    changed = replace(severa.checked.fixes.severa[0], proposed="9")
    severa.checked = replace(severa.checked, fixes=replace(severa.checked.fixes, severa=[changed]))
    with pytest.raises(ConfigurationError, match=f"another one than {read}"):
        run.propose(severa.tenant, severa.options, digest=read, connect=severa.connect)


def test_a_plan_is_written_to_its_own_company_only(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS)
    identity = severa.propose()
    other = written(tmp_path / "p", ONE, tenant="other", customers=CUSTOMERS)
    for step in (run.apply_plan, run.resume, run.undo):
        with pytest.raises(ConfigurationError, match="tenant other has no plan"):
            step(other.tenant, identity, WHO, connect=other.connect)
    assert severa.apply(identity).outcome.complete
    second = other.propose()
    for each in "op":
        (tmp_path / each / "organizationdetails.json").write_text('{"guid": "another"}')
    for report in (severa.undo(identity), other.apply(second)):
        assert "opens the organisation another" in report.outcome.stopped
    assert [severa.value("customers", "a"), other.value("customers", "a")] == ["8", "5"]


def test_nothing_is_taken_back_after_a_start(written: Make, tmp_path: Path) -> None:
    severa = written(tmp_path / "o", ONE, customers=CUSTOMERS)
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    record_started("nordlys", WHO)
    with pytest.raises(ConfigurationError, match="must never change"):
        severa.undo(identity)
    assert severa.value("customers", "a") == "8"


def test_what_has_changed_since_the_check_is_left_alone(written: Make, tmp_path: Path) -> None:
    changes = [*ONE, ("customers", "b", "9"), ("customers", "c", "10")]
    severa = written(tmp_path / "o", changes, customers=CUSTOMERS)
    severa.edit("customers", "a", name="Another")
    severa.edit("customers", "b", number=9)
    report = severa.apply(severa.propose())
    assert [(call.guid, call.state, call.answer) for call in report.outcome.calls][:2] == [
        ("a", "skipped", "changed since the check: name"),
        ("b", "skipped", "it has this number already"),
    ]
    assert severa.patches() == [("customers", "c", "/number", 10)]


def test_a_trial_is_no_fault_of_what_follows_and_is_taken_back_by_name(written: Make, tmp_path: Path) -> None:
    changes = [*ONE, ("customers", "b", "9")]
    severa = written(tmp_path / "o", changes, customers=CUSTOMERS, options=Options(at_most=1))
    trial = severa.propose()
    assert severa.apply(trial).outcome.complete
    severa.options = Options()
    identity = severa.propose()
    report = severa.apply(identity)
    assert report.outcome.complete
    told = "\n".join(report_lines(report, undo=False))
    assert "nothing to do: customers a: number 5 → 8: skipped: it has this number already" in told
    undone = severa.undo(identity)
    assert undone.others == {trial: 1}
    assert f"plan {trial} stands (records: 1)" in "\n".join(report_lines(undone, undo=True))
    assert severa.undo(trial).others == {}
    assert [severa.value("customers", guid) for guid in "ab"] == ["5", "6"]


def test_a_project_that_moved_for_an_unknown_reason_does_not_return(written: Make, tmp_path: Path) -> None:
    project = {"number": 20, "customer": {"guid": "a", "number": 5}}
    severa = written(tmp_path / "o", [("projects", "p", "21")], customers=CUSTOMERS, projects={"p": project})
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    severa.edit("projects", "p")  # its stamp alone, and its customer was not written
    assert [call.state for call in severa.undo(identity).outcome.calls] == ["skipped"]


def test_a_number_is_shared_only_by_those_that_return_to_it(written: Make, tmp_path: Path) -> None:
    shared = {"a": 5, "s": 5, "b": 6}
    severa = written(tmp_path / "1", ONE, customers=shared)
    identity = severa.propose()
    severa.edit("customers", "s", number=8)
    assert [call.answer for call in severa.apply(identity).outcome.calls] == ["s of customers has 8 now"]
    changes = [("customers", "a", "6"), ("customers", "s", "7"), ("customers", "b", "5")]
    config: dict[str, Any] = {"writing": {"unique": []}}
    severa = written(tmp_path / "2", changes, tenant="shared", customers=shared, config=config)
    identity = severa.propose()
    assert severa.apply(identity).outcome.complete
    assert severa.undo(identity).outcome.complete
    assert {guid: severa.value("customers", guid) for guid in shared} == {"a": "5", "s": "5", "b": "6"}
    # s stays, so that b cannot get its number, and a returns from its free number to the one it shared with s
    identity = severa.propose()
    severa.edit("customers", "s", name="Another")
    assert [call.state for call in severa.apply(identity).outcome.calls] == [
        "skipped",
        "done",
        *["skipped"] * 2,
    ]
    assert {guid: severa.value("customers", guid) for guid in shared} == {"a": "5", "s": "5", "b": "6"}
