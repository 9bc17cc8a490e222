"""A tiny tenant with its two systems, run through Airflow in this process."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.severa.process import SeveraProcess
from presync.airflow import in_process
from presync.staging.store import RunStore, folder_name
from presync.tenants.model import Tenant, load_tenant
from tests.support import tiny_company

SECRET = "hush-hush-4711"


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

    def run(self, *, start: bool = True) -> in_process.LocalRun:
        """Run the tenant's DAG to its end."""
        return in_process.run_tenant(self.tenant, start=start)

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
