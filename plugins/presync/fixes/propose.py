"""All proposals for a run's critical findings, computed jointly, and why the others are left to people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from presync.fixes import counters
from presync.fixes.codes import Decision, Objection, decide, resolved
from presync.fixes.findings import NUMBERING, Facts, Match, read_facts, register_findings
from presync.fixes.free_codes import FreeCodes
from presync.fixes.held_back_projects import exclusions
from presync.fixes.model import (
    ByHand,
    Cause,
    Confidence,
    CounterProposal,
    Finding,
    FixPlan,
    SeveraChange,
    field_of,
)
from presync.fixes.ranges import Range
from presync.rules.suite import Statement, rule_statements
from presync.staging.masked_names import show_names
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import duckdb

_NO_CORRECTION: Final = "no change was found that corrects this and breaks nothing else"
_NO_CODE: Final = "no free code is left that both systems can hold"


def propose(
    connection: duckdb.DuckDBPyConnection,
    tenant: Tenant,
    findings: Sequence[Finding],
    entities: Sequence[Entity] = ENTITIES,
    *,
    invoices: bool = True,
) -> FixPlan:
    """Return what is proposed for the findings (critical ones, of the run whose database is connected)."""
    plan = FixPlan()
    show_names(connection)
    register_findings(connection, findings)
    stays: dict[str, str] = {}
    for entity in entities:
        stays |= _propose_codes(connection, plan, entity, findings)
    if invoices:
        stays |= _propose_invoices(connection, plan, findings)
    plan.visma_business += exclusions(connection, tenant, findings)
    done = plan.resolved
    left = [finding for finding in findings if finding.finding_id not in done]
    stated = rule_statements()
    plan.by_hand = [ByHand(f, stays.get(f.finding_id) or _why_by_hand(f, stated)) for f in left]
    return plan


def _propose_codes(
    connection: duckdb.DuckDBPyConnection, plan: FixPlan, entity: Entity, findings: Sequence[Finding]
) -> dict[str, str]:
    """Add an entity's codes, and its counter where it has one; return why the other findings stay."""
    facts = read_facts(connection, entity, findings)
    if entity in NUMBERING:
        decision, free, stays = _numbers(connection, plan, facts, findings)
    else:
        decision, free = _codes(connection, facts)
        stays = {}
    plan.severa += _changes(facts, decision, free)
    for finding in findings:
        holder = facts.holder_of(finding) if finding.suite == entity and finding.severa_guid else None
        if holder is not None and holder.record_id in decision.stays:
            stays.setdefault(finding.finding_id, decision.stays[holder.record_id])
    for number, finding in facts.used_in_severa.items():
        for holder in facts.by_key[number]:
            if not holder.has_partner and holder.record_id in decision.stays:
                stays[finding.finding_id] = f"“{holder.name.strip()}”: {decision.stays[holder.record_id]}"
    return stays


def _codes(connection: duckdb.DuckDBPyConnection, facts: Facts) -> tuple[Decision, dict[int, str]]:
    decision = decide(facts)
    if not decision.to_free_codes:
        return decision, {}
    keys = connection.execute(
        "SELECT DISTINCT code_key FROM checks.records WHERE suite = ? AND has_code", [facts.entity]
    ).fetchall()
    source = FreeCodes([key for (key,) in keys], facts.key_kind)
    free = {i: source.take(facts.holders[i].code) for i in decision.to_free_codes}
    if None in free.values():
        return decide(facts, lambda old, new: _NO_CODE if new is None else None), {}
    return decision, {i: code for i, code in free.items() if code is not None}


def _numbers(
    connection: duckdb.DuckDBPyConnection, plan: FixPlan, facts: Facts, findings: Sequence[Finding]
) -> tuple[Decision, dict[int, str], dict[str, str]]:
    suite = NUMBERING[facts.entity]
    decision = decide(facts)
    if not decision.moves and not any(finding.suite == suite for finding in findings):
        return decision, {}, {}
    counter = counters.read_counter(
        connection, suite, findings, counters.entity_numbers(connection, facts.entity, decision)
    )
    if not decision.moves and not counter.findings:
        return decision, {}, {}
    wanted = decision.to_free_codes
    settled = counter.settle(len(wanted))
    if settled is None:
        stays = {finding.finding_id: counter.no_range for finding in counter.findings}
        return decide(facts, _touching_nothing(counter)), {}, stays
    _add_counter(plan, counter, settled, len(wanted))
    return decision, {record_id: str(settled.first + i) for i, record_id in enumerate(wanted)}, {}


def _touching_nothing(counter: counters.Counter) -> Objection:
    """Return the objection to every change of a code that the counter's range has to do with."""
    present = counter.context.range

    def objection(old: str | None, new: str | None) -> str | None:
        if new is None:
            return counter.no_range
        touched = [key for key in (old, new) if key is not None and present and present.holds(int(key))]
        return (
            f"{touched[0]} is among the numbers that Severa will hand out, and {counter.no_range}"
            if touched
            else None
        )

    return objection


def _propose_invoices(
    connection: duckdb.DuckDBPyConnection, plan: FixPlan, findings: Sequence[Finding]
) -> dict[str, str]:
    if not any(finding.suite == "invoice_numbering" for finding in findings):
        return {}
    numbers = counters.invoice_numbers(connection)
    counter = counters.read_counter(connection, "invoice_numbering", findings, numbers)
    if not counter.findings:
        return {}
    settled = counter.settle(0)
    if settled is None:
        return {finding.finding_id: counter.no_range for finding in counter.findings}
    _add_counter(plan, counter, settled, 0)
    return {}


def _add_counter(plan: FixPlan, counter: counters.Counter, settled: Range, wanted: int) -> None:
    plan.counters[counter.suite] = CounterProposal(settled.first + wanted, settled.ceiling)
    for change in counters.changes(counter, settled, wanted):
        if isinstance(change, SeveraChange):
            plan.severa.append(change)
        else:
            plan.tenant.append(change)


def _changes(facts: Facts, decision: Decision, free: dict[int, str]) -> Iterator[SeveraChange]:
    """Yield the changed codes: first the records that leave a code, then those that take one over."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding, record_id in resolved(facts, decision):
        found[record_id].append(finding)
    for record_id in sorted(decision.moves, key=lambda i: (decision.moves[i] is not None, i)):
        holder, match = facts.holders[record_id], decision.moves[record_id]
        yield SeveraChange(
            holder.register,
            holder.guid,
            holder.name,
            field_of(facts.entity),
            holder.code,
            match.code if match else free[record_id],
            _cause(facts, found[record_id], match),
        )


def _cause(facts: Facts, findings: Sequence[Finding], match: Match | None) -> Cause:
    rules = tuple(dict.fromkeys(finding.rule for finding in findings))
    ids = tuple(dict.fromkeys(finding.finding_id for finding in findings))
    if match:
        reason = f"It is “{match.finding.business_name.strip()}” of Visma Business, which has this code."
        return Cause(rules, ids, _sureness(facts, match), reason)
    contradicting = any(m.finding in findings and m.relation == "contradicting" for m in facts.matches)
    sure: Confidence = "low" if "code_conflict" in rules and not contradicting else "medium"
    return Cause(rules, ids, sure, "This code is free in both systems. " + _FREE[rules[0]])


_FREE: Final = {
    "code_conflict": "The present one belongs to another record of Visma Business; should the two be one "
    "after all, make their names agree instead.",
    "code_duplicate": "Another record of Severa keeps the present one.",
    "code_not_transferable": "The present one is impossible in Visma Business.",
    "number_in_other_series": "The present one lies where Visma Business hands out numbers.",
}


def _sureness(facts: Facts, match: Match) -> Confidence:
    """Return how sure it is that the two are one: by id or address, or by a name that could be another's."""
    if match.ids == "equal" or not match.names_equal:
        return "high"
    return "medium" if facts.entity in ("customers", "employees") else "high"


def _why_by_hand(finding: Finding, stated: Mapping[str, Statement]) -> str:
    """Return why a person must correct a finding: as its rule says, or because no correction was found."""
    statement = stated.get(finding.rule)
    return (statement.by_hand if statement else "") or _NO_CORRECTION
