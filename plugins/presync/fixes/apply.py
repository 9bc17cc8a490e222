"""Fix files applied to a copy of staged data: what both systems would hold if all of it were done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.errors import ConfigurationError
from presync.fixes.checks import SETTINGS, require_applicable
from presync.fixes.model import COUNTERS, FixPlan, SeveraChange
from presync.staging.extract import ExtractWriter, Manifest, read_manifest
from presync.staging.tables import SYSTEMS, TABLES, System
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import pyarrow as pa

_ACTOR: Final = {"customers": "customer_group_value", "employees": "employee_group_value"}
# table -> (key column, changed column) -> key -> (value that must be there, new value)
Edits = dict[str, dict[tuple[str, str], dict[str, tuple[str, str]]]]


def apply_to_tenant(tenant: Tenant, plan: FixPlan) -> Tenant:
    """Return the tenant file with the proposed ceilings. Raises ConfigurationError about any other change."""
    require_applicable(plan)
    values = tenant.model_dump(mode="json", by_alias=True)
    for change in plan.tenant:
        part, _, field = change.field.partition(".")
        if part != "severa" or field not in {ceiling for _, ceiling in COUNTERS.values()}:
            raise ConfigurationError(
                f"fixes/presync/tenant.csv: {change.field!r} is not a field that a fix file may change",
                source="fixes",
            )
        _require(str(values[part][field] or ""), change.current, f"{change.field} of the tenant file")
        values[part][field] = int(change.proposed) if change.proposed else None
    return Tenant.model_validate(values)


def apply_to_extracts(
    folders: Mapping[System, Path],
    tenant: Tenant,
    plan: FixPlan,
    target: Path,
    *,
    run_id: str,
    seen: Mapping[str, Any] | None = None,
) -> dict[System, Path]:
    """Write both extracts again below `target`, with every proposal done; return their folders.

    Raises ConfigurationError if a proposal was made for other values than are staged.
    """
    require_applicable(plan)
    edits: dict[System, Edits] = {
        "visma_business": _business_edits(tenant, plan),
        "severa": _severa_edits(plan, folders["severa"]),
    }
    copies: dict[System, Path] = {}
    for system in SYSTEMS:
        copies[system] = target / system
        copies[system].mkdir(parents=True)
        _copy(
            folders[system],
            copies[system],
            read_manifest(folders[system], system),
            edits[system],
            tenant=tenant.tenant,
            run_id=run_id,
            seen=seen or {},
        )
    return copies


def _copy(
    source: Path,
    target: Path,
    manifest: Manifest,
    edits: Edits,
    *,
    tenant: str,
    run_id: str,
    seen: Mapping[str, Any],
) -> None:
    import pyarrow.parquet as pq

    writer = ExtractWriter(target, manifest.system, tenant=tenant, run_id=run_id)
    for table in TABLES[manifest.system]:
        if table in manifest.not_mapped:
            writer.not_mapped(table)
            continue
        with writer.table(table) as sink, pq.ParquetFile(source / f"{table}.parquet") as file:
            done: Counter[tuple[str, str, str]] = Counter()
            for batch in file.iter_batches():
                sink.write(_edited(table, batch, edits.get(table, {}), done).cast(sink.schema))
        _require_all(table, edits.get(table, {}), done)
    writer.finish({**manifest.seen, **seen})


def _edited(
    table: str,
    batch: pa.RecordBatch,
    edits: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]],
    done: Counter[tuple[str, str, str]],
) -> pa.RecordBatch:
    import pyarrow as pa

    for (key_column, column), changes in edits.items():
        keys = ["*"] * batch.num_rows if key_column == "*" else batch.column(key_column).to_pylist()
        values = batch.column(column).to_pylist()
        kind = batch.schema.field(column).type
        convert: Callable[[str], Any] = int if pa.types.is_integer(kind) else str
        for row, key in enumerate(keys):
            name = str(key).strip()
            if name in changes:
                current, proposed = changes[name]
                if current != "*":
                    _require("" if values[row] is None else str(values[row]), current, f"{table} {key}")
                values[row] = convert(proposed)
                done[key_column, column, name] += 1
        place = batch.schema.get_field_index(column)
        batch = batch.set_column(place, batch.schema.field(column), pa.array(values, kind))
    return batch


def _require(present: str, current: str, what: str) -> None:
    if present.strip() != current.strip():
        zeros = present.strip().lstrip("0") == current.strip().lstrip("0")
        raise ConfigurationError(
            f"{what}: the fix file was made for the value {current!r}, but {present!r} is there, so it "
            "may not fit any more. Take the fix files of this run's report"
            + ("; a spreadsheet has dropped leading zeros of this one." if zeros else "."),
            source="fixes",
        )


def _require_all(
    table: str,
    edits: Mapping[tuple[str, str], Mapping[str, tuple[str, str]]],
    done: Counter[tuple[str, str, str]],
) -> None:
    missing = [
        name
        for (key_column, column), changes in edits.items()
        for name, (current, _) in changes.items()
        if current != "*" and not done[key_column, column, name]
    ]
    if missing:
        raise ConfigurationError(
            f"{table}: the fix files name {', '.join(missing[:5])}, which this run did not read. Take "
            "the fix files of this run's report.",
            source="fixes",
        )


def _severa_edits(plan: FixPlan, folder: Path) -> Edits:
    edits: Edits = defaultdict(lambda: defaultdict(dict))
    for change in plan.severa:
        if change.register == "organizationsettings":
            edits[change.register]["*", SETTINGS[change.field]]["*"] = (change.current, change.proposed)
        else:
            edits[change.register]["guid", change.field][change.guid] = (change.current, change.proposed)
        if change.register == "projects":  # a won sale is in both registers
            edits["salescases"]["guid", change.field][change.guid] = ("*", change.proposed)
    for old, new in _renumbered(plan.severa, folder):
        for register in ("projects", "salescases"):
            edits[register]["customer_number", "customer_number"][old] = ("*", new)
    return edits


def _renumbered(changes: list[SeveraChange], folder: Path) -> Iterator[tuple[str, str]]:
    """Yield customers' old and new numbers: their projects follow where the old number is one customer's."""
    import pyarrow.parquet as pq

    moved = {c.current: c.proposed for c in changes if c.register == "customers" and c.current}
    if not moved:
        return
    numbers = pq.read_table(folder / "customers.parquet", columns=["number"])["number"]
    holders = Counter(str(number) for number in numbers.to_pylist() if number is not None)
    for old, new in moved.items():
        if holders[old] == 1:
            yield old, new


def _business_edits(tenant: Tenant, plan: FixPlan) -> Edits:
    edits: Edits = defaultdict(lambda: defaultdict(dict))
    for change in plan.visma_business:
        for table, key, column in _group_columns(tenant, change.table, change.column):
            edits[table][key, column][change.key.strip()] = (change.current, change.proposed)
    return edits


def _group_columns(tenant: Tenant, table: str, column: str) -> list[tuple[str, str, str]]:
    """Return staged table, key column and column of a Group field, of each entity that is marked by it.

    Nothing else can be changed there.
    """
    found = []
    mapped = {
        "departments": tenant.visma_business.departments.table,
        "projects": tenant.visma_business.projects.table,
        "products": "Prod",
    }
    for entity in ("departments", "projects", "products", "customers", "employees"):
        exclusion = tenant.transfer.exclusion(entity)
        if exclusion is None or exclusion.field != column:
            continue
        if mapped.get(entity) == table:
            found.append((entity, "code", "group_value"))
        if entity in _ACTOR and table == "Actor":
            found.append(("associates", "act_no", _ACTOR[entity]))
    if not found:
        raise ConfigurationError(
            f"fixes/visma_business/{table}.csv: {column} of {table} is not a column that a rehearsal can "
            f"change",
            source="fixes",
        )
    return found
