"""What the newest run of a tenant asks about its two systems, for whoever puts the answer on record."""

from __future__ import annotations

from presync.control.runs import newest_build
from presync.decisions.known_records import newest_database
from presync.errors import ConfigurationError
from presync.staging.store import RunStore
from presync.tenants.model import Tenant
from presync.verdict.evidence import gather
from presync.verdict.right_systems import question


def asked_digest(tenant: Tenant) -> str:
    """Return the digest of the question. Raises ConfigurationError if the newest run asks none."""
    database = newest_database(tenant.tenant)
    run = gather(tenant, RunStore(tenant.tenant, newest_build(tenant.tenant) or ""), ())
    asked = question(tenant.tenant, run.identity, run.counts, country=tenant.country, masked=False)
    if asked is None or not run.build_id:
        raise ConfigurationError(
            f"nothing was recorded: the newest run of tenant {tenant.tenant} asks nothing about the two "
            f"systems (its data are in {database.parent}). Run it again if they have changed since.",
            source=tenant.tenant,
        )
    return asked.digest
