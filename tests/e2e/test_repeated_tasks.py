"""Tasks that are cleared, killed or repeated after a ready run: what is left must not count as checked.

Covers: airflow/step.py, airflow/tasks.py, airflow/gate_task.py.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from demo.severa.process import SeveraProcess
from presync.airflow import gate_task, tasks
from presync.airflow.dag import build_dag
from presync.airflow.step import Step
from presync.decisions.longest import longest
from presync.errors import ConfigurationError, NotReadyError, SourceUnavailableError
from presync.report.published import LATEST, Shelf
from presync.rules.catalogue import SUITES
from presync.staging.store import RunStore, folder_name
from presync.tenants.model import Tenant, load_tenant
from presync.verdict.history import seen_findings
from tests.e2e.conftest import SHARED
from tests.support.airflow_child import DEADLINE, ChildError, within
from tests.support.child_runs import kill_gate, kill_half_way
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

    assert shown_state(tenant, store) == ("error", "shut", "Could not be checked")


def shown_state(tenant: Tenant, store: RunStore) -> tuple[str, str, str]:
    """Return what people see of a run: verdict, gate, and what they are called.

    First page, `verdict.json` and `latest` must agree.
    """
    shelf = Shelf(tenant.tenant)
    report, latest = shelf.read(folder_name(store.run_id)), shelf.read(LATEST)
    assert report is not None
    assert latest is not None
    assert (latest.run_id, latest.status, latest.gate) == (store.run_id, report.status, report.gate)
    with shelf.open(LATEST, "index.html") as page:
        text = page.read().decode()
    assert ("Ready until" in text) == (report.status == "ready" and report.gate == "open")
    assert report.title.split(" until")[0].lower() in text.lower()
    assert (report.state == "ready") == (report.gate_now == "open")
    return report.status, report.gate, report.title


def made_again(tenant: Tenant, store: RunStore) -> None:
    """Make the report anew, as it is before the gate decides."""
    tasks.report(tenant, store, NO_CONTEXT)
    assert shown_state(tenant, store) == ("ready", "undecided", "The gate has not decided")


def opening() -> Any:
    """Return what the gate's task asks of Airflow, also where it opens."""
    return {**NO_CONTEXT, "outlet_events": defaultdict(SimpleNamespace)}


def open_gate(tenant: Tenant, store: RunStore) -> str:
    gate_task.gate(tenant, store, opening())
    return shown_state(tenant, store)[2]


def test_people_see_what_the_gate_decided_and_until_when(
    ready: tuple[Tenant, RunStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, store = ready
    made_again(tenant, store)
    assert open_gate(tenant, store).startswith("Ready until 20")
    monkeypatch.setattr("presync.gate.certificate.ready_until", lambda verdict: verdict.started_at)
    with pytest.raises(NotReadyError, match="what was found held until"):
        gate_task.gate(tenant, store, NO_CONTEXT)
    assert shown_state(tenant, store) == ("error", "shut", "Could not be checked")
    monkeypatch.undo()


def test_a_gate_that_loses_the_control_database_is_shown_and_can_be_tried_again(
    ready: tuple[Tenant, RunStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, store = ready
    made_again(tenant, store)
    with monkeypatch.context() as lost:
        (tmp_path / "lost.db").mkdir()
        lost.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'lost.db'}")
        with pytest.raises(SourceUnavailableError):
            gate_task.gate(tenant, store, NO_CONTEXT)
        assert shown_state(tenant, store) == ("error", "shut", "Could not be checked")
    assert open_gate(tenant, store).startswith("Ready until 20")


def test_a_certificate_that_cannot_be_issued_or_shown_leaves_no_ready_report(
    ready: tuple[Tenant, RunStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, store = ready
    for broken in ("presync.gate.certificate.issue_certificate", "presync.report.decision.show_open"):
        made_again(tenant, store)
        with monkeypatch.context() as patch:
            patch.setattr(broken, Mock(side_effect=OSError("disk")))
            with pytest.raises(OSError, match="disk"):
                gate_task.gate(tenant, store, opening())
        assert shown_state(tenant, store) == ("error", "shut", "Could not be checked")


def test_a_report_that_cannot_be_made_again_is_replaced_by_a_short_one(
    ready: tuple[Tenant, RunStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, store = ready
    made_again(tenant, store)
    context: Any = {"ti": Instance(customers="failed")}
    monkeypatch.setattr("presync.report.decision.build_report", Mock(side_effect=MemoryError))
    with pytest.raises(NotReadyError):
        gate_task.gate(tenant, store, context)
    assert shown_state(tenant, store) == ("error", "shut", "Could not be checked")
    assert not (Path(Shelf(tenant.tenant).store(store.run_id).url) / "findings.csv").exists()


def test_a_killed_gate_leaves_a_report_that_is_not_ready(
    ready: tuple[Tenant, RunStore], ready_run: tuple[TinyTenant, str, Path]
) -> None:
    tenant, store = ready
    made_again(tenant, store)
    with pytest.raises(ChildError, match="died with status -9"):
        within(DEADLINE, kill_gate, ready_run[0].file, store.run_id)
    assert shown_state(tenant, store) == ("ready", "undecided", "The gate has not decided")


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
    assert shown_state(tenant, store) == ("error", "shut", "Could not be checked")


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
    until = ["--until", str(longest()), "--reason", "agreed", "--by", "Kari"]
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
    from presync.control.extracts import accept_change
    from presync.errors import SourceDataError
    from tests.support import tiny_company

    tenant, store = ready
    tiny_company.write_register(ready_run[0].company, "customers", [])

    with pytest.raises(SourceDataError, match="accept-change"):
        tasks.extract("severa")(tenant, store, NO_CONTEXT)
    accept_change(tenant.tenant, "severa.customers", by="Kari")

    assert tasks.extract("severa")(tenant, store, NO_CONTEXT)["rows"]["customers"] == 0
