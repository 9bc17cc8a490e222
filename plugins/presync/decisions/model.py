"""What a person has put on record about a tenant: waivers, confirmed pairs, answers, the right systems."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal

from presync.control.who import WhoKind
from presync.tenants.entities import Entity

GivenKind = WhoKind | Literal["file"]
"""How sure it is who gave it: as in `control/who.py`, or a name that stands in the exceptions file."""


@dataclass(frozen=True)
class Waiver:
    """A person's word that a finding may stand through `until` (UTC), for its values (`values_digest`)."""

    finding_id: str
    rule: str
    values_digest: str
    reason: str
    by: str
    until: date
    source: str = "command"
    by_kind: GivenKind = "typed"


@dataclass(frozen=True)
class ConfirmedPair:
    """A person's word that two records are the same, or are not, for the names and ids they have.

    `names_digest`: of these, as `names_digest` makes it.
    """

    entity: Entity
    business_code: str
    severa_guid: str
    same: bool
    names_digest: str
    reason: str
    by: str
    source: str = "command"
    by_kind: GivenKind = "typed"

    @property
    def key(self) -> tuple[str, str, str]:
        """The pair that it is about."""
        return self.entity, self.business_code.strip().casefold(), self.severa_guid.strip().lower()


@dataclass(frozen=True)
class GivenAnswer:
    """A person's answer to one of the five questions, as text: `all`, `none`, `except:Gr5=1`."""

    entity: Entity
    answer: str
    by: str
    on: date
    source: str = "command"
    by_kind: GivenKind = "typed"


@dataclass(frozen=True)
class RightSystems:
    """A person's word that the two systems belong together, for what they said of themselves (`digest`)."""

    digest: str
    reason: str
    by: str
    on: date
    source: str = "command"
    by_kind: GivenKind = "typed"


@dataclass(frozen=True)
class AcceptedLoss:
    """A person's word that `what` (`system.table`, `.column` or `.identity`) is rightly as it was read."""

    what: str
    by: str
    on: date
    source: str = "command"
    by_kind: GivenKind = "typed"


@dataclass(frozen=True)
class Exceptions:
    """What was in force when a run read it.

    `decided` holds the answers given beside the tenant file, by entity; `answers` who gave them, when.
    """

    taken_at: datetime
    decided: Mapping[str, str]
    waivers: tuple[Waiver, ...] = ()
    pairs: tuple[ConfirmedPair, ...] = ()
    answers: tuple[GivenAnswer, ...] = ()
    systems: tuple[RightSystems, ...] = ()
    losses: tuple[AcceptedLoss, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A SHA-256 in hex of everything but the time."""
        values = {key: value for key, value in self.as_dict().items() if key != "taken_at"}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return the content of `exceptions.json`."""
        return {
            "taken_at": self.taken_at.isoformat(timespec="seconds"),
            "decided": dict(self.decided),
            "answers": [{**asdict(answer), "on": answer.on.isoformat()} for answer in self.answers],
            "waivers": [{**asdict(waiver), "until": waiver.until.isoformat()} for waiver in self.waivers],
            "confirmed_pairs": [asdict(pair) for pair in self.pairs],
            "systems": [{**asdict(each), "on": each.on.isoformat()} for each in self.systems],
            "losses": [{**asdict(each), "on": each.on.isoformat()} for each in self.losses],
        }


def names_digest(business_name: str, severa_name: str, business_id: str = "", severa_id: str = "") -> str:
    """Return what tells that neither name has changed, nor what else tells the records apart.

    That are customers' business ids and projects' customers, as they are written: of these, only letters and
    digits count. 16 characters, and 16 more if there is any id; it holds neither names nor ids.
    """
    ids = [re.sub("[^0-9A-Za-z]", "", text).upper() for text in (business_id, severa_id)]
    return _digest(business_name.strip(), severa_name.strip()) + (_digest(*ids) if any(ids) else "")


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:16]
