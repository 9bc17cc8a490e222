"""The two records of a pair as the newest run read them: a pair is confirmed for the names that it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from presync.control.runs import newest_build
from presync.decisions.model import names_digest
from presync.errors import ConfigurationError, IncompleteError
from presync.staging.database import DATABASE_FILE, reading
from presync.staging.masked_names import show_names
from presync.staging.sql import sql
from presync.staging.store import RunStore

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class KnownPair:
    """Two records: code and guid as they are written there, names as they may be shown."""

    business_code: str
    guid: str
    names_digest: str
    business_name: str
    severa_name: str


@contextmanager
def records_of_newest_run(tenant: str) -> Iterator[KnownRecords]:
    """Yield the records of a tenant's newest run whose data are there.

    Raises ConfigurationError if there is none: then nobody knows the names.
    """
    with reading(newest_database(tenant)) as connection:
        show_names(connection)
        connection.execute(sql("decisions", "identifying"))
        yield KnownRecords(tenant, connection)


class KnownRecords:
    """Looks records up in one run's database."""

    def __init__(self, tenant: str, connection: duckdb.DuckDBPyConnection) -> None:
        self._tenant = tenant
        self._connection = connection

    def pair(self, entity: str, business_code: str, severa_guid: str) -> KnownPair:
        """Return two records. Raises ConfigurationError if the run did not read exactly one of each."""
        found = []
        for system, column, value in (
            ("visma_business", "code_key", business_code.strip().casefold()),
            ("severa", "lower(guid)", severa_guid.strip().lower()),
        ):
            rows = self._connection.execute(
                "SELECT guid, coalesce(name, ''), shown(coalesce(name, '')), "
                "identifying(suite, register, code, guid) FROM checks.records "
                f"WHERE suite = ? AND system = ? AND {column} = ?",
                [entity, system, value],
            ).fetchall()
            if len(rows) != 1:
                raise _not_one(self._tenant, entity, system, value, len(rows))
            found.append(rows[0])
        (_, business_name, business_shown, business_id), (guid, severa_name, severa_shown, severa_id) = found
        digest = names_digest(business_name, severa_name, business_id, severa_id)
        return KnownPair(business_code.strip(), guid, digest, business_shown, severa_shown)


def _not_one(tenant: str, entity: str, system: str, value: str, count: int) -> ConfigurationError:
    return ConfigurationError(
        f"nothing was recorded: the newest run of tenant {tenant} has {count or 'no'} "
        f"record{'' if count == 1 else 's'} of {entity} {value!r} in {system}; a pair is two records that "
        "anybody can tell. Check code and guid in findings.csv.",
        source=tenant,
    )


def newest_database(tenant: str) -> Path:
    """Return where the newest run's records are. Raises ConfigurationError if nobody can look them up."""
    run_id = newest_build(tenant)
    try:
        if run_id is not None:
            return RunStore(tenant, run_id).fetch("database") / DATABASE_FILE
        reason = "no run of it has been recorded"
    except IncompleteError:
        reason = f"the data of its newest run ({run_id}) are not there any more, or in another PRESYNC_DATA"
    raise ConfigurationError(
        f"nothing was recorded: the names of the two records cannot be looked up for tenant {tenant!r}, "
        f"because {reason}. A pair is confirmed for the names it has, so run the tenant first.",
        source=tenant,
    )
