"""The task in which a person approves a start, and Airflow records who.

A start by hand is always approved; one by a webhook or a DAG where the tenant file says `approval: required`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException

from presync.control.who import Who
from presync.errors import StartError
from presync.gate.approvers import may_be_asked, nothing_started, refuse_approval
from presync.tenants.model import Tenant

TASK: Final = "confirm_start"
Links = Callable[[Tenant, str], Mapping[str, str]]
"""Returns the addresses that a question about a tenant's run leads to, by their names."""


class StartApproval(ApprovalOperator):
    """Asks for the approval, unless the run is only a check or the integration was started before.

    Without an answer within `response_timeout`, and before the certificate ends, the task fails: nobody has
    decided anything. `look` raises if the data have moved: then nobody is asked.
    """

    # subject and body hold the company's name as it is written: braces in it are no template of ours
    template_fields = ()

    def __init__(
        self,
        *,
        tenant: Tenant,
        response_timeout: timedelta,
        look: Callable[[Tenant, str], None] | None = None,
        links: Links | None = None,
        **arguments: Any,
    ) -> None:
        arguments.setdefault("task_id", TASK)
        super().__init__(
            # catalogues are not read where DAGs are parsed: both are put into words when the question is
            subject=tenant.title,
            body="",
            response_timeout=response_timeout,
            execution_timeout=None,
            retries=0,
            **arguments,
        )
        self.tenant = tenant
        self.look = look
        self.links = links

    def execute(self, context: Context) -> Any:
        """Put the question, or skip it."""
        from presync.control.companies import record_asked
        from presync.control.database import now
        from presync.control.runs import find_certificate, newest_bound
        from presync.control.starts import find_start, refuse_started_by_another
        from presync.gate.question import question, subject
        from presync.gate.same_database import require_same_database
        from presync.report.decision import shown
        from presync.staging.store import RunStore

        if not asked_to_start(context, self.tenant):
            raise AirflowSkipException("this run was asked only to check")
        earlier = find_start(self.tenant.tenant)
        if earlier is not None and earlier.state == "confirmed":
            raise AirflowSkipException(f"started before, confirmed by {earlier.who}")
        run_id = context["run_id"]
        _refuse_second_question(self.tenant, context)
        require_same_database(self.tenant.tenant)
        refuse_started_by_another(self.tenant.tenant, run_id, self.tenant.systems_digest)
        if self.look is not None:
            self.look(self.tenant, run_id)
        certificate = find_certificate(self.tenant.tenant, run_id, self.tenant.fingerprint)
        bound = newest_bound(self.tenant.tenant, run_id) or {}
        self.assigned_users = [{"id": name, "name": name} for name in may_be_asked(self.tenant, bound)]
        links = self.links(self.tenant, run_id) if self.links else {}
        told = shown(RunStore(self.tenant.tenant, run_id))
        self.subject = subject(self.tenant)
        self.body = question(self.tenant, bound, certificate.expires_at, links, told)
        self.response_timeout = _until(certificate.expires_at, self.response_timeout)
        record_asked(self.tenant.tenant, run_id, now() + (self.response_timeout or timedelta(0)))
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Take the answer. Raises StartError about one that does not count, and about none."""
        from presync.control.companies import record_answered
        from presync.control.runs import audit_refusal, newest_bound

        run_id = context["run_id"]
        record_answered(self.tenant.tenant, run_id)
        try:
            if event.get("error_type") == "timeout":
                raise StartError(_nobody(self.tenant, run_id), source=TASK)
            if event.get("chosen_options") == [self.APPROVE]:
                bound = newest_bound(self.tenant.tenant, run_id) or {}
                refuse_approval(self.tenant, _user(event), bound)
        except StartError as error:
            audit_refusal(self.tenant.tenant, run_id, reason=error.message)
            raise
        return super().execute_complete(context, event)


def _until(end: Any, longest: timedelta | None) -> timedelta | None:
    """Return how long a question may stay open: what it asks about ends with the certificate."""
    from presync.control.database import now

    left = max(end - now(), timedelta(seconds=1)) if end else None
    return min(filter(None, (left, longest)), default=None)


def _refuse_second_question(tenant: Tenant, context: Context) -> None:
    """Raise StartError if this question was put before: Airflow would show it with its first text."""
    if getattr(context["ti"], "try_number", 1) > 1:
        raise StartError(
            f"this run has asked about the start of {tenant.tenant} before, and Airflow would show the same "
            "text again, whatever has changed since. Nothing was started. Start a new run: it asks again.",
            source=TASK,
        )


def _nobody(tenant: Tenant, run_id: str) -> str:
    who = f"none of {', '.join(tenant.approvers)}" if tenant.approvers else "nobody"
    return (
        f"{who} has answered in time whether the integration of {tenant.tenant} may be started on "
        f"run {run_id}, so nobody has decided. {nothing_started(tenant)} Run the tenant's DAG again: it asks "
        f"again, about the data as they are then."
    )


def _user(answer: Mapping[str, Any]) -> str | None:
    user = answer.get("responded_by_user") or {}
    name = user.get("name") or user.get("id")
    return str(name) if name else None


def asked_to_start(context: Context, tenant: Tenant) -> bool:
    """Tell whether a run may start anything.

    One of the schedule may where the tenant file says `start_when_ready: true`, any other one only if it was
    triggered with `{"start": true}`.
    """
    run: Any = context["dag_run"]
    if str(getattr(run, "run_type", "")) == "scheduled":
        return tenant.start_when_ready
    triggered: dict[str, Any] = getattr(run, "conf", None) or {}
    return triggered.get("start") is True


def approved_by(context: Context) -> Who | None:
    """Return which signed-in user pressed Approve in this run, or None if nobody did."""
    answer = context["ti"].xcom_pull(task_ids=TASK)
    if not isinstance(answer, dict) or answer.get("chosen_options") != [StartApproval.APPROVE]:
        return None
    name = _user(answer)
    return Who(name, "airflow") if name else None
