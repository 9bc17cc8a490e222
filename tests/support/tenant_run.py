"""A tiny tenant with its two systems, run through Airflow in a child that can be ended."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo.severa.process import SeveraProcess
from presync.airflow import in_process
from presync.staging.store import RunStore, folder_name
from presync.tenants.model import Tenant, load_tenant
from tests.support import tiny_company
from tests.support.airflow_child import DEADLINE, ChildError, within
from tests.support.questions import attended

SECRET = "hush-hush-4711"


_APPROVAL_TIMEOUT = timedelta(minutes=5)


@dataclass
class TinyTenant:
    """A tenant file, its company's folder, and where its reports go."""

    file: Path
    company: Path
    environment: Mapping[str, str]

    @property
    def tenant(self) -> Tenant:
        """The tenant file as it is now."""
        return load_tenant(self.file)

    def run(
        self, *, start: bool = True, approval_timeout: timedelta = _APPROVAL_TIMEOUT
    ) -> in_process.LocalRun:
        """Run the tenant's DAG to its end."""
        return self.call(run_file, start=start, approval_timeout=approval_timeout)

    def call(
        self, function: Callable[..., in_process.LocalRun], *, deadline: float = DEADLINE, **named: Any
    ) -> in_process.LocalRun:
        """Call a function with the tenant's file in a child; an error shows how far the tasks have come."""
        try:
            return within(deadline, function, self.file, **named)
        except ChildError as error:
            error.add_note(f"the tasks of {self.tenant.tenant}: {_states(self.tenant.dag_id)}")
            raise

    def verdict(self, run: in_process.LocalRun) -> dict[str, Any]:
        """Return the `verdict.json` of a run's report."""
        values: dict[str, Any] = json.loads((self.report(run) / "verdict.json").read_text())
        return values

    def findings(self, run: in_process.LocalRun) -> list[dict[str, str]]:
        """Return the rows of `findings.csv`."""
        with (self.report(run) / "findings.csv").open(encoding="utf-8-sig", newline="") as lines:
            return list(csv.DictReader(lines))

    def report(self, run: in_process.LocalRun) -> Path:
        """Return the folder of a run's report."""
        return Path(RunStore(self.tenant.tenant, run.run_id, area="reports").url)

    def errors(self, run: in_process.LocalRun) -> dict[str, str]:
        """Return what the tasks of a run published as errors: message by task."""
        folder = Path(RunStore(self.tenant.tenant, run.run_id).url) / "errors"
        files = sorted(folder.glob("*/error.json"))
        return {file.parent.name: json.loads(file.read_text())["message"] for file in files}


def run_file(file: Path, *, start: bool, approval_timeout: timedelta) -> in_process.LocalRun:
    """Run the tenant of a file in this process, as a scheduler would where somebody is asked."""
    with attended():
        return in_process.run_tenant(load_tenant(file), start=start, approval_timeout=approval_timeout)


def _states(dag_id: str) -> dict[str, str]:
    """Return the tasks' states in the newest run of a DAG."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        newest = session.query(DagRun).filter(DagRun.dag_id == dag_id).order_by(DagRun.id.desc()).first()
        tasks = newest.get_task_instances(session=session) if newest else []
        return {task.task_id: str(task.state) for task in tasks}


def make_tenant(folder: Path, name: str, severa: SeveraProcess, *, start: str = "manual") -> TinyTenant:
    """Write a tiny tenant's file and company; `severa` must serve `folder/<name>/severa` to client `name`."""
    company = folder / name
    tiny_company.build(company)
    file = folder / f"{name}.yaml"
    file.write_text(tiny_company.TENANT.format(name=name, start=start), encoding="utf-8")
    database = {"driver": "SQLite3", "odbc": {"Database": str(company / "visma_business.db")}}
    business = {"conn_type": "odbc", "extra": database}
    rest = {"conn_type": "http", "host": severa.api, "login": name, "password": SECRET}
    return TinyTenant(
        file,
        company,
        {
            f"AIRFLOW_CONN_VISMA_BUSINESS__{name.upper()}": json.dumps(business),
            f"AIRFLOW_CONN_SEVERA__{name.upper()}": json.dumps(rest),
            "PRESYNC_TENANTS": str(file),
        },
    )


def staged(tenant: str, run: in_process.LocalRun) -> Path:
    """Return the folder of a run's staging."""
    return Path(RunStore(tenant, run.run_id).url).with_name(folder_name(run.run_id))
