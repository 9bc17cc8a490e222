"""A tenant's onboarding: which company, what is mapped where, what transfers, how the start is made.

One YAML 1.2 file per tenant (`tenants/*.yaml`); unknown keys are refused, every field is described in the
JSON schema (`tenants/tenant.schema.json`, written from this model).
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, field_validator

from presync.errors import TenantFileError
from presync.tenants.defaults import (
    DEFAULTS,
    SharedValues,
    is_defaults,
    read_defaults,
    refused_with,
    with_defaults,
)
from presync.tenants.entities import Entity
from presync.tenants.model_base import Model
from presync.tenants.shared import Shared
from presync.tenants.start import DagStart, Start, WebhookStart
from presync.tenants.texts import ConnectionId, Day, Title
from presync.tenants.visma_business import VismaBusiness
from presync.tenants.yaml_document import line_of, load_document, refusal

GroupField = Annotated[str, StringConstraints(pattern=r"^Gr([2-9]|1[0-2])?$")]
Ceiling = Annotated[int, Field(ge=1, le=9223372036854775807, strict=True)]


NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?")
DAG_PREFIX: Final = "presync__"
APPLY_PREFIX: Final = "presync_apply__"
HOUSEKEEPING: Final = "presync_housekeeping"
NOTIFY: Final = "presync_notify"
REHEARSAL: Final = "presync_rehearsal"
OWN_DAGS: Final = (HOUSEKEEPING, NOTIFY, REHEARSAL)
"""Presync's DAGs beside those of the companies; a test holds this against `dags/`."""
OWNER: Final = "onboarding"
"""The owner of DAGs whose file names none."""
_NOT_RESTED_ON: Final[Any] = {
    **dict.fromkeys(("owner", "readers", "editors", "go_live", "notify", "language", "retries"), True),
    # these only help people to answer the five questions
    "dormant_years": True,
    "visma_business": {"activity"},
    # whether corrections may be written says nothing of what is there
    "severa": {"apply"},
}
EXCEPTIONS: Final = ".exceptions"
"""What the name of a file of waivers and confirmed pairs ends with, before `.yaml`: it is no tenant file."""


class Severa(Model):
    connection: ConnectionId | None = Field(
        None, description="Airflow connection; left out: severa__<tenant>, dashes as underscores."
    )
    customer_number_ceiling: Ceiling | None = Field(
        None, description="Highest customer number that Severa will hand out; left out: no limit."
    )
    invoice_number_ceiling: Ceiling | None = Field(
        None, description="Highest invoice number that Severa will hand out; left out: no limit."
    )
    project_number_ceiling: Ceiling | None = Field(
        None, description="Highest project number that Severa will hand out; left out: no limit."
    )
    apply: bool = Field(
        False,
        description="Whether there is a DAG that writes approved corrections to this Severa, "
        "presync_apply__<tenant>; it needs the connection severa_write__<tenant>.",
    )


class Exclusion(Model):
    field: GroupField = Field(description="Group field that marks what must not transfer: Gr, Gr2 … Gr12.")
    value: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] = Field(
        description="Its value on the rows to exclude."
    )


class Except(Model):
    except_: Exclusion = Field(alias="except", description="Transfer all but the rows marked like this.")


Answer = Literal["all", "none"] | Except


class Transfer(Model):
    """The five questions "transfer all of them?"; one left out keeps the gate shut."""

    departments: Answer | None = Field(None, description="all, none, or except: {field, value}")
    products: Answer | None = Field(None, description="all, none, or except: {field, value}")
    employees: Answer | None = Field(None, description="all, none, or except: {field, value}")
    customers: Answer | None = Field(None, description="all, none, or except: {field, value}")
    projects: Answer | None = Field(None, description="all, none, or except: {field, value}")

    def answer(self, entity: Entity) -> Literal["all", "none", "except"] | None:
        """Return the bare answer for an entity, or None if it was not given."""
        value = getattr(self, entity)
        return "except" if isinstance(value, Except) else value

    def exclusion(self, entity: Entity) -> Exclusion | None:
        """Return the Group field and value of an `except` answer."""
        value = getattr(self, entity)
        return value.except_ if isinstance(value, Except) else None


class Tenant(Shared):
    """One company's onboarding."""

    tenant: Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")] = Field(
        description="Name of the onboarding: lower-case letters, digits, dashes; unique."
    )
    title: Title = Field(description="The company's name, as people know it.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        None, description="Country of the company, two capital letters; for people."
    )
    visma_business: VismaBusiness = Field(
        default_factory=VismaBusiness, description="The Visma Business company and its map."
    )
    severa: Severa = Field(default_factory=Severa, description="The Severa organisation.")
    transfer: Transfer = Field(default_factory=Transfer, description="The five questions.")
    start: Start = Field("manual", description="How the integration is started once the gate opens.")
    start_when_ready: bool = Field(
        False, description="`true`: a run of the schedule starts the integration once everything is ready."
    )
    go_live: Day | None = Field(
        None, description="Day on which the integration should be running, such as 2026-12-31."
    )

    @field_validator("tenant")
    @classmethod
    def _not_the_defaults(cls, value: str) -> str:
        if is_defaults(Path(f"{value}.yaml")):
            raise ValueError(f"{DEFAULTS} holds what all companies share; give this tenant another name")
        return value

    @field_validator("start")
    @classmethod
    def _not_a_dag_of_presync(cls, value: Start) -> Start:
        if not isinstance(value, DagStart):
            return value
        if value.dag in OWN_DAGS or value.dag.startswith((DAG_PREFIX, APPLY_PREFIX)):
            raise ValueError(
                f"{value.dag!r} is a DAG of Presync, which starts no integration; name the DAG that does"
            )
        return value

    @property
    def dag_id(self) -> str:
        """The tenant's DAG."""
        return dag_id(self.tenant)

    @property
    def apply_dag_id(self) -> str:
        """The tenant's DAG for corrections, if its file wants one."""
        return f"{APPLY_PREFIX}{self.tenant}"

    @property
    def fingerprint(self) -> str:
        """What a start rests on of what is in force, as a SHA-256 in hex: comments and order do not count."""
        text = json.dumps(self.rested_on, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def rested_on(self) -> dict[str, Any]:
        """What is in force for this company, without what no verdict and no start rests on."""
        return self.model_dump(mode="json", by_alias=True, exclude=_NOT_RESTED_ON)

    def connection_id(self, system: Literal["visma_business", "severa"]) -> str:
        """Return the Airflow connection of a system: as the file says, else `<system>__<tenant>`."""
        named: str | None = getattr(self, system).connection
        return named or f"{system}__{self.tenant.replace('-', '_')}"

    @property
    def write_connection_id(self) -> str:
        """The Airflow connection that may write to Severa; without it nothing can be applied."""
        return f"severa_write__{self.tenant.replace('-', '_')}"

    @property
    def systems(self) -> str:
        """The pair of systems as the file names it: `visma_business__a/F0001 with severa__a`.

        No two tenants may have the same one, because a pair is started once. Connections in environment
        variables have no case, so that case does not tell two pairs apart.
        """
        database = f"/{self.visma_business.database}" if self.visma_business.database else ""
        return f"{self.connection_id('visma_business')}{database} with {self.connection_id('severa')}"

    @property
    def systems_digest(self) -> str:
        """A SHA-256 in hex that is the same for the same pair of systems."""
        return hashlib.sha256(self.systems.casefold().encode()).hexdigest()

    @property
    def asks_first(self) -> bool:
        """Whether a person approves a start, or makes it; whoever names approvers wants one to be asked."""
        named = bool(self.approvers) or self.four_eyes
        return self.start == "manual" or self.start.approval == "required" or named

    @property
    def connection_ids(self) -> tuple[str, ...]:
        """Every Airflow connection that the tenant needs."""
        start = (self.start.webhook,) if isinstance(self.start, WebhookStart) else ()
        return (self.connection_id("visma_business"), self.connection_id("severa"), *start)


def dag_id(tenant: str) -> str:
    """Return the id of a tenant's DAG."""
    return f"{DAG_PREFIX}{tenant}"


def tenant_files(folder: Path) -> list[Path]:
    """Return the tenant files of a folder, sorted by name; anything that is not a folder stands for itself.

    Also what should be one and is named otherwise (`.yml`, `.YAML`) or is not a regular file: reading it says
    so. Hidden files (`.nordlys.yaml`) are editors' own. Raises OSError if the folder cannot be listed.
    """
    if not folder.is_dir():
        return [folder]
    files = (p for p in folder.iterdir() if p.suffix.lower() in {".yaml", ".yml"} and p.name[0] != ".")
    return sorted(p for p in files if not p.stem.lower().endswith(EXCEPTIONS) and not is_defaults(p))


def load_tenant(path: Path, shared: SharedValues | None = None) -> Tenant:
    """Read one tenant file, `<tenant>.yaml`, over the defaults file beside it; `shared`: that, read before.

    Raises TenantFileError that names the file, line and field, the reason and the way out; all of a file's
    faults at once.
    """
    tenant = with_defaults(path, _FORM, Tenant, _defaults_beside(path) if shared is None else shared)
    if path.name != f"{tenant.tenant}.yaml":
        raise refusal(path, [(line_of(path, ("tenant",)), "tenant", _other_name(path, tenant.tenant))])
    return tenant


def read_tenant(path: Path) -> Tenant:
    """Read a tenant file whose name does not matter yet: a draft. Raises TenantFileError as `load_tenant`."""
    return load_document(path, Tenant, _FORM)


_FORM: Final = "that begins with `tenant: name`; see tenants/README.md"


def _defaults_beside(path: Path) -> SharedValues:
    try:
        return read_defaults(path.parent)
    except TenantFileError as fault:
        raise refused_with(path, fault) from None


def _other_name(path: Path, tenant: str) -> str:
    return (
        f"this file must be called {tenant}.yaml, because a task reads its tenant's file alone and finds it "
        f"by its name; rename {path.name}, or change the tenant in it"
    )
