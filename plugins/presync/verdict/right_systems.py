"""Do the two systems belong to the same company? How they identify themselves is compared; a person decides.

Ids count before names: where the organisation or VAT numbers are equal, names may differ, and where they
differ for certain, no name helps. Where one system does not say what it is called, nothing can be compared.
Two empty systems are no company at all. The words are those of `docs/rules.md`: business id, name key, alike.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from presync.reconcile.business_ids import BusinessId, business_id
from presync.reconcile.keys import name_key
from presync.reconcile.names import folded_forms, without_legal_form
from presync.text.visible import visible
from presync.verdict.model import EntityCounts

SOURCE: Final = "systems"
_SIMILAR: Final = 90.0  # token-sort similarity, of 100


@dataclass(frozen=True)
class Question:
    """What a person must decide; `digest` changes with how the two systems identify themselves."""

    digest: str
    message: str


@dataclass(frozen=True)
class _Said:
    names: tuple[str, ...]
    numbers: tuple[str, ...]

    def __str__(self) -> str:
        named = ", ".join(f"“{visible(name)}”" for name in self.names)
        return " ".join(filter(None, (named, ", ".join(map(visible, self.numbers))))) or "nothing"


def question(
    tenant: str,
    identity: Mapping[str, Any],
    counts: Mapping[str, EntityCounts],
    *,
    country: str | None,
    masked: bool,
) -> Question | None:
    """Return what only a person can tell about the two systems, or None.

    `identity` as in `control/systems.py`, `counts` of every entity. `masked`: names are not to be shown.
    """
    business, severa = _business(identity), _severa(identity)
    way_out = (
        "Check that both connections lead to this company. If they do, say so and run again: presync "
        f"accept-systems {tenant} --by YOUR-NAME --reason HOW-YOU-KNOW"
    )
    differ = _fit(business, severa, country) is False
    if not any(each.business or each.severa for each in counts.values()):
        empty = "both systems are empty: no rule can find anything wrong in them. "
    elif not differ:
        return None
    else:
        empty = ""
    if not differ:
        return Question(_digest(identity, "empty"), f"{empty}{way_out}")
    said = f": Visma Business says it is {business}, Severa says it is {severa}"
    message = (
        f"{empty}the company that Visma Business names is not the one that Severa names"
        f"{'' if masked else said}. If these are two companies, the start would mix their records. {way_out}"
    )
    return Question(_digest(identity, "empty and different" if empty else "different"), message)


def not_compared(identity: Mapping[str, Any], *, country: str | None) -> tuple[str, ...]:
    """Return the systems that do not name their company, if therefore nothing could be compared.

    Where they contradict one another, `question` asks.
    """
    business, severa = _business(identity), _severa(identity)
    if _fit(business, severa, country) is not None:
        return ()
    names = {"visma_business": business.names, "severa": severa.names}
    return tuple(system for system, named in names.items() if not named)


def _business(identity: Mapping[str, Any]) -> _Said:
    said = identity.get("visma_business") or {}
    return _Said(*(tuple(filter(None, [said.get(key)])) for key in ("name", "business_no")))


def _severa(identity: Mapping[str, Any]) -> _Said:
    said = identity.get("severa") or {}
    return _Said(tuple(said.get("names") or ()), tuple(said.get("business_ids") or ()))


def _fit(business: _Said, severa: _Said, country: str | None) -> bool | None:
    """Tell whether two systems are one company's; None if they do not say enough to compare."""
    one, other = _ids(business, country), _ids(severa, country)
    pairs = [(a, b) for a in one for b in other]
    if any(_equal(a, b) for a, b in pairs):
        return True
    if any(a.country and a.country == b.country for a, b in pairs):
        return False
    if not business.names or not severa.names:
        return None
    return any(_alike(_key(a), _key(b)) for a in business.names for b in severa.names)


def _ids(said: _Said, country: str | None) -> list[BusinessId]:
    return [found for text in said.numbers if (found := business_id(text, country))]


def _equal(a: BusinessId, b: BusinessId) -> bool:
    return a.body == b.body and (None in (a.country, b.country) or a.country == b.country)


def _key(name: str) -> str:
    return without_legal_form(name_key(name))


def _alike(a: str, b: str) -> bool:
    """Tell whether two name keys are equal, similar, or one is contained in the other."""
    from rapidfuzz.fuzz import token_sort_ratio

    if not a or not b:
        return False
    one, other = set(a.split()), set(b.split())
    if one <= other or other <= one or set(folded_forms(a)) & set(folded_forms(b)):
        return True
    return token_sort_ratio(a, b) >= _SIMILAR


def _digest(identity: Mapping[str, Any], why: str) -> str:
    severa = identity.get("severa") or {}
    business = identity.get("visma_business") or {}
    said = [
        why,
        re.sub(r"[{}\s]", "", str(severa.get("organisation") or "")).lower(),
        severa.get("names") or [],
        severa.get("business_ids") or [],
        *(str(business.get(key) or "").strip() for key in ("server", "database", "name", "business_no")),
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]
