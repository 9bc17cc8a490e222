"""The gate as an Airflow task: concludes, records, and fails on anything but `ready`."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import Asset, Context

from presync.airflow.step import Step, publish_error
from presync.errors import IncompleteError, NotReadyError
from presync.rules.catalogue import SUITES
from presync.staging.extract import read_manifest
from presync.staging.store import RunStore
from presync.staging.tables import SYSTEMS
from presync.tenants.model import Tenant

if TYPE_CHECKING:
    from presync.control.models import Certificate
    from presync.verdict.model import Verdict

logger = logging.getLogger(__name__)
_WIDTH: Final = 100
_SHOWN: Final = (
    "status",
    "suites",
    "counts",
    "errors",
    "rules_version",
    "made_by",
    "deviations",
    "not_compared",
)
"""What a report and the gate's own verdict must agree on, as `verdict.json` names it."""


def ready_asset(tenant: str) -> Asset:
    """Return the asset that a `ready` verdict updates: other teams' DAGs may be scheduled on it."""
    return Asset(name=f"presync_{tenant}_ready", uri=f"presync://{tenant}/ready")


class GateOperator(Step):
    """The task that fails on anything but `ready`; the plugin gives it the link to the report."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(on_failure_callback=[say_refusal], **arguments)

    def execute(self, context: Context) -> Any:
        """Run the work as Airflow's task; what a refusal says ends the log, without a trace after it."""
        try:
            return self.run_work(context)
        except NotReadyError as refusal:
            message = refusal.message
        raise GateShut(message)


class GateShut(SystemExit):
    """The gate has refused; `message` says why.

    Airflow logs any other exception once more, as one long line with its trace. Of this one it says only
    that the task exited, and then calls `say_refusal`.
    """

    def __init__(self, message: str) -> None:
        super().__init__(1)
        self.message = message


def say_refusal(context: Context) -> None:
    """Log why the gate has refused: the last thing that Airflow lets a task do, so nothing comes after it."""
    refusal = context.get("exception")
    if not isinstance(refusal, GateShut):
        return  # it broke off, and Airflow has logged why
    logger.info("::endgroup::")  # of "Post Execute": the log's page shows it folded
    for line in plain_lines(refusal.message):
        logger.error("%s", line)


def plain_lines(message: str) -> list[str]:
    """Return a message as lines that need no scrolling; what belongs to a line is indented under it."""
    lines: list[str] = []
    for line in message.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        wrapped = textwrap.wrap(
            line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        lines += wrapped or [""]
    return lines


def gate(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Decide, record, and return the certificate's id; raises NotReadyError on anything but `ready`.

    The run's report says what was decided, whatever happens here.
    """
    from presync.report.decision import show_open, show_refused, undecided
    from presync.verdict.conclude import conclude

    try:
        verdict = _verdict(tenant, store, context)
        if verdict.status == "ready":
            certificate = _certificate(tenant, store, verdict)
            context["outlet_events"][ready_asset(tenant.tenant)].extra = {
                "tenant": tenant.tenant,
                "run_id": store.run_id,
                "certificate": certificate.id,
            }
            # last: nothing that could still fail may come after people read that the gate is open
            show_open(store, certificate.expires_at)
    except BaseException as error:
        show_refused(tenant, store, undecided(conclude(tenant, store), error))
        raise
    if verdict.status != "ready":
        _refuse(tenant, store, verdict)
    return {"status": verdict.status, "certificate": certificate.id}


def _verdict(tenant: Tenant, store: RunStore, context: Context) -> Verdict:
    """Conclude once more, with all that has been learnt since the report was made; remember it."""
    from presync.gate.certificate import overdue
    from presync.gate.same_database import remember_database
    from presync.verdict.conclude import conclude, record_verdict
    from presync.verdict.history import remember
    from presync.verdict.model import Problem

    _require_report(tenant, store)
    verdict = conclude(tenant, store)
    if verdict.status != "error" and _failed_since(tenant, store, context):
        verdict = conclude(tenant, store)
    if verdict.status == "ready" and (late := overdue(verdict)):
        verdict = replace(verdict, status="error", errors=(*verdict.errors, Problem("gate", late)))
    record_verdict(verdict, store)
    remember_database(tenant.tenant)
    remember(store, verdict)
    if verdict.status != "error":
        _remember_rows(store)
    return verdict


def _certificate(tenant: Tenant, store: RunStore, verdict: Verdict) -> Certificate:
    """Issue the certificate, on a report that says what the gate decides on."""
    from presync.gate.certificate import issue_certificate
    from presync.report.build import build_report
    from presync.report.decision import refused_by_gate, shown
    from presync.verdict.history import recall

    values = shown(store)
    if values is None or refused_by_gate(values):  # an earlier try of the gate has replaced it
        build_report(tenant, store, verdict, recall(store, verdict))
    return issue_certificate(tenant, verdict)


def _refuse(tenant: Tenant, store: RunStore, verdict: Verdict) -> None:
    """Raise NotReadyError, with a report that shows the very same verdict."""
    from presync.fixes.counter_texts import CounterTexts
    from presync.gate.gate import check_gate
    from presync.report.decision import show_refused, shown

    if not _shows(shown(store), verdict):
        show_refused(tenant, store, verdict)
    counters = CounterTexts.read((shown(store) or {}).get("counters"))
    link = _link(tenant, RunStore(tenant.tenant, store.run_id, area="reports"))
    check_gate(verdict, store, link, counters)


def _require_report(tenant: Tenant, store: RunStore) -> None:
    """Turn a report that is missing, or is about something else, into an error that the verdict counts."""
    from presync.report.decision import refused_by_gate, shown
    from presync.verdict.conclude import conclude

    values = shown(store)
    if values is None:
        reason = "was not written, or cannot be read"
    elif refused_by_gate(values) or _shows(values, conclude(tenant, store)):
        return
    else:
        reason = "shows another verdict than this run has now"
    error = IncompleteError(
        f"the report of run {store.run_id} {reason}, so nobody could see what the gate decides on. "
        "Clear the task report.",
        source="report",
    )
    publish_error(store, "report", error)


def _shows(values: Mapping[str, Any] | None, verdict: Verdict) -> bool:
    """Tell whether a report shows a verdict."""
    concluded = verdict.as_dict()
    return values is not None and all(values.get(part) == concluded[part] for part in _SHOWN)


def task_states(context: Context, dag_id: str, run_id: str) -> dict[str, str]:
    """Return how the last try of each task of a run has ended so far."""
    found: dict[str, Any] = context["ti"].get_task_states(dag_id=dag_id, run_ids=[run_id])
    return dict(found.get(run_id) or {})


def _failed_since(tenant: Tenant, store: RunStore, context: Context) -> bool:
    """Turn tasks whose last try did not succeed into errors that the verdict counts; tell if there are any.

    A worker that dies before it can withdraw anything leaves what the try before it had published.
    """
    states = task_states(context, tenant.dag_id, store.run_id)
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
