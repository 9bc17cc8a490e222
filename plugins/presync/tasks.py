"""The Airflow tasks of a tenant's run: thin shells around the rooms, and the same manners for each of them.

Before a task works, it withdraws what an earlier try of the same run published, so that a repetition that
fails cannot pass for the earlier success. If it fails, it publishes `errors/<task>`; if even that is
impossible (a killed worker), its product is missing, and the gate counts that as an error.
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

from airflow.sdk import Asset, BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from presync.errors import ConfigurationError, IncompleteError, PresyncError, SourceDataError
from presync.evidence import FINGERPRINT
from presync.staging.database import FILE
from presync.staging.extract import ExtractWriter, read_manifest
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS, System
from presync.suites import SUITES
from presync.tenants import Tenant

Work = Callable[[Tenant, RunStore, Context], Any]
_TENANT: Final = "tenant.json"
DECIDED: Final = "decided_answers"


class Step(BaseOperator):
    """One task: calls `work(tenant, store, context)` and returns its small result as XCom.

    `product` is the published name that the task makes, if any.
    """

    def __init__(self, *, tenant: Tenant, work: Work, product: str | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.tenant = tenant
        self.work = work
        self.product = product

    def execute(self, context: Context) -> Any:
        """Run the work as Airflow's task."""
        return self.run_work(context)

    def run_work(self, context: Context) -> Any:
        """Run the work; on any failure leave the reason where the gate and the report find it."""
        store = RunStore(self.tenant.tenant, context["run_id"])
        try:
            for name in filter(None, (self.product, f"errors/{self.task_id}")):
                store.withdraw(name)
            return self.work(self.tenant, store, context)
        except (AirflowSkipException, AirflowFailException):
            # nothing failed, or what did has already been published as the task's own product
            raise
        except BaseException as error:
            publish_error(store, self.task_id, error)
            raise


def publish_error(store: RunStore, task: str, error: BaseException) -> None:
    """Publish `errors/<task>`: `{"source", "message", "retryable"}`; nothing that could hold a secret."""
    if isinstance(error, PresyncError):
        record = {"source": error.source, "message": error.message, "retryable": error.retryable}
    else:
        # the text of a foreign exception may hold a connection string: it stays in the masked log
        message = (
            f"task {task} broke off unexpectedly ({type(error).__name__}), so what it should have checked is "
            "not checked. Read the task's log; run the tenant again once the cause is mended."
        )
        record = {"source": task, "message": message, "retryable": False}
    with store.publishing(f"errors/{task}") as folder:
        (folder / "error.json").write_text(json.dumps(record))


def extract(system: System) -> Work:
    """Return the work of an extract task: reads every table of `system` and publishes them all at once."""

    def work(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
        from presync.control.extracts import emptied_tables
        from presync.exceptions import decided_answers, with_answers

        with store.publishing(system) as folder:
            writer = ExtractWriter(folder, system, tenant=tenant.tenant, run_id=store.run_id)
            decided = decided_answers(tenant)
            seen = _reader(system)(with_answers(tenant, decided), writer)
            manifest = writer.finish({**seen, FINGERPRINT: tenant.fingerprint, DECIDED: decided})
            emptied = emptied_tables(manifest)
            if emptied:
                raise SourceDataError("\n".join(emptied), source=system)
        return {"extract_id": manifest.extract_id, "rows": dict(manifest.rows)}

    return work


def _reader(system: System) -> Callable[[Tenant, ExtractWriter], Mapping[str, Any]]:
    if system == "visma_business":
        from presync.sources import visma_business

        return visma_business.extract
    from presync.sources import severa

    return severa.extract


def reconcile(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Build the run's database from both extracts, and remember which tenant file it was built for."""
    from presync import exceptions
    from presync.reconcile import build

    folders = {system: store.fetch(system) for system in SYSTEMS}
    for system, folder in folders.items():
        seen = read_manifest(folder, system).seen
        _require_same_file(tenant, str(seen.get(FINGERPRINT)), f"the extract of {system}")
    # the answers decide what is read of Visma Business, so those count with which it was read
    decided = read_manifest(folders["visma_business"], "visma_business").seen.get(DECIDED) or {}
    in_force = exceptions.exceptions_in_force(tenant, decided)
    with store.publishing("database") as folder:
        build(folder / FILE, exceptions.with_answers(tenant, decided), folders, in_force.pairs)
        (folder / exceptions.FILE).write_text(json.dumps(in_force.as_dict(), ensure_ascii=False))
        (folder / _TENANT).write_text(json.dumps({"fingerprint": tenant.fingerprint}))
        return {"bytes": (folder / FILE).stat().st_size}


def check_suite(suite: str) -> Work:
    """Return the work of a suite task: runs the suite and publishes its result and findings."""

    def work(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
        quiet_great_expectations()
        from presync.rules.run import run_suite

        database = _database(tenant, store)
        with store.publishing(f"results/{suite}") as folder:
            result = run_suite(suite, database, folder)
        if result.status == "error":
            reasons = "; ".join(error["message"] for error in result.errors)
            raise AirflowFailException(f"suite {suite} could not be checked completely: {reasons}")
        return {"status": result.status, "critical": result.critical, "warning": result.warning}

    return work


def _database(tenant: Tenant, store: RunStore) -> Path:

    folder = store.fetch("database")
    built_for = json.loads((folder / _TENANT).read_text())["fingerprint"]
    _require_same_file(tenant, built_for, "the run's database")
    return folder / FILE


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

    # some of its modules set a level of their own when they are imported
    for name in logging.root.manager.loggerDict:
        if name.startswith("great_expectations."):
            logging.getLogger(name).setLevel(logging.WARNING)


def report(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Conclude the verdict from what the run published and build the report around it."""
    from presync.gate import conclude
    from presync.memory import recall
    from presync.report.build import build_report
    from presync.report.shelf import Shelf

    Shelf(tenant.tenant, root=store.root).withdraw(store.run_id)
    verdict = conclude(tenant, store)
    location = build_report(tenant, store, verdict, recall(store, verdict))
    return {"status": verdict.status, "report": str(location)}


def ready_asset(tenant: str) -> Asset:
    """Return the asset that a `ready` verdict updates: other teams' DAGs may be scheduled on it."""
    return Asset(name=f"presync_{tenant}_ready", uri=f"presync://{tenant}/ready")


class GateOperator(Step):
    """The task that fails on anything but `ready`; the plugin gives it the link to the report."""


def gate(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Conclude, record, and return the certificate's id; raises NotReadyError on anything but `ready`."""
    from presync import gate as control_room
    from presync.memory import remember

    published = RunStore(tenant.tenant, store.run_id, area="reports")
    _require_report(tenant, store, published)
    verdict = control_room.conclude(tenant, store)
    if verdict.status != "error" and _failed_since(tenant, store, context):
        verdict = control_room.conclude(tenant, store)
    control_room.record_verdict(verdict)
    remember(store, verdict)
    if verdict.status != "error":
        _remember_rows(store)
    control_room.check_gate(verdict, store, _link(tenant, published))
    certificate = control_room.issue_certificate(tenant, verdict)
    context["outlet_events"][ready_asset(tenant.tenant)].extra = {
        "tenant": tenant.tenant,
        "run_id": store.run_id,
        "certificate": certificate.id,
    }
    return {"status": verdict.status, "certificate": certificate.id}


def _require_report(tenant: Tenant, store: RunStore, published: RunStore) -> None:
    """Turn a report that is missing, or is about something else, into an error that the verdict counts."""
    from presync.gate import conclude

    try:
        shown = json.loads((published.fetch("") / "verdict.json").read_text(encoding="utf-8"))
        concluded = conclude(tenant, store).as_dict()
        same = all(shown[part] == concluded[part] for part in ("status", "suites", "counts", "errors"))
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
    from presync.web.links import report_url

    link = report_url(tenant.dag_id, published.run_id)
    return link if "://" in link else f"{published.url}/index.html"


def _remember_rows(store: RunStore) -> None:
    from presync.control.extracts import record_extract

    for system in SYSTEMS:
        record_extract(read_manifest(store.fetch(system), system))


def start(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Start the integration, once, ever; skipped if the run only checks or if it was started before."""
    from presync.approval import approved_by, asked_to_start
    from presync.start import start_integration

    if not asked_to_start(context):
        raise AirflowSkipException("this run was asked only to check")
    by = approved_by(context) if tenant.start == "manual" else None
    # a start by hand was looked at before the person was asked: by now it has been made
    look = None if tenant.start == "manual" else partial(last_look, tenant, store.run_id)
    outcome = start_integration(tenant, store.run_id, by=by, look=look)
    if outcome.already:
        raise AirflowSkipException(str(outcome))
    return {"started": True, "confirmed_at": str(outcome.confirmed_at)}


def last_look(tenant: Tenant, run_id: str) -> None:
    """Read both systems once more; raises StartError that says what has moved since the run checked them."""
    from presync.fresh_look import require_unmoved

    require_unmoved(tenant, run_id, _reader)


def approval(tenant: Tenant, timeout: timedelta) -> BaseOperator:
    """Return the task in which a person confirms a start by hand; no answer in time counts as Reject."""
    from presync.approval import StartApproval

    return StartApproval(tenant=tenant, response_timeout=timeout, look=last_look)
