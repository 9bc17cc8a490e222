"""Works out the preview from a run's database and its findings: SQL does it, and writes `preview.csv`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.errors import IncompleteError
from presync.preview.counterparts import Search, find_counterparts
from presync.preview.outcomes import COLUMNS, Differing, Fate, Likely, LikelyPair, Preview, Sample, Series
from presync.staging.database import reading
from presync.staging.leftovers import scratch
from presync.staging.masked_names import show_names
from presync.staging.sql import sql
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import duckdb

SAMPLES: Final = 3
LIKELY_PAIRS: Final = 10
_MEMORY: Final = "1GB"
_MACROS: Final = (
    # as reconcile compares ids, codes and addresses, but for what is no id or address
    "CREATE TEMP MACRO plain_id(t) AS upper(regexp_replace(coalesce(t, ''), '[^A-Za-z0-9]', '', 'g'))",
    "CREATE TEMP MACRO plain_code(t) AS coalesce(nullif(lower(trim(t)), '0'), '')",
    "CREATE TEMP MACRO plain_text(t) AS lower(trim(coalesce(t, '')))",
)


def write_preview(
    tenant: Tenant,
    database: Path,
    build_id: str,
    findings: Sequence[Path],
    target: Path,
    *,
    waived: Collection[str] = (),
    then: Callable[[duckdb.DuckDBPyConnection], object] | None = None,
) -> Preview:
    """Write `preview.csv` (`docs/preview.md`) to `target`; return its numbers and a few of its rows.

    `database` is the run's staging database, the build `build_id`; `findings` are the suites'
    `findings.parquet`; one whose id is in `waived` blocks no record. `then` is called last, with the
    connection in which every record's outcome is known.
    Raises IncompleteError if these do not belong together, or if a record has no outcome.
    """
    with _opened(database) as connection:
        _require_build(connection, build_id)
        show_names(connection)
        _take_findings(connection, findings, waived)
        settings: dict[str, Any] = tenant.integration.model_dump()
        settings["customer_mapped"] = tenant.visma_business.projects.customer is not None
        for name in ("facts", "outcomes"):
            _run(connection, name, {})
        _require_subjects(connection)
        searches = find_counterparts(connection)
        _run(connection, "details", settings)
        preview = Preview(
            tuple(Fate(*row) for row in _query(connection, "summary")),
            tuple(Differing(*row) for row in _query(connection, "differences")),
            tuple(Sample(*row) for row in _query(connection, "samples", most=SAMPLES)),
            tuple(Series(*row) for row in _query(connection, "series")),
            _likely(connection, searches),
            tuple(LikelyPair(*row) for row in _query(connection, "likely_pairs", most=LIKELY_PAIRS)),
        )
        _require_every_record(connection, preview)
        columns = ", ".join(COLUMNS)
        file = str(target).replace("'", "''")
        connection.execute(
            f"COPY (SELECT {columns} FROM preview ORDER BY record_id) TO '{file}' (FORMAT csv, HEADER)"
        )
        if then is not None:
            then(connection)
    return preview


@contextmanager
def _opened(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the database, which nobody may change, with room beside it for what does not fit into memory."""

    with scratch("preview") as folder, reading(database) as connection:
        connection.execute(f"SET temp_directory = '{folder}'")
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        for macro in _MACROS:
            connection.execute(macro)
        yield connection


def _likely(connection: duckdb.DuckDBPyConnection, searches: Sequence[Search]) -> tuple[Likely, ...]:
    """Return the counts of likely counterparts, of entities that have any or were not compared wholly."""
    counts = {entity: counted for entity, *counted in _query(connection, "likely")}
    told = [(search, *counts.get(search.entity, (0, 0))) for search in searches]
    return tuple(
        Likely(search.entity, pairs, near, search.left_out)
        for search, pairs, near in told
        if pairs or search.left_out
    )


def _take_findings(
    connection: duckdb.DuckDBPyConnection, findings: Sequence[Path], waived: Collection[str]
) -> None:
    """Offer the findings of all suites as `found`; `blocks` is what keeps a record from being moved."""
    files = [str(file) for file in findings]
    connection.execute(
        "CREATE TEMP TABLE found AS SELECT finding_id, suite, rule, coalesce(message, '') AS message, "
        "coalesce(business_code, '') AS business_code, coalesce(business_name, '') AS business_name, "
        "coalesce(severa_guid, '') AS severa_guid, severa_register, first, "
        "severity = 'critical' AND finding_id NOT IN (SELECT unnest(?::VARCHAR[])) AS blocks "
        "FROM read_parquet(?)",
        [sorted(waived), files],
    )


def _require_build(connection: duckdb.DuckDBPyConnection, build_id: str) -> None:
    found = connection.execute("SELECT build_id FROM checks.build").fetchall()
    if found != [(build_id,)]:
        raise IncompleteError(
            "the run's database is another build than the one that was judged, so a preview would be about "
            "other data. Run the suites and the report again.",
            source="preview",
        )


def _run(connection: duckdb.DuckDBPyConnection, name: str, values: dict[str, Any]) -> None:
    text = sql("preview", name)
    for statement in connection.extract_statements(text):
        named = {key: values[key] for key in statement.named_parameters}
        connection.execute(statement, named or None)


def _query(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[tuple[Any, ...]]:
    text = sql("preview", name)
    return connection.execute(text, values or None).fetchall()


def _require_subjects(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise IncompleteError if a critical finding names a record that is not in the database."""
    [(lost,)] = _query(connection, "lost")
    if lost:
        raise IncompleteError(
            f"{lost} critical findings name records that the run's database does not hold, so nobody can say "
            "what would happen to them. Run reconcile and the suites again.",
            source="preview",
        )


def _require_every_record(connection: duckdb.DuckDBPyConnection, preview: Preview) -> None:
    """Raise IncompleteError unless every record that was counted has exactly one outcome."""
    rows = connection.execute("SELECT entity, business, severa FROM checks.counts").fetchall()
    wrong = [
        entity
        for entity, *counts in rows
        if [preview.count(entity, system=system) for system in ("visma_business", "severa")] != counts
    ]
    if wrong:
        raise IncompleteError(
            f"the preview does not tell of every record of {', '.join(wrong)}. Run reconcile again; if this "
            "comes back, it is a fault in Presync.",
            source="preview",
        )
