"""The DAG that writes corrections to Severa, `presync_apply__<tenant>`: plan, approval, apply, check again.

It exists for tenants whose file says `severa: {apply: true}`. Nothing is written without a person's approval,
and what was approved is what is written: the approval names the plan, and a plan that has moved is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Context, Param, TriggerRule
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from presync.airflow.copied_tasks import copy_tasks, limits_of
from presync.airflow.gate_task import task_states
from presync.airflow.rights import give_rights
from presync.airflow.runbook import apply_runbook
from presync.airflow.step import Step
from presync.control.who import Who
from presync.errors import ConfigurationError, NotReadyError
from presync.gate.question import plain
from presync.staging.store import RunStore
from presync.tenants.model import OWNER, Tenant
from presync.text.secrecy import log_trace

PLAN: Final = "plan"
APPROVE: Final = "approve"
APPLY: Final = "apply"
CHECK: Final = "check_again"
ASKED: Final = "asked"
WAYS: Final = ("apply", "resume", "undo")
PARTS: Final = ("only", "at_most", "fill_empty")
_APPROVAL_TIMEOUT: Final = timedelta(hours=12)
_APPLY_TIMEOUT: Final = timedelta(hours=6)
_SHOWN: Final = 20
logger = logging.getLogger(__name__)


def correcting_dags(tenants: Iterable[Tenant]) -> Iterator[tuple[Tenant, DAG]]:
    """Yield the DAG for corrections of each tenant that wants one and whose DAG can be built."""
    pattern: DAG | None = None
    for tenant in tenants:
        if not tenant.severa.apply:
            continue
        try:
            dag = apply_dag(tenant, like=pattern)
        except Exception as error:
            log_trace(logger, f"the DAG for corrections of tenant {tenant.tenant} cannot be built", error)
        else:
            pattern = pattern or dag
            yield tenant, dag


def apply_dag(
    tenant: Tenant, *, approval_timeout: timedelta = _APPROVAL_TIMEOUT, like: DAG | None = None
) -> DAG:
    """Return the tenant's DAG for corrections; cheap, because Airflow parses it every half minute.

    All that does not differ is copied from the DAG `like` of another tenant, if there is one.
    """
    with DAG(
        dag_id=tenant.apply_dag_id,
        dag_display_name=f"Presync: correct {tenant.title}",
        description=f"Write approved corrections to the Severa of {tenant.title}, or take them back.",
        schedule=None,
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        tags={"presync", "presync-apply", f"tenant:{tenant.tenant}"},
        # never retried automatically: a person decides how to go on with what was interrupted
        default_args={
            "owner": tenant.owner or OWNER,
            "retries": 0,
            "execution_timeout": timedelta(hours=1),
        },
        doc_md=apply_runbook(tenant),
        auto_register=False,
        **limits_of(like),
    ) as dag:
        if like is None:
            _wire_tasks(tenant, approval_timeout)
        else:
            copy_tasks(like, dag, tenant, {APPROVE: {"subject": ApplyApproval.subject_of(tenant)}})
        dag.params = ParamsDict(_params())
    give_rights(dag, tenant)
    return dag


def _wire_tasks(tenant: Tenant, approval_timeout: timedelta) -> None:
    plan = Step(task_id=PLAN, tenant=tenant, work=_plan)
    approve = ApplyApproval(tenant=tenant, response_timeout=approval_timeout)
    apply = Step(task_id=APPLY, tenant=tenant, work=_apply, execution_timeout=_APPLY_TIMEOUT)
    # whatever came of it: what was written must be judged
    check = Step(task_id=CHECK, tenant=tenant, work=_check_again, trigger_rule=TriggerRule.ALL_DONE)
    plan >> approve >> apply >> check


def _params() -> dict[str, Param]:
    from presync.apply.model import WRITABLE

    return {
        "do": Param("apply", type="string", enum=[*WAYS], title="What to do"),
        "only": Param(
            [],
            type="array",
            items={"type": "string", "enum": [*WRITABLE]},
            title="Only these registers",
            description="None: all of them.",
        ),
        "at_most": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="At most this many records",
            description="1: a trial.",
        ),
        "fill_empty": Param(
            False,
            type="boolean",
            title="Also records without a number",
            description="Nobody knows whether Severa takes such a number back.",
        ),
        "plan": Param(
            "",
            type="string",
            title="Which plan to resume or undo",
            description="Its id; empty: the newest that was begun.",
        ),
    }


class ApplyApproval(ApprovalOperator):
    """Asks a person, who reads what will change; no answer in time counts as Reject."""

    # subject and body hold names as they are written: braces in them are no template of ours
    template_fields = ()

    def __init__(self, *, tenant: Tenant, response_timeout: timedelta, **arguments: Any) -> None:
        arguments.setdefault("task_id", APPROVE)
        super().__init__(
            subject=self.subject_of(tenant),
            body="",
            defaults=[self.REJECT],
            response_timeout=response_timeout,
            execution_timeout=None,
            **arguments,
        )
        self.tenant = tenant

    @staticmethod
    def subject_of(tenant: Tenant) -> str:
        """Return what the question is about."""
        return f"Write to the Severa of {tenant.title}"

    def execute(self, context: Context) -> Any:
        """Put the question, and keep what it was about: the answer holds for that alone."""
        planned = context["ti"].xcom_pull(task_ids=PLAN)
        context["ti"].xcom_push(key=ASKED, value=_asked_about(planned))
        self.body = _question(self.tenant, planned["do"], planned["plan"])
        return super().execute(context)


def _plan(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Make a plan, or find the one to go on with or to take back; return its id."""
    from presync.apply import run
    from presync.apply.model import Options

    asked = _asked(context)
    if asked["do"] == "apply":
        at_most = None if asked["at_most"] is None else int(asked["at_most"])
        options = Options(tuple(asked["only"]), at_most, None, asked["fill_empty"] is True)
        plan, identity = run.propose(tenant, options)
        return {"do": "apply", "plan": identity, "records": len(plan.writes)}
    if part := [name for name in PARTS if asked[name]]:
        raise ConfigurationError(
            f"nothing was done: {' and '.join(part)} cannot be given with {asked['do']}, which is about a "
            "whole plan",
            source=APPLY,
        )
    return {"do": asked["do"], "plan": _begun(tenant, asked["do"], asked["plan"].strip())}


def _begun(tenant: Tenant, do: str, identity: str) -> str:
    """Return the plan to go on with or to take back: the one that was asked for, or the newest."""
    from presync.control import journal

    begun = [each.id for each in journal.applications(tenant.tenant)]
    if not begun:
        raise ConfigurationError(
            f"nothing was ever written to the Severa of tenant {tenant.tenant}: nothing to {do}", source=APPLY
        )
    if identity and identity not in begun:
        raise ConfigurationError(
            f"tenant {tenant.tenant} has no plan {identity!r} that was begun: nothing to {do}", source=APPLY
        )
    return identity or begun[-1]


def _asked(context: Context) -> Mapping[str, Any]:
    """Return what the run was triggered with.

    Where Airflow's `[core] dag_run_conf_overrides_params` is off, `params` hold the defaults whatever it was:
    then nothing is done, because it would not be what somebody asked for.
    """
    params, triggered = context["params"], getattr(context["dag_run"], "conf", None) or {}
    for name, value in triggered.items():
        if name not in params or params[name] != value:
            raise ConfigurationError(
                f"this run was triggered with {name}, which does not match the DAG's parameters. Nothing "
                "was done. Trigger it with the form, and leave [core] dag_run_conf_overrides_params on.",
                source=APPLY,
            )
    return params


def _question(tenant: Tenant, do: str, identity: str) -> str:
    """Return what a person is asked, as Markdown: what will change comes first."""
    from presync.apply.run import planned
    from presync.apply.texts import call_line, plan_lines
    from presync.control import journal

    if do == "apply":
        first = not journal.applications(tenant.tenant)
        told = list(plan_lines(planned(tenant, identity), shown=_SHOWN, first=first))
        skipped = [call for call in journal.calls_of(identity) if call.state == "skipped"]
        told += [f"left alone: {call_line(call)}" for call in skipped[:_SHOWN]]
        asks = "Approve to write this to Severa now."
    else:
        calls = journal.calls_of(identity)
        told = [call_line(call) for call in calls[:_SHOWN]]
        told += [f"… and {len(calls) - _SHOWN} more"] if len(calls) > _SHOWN else []
        words = {"resume": "go on with it", "undo": "give every record its previous value back"}
        found = journal.find_application(identity)
        asks = f"Plan {identity} is {found.state if found else 'unknown'}. Approve to {words[do]}."
    # a list, because Airflow's page runs the lines of a code block into one
    lines = "\n".join(f"{'  ' if line[0] == ' ' else ''}- {plain(line)}" for line in told)
    return f"{asks} Nobody should work in these registers meanwhile.\n\n{lines}\n"


def _apply(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Do what was approved; fails where it stopped itself, with what is done and what is not."""
    from presync.apply import run
    from presync.apply.texts import call_line, report_lines

    who, planned = _approved_by(context), context["ti"].xcom_pull(task_ids=PLAN)
    if context["ti"].xcom_pull(task_ids=APPROVE, key=ASKED) != _asked_about(planned):
        raise ConfigurationError(
            "the approved plan is not the one that this run has made since, so nothing was "
            "written. Clear the task `approve`, and answer again.",
            source=APPLY,
        )
    do = {"apply": run.apply_plan, "resume": run.resume, "undo": run.undo}[planned["do"]]
    report = do(tenant, planned["plan"], who, watch=lambda call: logger.info("%s", call_line(call)))
    told = list(report_lines(report, undo=planned["do"] == "undo"))
    for line in told:
        logger.info("%s", line)
    if report.outcome.stopped:
        raise NotReadyError("\n".join(told[-_SHOWN:]), source=APPLY)
    return {"plan": planned["plan"], **report.outcome.counts}


def _asked_about(planned: Mapping[str, Any]) -> dict[str, Any]:
    return {"do": planned["do"], "plan": planned["plan"]}


def _approved_by(context: Context) -> Who:
    answer = context["ti"].xcom_pull(task_ids=APPROVE)
    user = (answer or {}).get("responded_by_user") or {}
    name = user.get("name") or user.get("id")
    if not name or (answer or {}).get("chosen_options") != [ApplyApproval.APPROVE]:
        raise ConfigurationError("nobody approved this plan, so nothing was written", source=APPLY)
    return Who(str(name), "airflow")


def _check_again(tenant: Tenant, store: RunStore, context: Context) -> dict[str, Any]:
    """Have the tenant's DAG check, without starting anything; fails if applying did."""
    state = task_states(context, tenant.apply_dag_id, store.run_id).get(APPLY)
    if state == "upstream_failed":
        raise AirflowFailException(f"nothing was written: {PLAN} or {APPROVE} failed, and its log says why")
    if state not in {"success", "failed"}:
        raise AirflowSkipException("nothing was written")
    run_id = trigger_check(tenant, store.run_id)
    if state == "failed":
        raise AirflowFailException(
            f"applying stopped; run {run_id} of {tenant.dag_id} shows the present state"
        )
    return {"run": run_id}


def trigger_check(tenant: Tenant, cause: str) -> str:
    """Trigger the tenant's DAG to check only; return the run's id. Works inside an Airflow task only."""
    from presync.gate.trigger_dag import NotTriggeredError, trigger_run

    run_id = f"after_apply__{cause}"
    try:
        trigger_run(tenant.dag_id, run_id, {"start": False})
    except NotTriggeredError as error:
        raise ConfigurationError(
            f"Airflow did not trigger {tenant.dag_id} ({error.message}), so nobody has checked what was "
            "written. Trigger it by hand.",
            source=CHECK,
        ) from error
    return run_id
