"""What a look at both systems found out. None stands for what could not be found out, never for zero.

No names of people or companies but the organisation's own: the tenant file may be read by everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from presync.sources.visma_business.group_fields import GroupFieldUsage
from presync.tenants.entities import Entity

LARGEST: Final = 2147483647  # the highest number that Visma Business hands out
_LATEST: Final = 100  # numbers that a series handed out last


@dataclass(frozen=True)
class Guess:
    """Which organisational unit holds an entity, and why it is thought so."""

    table: str
    reason: str


@dataclass(frozen=True)
class Unit:
    """An organisational unit, R1 to R12, with rows that have a key; `kind` is the catalogue's (VIEW …).

    `customer`: its column with the customer number, if any; `with_customer`: rows where that is filled;
    `units` and `projects`: how many of Severa's names are among its names (None: not compared).
    """

    table: str
    kind: str
    rows: int | None
    customer: str | None = None
    with_customer: int | None = None
    highest: int | None = None
    units: int | None = None
    projects: int | None = None


@dataclass(frozen=True)
class Interval:
    """Numbers that a series hands out; `last` None or 0: without an end."""

    first: int
    last: int | None = None

    @property
    def end(self) -> int:
        """The last number, as Visma Business counts."""
        return self.last or LARGEST

    def __str__(self) -> str:
        return f"{self.first} to {self.last}" if self.last else f"from {self.first} on"


@dataclass(frozen=True)
class Ends:
    """Two columns that could hold the first and last number of intervals, and which intervals they make.

    `customers`: how many customers have a number in these.
    """

    first: str
    last: str
    intervals: tuple[Interval, ...]
    customers: int | None = None


@dataclass(frozen=True)
class SeriesTable:
    """A table that could hold the customer number series, with so many rows for customers (AcCl = 1).

    `columns`: whole-number columns that could be an end of an interval, with a few of their values; `ends`:
    the pairs of them that make intervals, likeliest first. `rows` None: the table could not be read.
    """

    table: str
    rows: int | None
    columns: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)
    ends: tuple[Ends, ...] = ()


@dataclass(frozen=True)
class Voucher:
    """A voucher series.

    `used`: how many of the invoice numbers looked at it seems to have handed out; `latest`: the highest.
    """

    key: str
    name: str
    first: int | None
    next: int | None
    last: int | None
    used: int | None = None
    latest: int | None = None

    @property
    def hands_out_invoices(self) -> bool:
        """Tell whether one of the last numbers that it handed out is an invoice's."""
        return self.latest is not None and self.next is not None and self.next - self.latest <= _LATEST

    @property
    def interval(self) -> Interval | None:
        """What it hands out, as the rules compute it; None if it cannot be told."""
        starts = [number for number in (self.first, self.next) if number is not None]
        return Interval(max(starts), self.last) if starts else None


@dataclass(frozen=True)
class VoucherTable:
    """A table of voucher series. `key` with its `reason`, or the columns that could be it in `keys`."""

    table: str
    rows: int | None
    key: str | None = None
    reason: str = ""
    keys: tuple[str, ...] = ()
    series: tuple[Voucher, ...] = ()


@dataclass(frozen=True)
class InvoiceTable:
    """A table with a column for invoice numbers; `numbers`: rows where it is filled."""

    table: str
    column: str
    rows: int | None
    numbers: int | None
    of_customers: bool


@dataclass(frozen=True)
class Missing:
    """A table or column that Presync reads and that is not there under Visma Business' name."""

    table: str
    column: str | None
    holds: str
    closest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dated:
    """A table with dates next to a record's code: activity could be read there."""

    entity: Entity
    table: str
    key: str
    dates: tuple[str, ...]


@dataclass(frozen=True)
class Business:
    """A Visma Business company."""

    dbms: str
    database: str | None  # None: the connection's file is the database
    units: tuple[Unit, ...] = ()
    departments: Guess | None = None
    projects: Guess | None = None
    customer_series: tuple[SeriesTable, ...] = ()
    voucher_series: tuple[VoucherTable, ...] = ()
    credit_note_series: tuple[str, ...] = ()
    invoices: tuple[InvoiceTable, ...] = ()
    invoice_numbers_read: int = 0
    missing: tuple[Missing, ...] = ()
    not_tables: Mapping[str, str] = field(default_factory=dict)  # views and synonyms among the tables read
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # missing table: found in …
    counts: Mapping[str, int | None] = field(default_factory=dict)
    groups: Mapping[Entity, tuple[GroupFieldUsage, ...]] = field(default_factory=dict)
    stamps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    activity: tuple[Dated, ...] = ()
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Register:
    """A register of Severa: `rows` as far as read, all of them if `whole`.

    `numbers` of its records, of invoices only those from the organisation's own counter; `names` as keys.
    """

    route: str
    rows: int | None
    whole: bool = False
    numbers: frozenset[int] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Counter:
    """Severa's counter for customers, invoices or projects.

    `highest`: the highest number known to be in use; `taken`: the lowest in use that the counter would reach,
    among all records if `whole`.
    """

    next: int | None
    highest: int | None = None
    taken: int | None = None
    whole: bool = False


@dataclass(frozen=True)
class Severa:
    """A Severa organisation; `country` is told by its VAT number."""

    name: str | None = None
    country: str | None = None
    counters: Mapping[str, Counter] = field(default_factory=dict)
    registers: Mapping[str, Register] = field(default_factory=dict)
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Looked:
    """A look at both systems: what it found, or the reason why it found nothing (safe to print)."""

    tenant: str
    on: str
    business: Business | None
    severa: Severa | None
    business_connection: str | None = None  # only if it is not the one that Presync would use anyway
    severa_connection: str | None = None
    business_failed: str = ""
    severa_failed: str = ""
