"""What is in force for a company, value by value, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from presync.tenants.defaults import SharedValues, read_defaults
from presync.tenants.model import Tenant, load_tenant
from presync.tenants.yaml_document import read_document
from presync.tenants.yaml_values import Document, Limits, Location

PRESYNC: Final = "Presync's default"


@dataclass(frozen=True)
class ValueInForce:
    """One value: its key as `severa.customer_number_ceiling`, and its origin.

    `origin`: `file:line`, or words where no file says it.
    """

    key: str
    value: Any
    origin: str


def in_force(path: Path) -> tuple[Tenant, list[ValueInForce]]:
    """Return a tenant file's tenant and all its values. Raises TenantFileError if it cannot be used."""
    tenant = load_tenant(path)
    origins = _Origins(path, read_document(path, Limits()), read_defaults(path.parent))
    values = tenant.model_dump(mode="json", by_alias=True)
    named_first = {name: values[name] for name in ("tenant", "title")}
    return tenant, list(origins.of(named_first | values, ()))


@dataclass(frozen=True)
class _Origins:
    path: Path
    own: Document
    shared: SharedValues

    def of(self, values: Mapping[str, Any], above: Location) -> Iterator[ValueInForce]:
        for name, value in values.items():
            place = (*above, name)
            if isinstance(value, Mapping) and value:
                yield from self.of(value, place)
            else:
                yield ValueInForce(".".join(map(str, place)), value, self._origin(place))

    def _origin(self, place: Location) -> str:
        if place in self.own.lines:
            return f"{self.path}:{self.own.lines[place]}"
        if place in self.shared.document.lines:
            return f"{self.shared.path}:{self.shared.document.lines[place]}"
        return PRESYNC
