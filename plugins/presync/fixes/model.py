"""What is proposed, and what is left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from presync.tenants.entities import Entity
from presync.text.visible import visible_within

Confidence = Literal["high", "medium", "low"]
HIGHEST: Final = 2147483647
COUNTERS: Final = {
    "customer_numbering": ("nextCustomerNumber", "customer_number_ceiling"),
    "invoice_numbering": ("nextInvoiceNumber", "invoice_number_ceiling"),
    "projects": ("nextProjectNumber", "project_number_ceiling"),
}
NUMBERED: Final = ("customers", "projects")


@dataclass(frozen=True)
class Finding:
    """A critical finding, as far as proposals need it; `position` is its place in its suite's list."""

    finding_id: str
    suite: str
    rule: str
    business_code: str
    business_name: str
    severa_guid: str
    severa_register: str
    severa_code: str
    severa_name: str
    first: str
    last: str
    fix_in: str
    position: int
    message: str = ""
    values_digest: str = ""


@dataclass(frozen=True)
class Cause:
    """Why something is proposed: rules and ids of the findings it resolves, how sure it is, and in words."""

    rules: tuple[str, ...]
    finding_ids: tuple[str, ...]
    confidence: Confidence
    reason: str

    def cells(self) -> tuple[str, str, str, str]:
        """Return rule, finding_id, confidence and reason; several of one kind are divided by blanks."""
        return " ".join(self.rules), " ".join(self.finding_ids), self.confidence, visible_within(self.reason)


@dataclass(frozen=True)
class SeveraChange:
    """A field of a Severa record, or (register `organizationsettings`) a counter."""

    register: str
    guid: str
    name: str
    field: str
    current: str
    proposed: str
    cause: Cause


@dataclass(frozen=True)
class BusinessChange:
    """A column of a row in Visma Business; `key` is the value of the table's key column."""

    table: str
    key: str
    column: str
    current: str
    proposed: str
    cause: Cause


@dataclass(frozen=True)
class TenantChange:
    """A field of the tenant file; proposed empty: take it out."""

    field: str
    current: str
    proposed: str
    cause: Cause


@dataclass(frozen=True)
class ByHand:
    """A critical finding for which nothing is proposed, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class CounterProposal:
    """Where a counter of Severa should stand once everything proposed is done; `ceiling` None: none."""

    counter: int
    ceiling: int | None

    @property
    def text(self) -> str:
        """The proposal in words."""
        end = (
            "; no ceiling is needed."
            if self.ceiling is None
            else f", and declare the ceiling {self.ceiling} in the tenant file."
        )
        return f"Proposal: in Severa's settings, set the counter to {self.counter}{end}"


@dataclass
class FixPlan:
    """All proposals for one run, and what is left to people; `counters` by suite."""

    severa: list[SeveraChange] = field(default_factory=list)
    visma_business: list[BusinessChange] = field(default_factory=list)
    tenant: list[TenantChange] = field(default_factory=list)
    by_hand: list[ByHand] = field(default_factory=list)
    counters: dict[str, CounterProposal] = field(default_factory=dict)

    @property
    def changes(self) -> Sequence[SeveraChange | BusinessChange | TenantChange]:
        """Everything that is proposed."""
        return [*self.severa, *self.visma_business, *self.tenant]

    @property
    def resolved(self) -> set[str]:
        """The ids of the findings that are resolved when everything proposed is done."""
        return {finding_id for change in self.changes for finding_id in change.cause.finding_ids}


def field_of(entity: Entity) -> str:
    """Return Severa's name of an entity's code."""
    return "number" if entity in NUMBERED else "code"
