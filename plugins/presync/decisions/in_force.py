"""What is on record when a run reads it, and the snapshot that all its tasks share.

A run reads the file and the control database once; what it read is published with its database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from presync.decisions.answers import answers_on_record
from presync.decisions.file import exceptions_file, read_file
from presync.decisions.model import AcceptedLoss, ConfirmedPair, Exceptions, GivenAnswer, RightSystems, Waiver
from presync.decisions.pairs import _refuse_contradictions, refuse_second_partner
from presync.errors import IncompleteError
from presync.tenants.model import Tenant

SNAPSHOT_FILE: Final = "exceptions.json"


def exceptions_in_force(tenant: Tenant, decided: Mapping[str, str]) -> Exceptions:
    """Return everything on record now; `decided` are the answers that the run has been read with.

    Raises TenantFileError about a broken file, ConfigurationError where one record contradicts another.
    """
    from presync.decisions.losses import accepted_losses
    from presync.decisions.record import given_pairs, given_waivers
    from presync.decisions.systems import accepted_systems

    document = read_file(exceptions_file(tenant.tenant))
    waivers = [*(entry.waiver() for entry in document.waivers), *given_waivers(tenant.tenant)]
    pairs = [*(entry.pair() for entry in document.confirmed_pairs), *given_pairs(tenant.tenant)]
    _refuse_contradictions(tenant.tenant, pairs)
    refuse_second_partner(tenant.tenant, pairs)
    answers = [given for given in answers_on_record(tenant) if decided.get(given.entity) == given.answer]
    systems = accepted_systems(tenant.tenant)
    return Exceptions(
        datetime.now(UTC),
        dict(decided),
        tuple(waivers),
        tuple(pairs),
        tuple(answers),
        tuple(systems),
        tuple(accepted_losses(tenant.tenant)),
    )


def read_snapshot(folder: Path) -> Exceptions:
    """Return what a run's database was published with; without a snapshot, nothing was in force.

    Raises IncompleteError if it cannot be understood.
    """
    path = folder / SNAPSHOT_FILE
    if not path.is_file():
        return Exceptions(datetime.now(UTC), {})
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        waivers = [{**each, "until": date.fromisoformat(each["until"])} for each in values["waivers"]]
        return Exceptions(
            datetime.fromisoformat(values["taken_at"]),
            dict(values["decided"]),
            tuple(Waiver(**each) for each in waivers),
            tuple(ConfirmedPair(**each) for each in values["confirmed_pairs"]),
            tuple(
                GivenAnswer(**{**each, "on": date.fromisoformat(each["on"])}) for each in values["answers"]
            ),
            tuple(
                RightSystems(**{**each, "on": date.fromisoformat(each["on"])})
                for each in values.get("systems", ())
            ),
            tuple(
                AcceptedLoss(**{**each, "on": date.fromisoformat(each["on"])})
                for each in values.get("losses", ())
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IncompleteError(
            f"the waivers and confirmed pairs of this run cannot be read back ({type(error).__name__}), so "
            "nobody knows what was waived. Run reconcile and the suites again.",
            source="reconcile",
        ) from None
