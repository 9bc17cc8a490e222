"""What a tenant file may say for its company, and `tenants/defaults.yaml` for all of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from presync.tenants.model_base import Model
from presync.tenants.notify import Notify
from presync.tenants.schedules import usable_schedule
from presync.tenants.texts import Owner, Roles, UserName

Master = Literal["visma_business", "severa"]


class Integration(Model):
    """Settings of the integration that decide whose values are kept where linked records differ.

    They change what the preview tells, never a finding. Customers and employees have no master.
    """

    master: Master | None = Field(
        None,
        description="Master of departments, work types and travel expense types: visma_business or severa; "
        "left out: the preview cannot say whose values are kept.",
    )
    case_master: Master | None = Field(
        None, description="Master of projects and sales cases; left out: as `master`."
    )
    product_master: Master | None = Field(
        None, description="Master of regular products; left out: as `master`."
    )


class Shared(Model):
    """Keys that companies may have in common."""

    integration: Integration = Field(
        default_factory=Integration, description="Whose values are kept where linked records differ."
    )
    privacy: Literal["names", "masked"] = Field(
        "names",
        description="`masked`: reports, findings and preview show a name's first letters only; codes stay.",
    )
    dormant_years: Annotated[int, Field(ge=1, le=99, strict=True)] = Field(
        3,
        description="A record that nothing has happened to for so many years may be dead: it is proposed for "
        "exclusion, and nothing is excluded automatically.",
    )
    schedule: str | None = Field(
        None, description="When to check: cron or @hourly, @daily …; left out: on demand."
    )
    four_eyes: bool = Field(
        False,
        description="`true`: nobody approves a start that rests on a waiver or answer of their own. "
        "A start by webhook or DAG then waits for an approval, too.",
    )
    approvers: list[UserName] = Field(
        default_factory=list,
        max_length=50,
        description="Airflow users who may approve a start; left out: whoever may edit the DAG. "
        "A start by webhook or DAG then waits for an approval, too.",
    )
    owner: Owner | None = Field(None, description="Who looks after this company: the owner of its DAG.")
    readers: Roles | None = Field(
        None,
        description="Airflow roles (FAB) that may read this company's DAG and pages; left out: Airflow "
        "alone says who may.",
    )
    editors: Roles | None = Field(
        None,
        description="Airflow roles (FAB) that may also run this company's DAG and decide on its pages. "
        "Airflow takes away what other roles were given for this one DAG.",
    )
    notify: Notify | None = Field(None, description="Who is notified of what; left out: nobody.")
    language: Literal["en", "nb", "sv", "fi", "da"] = Field(
        "en", description="Language of what this company's people read."
    )
    retries: Annotated[int, Field(ge=0, le=100, strict=True)] | None = Field(
        None,
        description="How often a task is repeated while a system cannot be reached; left out: "
        "PRESYNC_RETRIES.",
    )

    @field_validator("schedule")
    @classmethod
    def _usable_schedule(cls, value: str | None) -> str | None:
        return None if value is None else usable_schedule(value)
