"""Records that could each be several of the other system: one answer for all pairs of a group.

A head office and its branches share an id, so every one of them could be every record of the other
system: of n and m, n × m findings. A person says of each which one it is, or that it is none; of all other
pairs that says that they are different.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from presync.control.database import transaction
from presync.control.models import FindingRecord
from presync.control.who import Who
from presync.decisions.bulk import Recorded, Said, record_answers
from presync.errors import ConfigurationError

RULE: Final = "ambiguous_match"
_Record = tuple[str, str, str]


@dataclass(frozen=True)
class Group:
    """Findings that hang together by a shared record; `entity` says which records they are."""

    entity: str
    findings: tuple[FindingRecord, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The records of Visma Business."""
        return tuple(dict.fromkeys(each.business_code for each in self.findings))

    @property
    def guids(self) -> tuple[str, ...]:
        """The records of Severa."""
        return tuple(dict.fromkeys(each.severa_guid for each in self.findings))


def ambiguous_groups(tenant: str) -> list[Group]:
    """Return the groups of standing findings that say that several could be the same, largest first."""
    with transaction() as session:
        standing = select(FindingRecord).where(
            FindingRecord.tenant == tenant,
            FindingRecord.rule == RULE,
            FindingRecord.fixed_at.is_(None),
            FindingRecord.business_code != "",
            FindingRecord.severa_guid != "",
        )
        found = session.scalars(
            standing.order_by(
                FindingRecord.business_code, FindingRecord.severa_code, FindingRecord.severa_guid
            )
        ).all()
    leader: dict[tuple[str, str, str], tuple[str, str, str]] = {}

    def top(node: tuple[str, str, str]) -> tuple[str, str, str]:
        while leader.setdefault(node, node) != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for each in found:
        leader[top((each.suite, "severa", each.severa_guid))] = top(
            (each.suite, "business", each.business_code)
        )
    members: dict[tuple[str, str, str], list[FindingRecord]] = defaultdict(list)
    for each in found:
        members[top((each.suite, "business", each.business_code))].append(each)
    groups = [Group(key[0], tuple(findings)) for key, findings in members.items()]
    return sorted(groups, key=lambda group: (-len(group.findings), group.entity, group.codes))


def say_branches(tenant: str, entity: str, partners: Mapping[str, str], *, reason: str, by: Who) -> Recorded:
    """Record of a whole group who is who: `partners` by code, the guid in Severa or "" for none of them.

    All other pairs of the group are different. Recorded are all pairs, or none. Raises ConfigurationError if
    a record of the group is missing or a strange one is named, RefusedRowsError as `record_answers`.
    """
    said = {code.strip(): guid.strip().lower() for code, guid in partners.items()}
    group = next(
        (g for g in ambiguous_groups(tenant) if g.entity == entity and set(said) & set(g.codes)), None
    )
    if group is None:
        raise ConfigurationError(
            f"nothing was recorded: none of these {entity} could be several of Severa ({RULE}) in the newest "
            "checked run. Check the codes.",
            source=tenant,
        )
    guids = {guid.lower() for guid in group.guids}
    missing = [code for code in group.codes if code not in said]
    strange = [code for code in said if code not in group.codes]
    strange += [guid for guid in said.values() if guid and guid not in guids]
    if missing or strange:
        told = f"nothing is said of {', '.join(missing)}" if missing else ""
        told += f"{' and ' if missing and strange else ''}" + (
            f"{', '.join(strange)} does not belong to it" if strange else ""
        )
        raise ConfigurationError(
            f"nothing was recorded: the group is {', '.join(group.codes)} in Visma Business and "
            f"{', '.join(group.guids)} in Severa, and {told}. Say of each which one it is, or none.",
            source=tenant,
        )
    answers = [_said(number, each, said, reason) for number, each in enumerate(group.findings, 1)]
    return record_answers(tenant, answers, by=by)


def _said(number: int, finding: FindingRecord, partners: Mapping[str, str], reason: str) -> Said:
    same = partners[finding.business_code] == finding.severa_guid.lower()
    return Said(
        number,
        finding.finding_id,
        finding.business_code,
        None,
        finding.severa_guid,
        None,
        finding.values_digest,
        "same" if same else "different",
        "",
        reason,
    )
