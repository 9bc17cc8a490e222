"""The gate as an Airflow task: concludes, records, and fails on anything but `ready`."""

from __future__ import annotations

import json
from typing import Any, Final

from airflow.sdk import Asset, Context

from presync.airflow.step import Step, publish_error
from presync.errors import IncompleteError, PresyncError
from presync.rules.catalogue import SUITES
from presync.staging.extract import read_manifest
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS
from presync.tenants.model import Tenant

_SHOWN: Final = ("status", "suites", "counts", "errors", "rules_version", "made_by")


def ready_asset(tenant: str) -> Asset:
    """Return the asset that a `ready` verdict updates: other teams' DAGs may be scheduled on it."""
    return Asset(name=f"presync_{tenant}_ready", uri=f"presync://{tenant}/ready")


class GateOperator(Step):
    """The task that fails on anything but `ready`; the plugin gives it the link to the report."""


def gate(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Conclude, record, and return the certificate's id; raises NotReadyError on anything but `ready`."""
    from presync.gate.certificate import issue_certificate
    from presync.gate.gate import check_gate
    from presync.verdict.conclude import conclude, record_verdict
    from presync.verdict.history import remember

    published = RunStore(tenant.tenant, store.run_id, area="reports")
    _require_report(tenant, store, published)
    verdict = conclude(tenant, store)
    if verdict.status != "error" and _failed_since(tenant, store, context):
        verdict = conclude(tenant, store)
    record_verdict(verdict)
    remember(store, verdict)
    if verdict.status != "error":
        _remember_rows(store)
    check_gate(verdict, store, _link(tenant, published))
    certificate = issue_certificate(tenant, verdict)
    context["outlet_events"][ready_asset(tenant.tenant)].extra = {
        "tenant": tenant.tenant,
        "run_id": store.run_id,
        "certificate": certificate.id,
    }
    return {"status": verdict.status, "certificate": certificate.id}


def _require_report(tenant: Tenant, store: RunStore, published: RunStore) -> None:
    """Turn a report that is missing, or is about something else, into an error that the verdict counts."""
    from presync.verdict.conclude import conclude

    try:
        shown = json.loads((published.fetch("") / "verdict.json").read_text(encoding="utf-8"))
        concluded = conclude(tenant, store).as_dict()
        same = all(shown[part] == concluded[part] for part in _SHOWN)
        reason = "" if same else "shows another verdict than this run has now"
    except (PresyncError, OSError, ValueError, KeyError):
        reason = "was not written, or cannot be read"
    if reason:
        error = IncompleteError(
            f"the report of run {store.run_id} {reason}, so nobody could see what the gate decides on. "
            "Clear the task report.",
            source="report",
        )
        publish_error(store, "report", error)


def _failed_since(tenant: Tenant, store: RunStore, context: Context) -> bool:
    """Turn tasks whose last try did not succeed into errors that the verdict counts; tell if there are any.

    A worker that dies before it can withdraw anything leaves what the try before it had published.
    """
    found: dict[str, Any] = context["ti"].get_task_states(dag_id=tenant.dag_id, run_ids=[store.run_id])
    states = found.get(store.run_id) or {}
    earlier = (*(f"extract_{system}" for system in SYSTEMS), "reconcile", *SUITES, "report")
    failed = [task for task in earlier if states.get(task) != "success"]
    for task in failed:
        error = IncompleteError(
            f"task {task} of run {store.run_id} ended as {states.get(task)}, so what an earlier try of it "
            "left does not count. Clear it, and what comes after it.",
            source=task.removeprefix("extract_"),
        )
        publish_error(store, task, error)
    return bool(failed)


def _link(tenant: Tenant, published: RunStore) -> str:
    """Return the report's address in Airflow, or where it is stored if Airflow has no address."""
    from presync.airflow.web.links import report_url

    link = report_url(tenant.dag_id, published.run_id)
    return link if "://" in link else f"{published.url}/index.html"


def _remember_rows(store: RunStore) -> None:
    from presync.control.extracts import record_extract

    for system in SYSTEMS:
        record_extract(read_manifest(store.fetch(system), system))
