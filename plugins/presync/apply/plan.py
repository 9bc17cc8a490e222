"""From a run's fix files to the calls that Presync would make, and to what it leaves to people."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from presync.apply.basis import SOURCE, Checked, find_checked, require_not_started, require_unmoved
from presync.apply.model import FIELDS, ApplyPlan, Call, Left, Options, Write
from presync.apply.order import components, held, key, namespace, parked, within
from presync.errors import ConfigurationError
from presync.fixes.checks import SETTINGS
from presync.fixes.model import HIGHEST, SeveraChange
from presync.report.files.edited_tables import CELL
from presync.report.files.fix_files import PROPOSALS_FOLDER
from presync.tenants.model import Tenant

_COUNTERS: Final = {
    "customers": "nextCustomerNumber",
    "projects": "nextProjectNumber",
    "salescases": "nextProjectNumber",
}


def make_plan(tenant: Tenant, options: Options) -> ApplyPlan:
    """Return the plan for the newest complete run's fix files; nothing is asked of Severa.

    Raises ConfigurationError or IncompleteError if there is nothing that a plan could be made for, or if what
    the run rests on has moved since.
    """
    require_not_started(tenant.tenant)
    checked = find_checked(tenant, options.fixes)
    require_unmoved(tenant, checked.basis)
    return plan_for(tenant.tenant, checked, options)


@dataclass
class Staged:
    """What the run has read of Severa, as far as changes are about it.

    `rows`: the records to change, by register and guid. `holders`: who has their present and new numbers and
    codes, by namespace and key.
    """

    folder: Path
    rows: dict[str, dict[str, dict[str, Any]]]
    settings: Mapping[str, Any]
    holders: dict[tuple[str, ...], dict[str, set[str]]] = field(default_factory=dict)

    @property
    def unique_codes(self) -> bool:
        """Whether codes of products, work types and travel expense types must differ."""
        return bool(self.settings.get("unique_product_codes"))

    def others_with(self, register: str, value: str) -> set[str]:
        """Return the guids of the records that must not have a number or code too, but had it then."""
        by_key = self.holders.get(namespace(register, unique_codes=self.unique_codes), {})
        return by_key.get(key(value), set()) if value else set()

    def counter(self, register: str) -> int | None:
        """Return the next number that Severa gives out in a register; None: it has no counter."""
        name = _COUNTERS.get(register)
        value = self.settings.get(SETTINGS[name]) if name else None
        return int(value) if value is not None else None


def read_staged(checked: Checked) -> Staged:
    """Read what the changes are about; a large register is never held as rows."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    folder, changes = checked.severa, [c for c in checked.fixes.severa if c.register in FIELDS]
    guids = list(dict.fromkeys(change.guid for change in changes))
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for register in FIELDS:
        found = pq.read_table(folder / f"{register}.parquet", filters=pc.field("guid").isin(guids))
        rows[register] = {row["guid"]: row for row in found.to_pylist()}
    settings = pq.read_table(folder / "organizationsettings.parquet").to_pylist()[0]
    staged = Staged(folder, rows, settings)
    asked = {key(value) for change in changes for value in (change.current, change.proposed)}
    for register in FIELDS:
        spaces = namespace(register, unique_codes=staged.unique_codes)
        by_key = staged.holders.setdefault(spaces, defaultdict(set)) if spaces else {}
        for guid, value in numbers(folder, register) if spaces else ():
            if value in asked:
                by_key.setdefault(value, set()).add(guid)
    return staged


def numbers(folder: Path, register: str) -> Iterator[tuple[str, str]]:
    """Yield guid and key of each record of a register that has a number or code."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(folder / f"{register}.parquet") as file:
        for batch in file.iter_batches(columns=["guid", FIELDS[register]]):
            for guid, value in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if value is not None and str(value).strip():
                    yield guid, key(str(value))


def plan_for(tenant: str, checked: Checked, options: Options) -> ApplyPlan:
    """Return the plan for what was checked."""
    staged = read_staged(checked)
    left: list[Left] = []
    wanted: list[Write] = []
    for change in checked.fixes.severa:
        reason = _left(change, staged, options)
        if reason is not None:
            left.append(reason)
        else:
            wanted.append(_write(change, staged))
    # a won sale is in two registers, and is one record
    once = {write.guid: write for write in sorted(wanted, key=lambda w: w.register, reverse=True)}
    writes = sorted(once.values(), key=lambda write: list(FIELDS).index(write.register))
    refused = held(writes, staged.holders, unique_codes=staged.unique_codes)
    left += [
        Left(
            "not_possible",
            _named(writes[place]),
            f"{holder} keeps this {writes[place].field}: two records must never share one",
        )
        for place, holder in refused.items()
    ]
    writes = [write for place, write in enumerate(writes) if place not in refused]
    groups = components(writes, staged.holders, unique_codes=staged.unique_codes)
    chosen = [call for group in within(groups, options.at_most) for call in group]
    calls = parked(chosen, writes, _Free(staged, writes).number)
    made = {call.write for call in calls}
    left += [
        Left("not_asked", _named(write), "more records than --at-most")
        for place, write in enumerate(writes)
        if place not in made
    ]
    left += _for_people(checked)
    writes, calls = _renumbered(writes, calls)
    return ApplyPlan(
        tenant, checked.basis, options, tuple(writes), tuple(calls), tuple(left), staged.unique_codes
    )


def _renumbered(writes: Sequence[Write], calls: Sequence[Call]) -> tuple[list[Write], list[Call]]:
    """Keep the writes that are called, in the order in which they are finished."""
    places = [call.write for call in calls if not call.parks]
    new = {place: position for position, place in enumerate(places)}
    return [writes[place] for place in places], [
        Call(new[call.write], call.old, call.new, call.parks) for call in calls
    ]


def _left(change: SeveraChange, staged: Staged, options: Options) -> Left | None:
    """Return why a change is left to people, or None if it can be written."""
    now = change.current.strip() or "none"
    what = f"{change.register} {change.name} {change.guid}: {change.field} {now} → {change.proposed}"
    if change.register == "organizationsettings":
        return Left(
            "counter",
            f"{change.field}: {change.current} → {change.proposed}",
            "Severa's API cannot set a counter: set it in Severa's settings",
        )
    if impossible := _impossible(change):
        return Left("not_possible", what, impossible)
    if options.only and change.register not in options.only:
        return Left("not_asked", what, f"only {', '.join(options.only)} were asked for")
    if not change.current.strip() and not options.fill_empty:
        return Left(
            "not_asked",
            what,
            f"it has no {change.field} now, and nobody knows whether Severa takes one back: ask for it with "
            "--fill-empty",
        )
    counter = staged.counter(change.register)
    if counter is not None and int(change.proposed) >= counter:
        return Left(
            "waits",
            what,
            f"Severa gives out numbers from {counter} on and could give it to somebody else: set the counter "
            "first, then check and apply again",
        )
    return None


def _impossible(change: SeveraChange) -> str:
    """Return why a change can never be written, or nothing."""
    if change.field != FIELDS.get(change.register):
        return "Presync writes numbers and codes, and nothing else"
    if not change.proposed.strip():
        return "a number or code is never taken away"
    if change.proposed.strip() == change.current.strip():
        return f"it has this {change.field} already"
    if change.field == "number" and not 0 < int(change.proposed) < 2**63:
        return "a number must be positive"
    return ""


def _write(change: SeveraChange, staged: Staged) -> Write:
    row = staged.rows[change.register].get(change.guid)
    present = "" if row is None or row[change.field] is None else str(row[change.field])
    if row is None or present.strip() != change.current.strip():
        found = "is not there" if row is None else f"has {present!r}"
        raise ConfigurationError(
            f"fixes/severa/{change.register}.csv was made for {change.field} {change.current!r} of "
            f"{change.guid}, which {found} in this run, so it does not fit. Nothing was planned. Take the "
            "fix files of this run's report.",
            source=SOURCE,
        )
    return Write(change.register, change.guid, change.name, change.field, present, change.proposed.strip())


def _named(write: Write) -> str:
    return f"{write.register} {write.name} {write.guid}: {write.field} {write.old or 'none'} → {write.new}"


def _for_people(checked: Checked) -> Iterator[Left]:
    for change in checked.fixes.visma_business:
        yield Left(
            "visma_business",
            f"{change.table} {change.key}: {change.column} {change.current} → {change.proposed}",
            "Presync never writes to Visma Business",
        )
    for field_ in checked.fixes.tenant:
        yield Left(
            "tenant_file",
            f"{field_.field}: {field_.current or 'none'} → {field_.proposed or 'none'}",
            "the tenant file is yours to edit",
        )
    path = checked.report / PROPOSALS_FOLDER / "by_hand.csv"
    if not path.is_file():
        return
    csv.field_size_limit(CELL)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Left("decision", f"{row['rule']} {row['finding_id']}", row["reason"])


class _Free:
    """Gives out numbers and codes that nobody has, had or will have, to park records on."""

    def __init__(self, staged: Staged, writes: Sequence[Write]) -> None:
        self._staged = staged
        self._given = {key(write.new) for write in writes}
        self._taken: dict[tuple[str, ...], set[str]] = {}

    def _taken_in(self, register: str) -> set[str]:
        spaces = namespace(register, unique_codes=self._staged.unique_codes)
        if spaces not in self._taken:
            held = {value for each in spaces for _, value in numbers(self._staged.folder, each)}
            self._taken[spaces] = held | self._given
        return self._taken[spaces]

    def number(self, write: Write) -> str:
        """Return one; a number lies below Severa's counter, which could give it out otherwise."""
        taken = self._taken_in(write.register)
        if write.field == "code":
            free = next(f"presync-{n}" for n in range(1, len(taken) + 2) if f"presync-{n}" not in taken)
        else:
            below = min(self._staged.counter(write.register) or HIGHEST, HIGHEST) - 1
            found = (str(n) for n in range(below, 0, -1) if str(n) not in taken)
            free = next(found, "")
            if not free:
                raise ConfigurationError(
                    f"no number below Severa's counter is free, so {write.register} that swap their numbers "
                    "cannot be parked. Correct one of them by hand, check, and apply again.",
                    source=SOURCE,
                )
        taken.add(free)
        return free
