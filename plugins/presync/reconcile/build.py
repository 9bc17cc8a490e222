"""Make the run's staging database: both extracts, and the check tables that the suites examine."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from presync.decisions.model import ConfirmedPair
from presync.errors import IncompleteError
from presync.reconcile import keys, unrelated
from presync.reconcile.similar_names import search
from presync.staging import small_tables
from presync.staging.database import is_small, load_extracts, opened
from presync.staging.extract import Manifest
from presync.staging.fingerprints import store_fingerprints
from presync.staging.made_by import this_version
from presync.staging.sql import sql
from presync.staging.tables import System
from presync.tenants.entities import ENTITIES, Entity
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    import duckdb

# Other intermediate tables are temporary: they never reach the file.
_NUMBERS = ("used_numbers", "counters", "series", "numbers", "named_series", "proposals")
_DROPPED = ("VIEW checks.base", "TABLE checks.near", "TABLE checks.confirmations")


def build(
    database: Path,
    tenant: Tenant,
    folders: dict[System, Path],
    confirmed: Sequence[ConfirmedPair] = (),
    similar: tuple[Entity, ...] = ENTITIES,
) -> str:
    """Write the staging database of a run to `database` (a new file); return its build id.

    `folders` are the published extracts of both systems, `confirmed` what people say of pairs. Similar names
    are looked for in the entities `similar`; a suite of any other one that asks for them is an error.
    Raises IncompleteError if one is not complete.
    """
    import duckdb

    small = is_small(folders)
    with opened(database, database.parent, small=small) as connection:
        connection.begin()  # one commit: the file holds all of it or nothing
        manifests = load_extracts(connection, folders)
        store_fingerprints(connection)
        _require_settings(connection)
        _state_tenant(connection, tenant, manifests)
        _state_confirmations(connection, confirmed)
        keys.register(connection, tenant.country)
        try:
            build_id = _make_check_tables(connection, tenant, similar)
        finally:
            with suppress(duckdb.Error):  # after a failure it refuses, which would hide what failed
                keys.unregister(connection)
        if small:
            small_tables.gather(connection)
        connection.commit()
        return build_id


def _make_check_tables(
    connection: duckdb.DuckDBPyConnection, tenant: Tenant, similar: tuple[Entity, ...]
) -> str:
    keys.define(connection)
    connection.execute(sql("decisions", "identifying"))
    for name in ("facts", "records", "confirmed", "own_system"):
        _run(connection, name)
    connection.execute("CREATE VIEW checks.base AS FROM base")
    methods = search.fill(connection, similar)
    for name in ("related", "pairs", "check_records", *_NUMBERS):
        _run(connection, name)
    unrelated.look_further(connection)
    for intermediate in _DROPPED:
        connection.execute(f"DROP {intermediate}")
    build_id, made_by = uuid.uuid4().hex, this_version()
    connection.execute(
        "CREATE TABLE checks.build AS SELECT ? AS build_id, ? AS tenant, ? AS similarity_floor, "
        "? AS names_compared, ? AS names_masked, ? AS code, ? AS settings, ? AS tenant_file",
        [
            build_id,
            tenant.tenant,
            search.SIMILARITY_FLOOR,
            methods,
            tenant.privacy == "masked",
            made_by.code,
            made_by.settings,
            tenant.fingerprint,
        ],
    )
    return build_id


def _run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(sql("reconcile", name))


def _require_settings(connection: duckdb.DuckDBPyConnection) -> None:
    (rows,) = connection.execute("SELECT count(*) FROM severa.organizationsettings").fetchone() or (0,)
    if rows != 1:
        raise IncompleteError(
            f"the extract of severa holds {rows} rows of organizationsettings instead of one, "
            "so its counters are not known. Extract again.",
            source="severa",
        )


def _state_tenant(
    connection: duckdb.DuckDBPyConnection, tenant: Tenant, manifests: dict[System, Manifest]
) -> None:
    """Put what the tenant file says beside the data: answers, ceilings, invoice series, the number series."""
    connection.execute(
        "CREATE TABLE checks.answers (suite VARCHAR, answer VARCHAR, group_field VARCHAR, "
        "group_value_excluded BIGINT, key_kind VARCHAR)"
    )
    connection.executemany(
        "INSERT INTO checks.answers VALUES (?, ?, ?, ?, ?)", [_answer(tenant, entity) for entity in ENTITIES]
    )
    connection.execute("CREATE TABLE checks.limits (suite VARCHAR, ceiling BIGINT)")
    connection.executemany(
        "INSERT INTO checks.limits VALUES (?, ?)",
        [
            ("customer_numbering", tenant.severa.customer_number_ceiling),
            ("invoice_numbering", tenant.severa.invoice_number_ceiling),
            ("projects", tenant.severa.project_number_ceiling),
        ],
    )
    connection.execute("CREATE TABLE checks.invoice_series_keys (key VARCHAR)")
    for key in dict.fromkeys(str(key).strip() for key in tenant.visma_business.invoice_series):
        connection.execute("INSERT INTO checks.invoice_series_keys VALUES (?)", [key])
    not_mapped = manifests["visma_business"].not_mapped
    known = tenant.visma_business.customer_series == "none" or "customer_series" not in not_mapped
    connection.execute("CREATE TABLE checks.customer_series_state AS SELECT ? AS known", [known])
    connection.execute(
        "CREATE TABLE checks.number_sources AS SELECT 'invoice_numbering' AS suite, "
        "'invoice numbers in use' AS thing, ? AS mapped",
        ["invoice_numbers" not in not_mapped],
    )


def _state_confirmations(connection: duckdb.DuckDBPyConnection, pairs: Sequence[ConfirmedPair]) -> None:
    connection.execute(
        "CREATE TABLE checks.confirmations (entry BIGINT, suite VARCHAR, business_code VARCHAR, "
        "severa_guid VARCHAR, same BOOLEAN, names_digest VARCHAR)"
    )
    for entry, pair in enumerate(pairs):
        connection.execute(
            "INSERT INTO checks.confirmations VALUES (?, ?, ?, ?, ?, ?)",
            [
                entry,
                pair.entity,
                pair.business_code,
                pair.severa_guid.strip(),
                pair.same,
                pair.names_digest,
            ],
        )


def _answer(tenant: Tenant, entity: Entity) -> tuple[str, str | None, str | None, int | None, str]:
    exclusion = tenant.transfer.exclusion(entity)
    return (
        entity,
        tenant.transfer.answer(entity),
        exclusion.field if exclusion else None,
        exclusion.value if exclusion else None,
        _key_kind(tenant, entity),
    )


def _key_kind(tenant: Tenant, entity: Entity) -> str:
    """Return what a key of the entity is in Visma Business: R1 to R6 integer, R7 to R12 text(10)."""
    if entity == "products":
        return "text40"
    if entity in ("departments", "projects"):
        table: str = getattr(tenant.visma_business, entity).table
        return "integer" if int(table[1:]) <= 6 else "text10"
    return "integer"
