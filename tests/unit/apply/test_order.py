from __future__ import annotations

from presync.apply.model import Call, Write
from presync.apply.order import components, held, parked, within


def _write(guid: str, old: str, new: str, register: str = "customers") -> Write:
    return Write(register, guid, guid, "number", old, new)


def _holders(*writes: Write, **others: str) -> dict[tuple[str, ...], dict[str, set[str]]]:
    found: dict[str, set[str]] = {}
    for write in writes:
        found.setdefault(write.old, set()).add(write.guid)
    for guid, value in others.items():
        found.setdefault(value, set()).add(guid)
    return {("customers",): found}


def test_a_chain_moves_from_its_free_end() -> None:
    writes = [_write("a", "5", "6"), _write("b", "6", "7"), _write("c", "7", "8")]
    (calls,) = components(writes, _holders(*writes), unique_codes=False)
    assert [call.write for call in calls] == [2, 1, 0]
    assert not any(call.parks for call in calls)


def test_a_circle_parks_one_record_on_a_free_number() -> None:
    writes = [_write("a", "5", "6"), _write("b", "6", "5")]
    (calls,) = components(writes, _holders(*writes), unique_codes=False)
    assert parked(calls, writes, lambda _: "999") == [
        Call(0, "5", "999", parks=True),
        Call(1, "6", "5"),
        Call(0, "999", "6"),
    ]


def test_two_that_leave_one_number_both_leave_before_a_third_comes() -> None:
    writes = [_write("a", "5", "7"), _write("b", "5", "8"), _write("c", "6", "5")]
    (calls,) = components(writes, _holders(*writes), unique_codes=False)
    assert [call.write for call in calls][-1] == 2


def test_whoever_stays_holds_up_all_that_wait_for_it() -> None:
    writes = [_write("a", "5", "6"), _write("b", "6", "7"), _write("c", "1", "2")]
    assert held(writes, _holders(*writes, z="7"), unique_codes=False) == {1: "z", 0: "b"}


def test_two_records_are_never_given_one_number() -> None:
    writes = [_write("a", "5", "9"), _write("b", "6", "9")]
    assert held(writes, _holders(*writes), unique_codes=False) == {1: "a"}


def test_a_trial_takes_the_beginning_of_a_chain_and_never_half_a_circle() -> None:
    writes = [_write("a", "5", "6"), _write("b", "6", "5"), _write("c", "1", "2"), _write("d", "2", "3")]
    groups = components(writes, _holders(*writes), unique_codes=False)
    assert [[call.write for call in group] for group in within(groups, 1)] == [[3]]
    assert [[call.write for call in group] for group in within(groups, 3)] == [[0, 1, 0], [3]]
