"""The tasks of a tenant's run: thin shells around the rooms.

XCom carries ids, counts and links only.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from presync.airflow.step import TaskFunction
from presync.errors import ConfigurationError, SourceDataError
from presync.languages.texts import marked
from presync.staging.database import DATABASE_FILE
from presync.staging.extract import ExtractWriter, read_manifest
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, System
from presync.tenants.model import Tenant
from presync.verdict.evidence import FINGERPRINT

_TENANT: Final = "tenant.json"


DECIDED: Final = "decided_answers"


def extract(system: System) -> TaskFunction:
    """Return the work of an extract task: reads every table of `system` and publishes them all at once."""

    def work(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
        from presync.control.companies import record_began
        from presync.control.extracts import fallen
        from presync.decisions.answers import decided_answers
        from presync.tenants.answers import with_answers

        record_began(tenant, store.run_id)
        with store.publishing(system) as folder:
            writer = ExtractWriter(folder, system, tenant=tenant.tenant, run_id=store.run_id)
            decided = decided_answers(tenant)
            seen = _reader(system)(with_answers(tenant, decided), writer)
            manifest = writer.finish({**seen, FINGERPRINT: tenant.fingerprint, DECIDED: decided})
            emptied = fallen(manifest)
            if emptied:
                raise SourceDataError("\n".join(emptied), source=system)
        return {"extract_id": manifest.extract_id, "rows": dict(manifest.rows)}

    return work


def _reader(system: System) -> Callable[[Tenant, ExtractWriter], Mapping[str, Any]]:
    if system == "visma_business":
        from presync.sources.visma_business.extract import extract as read_visma_business

        return read_visma_business
    from presync.sources.severa.extract import extract as read_severa

    return read_severa


def reconcile(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Build the run's database from both extracts, and remember which tenant file it was built for."""
    from presync.decisions.in_force import SNAPSHOT_FILE, exceptions_in_force
    from presync.reconcile import build
    from presync.tenants.answers import with_answers

    folders = {system: store.fetch(system) for system in SYSTEMS}
    for system, folder in folders.items():
        seen = read_manifest(folder, system).seen
        _require_same_file(tenant, str(seen.get(FINGERPRINT)), f"the extract of {system}")
    # the answers decide what is read of Visma Business, so those count with which it was read
    decided = read_manifest(folders["visma_business"], "visma_business").seen.get(DECIDED) or {}
    in_force = exceptions_in_force(tenant, decided)
    with store.publishing("database") as folder:
        build(folder / DATABASE_FILE, with_answers(tenant, decided), folders, in_force.pairs)
        (folder / SNAPSHOT_FILE).write_text(json.dumps(in_force.as_dict(), ensure_ascii=False))
        (folder / _TENANT).write_text(json.dumps({"fingerprint": tenant.fingerprint}))
        return {"bytes": (folder / DATABASE_FILE).stat().st_size}


def check_suite(suite: str) -> TaskFunction:
    """Return the work of a suite task: runs the suite and publishes its result and findings."""

    def work(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
        quiet_great_expectations()
        from presync.rules.run_suite import run_suite

        database = _database(tenant, store)
        with store.publishing(f"results/{suite}") as folder:
            result = run_suite(suite, database, folder)
        if result.status == "error":
            reasons = "; ".join(error.message for error in result.errors)
            raise AirflowFailException(f"suite {suite} could not be checked completely: {reasons}")
        return {"status": result.status, "critical": result.critical, "warning": result.warning}

    return work


def _database(tenant: Tenant, store: RunStore) -> Path:
    folder = store.fetch("database")
    built_for = json.loads((folder / _TENANT).read_text())["fingerprint"]
    _require_same_file(tenant, built_for, "the run's database")
    return folder / DATABASE_FILE


def _require_same_file(tenant: Tenant, fingerprint: str, what: str) -> None:
    if fingerprint != tenant.fingerprint:
        raise ConfigurationError(
            f"the file of tenant {tenant.tenant} changed while this run was under way: {what} was made for "
            "another version of it, so its answers and mappings no longer belong together. Start a new run.",
            source=tenant.tenant,
        )


def quiet_great_expectations() -> None:
    """Keep Great Expectations from calling its vendor and from hundreds of INFO lines."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations  # noqa: F401

    # Some of its modules set a level of their own when they are imported. One that is set already is left:
    # setting it again makes every logger of the process forget what it has worked out.
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("great_expectations.") and logging.getLogger(name).level != logging.WARNING:
            logging.getLogger(name).setLevel(logging.WARNING)


def report(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Conclude the verdict from what the run published and build the report around it."""
    from presync.report.build import build_report
    from presync.report.published import Shelf
    from presync.verdict.conclude import conclude
    from presync.verdict.history import recall

    Shelf(tenant.tenant, root=store.root).withdraw(store.run_id)
    verdict = conclude(tenant, store)
    location = build_report(tenant, store, verdict, recall(store, verdict))
    return {"status": verdict.status, "report": str(location)}


def start(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Start the integration, once, ever; skipped if the run only checks or if it was started before."""
    from presync.gate.approval import approved_by, asked_to_start
    from presync.gate.start import start_integration
    from presync.report.decision import show_settled, show_start

    if not asked_to_start(context, tenant):
        raise AirflowSkipException("this run was asked only to check")
    by = approved_by(context) if tenant.asks_first else None
    # a start by hand was looked at before the person was asked: by now it has been made
    look = None if tenant.start == "manual" else partial(last_look, tenant, store.run_id)
    try:
        outcome = start_integration(tenant, store.run_id, by=by, look=look)
    finally:
        show_start(store)
        show_settled(tenant.tenant)  # earlier reports of the same start, too
    if outcome.already:
        raise AirflowSkipException(str(outcome))
    return {"started": True, "confirmed_at": str(outcome.confirmed_at)}


def last_look(tenant: Tenant, run_id: str) -> None:
    """Read both systems once more; raises StartError that says what has moved since the run checked them."""
    from presync.gate.last_look import require_unmoved

    require_unmoved(tenant, run_id, _reader)


def approval(tenant: Tenant, timeout: timedelta) -> BaseOperator:
    """Return the task in which a person approves the start; without an answer in time it fails."""
    from presync.gate.approval import StartApproval

    return StartApproval(tenant=tenant, response_timeout=timeout, look=last_look, links=_links)


def _links(tenant: Tenant, run_id: str) -> dict[str, str]:
    from presync.airflow.web.links import company_url, report_url

    return {
        marked("Report"): report_url(tenant.dag_id, run_id),
        marked("Company"): company_url(tenant.dag_id),
    }
