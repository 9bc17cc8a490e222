"""One system's extract: a Parquet file per table and a manifest that vouches for all of them.

An extract without a manifest, or one whose files do not hold what the manifest says, does not count.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presync.errors import IncompleteError
from presync.staging.made_by import this_version
from presync.staging.tables import TABLES, System, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What an extract holds: rows per table, tables that the tenant does not map, and what was seen.

    `made_by`: which code and settings read it (`staging/made_by.py`). `filled`: by table and column, how many
    rows have a value: not null, not blank, and not 0, which means *no code*.
    """

    extract_id: str
    system: System
    tenant: str
    run_id: str
    started_at: str
    finished_at: str
    rows: Mapping[str, int]
    not_mapped: tuple[str, ...] = ()
    seen: Mapping[str, Any] = field(default_factory=dict)
    made_by: Mapping[str, str] = field(default_factory=dict)
    filled: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class TableWriter:
    """Appends record batches of one table's shape to its Parquet file."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self.schema = schema
        self.rows = 0
        self.filled: dict[str, int] = dict.fromkeys(schema.names, 0)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch; its schema must be `self.schema`."""
        self._writer.write_batch(batch)
        self.rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            self.filled[name] = self.filled.get(name, 0) + _filled(column)


class ExtractWriter:
    """Fills the scratch folder of one system's extract; `finish` refuses unless every table is there.

    `background` False: what no rule rests on (`tables.BACKGROUND_TABLES`) may stay empty.
    """

    def __init__(
        self, folder: Path, system: System, *, tenant: str, run_id: str, background: bool = True
    ) -> None:
        self._folder = folder
        self._system = system
        self.background = background
        self._tenant = tenant
        self.run_id = run_id
        self._started_at = _now()
        self._rows: dict[str, int] = {}
        self._filled: dict[str, dict[str, int]] = {}
        self._not_mapped: list[str] = []

    def file(self, name: str) -> Path:
        """Return where a table is written."""
        return self._folder / f"{name}.parquet"

    @contextmanager
    def table(self, name: str) -> Iterator[TableWriter]:
        """Yield a writer for the table; a block that raises leaves the table unwritten."""
        import pyarrow.parquet as pq

        schema = arrow_schema(self._system, name)
        path = self.file(name)
        # without dictionaries: nearly every value is unique, and writing takes a third of the time
        with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
            table = TableWriter(writer, schema)
            yield table
        self._rows[name] = table.rows
        self._filled[name] = table.filled

    def not_mapped(self, name: str) -> None:
        """Record that the tenant does not map the table: it is staged empty, and rules can tell."""
        with self.table(name):
            pass
        self._not_mapped.append(name)

    def finish(self, seen: Mapping[str, Any] | None = None) -> Manifest:
        """Write the manifest. `seen` is what the run should remember of the source, without secrets."""
        missing = sorted(set(TABLES[self._system]) - set(self._rows))
        if missing:
            raise IncompleteError(
                f"the extract of {self._system} for {self._tenant} lacks {', '.join(missing)}: "
                "it is not published, because rules would find nothing wrong in what is not there",
                source=self._system,
            )
        manifest = Manifest(
            extract_id=uuid.uuid4().hex,
            system=self._system,
            tenant=self._tenant,
            run_id=self.run_id,
            started_at=self._started_at,
            finished_at=_now(),
            rows=dict(self._rows),
            not_mapped=tuple(self._not_mapped),
            seen=dict(seen or {}),
            made_by=this_version().as_dict(),
            filled=dict(self._filled),
        )
        (self._folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=2))
        return manifest


def read_manifest(folder: Path, system: System) -> Manifest:
    """Return the manifest of a published extract after comparing it with the files beside it.

    Raises IncompleteError if the manifest or a table is missing or a file's row count differs.
    """
    import pyarrow.parquet as pq

    path = folder / _MANIFEST
    if not path.is_file():
        raise IncompleteError(f"the extract of {system} has no manifest: it is not complete", source=system)
    values = json.loads(path.read_text())
    values["not_mapped"] = tuple(values["not_mapped"])
    manifest = Manifest(**values)
    for table in TABLES[system]:
        file = folder / f"{table}.parquet"
        staged = pq.read_metadata(file).num_rows if file.is_file() else None
        if staged is None or staged != manifest.rows.get(table):
            raise IncompleteError(
                f"the extract of {system}: table {table} holds {staged} rows, its manifest says "
                f"{manifest.rows.get(table)}. Extract again.",
                source=system,
            )
    return manifest


def _filled(column: pa.Array) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    present = column.drop_null()
    if pa.types.is_string(present.type):
        empty = pc.is_in(pc.utf8_trim_whitespace(present), value_set=pa.array(["", "0"]))
    elif pa.types.is_integer(present.type):
        empty = pc.equal(present, 0)
    else:
        return len(present)
    return len(present) - (pc.sum(empty).as_py() or 0)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
