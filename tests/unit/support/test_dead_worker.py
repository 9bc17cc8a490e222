"""A test that kills its worker ends the run by name, with the options of `make test`."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.support.patience import PATIENCE

HOME = Path(__file__).resolve().parents[3]
DYING = """
import os, signal, subprocess, sys, time
from pathlib import Path

def test_first():
    time.sleep(1)

def test_dies():
    wait = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = subprocess.Popen(wait, start_new_session=True)
    with Path(__file__).with_name("children").open("a") as children:
        children.write(f"{child.pid} ")
    os._exit(1)
"""
# With these beside it, pytest-xdist 3.8 waited for ever: the replaced worker had one test, and wanted two.
OTHERS = {"a": "pass", "c": "time.sleep(3)", "d": "time.sleep(3)", "e": "pass"}


def options() -> list[str]:
    """Return the options about workers of `make test`."""
    found = re.search(r"^WORKERS := (.+)$", (HOME / "Makefile").read_text(), re.MULTILINE)
    assert found
    return shlex.split(found[1])


def test_a_worker_that_dies_while_it_has_children_ends_the_run_by_name(tmp_path: Path) -> None:
    (tmp_path / "test_b.py").write_text(DYING)
    for name, does in OTHERS.items():
        (tmp_path / f"test_{name}.py").write_text(f"import time\ndef test_it():\n    {does}\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -ra\n")
    command = [sys.executable, "-m", "pytest", *options(), "-p", "no:cacheprovider", str(tmp_path)]

    try:
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    finally:
        _end_children(tmp_path / "children")

    assert done.returncode == 1, done.stdout
    assert re.search(r"^FAILED .*test_b\.py::test_dies", done.stdout, re.MULTILINE), done.stdout
    assert "worker restarting disabled" in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("=")


def _end_children(file: Path) -> None:
    for pid in file.read_text().split() if file.exists() else ():
        subprocess.run(["kill", pid], check=False, timeout=60)
