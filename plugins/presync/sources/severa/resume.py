"""Registers that an earlier try of the same run has read already, so that a retry does not start over.

A spooled register counts only for the same credential, and only if the register, skimmed through once more,
shows what it showed then: the same rows with the same content in the same order.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from presync.sources.severa.reading_digest import Signature
from presync.staging.store import RunStore

if TYPE_CHECKING:
    from presync.staging.extract import TableWriter

_PARQUET: Final = "rows.parquet"
_SIGNATURE: Final = "signature.json"
_FEWEST_PAGES: Final = 2


class Spool:
    """The spooled registers of one run, read with one credential."""

    def __init__(self, store: RunStore, credential: str) -> None:
        self._store = store
        self._credential = credential

    def keep(self, route: str, file: Path, signature: Signature) -> None:
        """Keep a register's table; one of a page or two is as quickly read again."""
        if signature.pages <= _FEWEST_PAGES:
            return
        with self._store.publishing(_name(route)) as folder:
            shutil.copyfile(file, folder / _PARQUET)
            (folder / _SIGNATURE).write_text(
                json.dumps({"credential": self._credential, "signature": asdict(signature)})
            )

    def find(self, route: str) -> tuple[Signature, Path] | None:
        """Return what a register showed to an earlier try, and its rows' file."""
        if not self._store.exists(_name(route)):
            return None
        folder = self._store.fetch(_name(route))
        try:
            kept = json.loads((folder / _SIGNATURE).read_text())
            signature = Signature(**kept["signature"])
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return (signature, folder / _PARQUET) if kept["credential"] == self._credential else None

    def clear(self, routes: Iterable[str]) -> None:
        """Forget everything: the extract is complete."""
        for route in routes:
            self._store.withdraw(_name(route))


def copy_rows(file: Path, table: TableWriter) -> bool:
    """Append a spooled table's rows; False if it is damaged or of another shape: begin anew then."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as spooled:
            if not spooled.schema_arrow.equals(table.schema):
                return False
            for batch in spooled.iter_batches():
                table.write(batch)
    except (OSError, pa.ArrowInvalid):
        return False
    return True


def _name(route: str) -> str:
    return f"spool/severa/{route}"
