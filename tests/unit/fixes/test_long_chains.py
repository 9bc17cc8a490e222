"""A register that is off by one: each record waits for the next one's code, and the last one cannot leave.

Covers: fixes/findings.py.
"""

from __future__ import annotations

from presync.fixes.codes import decide
from presync.fixes.findings import Facts, Holder, Match
from presync.fixes.model import Finding

LENGTH = 200


def facts() -> Facts:
    """Return customers 1 to LENGTH, each of whom shall get the number of the next; the last one is linked."""
    holders, findings, matches = {}, [], []
    for place in range(1, LENGTH + 1):
        code, last = str(place), place == LENGTH
        holders[place] = Holder(place, "customers", f"g{place}", f"n{place}", code, code, True, last, True)
        if not last:
            wanted = str(place + 1)
            said = ("customers", "code_mismatch", wanted, "", f"g{place}", "customers", code, "", "", "", "")
            findings.append(Finding(code, *said, place))
            matches.append(
                Match(findings[-1], place, place, wanted, wanted, True, "none", True, True, "same")
            )
    return Facts("customers", "integer", findings, matches, holders)


def test_who_waits_for_one_that_stays_is_found_without_a_round_for_each() -> None:
    looked_at = 0

    def objection(old: str | None, new: str | None) -> None:
        nonlocal looked_at
        looked_at += 1

    decision = decide(facts(), objection)
    assert decision.moves == {}
    assert set(decision.stays) == set(range(1, LENGTH + 1))
    assert decision.stays[1] == "“n2” of Severa has the code 2, and nothing can be proposed for it"
    assert looked_at <= 2 * LENGTH
