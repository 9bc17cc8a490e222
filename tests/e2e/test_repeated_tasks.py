"""Tasks that are cleared, killed or repeated after a ready run: what is left must not count as checked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.severa.process import SeveraProcess
from presync.airflow import gate_task, tasks
from presync.airflow.dag import build_dag
from presync.airflow.step import Step
from presync.errors import ConfigurationError, NotReadyError
from presync.rules.catalogue import SUITES
from presync.staging.store import RunStore
from presync.tenants.model import Tenant, load_tenant
from presync.verdict.history import seen_findings
from tests.e2e.conftest import SHARED
from tests.support.airflow_child import DEADLINE, ChildError, within
from tests.support.child_runs import kill_half_way
from tests.support.tenant_run import TinyTenant, make_tenant


class Instance:
    """What a task asks its own instance: how those before it ended."""

    def __init__(self, **ended: str) -> None:
        self._ended = ended

    def get_task_states(self, *, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        """Return `success` for every task but those that ended otherwise."""
        tasks_before = ("extract_visma_business", "extract_severa", "reconcile", *SUITES, "report")
        assert dag_id.startswith("presync__")
        return {run_id: {**dict.fromkeys(tasks_before, "success"), **self._ended} for run_id in run_ids}


NO_CONTEXT: Any = {"ti": Instance()}


@pytest.fixture(scope="module")
def ready_run(
    companies: Path, severa: SeveraProcess, airflow_metadata: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TinyTenant, str, Path]]:
    """A tenant, its run that was ready, and the data folder that the run filled."""
    tiny = make_tenant(companies, SHARED, severa)
    data = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESYNC_DATA", str(data))
        for variable, value in tiny.environment.items():
            patch.setenv(variable, value)
        run = tiny.run(start=False)
        assert run.states["gate"] == "success"
        yield tiny, run.run_id, data


@pytest.fixture
def ready(
    ready_run: tuple[TinyTenant, str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Tenant, RunStore]:
    """A copy of the ready run, for one test to spoil."""
    tiny, run_id, data = ready_run
    shutil.copytree(data, tmp_path / "data", symlinks=True)
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    return tiny.tenant, RunStore(tiny.tenant.tenant, run_id)


def test_killed_suite_leaves_a_hole(
    ready: tuple[Tenant, RunStore], ready_run: tuple[TinyTenant, str, Path]
) -> None:
    tenant, store = ready

    with pytest.raises(ChildError, match="died with status -9"):
        within(DEADLINE, kill_half_way, ready_run[0].file, store.run_id, "products")

    with pytest.raises(NotReadyError, match="products"):
        gate_task.gate(tenant, store, NO_CONTEXT)


@pytest.mark.parametrize("task", ["extract_severa", "products", "report"])
def test_what_a_worker_left_that_died_before_it_began(ready: tuple[Tenant, RunStore], task: str) -> None:
    tenant, store = ready
    context: Any = {"ti": Instance(**{task: "failed"})}

    with pytest.raises(NotReadyError, match=f"task {task} of run .* ended as failed"):
        gate_task.gate(tenant, store, context)


def test_extract_of_another_moment(ready: tuple[Tenant, RunStore]) -> None:
    tenant, store = ready

    tasks.extract("visma_business")(tenant, store, NO_CONTEXT)

    with pytest.raises(NotReadyError, match="must not be started"):
        gate_task.gate(tenant, store, NO_CONTEXT)


def test_tenant_file_changed(
    ready: tuple[Tenant, RunStore], ready_run: tuple[TinyTenant, str, Path], tmp_path: Path
) -> None:
    _, store = ready
    changed = tmp_path / ready_run[0].file.name
    changed.write_text(ready_run[0].file.read_text().replace("customers: all", "customers: none"))
    tenant = load_tenant(changed)

    with pytest.raises(ConfigurationError, match="Start a new run"):
        tasks.check_suite("customers")(tenant, store, NO_CONTEXT)
    with pytest.raises(NotReadyError, match="another version of the file"):
        gate_task.gate(tenant, store, NO_CONTEXT)


def test_report_of_another_verdict(ready: tuple[Tenant, RunStore]) -> None:
    tenant, store = ready
    verdict = Path(RunStore(tenant.tenant, store.run_id, area="reports").url) / "verdict.json"
    verdict.write_text(verdict.read_text().replace('"ready"', '"blocked"'))

    with pytest.raises(NotReadyError, match="shows another verdict"):
        gate_task.gate(tenant, store, NO_CONTEXT)


def test_a_start_is_refused_when_something_has_moved_since_the_check(
    ready: tuple[Tenant, RunStore], ready_run: tuple[TinyTenant, str, Path]
) -> None:
    from presync.errors import StartError

    tenant, store = ready
    tasks.last_look(tenant, store.run_id)
    file = ready_run[0].company / "severa" / "customers.json"
    content = file.read_text()
    try:
        file.write_text(content.replace('"name": "', '"name": "New ', 1))
        with pytest.raises(StartError, match=r"severa\.customers"):
            tasks.last_look(tenant, store.run_id)
    finally:
        file.write_text(content)


def test_a_persons_word_counts_from_the_next_reconcile_on(ready: tuple[Tenant, RunStore]) -> None:
    from presync.cli.main import FINE, main
    from presync.verdict.conclude import conclude

    tenant, store = ready
    name = tenant.tenant

    def again() -> tuple[str, int, int]:
        for task in ("reconcile", *SUITES, "report"):
            step = build_dag(tenant).task_dict[task]
            assert isinstance(step, Step)
            step.run_work({"run_id": store.run_id})
        verdict = conclude(tenant, store)
        return verdict.status, verdict.critical, verdict.waived

    words = ["--different", "--reason", "two companies", "--by", "Kari"]
    assert main(["confirm-pair", name, "customers", "10001", "c1", *words]) == FINE
    # the two under one number, and Severa's number in the series of Visma Business
    assert again() == ("blocked", 2, 0)
    with pytest.raises(NotReadyError, match="code_conflict"):
        gate_task.gate(tenant, store, NO_CONTEXT)
    found = seen_findings(store, conclude(tenant, store))
    critical = [each.finding_id for each in found if each.severity == "critical"]
    until = ["--until", "2999-12-31", "--reason", "agreed", "--by", "Kari"]
    for finding in critical:
        assert main(["waive", name, finding, *until]) == FINE
    assert conclude(tenant, store).status == "blocked"
    assert again() == ("ready", 0, 2)
    assert main(["unwaive", name, critical[0], "--by", "Ola"]) == FINE
    assert again() == ("blocked", 1, 1)
    assert main(["unconfirm-pair", name, "customers", "10001", "c1", "--by", "Ola"]) == FINE
    assert again() == ("ready", 0, 0)


def test_emptied_register_is_refused_until_a_person_accepts_it(
    ready: tuple[Tenant, RunStore], ready_run: tuple[TinyTenant, str, Path]
) -> None:
    from presync.control.extracts import accept_empty
    from presync.errors import SourceDataError
    from tests.support import tiny_company

    tenant, store = ready
    tiny_company.write_register(ready_run[0].company, "customers", [])

    with pytest.raises(SourceDataError, match="accept-empty"):
        tasks.extract("severa")(tenant, store, NO_CONTEXT)
    accept_empty(tenant.tenant, "severa.customers", by="Kari")

    assert tasks.extract("severa")(tenant, store, NO_CONTEXT)["rows"]["customers"] == 0
