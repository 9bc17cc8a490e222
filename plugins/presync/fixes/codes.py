"""Which records of Severa change their code: to their partner's, or to a free one; and which cannot.

All changes of an entity are decided together, because one may block another: the record that has a code must
give it up before another can get it. A correctly linked record is never renumbered.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from presync.fixes.findings import Facts, Holder, Match
from presync.fixes.model import HIGHEST, NUMBERED, Finding

_LINKING: Final = ("code_mismatch", "code_missing")
_LEAVING: Final = ("code_conflict", "code_not_transferable")
_PLAIN: Final = re.compile("[1-9][0-9]*")
_TEXT: Final = {"text10": 10, "text40": 40}

# old code's key, new code's key (None: a free one) -> why it must not change; None: it may
Objection = Callable[[str | None, str | None], str | None]


@dataclass(frozen=True)
class Decision:
    """`moves`: the pair whose code a record takes over, or None for a free code; `stays`: why not."""

    moves: dict[int, Match | None] = field(default_factory=dict)
    stays: dict[int, str] = field(default_factory=dict)

    @property
    def to_free_codes(self) -> list[int]:
        """The records that need a free code, in the order of the database."""
        return sorted(record_id for record_id, match in self.moves.items() if match is None)


def may_be(code: str, key_kind: str, *, numbered: bool) -> bool:
    """Tell whether both systems can hold a code: Visma Business by its key, Severa's numbers as a number."""
    highest = HIGHEST if key_kind == "integer" else 2**63 - 1
    number = _PLAIN.fullmatch(code) is not None and int(code) <= highest
    return (number or not (numbered or key_kind == "integer")) and len(code) <= _TEXT.get(key_kind, len(code))


def decide(facts: Facts, objection: Objection = lambda old, new: None) -> Decision:
    """Return who changes to what. Whoever finds no place stays, until nobody is in anybody's way."""
    fixed = dict(_fixed(facts))
    while True:
        moves = _moves(facts, fixed)
        blocked = {i: reason for i, reason in _blocked(facts, moves, objection) if i not in fixed}
        if not blocked:
            return Decision(moves, fixed)
        fixed |= _with_followers(facts, moves, blocked)


def _with_followers(facts: Facts, moves: dict[int, Match | None], blocked: dict[int, str]) -> dict[int, str]:
    """Return who stays, and who stays because of that, all at once: a register that is off by one is a chain
    as long as itself, and a round for each link would take hours."""
    takers: dict[str, list[int]] = defaultdict(list)
    for record_id, match in moves.items():
        if match and facts.holders[record_id].must_be_unique:
            takers[match.key].append(record_id)
    staying, waiting = dict(blocked), list(blocked)
    while waiting:
        holder = facts.holders[waiting.pop()]
        followers = takers.get(holder.key, []) if holder.key is not None and holder.must_be_unique else []
        for follower in followers:
            match = moves[follower]
            if match and follower not in staying:
                staying[follower] = _in_the_way(holder, match)
                waiting.append(follower)
    return staying


def _fixed(facts: Facts) -> Iterator[tuple[int, str]]:
    """Yield the records that cannot change whatever else does, and why."""
    for holder in facts.holders.values():
        if holder.has_partner:
            yield holder.record_id, "it is correctly linked under its code, and would lose that link"
    numbered = facts.entity in NUMBERED
    for match in facts.matches:
        if match.finding.rule == "ambiguous_match":
            yield match.severa_id, "several records could match: a person must say which one it is"
        elif facts.entity == "customers" and match.names_alike and match.relation == "contradicting":
            # only the ids speak against it: under another number, one company would be created twice
            yield match.severa_id, "one company, or two with similar names: a person must find out first"
        elif facts.entity == "customers" and match.finding.rule == "code_conflict" and match.ids == "equal":
            # a shared id does not identify, but under another number the two would be ambiguous instead
            yield match.severa_id, "the business ids are equal, but shared: a person must find out first"
        elif match.finding.rule in _LINKING:
            if not match.alone:
                yield (
                    match.severa_id,
                    f"several records of Visma Business have the code {match.code}: first give each its own",
                )
            elif not may_be(match.code, facts.key_kind, numbered=numbered):
                yield match.severa_id, f"the code {match.code} is not possible in both systems"


def _moves(facts: Facts, fixed: dict[int, str]) -> dict[int, Match | None]:
    moves: dict[int, Match | None] = {
        match.severa_id: match
        for match in facts.matches
        if match.finding.rule in _LINKING and match.severa_id not in fixed
    }
    for finding in facts.findings:
        if finding.rule in _LEAVING and finding.severa_guid:
            holder = facts.holder_of(finding)
            if holder is not None and holder.record_id not in fixed:
                moves.setdefault(holder.record_id, None)
    for number in facts.used_in_severa:
        unlinked = [holder for holder in facts.by_key[number] if not holder.has_partner]
        if not any(holder.record_id in fixed for holder in unlinked):
            for holder in unlinked:
                moves.setdefault(holder.record_id, None)
    for holder in _surplus(facts, fixed, moves):
        moves[holder.record_id] = None
    return moves


def _surplus(facts: Facts, fixed: dict[int, str], moves: dict[int, Match | None]) -> list[Holder]:
    """Return who must leave a code that several have: all but one, which is linked, fixed, or the first.

    Of whom no finding tells, somebody has waived it: they stay.
    """
    told = {
        holder.record_id: holder.key
        for finding in facts.findings
        if finding.rule == "code_duplicate" and finding.severa_guid
        if (holder := facts.holder_of(finding)) is not None and holder.key is not None
    }
    leaving: list[Holder] = []
    for key in sorted(set(told.values())):
        staying = [h for h in facts.by_key[key] if h.must_be_unique and h.record_id not in moves]
        movable = sorted(
            (h for h in staying if h.record_id in told and h.record_id not in fixed),
            key=lambda h: (not h.active, h.guid, h.record_id),
        )
        leaving += movable if len(movable) < len(staying) else movable[1:]
    return leaving


def _blocked(facts: Facts, moves: dict[int, Match | None], objection: Objection) -> Iterator[tuple[int, str]]:
    for record_id, match in moves.items():
        holder = facts.holders[record_id]
        reason = objection(holder.key, match.key if match else None)
        if reason:
            yield record_id, reason
        elif match and holder.must_be_unique:
            for other in facts.by_key.get(match.key, []):
                if other.record_id != record_id and other.must_be_unique and other.record_id not in moves:
                    yield record_id, _in_the_way(other, match)


def _in_the_way(holder: Holder, match: Match) -> str:
    return f"“{holder.name.strip()}” of Severa has the code {match.code}, and nothing can be proposed for it"


def resolved(facts: Facts, decision: Decision) -> Iterator[tuple[Finding, int]]:
    """Yield every finding on codes that the moves resolve, with each record whose move it takes."""
    moves = decision.moves
    for finding in facts.findings:
        holder = facts.holder_of(finding) if finding.severa_guid else None
        if holder is None or finding.rule not in (*_LINKING, *_LEAVING, "code_duplicate"):
            continue
        if holder.record_id in moves:
            yield finding, holder.record_id
        elif finding.rule == "code_duplicate" and holder.key is not None:
            others = [h for h in facts.by_key[holder.key] if h.must_be_unique and h is not holder]
            if others and all(other.record_id in moves for other in others):
                yield from ((finding, other.record_id) for other in others)
    for number, finding in facts.used_in_severa.items():
        unlinked = [holder for holder in facts.by_key[number] if not holder.has_partner]
        if unlinked and all(holder.record_id in moves for holder in unlinked):
            yield from ((finding, holder.record_id) for holder in unlinked)
