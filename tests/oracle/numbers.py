"""The rules on number series: customer_numbering, invoice_numbering, and the project counter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from presync.tenants.visma_business import CustomerSeries
from tests.oracle.keys import is_plain_decimal, trimmed
from tests.oracle.model import Finding, Record, Severity, StagedData
from tests.oracle.pairs import Pairing

HIGHEST_NUMBER = 2**31 - 1
NEARLY_FULL = 100
ROOM = 10_000


class Series(NamedTuple):
    """An interval of numbers, both ends in it; `last` None: open upwards; first > last: empty."""

    first: int
    last: int | None

    def holds(self, number: int) -> bool:
        """Tell whether the number is in it."""
        return self.first <= number and (self.last is None or number <= self.last)


class Use(NamedTuple):
    """A number in use; `settled` if the record that has it has a partner."""

    number: int
    settled: bool = False


@dataclass
class Ledger:
    """What the rules of one suite are about; `counter_uses` are the numbers that the counter handed out.

    `ceiling` is as declared, `highest` the last number that may be handed out at all (None: no limit).
    """

    suite: str
    counter: int | None
    ceiling: int | None
    highest: int | None = None
    business_series: list[Series] = field(default_factory=list)
    unit_series: list[Series] = field(default_factory=list)
    business_uses: list[Use] = field(default_factory=list)
    severa_uses: list[Use] = field(default_factory=list)
    counter_uses: list[int] = field(default_factory=list)

    @property
    def past_ceiling(self) -> bool:
        return self.counter is not None and self.ceiling is not None and self.counter > self.ceiling

    @property
    def counter_series(self) -> Series | None:
        return None if self.counter is None else Series(self.counter, lower(self.ceiling, self.highest))

    @property
    def severa_series(self) -> list[Series]:
        own = self.counter_series
        return self.unit_series if own is None else [own, *self.unit_series]


def lower(one: int | None, other: int | None) -> int | None:
    """Return the lower of two limits; None is no limit."""
    return min((limit for limit in (one, other) if limit is not None), default=None)


def customer_ledger(data: StagedData) -> Ledger:
    """Return the customers' numbers."""
    pairing = Pairing.of(data, "customers")
    business_uses = _uses(pairing, pairing.business)
    severa_uses = _uses(pairing, pairing.severa)
    return Ledger(
        "customer_numbering",
        _counter(data, "next_customer_number"),
        data.tenant.severa.customer_number_ceiling,
        business_series=_customer_series(data, [use.number for use in business_uses]),
        business_uses=business_uses,
        severa_uses=severa_uses,
        counter_uses=[use.number for use in severa_uses],
    )


def _uses(pairing: Pairing, records: list[Record]) -> list[Use]:
    return [
        Use(int(record.code), pairing.has_partner(record))
        for record in records
        if record.key is not None and re.fullmatch("-?[0-9]+", record.code)
    ]


def _counter(data: StagedData, column: str) -> int | None:
    values = [row[column] for row in data.rows("severa", "organizationsettings")]
    return values[0] if values else None


def customer_series_unknown(data: StagedData) -> bool:
    """Tell whether the table of the customer series was neither given nor found."""
    given = isinstance(data.tenant.visma_business.customer_series, CustomerSeries)
    return given and "customer_series" in data.not_mapped


def _customer_series(data: StagedData, used: list[int]) -> list[Series]:
    if customer_series_unknown(data):
        return []
    series = []
    if data.tenant.visma_business.customer_series != "none":
        for row in data.rows("visma_business", "customer_series"):
            if row["account_class"] == 1:
                series.append(Series(row["first"] or 0, row["last"] or HIGHEST_NUMBER))
    return series or [Series(max(used, default=0) + 1, HIGHEST_NUMBER)]


def invoice_keys(data: StagedData) -> list[str]:
    """Return the keys of `invoice_series` as trimmed text, each once."""
    return list(dict.fromkeys(trimmed(str(key)) for key in data.tenant.visma_business.invoice_series))


def _voucher_series(data: StagedData) -> list[tuple[str, Series]]:
    """Return every voucher series with its key; one that is used up is an empty interval."""
    found = []
    for row in data.rows("visma_business", "voucher_series"):
        last = row["last"] if (row["last"] or 0) > 0 else HIGHEST_NUMBER
        found.append((trimmed(row["key"]), Series(max(row["first"] or 0, row["next"] or 0), last)))
    return found


def invoices_by_unit(data: StagedData) -> dict[str, list[int]]:
    """Return the invoices' numbers by unit, '' for none; all under '' where units have no series."""
    units: dict[str, list[int]] = defaultdict(list)
    for row in data.rows("severa", "invoices"):
        if row["number"]:
            units[trimmed(row["unit_guid"])].append(row["number"])
    if sum(unit != "" for unit in units) >= 2:
        return dict(units)
    return {"": [number for numbers in units.values() for number in numbers]}


def invoice_ledger(data: StagedData) -> Ledger:
    """Return the invoices' numbers."""
    units = invoices_by_unit(data)
    keys = invoice_keys(data)
    ceiling = data.tenant.severa.invoice_number_ceiling
    highest = lower(ceiling, HIGHEST_NUMBER)
    read = [trimmed(row["number"]) for row in data.rows("visma_business", "invoice_numbers")]
    return Ledger(
        "invoice_numbering",
        _counter(data, "next_invoice_number"),
        ceiling,
        HIGHEST_NUMBER,
        business_series=[series for key, series in _voucher_series(data) if key in keys],
        unit_series=[Series(max(numbers) + 1, highest) for unit, numbers in units.items() if unit],
        business_uses=[Use(int(text)) for text in read if re.fullmatch("[0-9]+", text) and int(text) != 0],
        severa_uses=[Use(number) for numbers in units.values() for number in numbers],
        counter_uses=units.get("", []),
    )


def project_ledger(data: StagedData) -> Ledger:
    """Return the projects' numbers; Visma Business has no series of them, and its codes may be any text."""
    pairing = Pairing.of(data, "projects")
    decimals = [b for b in pairing.business if is_plain_decimal(b.code)]
    return Ledger(
        "projects",
        _counter(data, "next_project_number"),
        data.tenant.severa.project_number_ceiling,
        business_uses=_uses(pairing, decimals),
        counter_uses=[use.number for use in _uses(pairing, pairing.severa)],
    )


def number_findings(data: StagedData) -> Iterator[Finding]:
    """Yield every finding of the rules on numbers."""
    customers, invoices, projects = customer_ledger(data), invoice_ledger(data), project_ledger(data)
    for ledger in (customers, invoices, projects):
        yield from _number_in_other_series(ledger)
        yield from _next_number_taken(ledger)
        yield from _counter_past_ceiling(ledger)
        yield from _severa_nearly_full(ledger)
        if ledger.counter is None:
            yield _finding(ledger.suite, "series_unknown", "critical")
    for ledger in (customers, invoices):
        yield from _series_overlap(ledger)
        yield from _business_nearly_full(ledger)
    if customer_series_unknown(data):
        yield _finding("customer_numbering", "series_unknown", "critical")
    yield from _invoice_series_unknown(data)
    yield from _shared_invoice_numbers(data)
    if data.tenant.visma_business.invoices is None:
        yield _finding("invoice_numbering", "numbers_not_read", "warning")


def _finding(
    suite: str, rule: str, severity: Severity, first: int | str | None = None, last: int | None = None
) -> Finding:
    texts = ["" if value is None else str(value) for value in (first, last)]
    return Finding(suite, rule, severity, first=texts[0], last=texts[1])


def _series_overlap(ledger: Ledger) -> Iterator[Finding]:
    for business in ledger.business_series:
        for severa in ledger.severa_series:
            first = max(business.first, severa.first)
            last = min(end for end in (business.last, severa.last) if end is not None)
            if first <= last:
                yield _finding(ledger.suite, "series_overlap", "critical", first, last)


def _number_in_other_series(ledger: Ledger) -> Iterator[Finding]:
    sides = (
        (ledger.business_uses, ledger.severa_series),
        (ledger.severa_uses, ledger.business_series),
    )
    for uses, others in sides:
        for number in sorted({use.number for use in uses if not use.settled}):
            if any(series.holds(number) for series in others):
                yield _finding(ledger.suite, "number_in_other_series", "critical", number, number)


def _next_number_taken(ledger: Ledger) -> Iterator[Finding]:
    own = ledger.counter_series
    if own is None:
        return
    taken = [number for number in ledger.counter_uses if own.holds(number)]
    if taken:
        yield _finding(ledger.suite, "next_number_taken", "critical", min(taken), min(taken))


def _counter_past_ceiling(ledger: Ledger) -> Iterator[Finding]:
    if ledger.past_ceiling:
        yield _finding(ledger.suite, "counter_past_ceiling", "critical", ledger.counter)


def _severa_nearly_full(ledger: Ledger) -> Iterator[Finding]:
    own = ledger.counter_series
    if own is None or own.last is None or ledger.ceiling is None or ledger.past_ceiling:
        return
    if own.last - own.first + 1 < NEARLY_FULL:
        yield _finding(ledger.suite, "series_nearly_full", "warning", own.first, own.last)


def _business_nearly_full(ledger: Ledger) -> Iterator[Finding]:
    for series in ledger.business_series:
        first, last = series.first, series.last
        if last is None or last >= HIGHEST_NUMBER:
            continue
        following = first
        if ledger.suite == "invoice_numbering" and first > last:
            continue  # used up: `series_unknown`
        if ledger.suite == "customer_numbering":
            used = [use.number for use in ledger.business_uses if series.holds(use.number)]
            following = max(used) + 1 if used else first
        if last - following + 1 < NEARLY_FULL:
            yield _finding(ledger.suite, "series_nearly_full", "warning", first, last)


def _invoice_series_unknown(data: StagedData) -> Iterator[Finding]:
    keys = invoice_keys(data)
    if not keys:
        yield _finding("invoice_numbering", "series_unknown", "critical")
    for key in keys:
        named = [series for known, series in _voucher_series(data) if known == key]
        if not named or any(series.last is not None and series.first > series.last for series in named):
            yield _finding("invoice_numbering", "series_unknown", "critical", key)


def _shared_invoice_numbers(data: StagedData) -> Iterator[Finding]:
    units = invoices_by_unit(data)
    for numbers in units.values():
        for number in sorted(set(numbers)):
            if numbers.count(number) >= 2:
                yield _finding("invoice_numbering", "number_duplicate", "critical", number, number)
    for number in sorted({number for numbers in units.values() for number in numbers}):
        if sum(number in numbers for numbers in units.values()) >= 2:
            yield _finding("invoice_numbering", "number_shared_by_units", "warning", number, number)


def proposal(data: StagedData, suite: str) -> tuple[int, int | None] | None:
    """Return the Severa counter to set, and its ceiling if one is needed; None: there is none.

    It is the lowest from the present counter up with room for 10,000 numbers, else the lowest of all with
    that room. Counter and ceiling are within 1..2147483647; no ceiling (None) where nothing that the series
    could hold is taken above the counter.
    """
    ledger = customer_ledger(data) if suite == "customer_numbering" else invoice_ledger(data)
    taken = [(series.first, series.last or HIGHEST_NUMBER) for series in ledger.business_series]
    taken += [(use.number, use.number) for use in [*ledger.business_uses, *ledger.severa_uses]]
    taken = [(first, last) for first, last in taken if first <= last and _within(first, ledger.highest)]
    present = max(ledger.counter or 1, 1)
    return lowest_room(taken, present) or lowest_room(taken, 1)


def _within(first: int, highest: int | None) -> bool:
    return highest is None or first <= highest


def lowest_room(taken: Iterable[tuple[int, int]], start: int) -> tuple[int, int | None] | None:
    """Return the lowest free run of 10,000 numbers from `start` up: its first, its last unless endless."""
    for first, last in sorted(taken):
        if first - start >= ROOM and start + ROOM - 1 <= HIGHEST_NUMBER:
            return start, min(first - 1, HIGHEST_NUMBER)
        start = max(start, last + 1)
    return (start, None) if start + ROOM - 1 <= HIGHEST_NUMBER else None
