"""Random companies, faults and interruptions: what was written, what is named, and what is never written.

The stand-in's own log proves what was asked of it.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presync.apply import run
from presync.apply.model import Options
from presync.errors import ConfigurationError, PresyncError
from tests.support.written_severa import KilledError, WrittenSevera, text_of, written

__all__ = ["written"]

GUIDS = "abcdef"
NUMBERS = st.integers(1, 8)
FAULTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            ["status", "hang", "break", "not_stored", "refused", "late", "other_user", "given_out"]
        ),
        "method": st.sampled_from(["PATCH", "GET", "*"]),
        "after": st.integers(0, 12),
        "first": st.integers(1, 3),
        "status": st.sampled_from([400, 403, 404, 429, 500, 503]),
        "guid": st.sampled_from(GUIDS),
        "behind": st.sampled_from([1, 2, 3, 9, 20]),
        "fields": st.sampled_from([{"name": "Other"}, {"number": 777}, {"number": 778}]),
    }
)
KNOWN = {
    "status": {"status"},
    "refused": {"status"},
    "late": {"behind"},
    "other_user": {"guid", "fields"},
}
_names = itertools.count()


@dataclass(frozen=True)
class Case:
    """A company, what is to be changed in it, and what gets in the way."""

    customers: dict[str, int | None]
    changes: dict[str, int]
    faults: list[dict[str, Any]]
    kills: list[tuple[str, int]]
    writing: dict[str, Any]
    undo_kill: tuple[str, int] | None
    suspended: tuple[str, int] | None

    @property
    def disturbed(self) -> set[str]:
        """Records that somebody else edits."""
        return {fault["guid"] for fault in self.faults if fault["kind"] == "other_user"}

    @property
    def overtaken(self) -> bool:
        """Whether a call may be stored so late that others have its number by then: nothing prevents that."""
        return any(fault.get("behind", 0) > 3 for fault in self.faults)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(2, len(GUIDS)))
    numbers: list[int | None] = [*draw(st.permutations(range(1, 9)))[:count]]
    for place in draw(st.sets(st.integers(0, count - 1), max_size=2)):
        numbers[place] = draw(st.none() | NUMBERS)
    customers = dict(zip(GUIDS, numbers, strict=False))
    changes = draw(st.dictionaries(st.sampled_from(sorted(customers)), NUMBERS, max_size=3))
    circle = draw(st.lists(st.sampled_from(sorted(customers)), min_size=1, unique=True))
    for guid, follower in itertools.pairwise([*circle, circle[0]]):
        changes[guid] = customers[follower] or 8
    kill = st.tuples(st.sampled_from(["before", "after"]), st.integers(3, 40))
    return Case(
        customers,
        changes,
        [_fault(fault) for fault in draw(st.lists(FAULTS, max_size=3))],
        draw(st.lists(kill, max_size=2)),
        draw(
            st.fixed_dictionaries(
                {
                    "unique": st.sampled_from([[], ["customers"]]),
                    "null_number": st.sampled_from(["kept", "numbered", "refused"]),
                    "moves_stamp": st.booleans(),
                    "moves_counter": st.booleans(),
                }
            )
        ),
        draw(st.none() | kill),
        draw(st.none() | kill),
    )


def _fault(drawn: dict[str, Any]) -> dict[str, Any]:
    """Return the fault as the configuration has it; only what strikes customers or any route."""
    named = {name: drawn[name] for name in KNOWN.get(drawn["kind"], ())}
    common = {name: drawn[name] for name in ("kind", "method", "after", "first")}
    register = {"register": "customers"} if drawn["kind"] == "other_user" else {}
    return {**common, **named, **register, "route": "customers"}


def outcome(
    severa: WrittenSevera, step: Callable[[], run.Report], again: Callable[[], run.Report]
) -> run.Report:
    """Do a step to its end, however often the process is killed, or suspended and another does `again`."""
    others: list[run.Report] = []

    severa.meanwhile = lambda: others.append(outcome(severa, again, again))
    try:
        return step()
    except KilledError:
        return outcome(severa, again, again)
    except ConfigurationError:
        return others.pop()  # which has taken over


def sharing(severa: WrittenSevera) -> set[tuple[str, frozenset[str]]]:
    """Return the pairs of customers that have one number now."""
    holders: dict[str, list[str]] = defaultdict(list)
    for guid, row in severa.rows()["customers"].items():
        if row["number"] is not None:
            holders[str(row["number"])].append(guid)
    return {
        (number, frozenset(pair))
        for number, guids in holders.items()
        for pair in itertools.combinations(guids, 2)
        if int(number) < 700  # what others write they may well write twice
    }


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases())
def test_everything_is_as_planned_or_named_and_can_be_taken_back(
    written: Callable[..., WrittenSevera], tmp_path: Path, case: Case
) -> None:
    name = f"t{next(_names)}"
    severa: WrittenSevera = written(
        tmp_path / name,
        [("customers", guid, str(new)) for guid, new in case.changes.items()],
        tenant=name,
        customers=case.customers,
        config={"faults": case.faults, "writing": case.writing},
        options=Options(fill_empty=True),
    )
    at_first = sharing(severa)
    new_sharing: list[Any] = []
    severa.watch = lambda: new_sharing.extend(sharing(severa) - at_first)
    try:
        identity = severa.propose()
    except PresyncError:
        assert severa.patches() == []
        return
    kills = iter(case.kills)

    def step(do: Callable[[str], run.Report]) -> Callable[[], run.Report]:
        def done() -> run.Report:
            severa.kill_at = next(kills, None)
            return do(identity)

        return done

    severa.suspend_at = case.suspended
    report = outcome(severa, step(severa.apply), step(severa.resume))
    severa.suspend_at = None
    check_applied(severa, case, identity, report)
    severa.kill_at = case.undo_kill
    outcome(severa, lambda: severa.undo(identity), lambda: severa.undo(identity))
    severa.without_faults()
    severa.kill_at = None
    check_undone(severa, case, severa.undo(identity))
    check_log(severa, case, identity)
    assert new_sharing == [] or case.overtaken


def check_applied(severa: WrittenSevera, case: Case, identity: str, report: run.Report) -> None:
    """Every record is as planned, or named as not done; nobody else's is touched."""
    rows = severa.rows()["customers"]
    named = {call.guid for call in report.outcome.calls if call.state != "done"}
    assert case.faults or report.outcome.complete
    for guid, before in case.customers.items():
        value = text_of(rows[guid], "customers")
        if guid in case.disturbed:
            continue
        planned = [call for call in severa.journal(identity) if call.guid == guid and call.undoes is None]
        if not planned:
            assert value == ("" if before is None else str(before))
        elif guid not in named:
            assert value == str(case.changes[guid])


def check_undone(severa: WrittenSevera, case: Case, report: run.Report) -> None:
    """Every record is as before, or named as not returned."""
    rows = severa.rows()["customers"]
    named = {call.guid for call in report.outcome.calls if call.state != "done"}
    before_all = [*case.customers.values()]
    refused = bool(case.writing["unique"]) and len({*before_all}) < len(before_all)  # two shared one number
    assert case.faults or not named or None in before_all or refused
    for guid, before in case.customers.items():
        if guid not in named | case.disturbed:
            assert text_of(rows[guid], "customers") == ("" if before is None else str(before)), guid


def check_log(severa: WrittenSevera, case: Case, identity: str) -> None:
    """Nothing but planned fields of planned records was written, and nothing without an entry."""
    entries: Counter[tuple[str, str]] = Counter()
    for call in severa.journal(identity):
        assert call.guid in case.changes
        entries[call.guid, call.new] += call.calls
    asked: Counter[tuple[str, str]] = Counter()
    for route, guid, path, value in severa.patches():
        assert (route, path) == ("customers", "/number")
        asked[guid, "" if value is None else str(value)] += 1
    assert not asked - entries
