"""How a company's integration is started, as its tenant file says it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from presync.tenants.model_base import Model
from presync.tenants.texts import ConnectionId, DagId

Approval = Literal["required"]


class WebhookStart(Model):
    webhook: ConnectionId = Field(description="Airflow HTTP connection that is called (POST) to start.")
    approval: Approval | None = Field(
        None, description="`required`: a person is asked before the call; left out: nobody is."
    )


class DagStart(Model):
    dag: DagId = Field(description="DAG that is triggered to start.")
    approval: Approval | None = Field(
        None, description="`required`: a person is asked before it is triggered; left out: nobody is."
    )


Start = WebhookStart | DagStart | Literal["manual"]
