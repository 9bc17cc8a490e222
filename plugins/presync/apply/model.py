"""What is planned to be written, what is left to people and why, and what the plan rests on."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

FIELDS: Final[Mapping[str, str]] = {
    # projects first: that a customer's number changes may show in them
    "projects": "number",
    "salescases": "number",
    "businessunits": "code",
    "products": "code",
    "worktypes": "code",
    "travelexpensetypes": "code",
    "users": "code",
    "customers": "number",
}
"""What can be written of each register of Severa, in the order in which it is."""
WRITABLE: Final = tuple(FIELDS)

Kind = Literal["counter", "visma_business", "tenant_file", "decision", "waits", "not_asked", "not_possible"]


@dataclass(frozen=True)
class Write:
    """A record's number or code that is to be replaced; `old` and `new` as fix files have them."""

    register: str
    guid: str
    name: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Call:
    """One PATCH of the plan: `write` is its place in the plan's writes.

    `parks`: it gives the record a free number that it keeps only until its own is free.
    """

    write: int
    old: str
    new: str
    parks: bool = False


@dataclass(frozen=True)
class Left:
    """Something that Presync does not write: of which kind, what it is, and what a person does."""

    kind: Kind
    what: str
    why: str


@dataclass(frozen=True)
class Options:
    """What somebody asked for: registers, how many records at most, another folder of fix files.

    `fill_empty`: also records without a number or code, which may not be able to return to none.
    """

    only: tuple[str, ...] = ()
    at_most: int | None = None
    fixes: Path | None = None
    fill_empty: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as the journal keeps it."""
        return {**asdict(self), "only": list(self.only), "fixes": str(self.fixes) if self.fixes else None}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return what the journal has kept."""
        fixes = values["fixes"]
        return cls(
            only=tuple(values["only"]),
            at_most=values["at_most"],
            fixes=Path(fixes) if fixes else None,
            fill_empty=values["fill_empty"],
        )


@dataclass(frozen=True)
class Basis:
    """What a plan was made for; it is applied only while all of this is so."""

    run_id: str
    build_id: str
    rules_version: str
    code: str
    tenant_file: str
    on_record: str
    fixes: str
    organisation: str

    def as_dict(self) -> dict[str, str]:
        """Return it as the journal keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class ApplyPlan:
    """Everything that `presync apply` would write for a tenant, in order, and what it would not."""

    tenant: str
    basis: Basis
    options: Options
    writes: tuple[Write, ...]
    calls: tuple[Call, ...]
    left: tuple[Left, ...]
    unique_codes: bool = False
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the plan by its content: equal plans have equal digests."""
        content = {
            "tenant": self.tenant,
            "basis": self.basis.as_dict(),
            "options": self.options.as_dict(),
            "writes": [[w.register, w.guid, w.field, w.old, w.new] for w in self.writes],
            "calls": [asdict(call) for call in self.calls],
        }
        text = json.dumps(content, sort_keys=True)
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each register are written."""
        return dict(sorted(Counter(write.register for write in self.writes).items()))

    @property
    def registers(self) -> tuple[str, ...]:
        """The registers that are written to."""
        return tuple(self.counts)
