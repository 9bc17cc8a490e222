"""The journal of corrections on SQLite and PostgreSQL: one writer, entries around calls, the trail's digest.

Covers: control/journal.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from presync.control import journal
from presync.control.audit import audit_trail, verify_trail
from presync.control.database import now
from presync.control.models import AppliedCall
from presync.control.who import Who
from presync.errors import ConfigurationError

pytestmark = pytest.mark.usefixtures("control_database")
ANNA = Who("Anna", "airflow")


def call(guid: str, **changes: object) -> AppliedCall:
    values = {
        "undoes": None,
        "register": "customers",
        "guid": guid,
        "field": "number",
        "old": "5",
        "new": "6",
    }
    state = {"parks": False, "state": "planned", "looked": True, "sharers": [], "calls": 0, "answer": ""}
    return AppliedCall(**{**values, **state, **changes})


def plan(digest: str = "d" * 64) -> str:
    return journal.record_plan(
        tenant="nordlys",
        run_id="run",
        digest=digest,
        basis={"run_id": "run"},
        options={},
        unique_codes=False,
        calls=[call("a"), call("b")],
    )


def begin(
    identity: str, state: journal.ApplicationState, *allowed: journal.ApplicationState
) -> Sequence[object]:
    return journal.begin(identity, ANNA, state, allowed, what="apply")


def test_a_plan_is_written_entry_by_entry_and_its_digest_is_on_the_trail() -> None:
    identity = plan()
    _, attempt = journal.begin(identity, ANNA, "running", ("planned",), what="apply")
    journal.note_counters(identity, attempt, counters_before={"nextCustomerNumber": 9})
    journal.note_counters(identity, attempt, counters_before={"nextCustomerNumber": 10})  # when it is resumed
    journal.note(identity, attempt, 0, state="calling", calls=1, called_at=now())
    journal.note(identity, attempt, 0, state="done", ended_at=now(), answer="200")
    added = journal.append(identity, attempt, [call("a", undoes=0, old="6", new="5")])
    assert [(each.position, each.undoes, each.state) for each in added] == [
        (0, None, "done"),
        (1, None, "planned"),
        (2, 0, "planned"),
    ]
    done = journal.finish(identity, attempt, ANNA, "done", "", what="apply", counts={"done": 1})
    assert (done.state, done.approved_by, done.who_kind) == ("done", "Anna", "airflow")
    assert done.counters_before == {"nextCustomerNumber": 9}
    begun, ended = audit_trail("nordlys")
    assert (begun.detail["state"], begun.detail["calls"]) == ("begun", 2)
    assert ended.detail["journal"] == journal.journal_digest(journal.calls_of(identity))
    assert verify_trail().faults == ()
    newest = journal.newest_application("nordlys", begun=True)
    assert newest is not None
    assert newest.id == identity


def test_one_process_writes_and_one_that_was_overtaken_never_again(monkeypatch: pytest.MonkeyPatch) -> None:
    identity, other = plan(), plan("e" * 64)
    _, first = journal.begin(identity, ANNA, "running", ("planned",), what="apply")
    for wanted in (identity, other):
        with pytest.raises(ConfigurationError, match="right now"):
            begin(wanted, "running", "planned", "running")
    monkeypatch.setattr(journal, "SILENCE", timedelta(0))
    with pytest.raises(ConfigurationError, match="interrupted"):
        begin(other, "running", "planned")
    _, second = journal.begin(identity, ANNA, "running", ("running",), what="apply")
    with pytest.raises(ConfigurationError, match="taken over"):
        journal.note(identity, first, 0, state="calling")
    journal.finish(identity, second, ANNA, "stopped", "lost permission", what="apply", counts={})
    with pytest.raises(ConfigurationError, match="'stopped'"):
        begin(identity, "running", "planned")
