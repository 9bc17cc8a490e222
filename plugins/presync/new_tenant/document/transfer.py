"""The part of the file with the five questions, each with the facts that help to answer it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from presync.new_tenant.document.draft import COMPANY, Draft, counted, listed
from presync.new_tenant.look.facts import Business, Looked
from presync.sources.visma_business.group_fields import GroupFieldUsage
from presync.tenants.entities import ENTITIES, Entity

_NEIGHBOURS: Final[dict[Entity, Entity]] = {"employees": "customers", "customers": "employees"}
_TABLES = {"products": "Prod", "employees": "Actor", "customers": "Actor"}


def transfer(draft: Draft, looked: Looked) -> None:
    """Write the questions; not one of them is answered."""
    draft.say(
        "The five questions: which records of Visma Business should be transferred to Severa? `all`, `none`, "
        "or all except those that a Group field marks. A question left out keeps the gate shut. How old the "
        "records are, and which look dead, the report of the first run shows: run `presync check` once "
        "before answering. Group fields are counted of these records alone, not of suppliers or contact "
        'persons in the same table: ask before one is taken. For answers here, take the "# " in front of '
        "`transfer:` away, too; `presync "
        "decide` puts them on record instead."
    )
    draft.leave("transfer:")
    for entity in ENTITIES:
        draft.ask(COMPANY, f"which {entity} should be transferred?", within=1)
        if looked.business:
            _facts(draft, entity, looked.business)
        draft.leave(f"{entity}:   # all, none or {{except: {{field: …, value: 1}}}}", 0, 1)


def _facts(draft: Draft, entity: Entity, found: Business) -> None:
    if (entity == "departments" and not found.departments) or (entity == "projects" and not found.projects):
        draft.say(f"How many there are depends on which organisational unit holds {entity}", within=1)
        return
    usages = found.groups.get(entity, ())
    taken = _taken(found.groups.get(_NEIGHBOURS[entity], ())) if entity in _NEIGHBOURS else ()
    draft.found(f"{_size(entity, found)}. {_groups(usages, taken)}. {_dates(entity, found)}", within=1)


def _size(entity: Entity, found: Business) -> str:
    counts = found.counts
    if entity == "customers":
        more = counts.get("delivery_addresses")
        besides = (
            f" (and {counted(more, 'delivery address', 'delivery addresses')}, no customers)" if more else ""
        )
        return counted(counts.get("customers"), "customer") + besides
    if entity == "employees":
        without = counts.get("employees_without_email")
        silent = f", {without:,} without an e-mail address, which cannot reach Severa" if without else ""
        return counted(counts.get("employees"), "employee") + silent
    if entity == "products":
        return counted(counts.get("products"), "product")
    guess = found.departments if entity == "departments" else found.projects
    unit = next((unit for unit in found.units if guess and unit.table == guess.table), None)
    where = f" in {unit.table}, if these are the {entity}" if unit else ""
    return f"{counted(unit.rows if unit else None, 'row')}{where}"


def _dates(entity: Entity, found: Business) -> str:
    guess = found.departments if entity == "departments" else found.projects
    table = _TABLES.get(entity) or (guess.table if guess else "")
    if table not in found.stamps:
        return "Their dates are not known"
    dates = found.stamps[table]
    if not dates:
        return "They have no date of change or creation here, so their age will not be known"
    told = {"ChDt": "change", "CreDt": "creation"}
    return f"They have the date of {' and '.join(told[name] for name in dates)} ({listed(dates)})"


def _taken(usages: Sequence[GroupFieldUsage]) -> set[str]:
    return {usage.group_field for usage in usages if not usage.unused}


def _groups(usages: Sequence[GroupFieldUsage], taken: Collection[str]) -> str:
    """Say which Group fields are in use; `taken`: those that others in the same table use, or might."""
    unused = [usage.group_field for usage in usages if usage.unused and usage.group_field not in taken]
    shared = [usage.group_field for usage in usages if usage.unused and usage.group_field in taken]
    used = [_used(usage) for usage in usages if usage.marked]
    unknown = [usage.group_field for usage in usages if not usage.known]
    if not unused and not used and not shared:
        return "Their Group fields are not known"
    if len(unused) == len(usages):
        return f"No Group field is in use: any of {unused[0]} to {unused[-1]} could carry the mark"
    parts = {
        "in use, perhaps as the mark already": used,
        "not in use, so that one could carry the mark": unused,
        "in use, or perhaps so, by others in the same table": shared,
        "not known": unknown,
    }
    return f"Group fields {'; '.join(f'{how}: {listed(names)}' for how, names in parts.items() if names)}"


def _used(usage: GroupFieldUsage) -> str:
    values = (
        f"value {usage.lowest}"
        if usage.lowest == usage.highest
        else f"values {usage.lowest} to {usage.highest}"
    )
    return f"{usage.group_field} ({counted(usage.marked, 'record')}, {values})"
