"""The task of a tenant that is started by hand: a person says that they did, and Airflow records who."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException

from presync.control.who import Who
from presync.tenants.model import Tenant

TASK: Final = "confirm_start"
_SHOWN: Final = 20


class StartApproval(ApprovalOperator):
    """Asks for the confirmation, unless the run is only a check or the integration was started before.

    No answer within `response_timeout` counts as Reject: a verdict is true for the data as it was read.
    `look` raises if these have moved: then nobody is asked.
    """

    # subject and body hold the company's name as it is written: braces in it are no template of ours
    template_fields = ()

    def __init__(
        self,
        *,
        tenant: Tenant,
        response_timeout: timedelta,
        look: Callable[[Tenant, str], None] | None = None,
        **arguments: Any,
    ) -> None:
        arguments.setdefault("task_id", TASK)
        super().__init__(
            subject=f"Start the integration of {tenant.title} now",
            body=question(tenant.title, []),
            defaults=[self.REJECT],
            response_timeout=response_timeout,
            execution_timeout=None,
            retries=0,
            **arguments,
        )
        self.tenant = tenant
        self.look = look

    def execute(self, context: Context) -> Any:
        """Put the question, or skip it."""
        from presync.control.companies import record_asked
        from presync.control.database import now
        from presync.control.runs import newest_bound
        from presync.control.starts import find_start, refuse_started_by_another
        from presync.gate.same_database import require_same_database

        if not asked_to_start(context):
            raise AirflowSkipException("this run was asked only to check")
        earlier = find_start(self.tenant.tenant)
        if earlier is not None and earlier.state == "confirmed":
            raise AirflowSkipException(f"started before, confirmed by {earlier.who}")
        require_same_database(self.tenant.tenant)
        refuse_started_by_another(self.tenant.tenant, context["run_id"], self.tenant.systems_digest)
        if self.look is not None:
            self.look(self.tenant, context["run_id"])
        bound = newest_bound(self.tenant.tenant, context["run_id"]) or {}
        self.body = question(self.tenant.title, bound.get("rests_on") or [])
        record_asked(self.tenant.tenant, context["run_id"], now() + (self.response_timeout or timedelta(0)))
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Take the answer."""
        from presync.control.companies import record_answered

        record_answered(self.tenant.tenant, context["run_id"])
        return super().execute_complete(context, event)


def question(title: str, rests_on: Sequence[str]) -> str:
    """Return what a person is asked, as Markdown: on what the answer rests comes before what to do."""
    checked = "Everything was checked and nothing critical stands."
    if rests_on:
        listed = "".join(f"\n- {each}" for each in rests_on[:_SHOWN])
        more = f"\n- … and {len(rests_on) - _SHOWN} more, on the report" if len(rests_on) > _SHOWN else ""
        checked = (
            "Everything was checked. That nothing critical stands rests on what people decided:"
            f"{listed}{more}\n\nDo you agree with all of it?"
        )
    return (
        f"{checked} Switch on the Visma Business - Severa integration of **{title}** by hand, then approve "
        "to record it: it will never be asked for again. Reject if you do not start it now; the next run "
        "asks again."
    )


def asked_to_start(context: Context) -> bool:
    """Tell whether a run may start anything: not if it was triggered with `{"start": false}`.

    Where Airflow's `[core] dag_run_conf_overrides_params` is off, `params` hold the DAG's default whatever
    the run was triggered with, so that what it was triggered with is looked at, too.
    """
    triggered: dict[str, Any] = getattr(context["dag_run"], "conf", None) or {}
    return context["params"].get("start") is True and triggered.get("start", True) is True


def approved_by(context: Context) -> Who | None:
    """Return which signed-in user pressed Approve in this run, or None if nobody did."""
    answer = context["ti"].xcom_pull(task_ids=TASK)
    if not isinstance(answer, dict) or answer.get("chosen_options") != [StartApproval.APPROVE]:
        return None
    user = answer.get("responded_by_user") or {}
    name = user.get("name") or user.get("id")
    return Who(str(name), "airflow") if name else None
