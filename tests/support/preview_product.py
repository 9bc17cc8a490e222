"""The product's preview of staged data: reconcile, suites and preview as a run would do them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from presync import reconcile
from presync.languages.speaking import PSEUDO, speaking
from presync.languages.texts import English
from presync.preview import Preview, write_preview
from presync.report.reason_words import reason_words
from presync.rules.catalogue import SUITES
from presync.rules.findings_writer import COLUMNS
from presync.rules.run_suite import run_suite
from tests import oracle
from tests.oracle import Finding, StagedData
from tests.oracle.extracts import write_extracts


@dataclass(frozen=True)
class Run:
    """A run's products that the preview is made of."""

    data: StagedData
    database: Path
    findings: list[Path]

    @property
    def build_id(self) -> str:
        """The build of the database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            ((build_id,),) = connection.execute("SELECT build_id FROM checks.build").fetchall()
        return str(build_id)

    def preview(self) -> tuple[Preview, list[dict[str, str]]]:
        """Return the preview and the rows of its file."""
        target = self.database.parent / "preview.csv"
        preview = write_preview(self.data.tenant, self.database, self.build_id, self.findings, target)
        with target.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        with speaking(PSEUDO):
            said = [reason_words(reason) for reason in {row["reason"] for row in rows}]
        assert [reason for reason in said if isinstance(reason, English)] == [], "in no language but English"
        return preview, rows


@contextmanager
def checked(data: StagedData) -> Iterator[Run]:
    """Reconcile and check staged data in a folder of its own."""
    with reconciled(data) as database:
        for suite in SUITES:
            (database.parent / suite).mkdir()
            run_suite(suite, database, database.parent / suite)
        yield Run(data, database, [database.parent / suite / "findings.parquet" for suite in SUITES])


@contextmanager
def judged_by_definition(data: StagedData) -> Iterator[Run]:
    """Reconcile staged data; the findings are the definition's: the suites find the same, and take longer."""
    with reconciled(data) as database:
        file = database.parent / "findings.parquet"
        write_findings(file, oracle.findings(data))
        yield Run(data, database, [file])


@contextmanager
def reconciled(data: StagedData) -> Iterator[Path]:
    """Make the staging database of staged data in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "staging.duckdb"
        reconcile.build(database, data.tenant, write_extracts(data, Path(name) / "extracts"))
        yield database


def write_findings(file: Path, findings: Iterable[Finding]) -> None:
    """Write findings as a suite publishes them; ids are their places in the list."""
    rows = [
        {**dict.fromkeys(COLUMNS, ""), **finding._asdict(), "finding_id": str(place)}
        for place, finding in enumerate(findings)
    ]
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    pq.write_table(pa.Table.from_pylist(rows, schema), file)


def preview(data: StagedData) -> tuple[Preview, list[dict[str, str]]]:
    """Return the preview of staged data and the rows of its file."""
    with judged_by_definition(data) as run:
        return run.preview()
