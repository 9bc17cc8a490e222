"""What housekeeping lets go, and what it never does."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from presync.airflow.housekeeping import (
    AT_WORK,
    StagedRun,
    prune_tenant,
    staged_runs,
    staged_tenants,
    superfluous,
)
from presync.rules.catalogue import SUITES
from presync.staging.store import RunStore

NOW = 1_000_000_000.0
OLD = NOW - AT_WORK - 1

runs = st.lists(
    st.builds(StagedRun, st.text("ab", min_size=1), st.floats(NOW - 10 * AT_WORK, NOW), st.booleans()),
    unique_by=lambda run: run.folder,
)


@given(runs, st.integers(0, 5))
def test_the_newest_complete_runs_and_the_young_ones_stay(found: list[StagedRun], keep: int) -> None:
    gone = superfluous(found, keep, now=NOW)

    stays = [run for run in found if run not in gone]
    complete = [run for run in found if run.complete]
    assert all(NOW - run.touched > AT_WORK for run in gone)
    assert len([run for run in stays if run.complete]) >= min(len(complete), max(1, keep))
    if complete:
        assert max(complete, key=lambda run: run.touched) in stays


def test_keeping_none_keeps_the_last_complete_one() -> None:
    found = [StagedRun("1", OLD - 2, True), StagedRun("2", OLD - 1, True), StagedRun("3", OLD, False)]

    assert [run.folder for run in superfluous(found, 0, now=NOW)] == ["1", "3"]


def stage(root: str, run_id: str, *, complete: bool) -> None:
    store = RunStore("nordlys", run_id, root=root)
    for name in ["database", *(f"results/{suite}" for suite in SUITES[: None if complete else 6])]:
        with store.publishing(name) as folder:
            (folder / "file").write_text("x")


def test_folders_on_disk(tmp_path: Path) -> None:
    root = str(tmp_path)
    for run_id, complete in (("run1", True), ("run2", True), ("run3", False)):
        stage(root, run_id, complete=complete)

    assert staged_tenants(root=root) == ["nordlys"]
    assert {run.folder: run.complete for run in staged_runs("nordlys", root=root)} == {
        "run1": True,
        "run2": True,
        "run3": False,
    }
    assert prune_tenant("nordlys", 1, root=root) == []
    later = max(run.touched for run in staged_runs("nordlys", root=root)) + AT_WORK + 1
    assert len(prune_tenant("nordlys", 1, now=later, root=root)) == 2
    assert [run.complete for run in staged_runs("nordlys", root=root)] == [True]


def test_object_storage(tmp_path: Path) -> None:
    root = f"file://{tmp_path}"
    stage(root, "run1", complete=True)
    stage(root, "run2", complete=False)
    later = max(run.touched for run in staged_runs("nordlys", root=root)) + AT_WORK + 1

    assert prune_tenant("nordlys", 1, now=later, root=root) == ["run2"]
    assert staged_tenants(root=root) == ["nordlys"]


def test_no_staging_at_all(tmp_path: Path) -> None:
    assert staged_tenants(root=str(tmp_path)) == []
    assert prune_tenant("nordlys", 1, root=str(tmp_path)) == []
