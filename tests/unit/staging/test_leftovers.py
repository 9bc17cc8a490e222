"""What a killed process leaves is found and removed; what is at work stays."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from presync.airflow.housekeeping import prune_tenant, tidy
from presync.report.published import Shelf
from presync.settings import HOME
from presync.staging.leftovers import ABANDONED, hidden_leftovers, remove_leftovers, scratch, sweep_scratch
from presync.staging.store import RunStore

LATER = time.time() + ABANDONED + 3600
BEGIN = """
import os, pathlib, shutil, sys, tempfile, time
root = sys.argv[1]
tempfile.tempdir = root + "/tmp"
from presync.staging.store import RunStore
store = RunStore("nordlys", "run1", root=root)

def wait(*_, **__):
    print("here", flush=True)
    time.sleep(600)

def publish(store=store, name="severa"):
    with store.publishing(name) as folder:
        (folder / "rows.parquet").write_text("Kari Nordmann")
"""
# each ends where the process is killed
POINTS = {
    "while a table is written": "with store.publishing('severa') as f: (f / 'x').write_text('Kari'); wait()",
    "before it is published": "pathlib.Path.rename = wait; publish()",
    "between the old one and the new one": (
        "publish(); rename = pathlib.Path.rename\n"
        "pathlib.Path.rename = lambda a, b: wait() if 'partial' in str(a) else rename(a, b); publish()"
    ),
    "while the old one is removed": "publish(); shutil.rmtree = wait; publish()",
    "while it is withdrawn": "publish(); shutil.rmtree = wait; store.withdraw('severa')",
    "while a report is made": "publish(RunStore('nordlys', 'r', area='reports', root=root), 'x'); "
    "shutil.rmtree = wait; publish(RunStore('nordlys', 'r', area='reports', root=root), '')",
    "while systems are looked at": "from presync.staging.leftovers import scratch\n"
    "with scratch('look') as f: (f / 'x').write_text('Kari'); wait()",
    "while object storage is read": "remote = RunStore('nordlys', 'run1', root='file://' + root); "
    "publish(remote); remote.fetch('severa'); wait()",
    "while object storage is written": "shutil.copyfileobj = wait; "
    "publish(RunStore('nordlys', 'run1', root='file://' + root))",
    "while a database is built": "import presync.staging.database as d; "
    "s = tempfile.mkdtemp(prefix='.spilled-', dir=root + '/staging'); "
    "pathlib.Path(s, 'x').write_text('Kari'); wait()",
    "while the database's marker is written": "os.environ['PRESYNC_DATA'] = root; os.fsync = wait; "
    "from presync.gate.same_database import _write; _write('nordlys', 'Kari')",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("tmp", "staging"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path


def killed(root: Path, then: str) -> None:
    """Run the beginning and then this in a process that is killed where it says "here"."""
    environment = os.environ | {"PYTHONPATH": str(HOME / "plugins")}
    command = [sys.executable, "-c", BEGIN + then, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        assert "here\n" in iter(process.stdout.readline, "")
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_left_of_a_killed_process(root: Path, point: str) -> None:
    killed(root, POINTS[point])
    before = everything(root)
    assert [path for path in before if path.is_file()]
    tidy(root=str(root), logs=root)
    assert everything(root) == before, "it may still be at work"
    tidy(now=LATER, root=str(root), logs=root)
    prune_tenant("nordlys", 1, now=LATER, root=str(root))
    assert [path for path in everything(root) if path.is_file()] == []


def everything(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def test_everything_is_for_its_owner_only(root: Path) -> None:
    tenant = root / "staging" / "nordlys"
    tenant.mkdir(mode=0o755)  # by an earlier version
    before = os.umask(0o022)
    try:
        for area in ("staging", "reports"):
            with RunStore("nordlys", "run1", root=str(root), area=area).publishing("severa") as folder:
                (folder / "rows").write_text("Kari")
                (folder / "pages").mkdir()
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    modes = {
        path: path.stat().st_mode & 0o777
        for area in ("staging", "reports")
        for path in everything(root / area)
    }
    assert len(modes) == 10
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_scratch_of_others_and_what_is_at_work_stays(root: Path) -> None:
    (root / "tmp" / "presync-other-thing").mkdir()
    with scratch("look") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        os.utime(folder, (0, 0))
        (folder / "rows").write_text("x")
        os.utime(folder, (0, 0))
        assert sweep_scratch() == 0, "one of its files is young"
        assert sweep_scratch(now=LATER) == 1
    swept = f"presync-swept-{os.getuid()}"
    assert sorted(path.name for path in (root / "tmp").iterdir()) == ["presync-other-thing", swept]


def test_leftovers_are_looked_for_once_an_hour_by_whichever_process(root: Path) -> None:
    swept = root / "tmp" / f"presync-swept-{os.getuid()}"
    left = root / "tmp" / "presync-look-left"
    for hours, found in ((None, True), (0.5, False), (1.5, True)):
        if hours is not None:
            then = time.time() - hours * 3600
            os.utime(swept, (then, then))
        left.mkdir()
        os.utime(left, (0, 0))
        with scratch("look"):
            assert left.exists() is not found
        shutil.rmtree(left, ignore_errors=True)


def test_only_hidden_leftovers_are_removed(tmp_path: Path) -> None:
    run = tmp_path / "nordlys" / "run"
    for name in (".a.partial-1", ".git", "a.partial-" + "0" * 32, ".a.old-" + "0" * 32):
        (run / name / "inside").mkdir(parents=True)
    (run / (".latest-" + "a" * 32)).symlink_to("nowhere")
    assert [path.name for path in hidden_leftovers(run)] != []
    assert remove_leftovers(tmp_path) == 0
    assert remove_leftovers(tmp_path, now=LATER) == 2
    assert sorted(path.name for path in run.iterdir()) == [".a.partial-1", ".git", "a.partial-" + "0" * 32]


def test_a_report_that_nobody_can_read_goes_after_a_day(root: Path) -> None:
    shelf = Shelf("nordlys", root=str(root))
    (root / "reports" / "nordlys" / "torn").mkdir(parents=True)
    assert shelf.remove_unreadable(now=time.time()) == []
    assert shelf.remove_unreadable(now=LATER) == ["torn"]


def test_scratch_is_made_in_one_place() -> None:
    makers = {
        path.relative_to(HOME / "plugins/presync").as_posix()
        for path in (HOME / "plugins/presync").rglob("*.py")
        if re.search(r"^\s*(import|from) tempfile", path.read_text(), re.MULTILINE)
    }
    assert makers == {
        "staging/leftovers.py",
        "staging/database.py",  # `.spilled-…`, hidden beside the database
        "sources/severa/seen_rows.py",  # has no name, so that it ends with its process
        "airflow/in_process.py",  # `home-…`, which the next one removes
    }
