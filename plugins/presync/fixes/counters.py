"""Severa's counters: what they may hand out once the codes are settled, and what that resolves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from presync.fixes.codes import Decision
from presync.fixes.findings import query
from presync.fixes.model import COUNTERS, Cause, Finding, SeveraChange, TenantChange
from presync.fixes.ranges import CounterContext, Range
from presync.tenants.entities import Entity

if TYPE_CHECKING:
    import duckdb

NO_RANGE: Final = (
    "no range of 10,000 numbers is free of both systems: first shorten the series in Visma Business, then "
    "run again"
)
NOT_KNOWN: Final = "not all number series of Visma Business are known, so no number can be called free"


@dataclass(frozen=True)
class Counter:
    """A counter as it stands (`context`), and the findings that another counter or ceiling resolves."""

    suite: str
    context: CounterContext
    known: bool
    findings: Sequence[Finding]

    def settle(self, wanted: int) -> Range | None:
        """Return the range to hand out from, its first `wanted` numbers to records; None: there is none."""
        if not wanted and self.context.sound:
            return self.context.range
        return self.context.choose(wanted) if self.known else None

    @property
    def no_range(self) -> str:
        """Why there is none."""
        return NO_RANGE if self.known else NOT_KNOWN


def read_counter(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    findings: Iterable[Finding],
    numbers: Sequence[tuple[int, bool]],
) -> Counter:
    """Return a suite's counter; `numbers` are the ones in use, sorted, and whether they stay in its way."""
    ((following, ceiling, known, units),) = query(connection, "counter", suite=suite)
    context = CounterContext(
        counter=following,
        ceiling=ceiling,
        series=[(int(first), int(last)) for first, last in query(connection, "series", suite=suite)],
        taken=[number for number, taken in numbers if taken],
        used=[number for number, _ in numbers],
        unit_series=[int(number) for number in units or ()],
        ends_by_itself=suite == "invoice_numbering",
    )
    own = list(_about(connection, suite, [f for f in findings if f.suite == suite], context))
    return Counter(suite, context, bool(known), own)


def _about(
    connection: duckdb.DuckDBPyConnection, suite: str, findings: Sequence[Finding], context: CounterContext
) -> Iterator[Finding]:
    """Yield the findings that another counter resolves: not those on what units hand out on their own."""
    overlaps = {finding_id for (finding_id,) in query(connection, "overlaps", suite=suite)}
    sides = query(connection, "sides", suite=suite)
    numbers = {i: int(number) for i, system, number in sides if system == "visma_business"}
    units = [Range(first, context.ceiling) for first in context.unit_series]
    for finding in findings:
        number = numbers.get(finding.finding_id)
        if (
            finding.rule in ("next_number_taken", "counter_past_ceiling")
            or (finding.rule == "series_unknown" and finding.fix_in == "severa")
            or finding.finding_id in overlaps
            or (number is not None and not any(unit.holds(number) for unit in units))
        ):
            yield finding


def entity_numbers(
    connection: duckdb.DuckDBPyConnection, entity: Entity, decision: Decision
) -> list[tuple[int, bool]]:
    """Return the numbers in use before and after an entity's moves, sorted; True: in the counter's way."""
    import pyarrow as pa

    moves = sorted(decision.moves.items())
    columns: dict[str, Any] = {
        "record_id": pa.array([i for i, _ in moves], pa.int64()),
        "key": pa.array([match.key if match else None for _, match in moves], pa.string()),
        "business_id": pa.array([match.business_id if match else None for _, match in moves], pa.int64()),
    }
    connection.register("moves", pa.table(columns))
    return [(int(number), bool(taken)) for number, taken in query(connection, "numbers", entity=entity)]


def invoice_numbers(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, bool]]:
    """Return the invoice numbers in use, sorted; True: Severa's own counter must keep clear of it."""
    return [(int(number), bool(taken)) for number, taken in query(connection, "invoices")]


def changes(counter: Counter, settled: Range, wanted: int) -> Iterator[SeveraChange | TenantChange]:
    """Yield the new counter and, in the tenant file, the new ceiling; nothing if both stay."""
    setting, ceiling_field = COUNTERS[counter.suite]
    context, following = counter.context, settled.first + wanted
    findings = counter.findings
    rules = tuple(dict.fromkeys(f.rule for f in findings)) or ("next_number_taken",)
    cause = Cause(rules, tuple(f.finding_id for f in findings), "medium", _reason(context, settled, wanted))
    if following != context.counter:
        yield SeveraChange(
            "organizationsettings", "", "", setting, _text(context.counter), str(following), cause
        )
    if settled.ceiling != context.ceiling:
        field = f"severa.{ceiling_field}"
        yield TenantChange(field, _text(context.ceiling), _text(settled.ceiling), cause)


def _reason(context: CounterContext, settled: Range, wanted: int) -> str:
    end = "without an end" if settled.ceiling is None else f"to {settled.ceiling}"
    text = f"From {settled.first} {end}, no number is in a series of Visma Business or in use."
    if wanted:
        text += f" The first {wanted} of them are proposed for records of Severa."
    if settled.ceiling is not None and settled.ceiling != context.ceiling:
        text += " The ceiling says that Severa must not go beyond it."
    return text


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
