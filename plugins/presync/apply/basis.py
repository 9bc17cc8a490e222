"""What a plan rests on, and what of it has moved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from presync.apply.model import Basis
from presync.control.models import REPEATABLE, AppliedCall
from presync.control.runs import newest_checked
from presync.control.starts import find_start
from presync.control.systems import IDENTITY, systems_of
from presync.decisions.answers import decided_answers
from presync.decisions.in_force import exceptions_in_force, read_snapshot
from presync.errors import ConfigurationError, IncompleteError
from presync.fixes.checks import require_applicable
from presync.fixes.model import FixPlan
from presync.report.files.fix_files import PROPOSALS_FOLDER, read_fixes
from presync.report.published import Shelf
from presync.staging.extract import read_manifest
from presync.staging.made_by import code_version
from presync.staging.store import RunStore
from presync.tenants.model import Tenant

SOURCE: Final = "apply"
_WORDS: Final[Mapping[str, str]] = {
    "run_id": "a newer run has checked the company",
    "build_id": "the run's data were reconciled again",
    "rules_version": "the rules have changed",
    "code": "Presync's own version has changed",
    "tenant_file": "the tenant file has changed",
    "on_record": "waivers, answers or confirmed pairs have changed",
    "fixes": "the fix files have changed",
    "organisation": "Severa is another organisation",
}


@dataclass(frozen=True)
class Checked:
    """A run that was checked completely, its staged extract of Severa, and what is to be changed."""

    basis: Basis
    severa: Path
    fixes: FixPlan
    report: Path


def find_checked(tenant: Tenant, fixes: Path | None) -> Checked:
    """Return the tenant's newest run that was checked completely, with its fix files or those in a folder.

    Raises IncompleteError or ConfigurationError if there is none, its data are gone, or its fix files cannot
    be applied.
    """
    shelf = Shelf(tenant.tenant)
    run = newest_checked(tenant.tenant)
    store = RunStore(tenant.tenant, run.run_id if run else "none")
    if run is None or not all(store.exists(name) for name in ("severa", "database")):
        raise IncompleteError(
            f"the newest run of tenant {tenant.tenant} that was checked completely is not staged here, or "
            "there is none, so there is nothing to apply. Run the tenant, then apply.",
            source=SOURCE,
        )
    report = shelf.store(run.run_id).fetch("")
    plan = _read(fixes, report)
    severa, database = store.fetch("severa"), store.fetch("database")
    manifest = read_manifest(severa, "severa")
    built_for = json.loads((database / "tenant.json").read_text())["fingerprint"]
    basis = Basis(
        run_id=run.run_id,
        build_id=run.build_id,
        rules_version=run.rules_version,
        code=str(manifest.made_by.get("code")),
        tenant_file=built_for,
        on_record=read_snapshot(database).fingerprint,
        fixes=fixes_digest(plan),
        organisation=systems_of({IDENTITY: manifest.seen.get(IDENTITY) or {}}).organisation or "",
    )
    return Checked(basis, severa, plan, report)


def _read(fixes: Path | None, report: Path) -> FixPlan:
    try:
        plan = read_fixes(fixes or report / PROPOSALS_FOLDER, given=fixes is not None)
        require_applicable(plan)
    except ConfigurationError as error:  # its words are those of a rehearsal
        message = error.message.replace("nothing was rehearsed", "nothing was written")
        raise ConfigurationError(message, source=SOURCE) from None
    return plan


def fixes_digest(plan: FixPlan) -> str:
    """Return a SHA-256 in hex of what fix files change: not of their reasons, nor of the files' order."""
    rows = [
        *(["severa", c.register, c.guid, c.field, c.current, c.proposed] for c in plan.severa),
        *(["visma_business", c.table, c.key, c.column, c.current, c.proposed] for c in plan.visma_business),
        *(["presync", c.field, c.current, c.proposed] for c in plan.tenant),
    ]
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()


def moved(tenant: Tenant, basis: Basis, fixes: FixPlan | None = None) -> list[str]:
    """Return in words what is not any more as it was when the run was checked or the plan was made.

    `fixes`: the fix files as they are now; without them, only what can be seen without the run's data.
    """
    return _moved(tenant, basis, fixes, _WORDS)


def _moved(tenant: Tenant, basis: Basis, fixes: FixPlan | None, about: Collection[str]) -> list[str]:
    from presync.rules.suite import rules_version

    decided = decided_answers(tenant)
    newest = newest_checked(tenant.tenant)
    now: dict[str, Any] = {
        "run_id": newest.run_id if newest else "",
        "build_id": newest.build_id if newest else "",
        "rules_version": rules_version(),
        "code": code_version(),
        "tenant_file": tenant.fingerprint,
        "on_record": exceptions_in_force(tenant, decided).fingerprint,
    }
    if fixes is not None:
        now["fixes"] = fixes_digest(fixes)
    return list(_differences(basis.as_dict(), {name: now[name] for name in now if name in about}))


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name, value in now.items():
        if before[name] != value and not (name == "build_id" and before["run_id"] != now["run_id"]):
            yield f"{_WORDS[name]} ({_short(before[name])} is now {_short(value)})"


def _short(value: str) -> str:
    return (value[:40] or "none") if not _is_digest(value) else value[:12]


def _is_digest(value: str) -> bool:
    return len(value) == 64 and all(letter in "0123456789abcdef" for letter in value)


def checked_again(tenant: Tenant, basis: Basis, begun_at: datetime | None) -> bool:
    """Tell whether the newest run is one that has read Severa after a plan of another run was begun."""
    newest = newest_checked(tenant.tenant)
    if newest is None or begun_at is None or newest.run_id == basis.run_id:
        return False
    return newest.started_at > begun_at


def require_still_proposed(
    tenant: Tenant, basis: Basis, newest: Checked, left: Iterable[AppliedCall]
) -> None:
    """Raise ConfigurationError if what is left of a plan is not what the newest check proposes as well.

    `newest`: the newest run, which has judged what the plan has written so far.
    """
    changes = _moved(tenant, basis, None, set(_WORDS) - {"run_id", "build_id", "fixes"})
    proposed = {(each.register, each.guid): each.proposed.strip() for each in newest.fixes.severa}
    for call in left:
        now = proposed.get((call.register, call.guid)) or _staged(newest.severa, call)
        if not call.parks and now != call.new.strip():
            what = f"{call.register} {call.guid}"
            changes.append(f"the newest check does not propose {call.new} for {what}, but {now or 'nothing'}")
    _refuse(tenant, basis, changes)


def _staged(severa: Path, call: AppliedCall) -> str:
    """Return what a record had when a run has read it: what was written and not answered may be there."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    of_guid = pc.field("guid") == call.guid
    rows = pq.read_table(
        severa / f"{call.register}.parquet", columns=[call.field], filters=of_guid
    ).to_pylist()
    return str(rows[0][call.field] or "").strip() if rows else ""


def require_unmoved(tenant: Tenant, basis: Basis, fixes: FixPlan | None = None) -> None:
    """Raise ConfigurationError that says what has moved since a plan's run was checked."""
    _refuse(tenant, basis, moved(tenant, basis, fixes))


def _refuse(tenant: Tenant, basis: Basis, changes: Sequence[str]) -> None:
    if changes:
        raise ConfigurationError(
            f"nothing was written to the Severa of tenant {tenant.tenant}: since run {basis.run_id} was "
            f"checked, something that the plan rests on has changed: {'; '.join(changes)}. Run the tenant "
            f"again and "
            "make a new plan.",
            source=SOURCE,
        )


def require_not_started(tenant: str) -> None:
    """Raise ConfigurationError if the integration was started, or may have been."""
    start = find_start(tenant)
    if start is not None and start.state not in REPEATABLE:
        raise ConfigurationError(
            f"nothing was written to the Severa of tenant {tenant}: its integration was started, or may have "
            f"been (its start is {start.state!r}). After that, numbers of linked records must never change.",
            source=SOURCE,
        )
