"""Works the facts out, in the connection in which the preview was worked out: SQL does it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, get_args

from presync.errors import IncompleteError
from presync.preview import OUTCOMES
from presync.staging.sql import sql
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant
from presync.transfer_questions.marks import Answer, Choice, Usage, choose, tables
from presync.transfer_questions.model import Band, Counts, EntityQuestion, Exclusion, Questions

if TYPE_CHECKING:
    import duckdb

SAMPLES: Final = 10
_PORTION: Final = 10_000


def ask(connection: duckdb.DuckDBPyConnection, tenant: Tenant) -> Questions:
    """Return the facts about a run. `connection` is open on its database, with the preview's tables.

    Afterwards `exclusions` yields the lists from the same connection. Raises IncompleteError if the database
    does not say when it was read.
    """
    reference = _reference(connection)
    cutoff = _years_before(reference, tenant.dormant_years)
    answers = _answers(connection)
    choice = choose(tables(tenant), answers, _usage(connection))
    _take_lists(connection, choice)
    _run(connection, "signs", cutoff=cutoff)
    _run(connection, "dead", customers_known=_customers_known(connection, tenant))
    bands: dict[str, list[Band]] = defaultdict(list)
    for suite, kind, age, records, candidates in _query(connection, "bands", reference=reference):
        bands[suite].append(Band(kind, age, records, candidates))
    counts = {suite: Counts(*numbers) for suite, *numbers in _query(connection, "counts")}
    before, after = _outcomes(connection)
    sources = _sources(connection)
    strange = {suite for (suite,) in connection.execute("FROM strange").fetchall()}
    entities = tuple(
        EntityQuestion(
            entity,
            answers[entity].kind,
            choice.marks.get(entity),
            counts.get(entity, Counts()),
            tuple(bands[entity]),
            choice.fields[entity],
            before[entity],
            after[entity],
            activity=tuple(name for name, codes in sources[entity] if codes is not None),
            unread=tuple(name for name, codes in sources[entity] if codes is None),
            strange=tuple(name for name, codes in sources[entity] if codes is not None and entity in strange),
            samples=_samples(connection, entity),
        )
        for entity in ENTITIES
    )
    return Questions(entities, tenant.dormant_years, reference, cutoff)


def exclusions(connection: duckdb.DuckDBPyConnection, entity: Entity) -> Iterator[Exclusion]:
    """Yield what is proposed for exclusion, the oldest first; `ask` must have been called."""
    result = connection.execute(_text("rows"), {"suite": entity})
    while rows := result.fetchmany(_PORTION):
        yield from (Exclusion(*row) for row in rows)


def _samples(connection: duckdb.DuckDBPyConnection, entity: Entity) -> tuple[Exclusion, ...]:
    rows = connection.execute(_text("rows"), {"suite": entity}).fetchmany(SAMPLES)
    return tuple(Exclusion(*row) for row in rows)


def _reference(connection: duckdb.DuckDBPyConnection) -> date:
    """Return the day on which Visma Business was read: ages are told as of then, whenever this runs."""
    row = connection.execute(
        "SELECT finished_at FROM checks.extracts WHERE system = 'visma_business'"
    ).fetchone()
    if row is None:
        raise IncompleteError(
            "the run's database does not say when Visma Business was read, so nobody can tell how old its "
            "records are. Run the tenant again.",
            source="questions",
        )
    return datetime.fromisoformat(row[0]).date()


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _answers(connection: duckdb.DuckDBPyConnection) -> dict[Entity, Answer]:
    rows = connection.execute(
        "SELECT suite, answer, group_field, group_value_excluded FROM checks.answers"
    ).fetchall()
    given = {suite: Answer(*rest) for suite, *rest in rows}
    return {entity: given.get(entity, Answer()) for entity in ENTITIES}


def _usage(connection: duckdb.DuckDBPyConnection) -> dict[Entity, Sequence[Usage]]:
    rows = connection.execute(
        "SELECT entity, group_field, records, marked, lowest, highest FROM visma_business.group_fields "
        "ORDER BY length(group_field), group_field"
    ).fetchall()
    found: dict[Entity, list[Usage]] = defaultdict(list)
    for entity, *rest in rows:
        if entity in get_args(Entity):
            found[entity].append(Usage(*rest))
    return dict(found)


def _customers_known(connection: duckdb.DuckDBPyConnection, tenant: Tenant) -> bool:
    """Tell whether it is known which customer a project belongs to (also where there are no projects).

    A column without a single number that a customer has is not the customer's.
    """
    if tenant.visma_business.projects.customer is not None:
        [(filled, matching)] = _query(connection, "their_customers")
        return bool(matching or not filled)
    row = connection.execute(
        "SELECT count(*) FROM checks.records WHERE suite = 'projects' AND system = 'visma_business'"
    ).fetchone()
    return row == (0,)


def _take_lists(connection: duckdb.DuckDBPyConnection, choice: Choice) -> None:
    """Offer the marks to SQL as `lists`."""
    connection.execute(
        "CREATE TEMP TABLE lists (suite VARCHAR, place VARCHAR, group_field VARCHAR, group_value BIGINT)"
    )
    for entity, mark in choice.marks.items():
        connection.execute(
            "INSERT INTO lists VALUES (?, ?, ?, ?)", [entity, mark.place, mark.field, mark.value]
        )


def _outcomes(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[dict[Entity, dict[str, int]], dict[Entity, dict[str, int]]]:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for suite, outcome, later, records in _query(connection, "after"):
        counts[suite, "before"][outcome] += records
        counts[suite, "after"][later] += records

    def told(when: str) -> dict[Entity, dict[str, int]]:
        return {entity: {name: counts[entity, when][name] for name in OUTCOMES} for entity in ENTITIES}

    return told("before"), told("after")


def _sources(connection: duckdb.DuckDBPyConnection) -> dict[Entity, list[tuple[str, int | None]]]:
    rows = connection.execute(
        "SELECT entity, table_name, codes FROM visma_business.activity_sources ORDER BY ALL"
    ).fetchall()
    found: dict[Entity, list[tuple[str, int | None]]] = {entity: [] for entity in ENTITIES}
    for entity, name, codes in rows:
        if entity in found:
            found[entity].append((name, codes))
    return found


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> None:
    for statement in connection.extract_statements(_text(name)):
        named = {key: values[key] for key in statement.named_parameters}
        connection.execute(statement, named or None)


def _query(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(_text(name), values or None).fetchall()


def _text(name: str) -> str:
    return sql("transfer_questions", name)
