"""The run store: a published folder is there all at once, or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.errors import IncompleteError
from presync.staging.store import RunStore, folder_name

RUN = "manual__2026-11-23T04:15:59+00:00"


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore("nordlys", RUN, root=str(tmp_path))


def publish(store: RunStore, name: str, text: str) -> None:
    with store.publishing(name) as folder:
        (folder / "part").mkdir()
        (folder / "part" / "file.txt").write_text(text)


def fail(folder: Path) -> None:
    (folder / "file.txt").write_text("half")
    raise ZeroDivisionError


def test_what_is_published_can_be_fetched(store: RunStore) -> None:
    publish(store, "results/customers", "one")

    assert (store.fetch("results/customers") / "part" / "file.txt").read_text() == "one"
    assert store.names("results") == ["results/customers"]


def test_nothing_is_visible_before_the_end(store: RunStore) -> None:
    with store.publishing("severa") as folder:
        (folder / "file.txt").write_text("half")
        assert not store.exists("severa")
        assert store.names("") == []


def test_a_failure_leaves_nothing(store: RunStore) -> None:
    with pytest.raises(ZeroDivisionError), store.publishing("severa") as folder:
        fail(folder)

    assert not store.exists("severa")
    assert list(Path(store.url).iterdir()) == []


def test_a_failed_repetition_keeps_what_was_there_unless_withdrawn(store: RunStore) -> None:
    publish(store, "severa", "first")
    with pytest.raises(ZeroDivisionError), store.publishing("severa"):
        raise ZeroDivisionError
    assert store.exists("severa")

    store.withdraw("severa")
    with pytest.raises(IncompleteError, match="never completed"):
        store.fetch("severa")


def test_who_is_killed_while_withdrawing_leaves_nothing_that_counts(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, "database", "first")
    monkeypatch.setattr("presync.staging.store.shutil.rmtree", lambda *_, **__: None)
    store.withdraw("database")
    assert not store.exists("database")
    assert store.names("") == []


def test_a_repetition_replaces(store: RunStore) -> None:
    publish(store, "severa", "first")
    publish(store, "severa", "second")

    assert (store.fetch("severa") / "part" / "file.txt").read_text() == "second"


def test_a_killed_worker_publishes_nothing(store: RunStore) -> None:
    child = os.fork()
    if child == 0:
        with store.publishing("severa") as folder:
            (folder / "file.txt").write_text("half")
            os._exit(9)
    os.waitpid(child, 0)

    assert not store.exists("severa")
    assert store.names("") == []


def test_withdrawing_what_is_not_there_does_no_harm(store: RunStore) -> None:
    store.withdraw("severa")

    assert not store.exists("severa")


@given(st.text(min_size=1, max_size=60))
def test_a_folder_name_stays_inside_its_parent(run_id: str) -> None:
    try:
        name = folder_name(run_id)
    except IncompleteError:
        return
    assert name not in {"", ".", ".."}
    assert not set(name) & set("/\\:\0 ")
    assert not name.startswith(".")


def test_a_store_in_object_storage_keeps_the_same_promises(tmp_path: Path) -> None:
    # Airflow's object storage over a disk: another way of publishing than a rename
    store = RunStore("nordlys", RUN, root=f"file://{tmp_path}")
    publish(store, "results/customers", "one")
    with pytest.raises(ZeroDivisionError), store.publishing("results/products") as folder:
        fail(folder)

    assert store.names("results") == ["results/customers"]
    assert (store.fetch("results/customers") / "part" / "file.txt").read_text() == "one"
    store.withdraw("results/customers")
    assert not store.exists("results/customers")


def test_copies_of_other_days_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    store = RunStore("nordlys", RUN, root=f"file://{tmp_path}")
    publish(store, "results/customers", "one")
    first, second = store.fetch("results/customers"), store.fetch("results/customers")
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (*first.rglob("*"), first):
        os.utime(path, (two_days_ago, two_days_ago))

    store.fetch("results/customers")
    assert first.exists(), "a process that fetches much does not look each time"
    monkeypatch.setattr("presync.staging.leftovers.SWEEP_EVERY", 1e-6)
    third = store.fetch("results/customers")

    assert not first.exists()
    assert (second / "part" / "file.txt").read_text() == "one"
    assert (third / "part" / "file.txt").read_text() == "one"


@pytest.mark.parametrize("length", [150, 151, 213, 214, 250, 1000])
def test_a_run_id_of_any_length_has_a_folder_of_its_own(tmp_path: Path, length: int) -> None:
    for last in "ab":
        store = RunStore("nordlys", "r" * (length - 1) + last, root=str(tmp_path))
        with store.publishing("") as folder:
            (folder / "who").write_text(last)
    for last in "ab":
        store = RunStore("nordlys", "r" * (length - 1) + last, root=str(tmp_path))
        assert (store.fetch("") / "who").read_text() == last
