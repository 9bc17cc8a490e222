"""Which two systems a start is about, as they say it themselves, whatever a tenant's file calls them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

IDENTITY: Final = "identity"
"""Where manifests and certificates hold it:
`{"severa": {"organisation": guid}, "visma_business": {"server": …, "database": …}}`; manifests also what they
are called, as far as they say it: `names` and `business_ids` in Severa, `name` and `business_no`."""

_BARE: Final = {"organisation", "server", "database"}
_NAMESPACE: Final = uuid.UUID("0b5f3c1e-4a57-5d0c-8f5e-1f3d1f0f6c2d")


@dataclass(frozen=True)
class Systems:
    """Severa's organisation (its guid) and Visma Business' company (server and database), normalised.

    A company alone does not tell: two customers' servers may have the same name, and databases often do.
    """

    organisation: str | None
    company: str | None

    @property
    def known(self) -> bool:
        """Whether both are."""
        return self.organisation is not None and self.company is not None

    def idempotency_key(self, tenant: str) -> str:
        """Return the key that goes with every call: that of the systems, or of the tenant if unknown."""
        name = f"{self.organisation}\n{self.company}" if self.known else tenant
        return str(uuid.uuid5(_NAMESPACE, name))


def bare_identity(identity: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return an identity without what the two systems are called: certificates hold no names."""
    return {
        system: {key: value for key, value in said.items() if key in _BARE}
        for system, said in identity.items()
    }


def systems_of(bound: Mapping[str, Any] | None) -> Systems:
    """Return which systems an `identity` names (`bound` holds it, or nothing).

    >>> systems_of({"identity": {"severa": {"organisation": "{6F1C}"},
    ...             "visma_business": {"server": "SQL01", "database": "F0001 "}}})
    Systems(organisation='6f1c', company='sql01/f0001')
    """
    said = (bound or {}).get(IDENTITY) or {}
    guid = re.sub(r"[{}\s]", "", str((said.get("severa") or {}).get("organisation") or "")).lower()
    business = said.get("visma_business") or {}
    server, database = (str(business.get(name) or "").strip() for name in ("server", "database"))
    # without a server it is a file, and whether its name knows case depends on the disk
    company = f"{server.casefold()}/{database.casefold()}" if server else database
    return Systems(guid or None, company if database else None)
