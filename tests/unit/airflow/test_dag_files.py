"""The files of `dags/`: what Airflow makes of a folder of tenant files, broken ones among them."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG

from presync import settings
from presync.airflow import dag as dag_module
from presync.errors import (
    ConfigurationError,
    TenantFileError,
)
from presync.tenants.defaults import SharedValues
from presync.tenants.model import OWN_DAGS, Tenant, load_tenant
from tests.support.dag_policies import check_policies
from tests.support.patience import PATIENCE

TWINS = ("presync__twin-a", "presync__twin-b")


@pytest.fixture
def tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good.yaml").write_text("tenant: good\ntitle: Good\n")
    (tmp_path / "bad.yaml").write_text("tenant: bad\ntransfer: all\n")
    for name in ("twin-a", "twin-b"):
        systems = "visma_business: {connection: vb}\nsevera: {connection: s}\n"
        (tmp_path / f"{name}.yaml").write_text(f"tenant: {name}\ntitle: Twin\n{systems}")
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    return tmp_path


@pytest.mark.filterwarnings("ignore::DeprecationWarning:airflow")
def test_a_dag_that_cannot_be_built_says_so_and_costs_no_other(
    tenants: Path, airflow_metadata: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    (tenants / "bad.yaml").write_text("tenant: bad\ntitle: Breaks while its tasks are wired\n")
    wire = dag_module._wire_tasks

    def break_off(tenant: Tenant, approval_timeout: timedelta) -> None:
        wire(tenant, approval_timeout)
        if tenant.tenant == "bad":
            raise ZeroDivisionError

    monkeypatch.setattr(dag_module, "_wire_tasks", break_off)
    bag = DagBag(settings.HOME / "dags", bundle_path=settings.HOME / "dags", bundle_name="dags-folder")

    assert set(bag.dags) == {"presync__good", "presync__bad", *TWINS, *OWN_DAGS}
    assert "broken" not in bag.dags["presync__bad"].tags
    assert set(bag.import_errors) == {"broken_tenants.py"}
    assert bag.dags["presync__good"].has_task("gate")
    task: Any = bag.dags["presync__bad"].task_dict["not_checked"]
    with pytest.raises(ConfigurationError, match=r"tenant bad cannot be built \(ZeroDivisionError\)"):
        task.execute({})
    for dag in bag.dags.values():
        check_policies(dag)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:airflow")
def test_broken_tenant_files_are_visible_and_cost_only_themselves(
    tenants: Path, airflow_metadata: None
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(settings.HOME / "dags", bundle_path=settings.HOME / "dags", bundle_name="dags-folder")

    broken = {"presync__bad", *TWINS}
    assert set(bag.dags) == {"presync__good", *OWN_DAGS, *broken}
    assert {name for name, dag in bag.dags.items() if "broken" in dag.tags} == broken
    for name in broken:
        task: Any = bag.dags[name].task_dict["not_checked"]
        with pytest.raises(ConfigurationError, match="is refused") as refused:
            task.execute({})
        # who may see this DAG may not see other companies', nor where files are
        others = broken - {name}
        assert not [each for each in others if each.removeprefix("presync__") in refused.value.message]
        assert str(tenants) not in refused.value.message
    assert "bad.yaml:2: transfer:" in str(bag.dags["presync__bad"].doc_md)
    assert list(bag.import_errors) == ["broken_tenants.py"]
    message = bag.import_errors["broken_tenants.py"]
    assert "refused: 3." in message
    # everybody who may read import errors reads this one
    assert not [each for each in ("twin", "bad", "vb", str(tenants)) if each in message]
    for dag in bag.dags.values():
        check_policies(dag)


def test_a_task_reads_its_own_tenants_file_and_nothing_else(
    tenants: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dags(task_of: str, task: str = "gate") -> set[str]:
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", task_of)
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", task)
        runpy.run_path(str(settings.HOME / "dags" / "broken_tenants.py"))
        names = runpy.run_path(str(settings.HOME / "dags" / "onboarding.py"))
        return {name for name, value in names.items() if isinstance(value, DAG)}

    read: list[str] = []

    def load(path: Path, shared: SharedValues) -> Tenant:
        read.append(path.name)
        return load_tenant(path, shared)

    monkeypatch.setattr("presync.tenants.folder.load_tenant", load)
    assert dags("presync__good") == {"presync__good"}
    assert dags("presync_housekeeping") == set()
    assert read == ["good.yaml"]
    with pytest.raises(TenantFileError, match=r"bad\.yaml:1: title"):
        dags("presync__bad")
    assert dags("presync__bad", "not_checked") == {"presync__bad"}
    (tenants / "good.yaml").unlink()
    with pytest.raises(TenantFileError, match=r"good\.yaml:1: file: the file is not there"):
        dags("presync__good")


def dag_version(seed: str, task_of: str = "") -> str:
    """Return what decides whether Airflow stores a new version of presync__good, from a new process."""
    code = (
        "import runpy, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from airflow.models.serialized_dag import SerializedDagModel\n"
        "from airflow.serialization.serialized_objects import DagSerialization\n"
        f"dag = runpy.run_path({str(settings.HOME / 'dags' / 'onboarding.py')!r})['presync__good']\n"
        "print(SerializedDagModel.hash(DagSerialization.to_dict(dag)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "_AIRFLOW_PARSING_CONTEXT_DAG_ID": task_of}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.strip().splitlines()[-1]


def test_a_dag_has_a_new_version_only_when_its_own_file_has_changed(tenants: Path) -> None:
    (tenants / "good.yaml").write_text("tenant: good\ntitle: Good\ncountry: NO\n")
    first = dag_version("1")
    (tenants / "another.yaml").write_text("tenant: another\ntitle: Another\n")
    (tenants / "bad.yaml").write_text("tenant: bad\ntitle: No longer broken\n")
    (tenants / "twin-a.yaml").unlink()
    assert dag_version("2", "presync__good") == first
    (tenants / "good.yaml").write_text("tenant: good\ntitle: Better\ncountry: NO\n")
    assert dag_version("1") != first


def test_parsing_imports_nothing_heavy(tenants: Path) -> None:
    heavy = "great_expectations pandas duckdb pyarrow pyodbc rapidfuzz alembic fastapi"
    code = (
        "import runpy, sys\n"
        f"runpy.run_path({str(settings.HOME / 'dags' / 'onboarding.py')!r})\n"
        f"print([name for name in {heavy.split()!r} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )

    assert done.stdout.strip().splitlines()[-1] == "[]"
