"""Reads a Severa organisation into staging: all registers at once under one rate limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from presync.errors import PresyncError
from presync.sources.severa.access import severa_access
from presync.sources.severa.client import PATIENCE, Patience, SeveraAccess, SeveraClient
from presync.sources.severa.field_watch import require_settings
from presync.sources.severa.identity import organisation_identity
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.register_reader import BatchWriter, RegisterReader
from presync.sources.severa.registers import REGISTERS, SETTINGS, OrganizationSettings
from presync.sources.severa.resume import Spool
from presync.staging.extract import ExtractWriter
from presync.staging.store import RunStore
from presync.tenants.model import Tenant

logger = logging.getLogger(__name__)


def extract(
    tenant: Tenant,
    writer: ExtractWriter,
    patience: Patience = PATIENCE,
    limit: RateLimit | None = None,
) -> Mapping[str, Any]:
    """Stage every Severa table of `staging/tables.py`; return what was seen on the way.

    `seen`: base_url, identity (the organisation's guid), scopes, requests, retries, refusals (429), per
    register in `registers` its rows, pages, readings, the proof that it is whole and earlier doubts (see
    `RegisterReader`), and in `duplicates` and `differing_duplicates` rows met more than once (of these, rows
    whose content differed; the first is kept).

    Raises ConfigurationError, AccessError, SourceUnavailableError (retryable) or SourceDataError, which name
    the tenant; the extract is then incomplete and must not be published.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # or each page of a register is a line in the log
    with naming(tenant):
        access = severa_access(tenant)
        spool = Spool(RunStore(tenant.tenant, writer.run_id), access.credential)
        return asyncio.run(read_organization(access, writer, patience, limit, spool))


@contextmanager
def naming(tenant: Tenant) -> Iterator[None]:
    """Say in every error of the block whose Severa it is about."""
    try:
        yield
    except PresyncError as error:
        raise type(error)(
            f"tenant {tenant.tenant}: {error.message}", source=error.source
        ) from error.__cause__


async def read_organization(
    access: SeveraAccess,
    writer: ExtractWriter,
    patience: Patience = PATIENCE,
    limit: RateLimit | None = None,
    spool: Spool | None = None,
) -> Mapping[str, Any]:
    """Do the work of `extract` for credentials at hand; `limit` is shared with all processes if left out."""
    async with SeveraClient(access, patience, limit) as client:
        readers = [RegisterReader(client, register) for register in REGISTERS]
        try:
            async with asyncio.TaskGroup() as group:
                for reader in readers:
                    group.create_task(reader.stage(writer, spool))
        except BaseExceptionGroup as errors:
            raise _decisive(errors) from None
        # last: a record made meanwhile must not have a number that its counter still offers
        await _stage_settings(client, writer)
        identity = await organisation_identity(client)
        if spool:
            spool.clear(reader.route for reader in readers)
        for reader in readers:
            logger.info("severa: %s: %s", reader.route, reader.seen())
        return {
            "base_url": access.base_url,
            "identity": {"severa": identity},
            "scopes": list(client.scopes),
            "requests": client.requests,
            "retries": client.retries,
            "refusals": client.refusals,
            "registers": {reader.route: reader.seen() for reader in readers},
            "duplicates": {r.route: r.duplicates for r in readers if r.duplicates},
            "differing_duplicates": {r.route: r.differing for r in readers if r.differing},
        }


async def _stage_settings(client: SeveraClient, writer: ExtractWriter) -> None:
    decoder = msgspec.json.Decoder(OrganizationSettings)
    settings, _ = await client.get(SETTINGS, {}, decoder)
    require_settings(settings)
    with writer.table(SETTINGS) as table:
        batches = BatchWriter(table)
        batches.add([settings])
        batches.flush()


def _decisive(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one error to report: a defect of ours, else one that a later try would not fix."""
    return min(errors.exceptions, key=lambda error: isinstance(error, PresyncError) + _retryable(error))


def _retryable(error: BaseException) -> bool:
    return isinstance(error, PresyncError) and error.retryable
