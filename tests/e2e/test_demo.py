"""`make demo` and `make ui` as a newcomer runs them, and Ctrl-C in the middle of them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(module: str, data: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PRES"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment | {"PRESYNC_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )


def lines_until(process: subprocess.Popen[str], pattern: str) -> Iterator[str]:
    """Yield output lines up to the first that matches; fails if the process ends or hangs before."""
    assert process.stdout is not None
    watchdog = threading.Timer(PATIENCE, process.terminate)
    watchdog.start()
    try:
        for line in process.stdout:
            yield line
            if re.search(pattern, line):
                return
    finally:
        watchdog.cancel()
    pytest.fail(f"nothing matched {pattern!r}")


def left_behind(data: Path) -> list[str]:
    """Return the command lines of live processes that work in the data folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if command and int(entry.name) != os.getpid() and (str(data) in command or str(data) in environment):
            found.append(command)
    return found


def verdicts(text: str) -> dict[str, list[str]]:
    """Return verdict, critical findings and warnings of each company in a printed table."""
    rows = [line.split() for line in text.splitlines() if "/latest/index.html" in line]
    return {row[0]: row[1:4] for row in rows}


def leave_an_earlier_demo(demo: Path) -> None:
    """Leave what a demo of yesterday left: a report, and the mark of its control database."""
    report = demo / "reports" / "nordlys" / "earlier"
    report.mkdir(parents=True)
    (report / "verdict.json").write_text('{"tenant": "nordlys"}')
    yesterday = time.time() - 86_400
    os.utime(report / "verdict.json", (yesterday, yesterday))
    (demo / "known").mkdir()
    (demo / "known" / "nordlys.json").write_text(json.dumps({"database": "another", "newest": "x"}))


def test_demo_ends_as_documented(data: Path) -> None:
    leave_an_earlier_demo(data / "demo")
    process = run("demo.run", data)
    out, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0, out
    printed, promised = verdicts(out), verdicts((ROOT / "README.md").read_text(encoding="utf-8"))
    assert printed == promised
    assert {name: row[0] for name, row in printed.items()} == {
        "nordlys": "ready",
        "saimaa": "blocked",
        "malaren": "blocked",
        "fjord": "error",
    }
    calls = [json.loads(line) for line in (data / "demo" / "calls.jsonl").read_text().splitlines()]
    assert [call["body"]["tenant"] for call in calls] == ["nordlys"]
    for tenant in printed:
        assert (data / "demo" / "reports" / tenant / "latest" / "index.html").is_file()
    assert "41 critical findings before, 14 left to people after" in out
    assert_malaren_becomes_ready_without_its_dead_records(data / "demo")
    assert left_behind(data) == []


def assert_malaren_becomes_ready_without_its_dead_records(demo: Path) -> None:
    """Rehearse what the report proposes: the fix, the marks, and the two missing answers."""
    lists = demo / "reports" / "malaren" / "latest" / "transfer"
    marked = {file.stem: len(file.read_text().splitlines()) - 1 for file in lists.glob("*.csv")}
    assert marked["projects"] >= 120
    assert marked["employees"] == 12
    assert marked["customers"] >= 80
    file = str(ROOT / "demo" / "tenants" / "malaren.yaml")
    wanted = ("--exclude", "customers,employees,projects", "--json")
    rehearsed = run("presync.cli.main", demo, "simulate", file, *wanted)
    out, _ = rehearsed.communicate(timeout=PATIENCE)
    assert rehearsed.returncode == 0, out
    preview = json.loads(out[out.index("{") :])["preview"]
    review = ("--visma-business", str(demo / "for-review"), "--exclude", "customers,employees,projects")
    written, _ = run("presync.cli.main", demo, "apply", file, *review).communicate(timeout=PATIENCE)
    sql = (demo / "for-review" / "visma_business.sql").read_text(encoding="utf-8")
    assert sql.partition("ROLLBACK SECTION")[0].count("UPDATE ") == sum(
        count for entity, count in marked.items() if entity != "products"
    ), written
    excluded = {entity: counts["excluded"] for entity, counts in preview.items() if counts["excluded"]}
    assert excluded == {entity: count for entity, count in marked.items() if entity != "products"}


def test_ctrl_c_in_the_demo_stops_everything(data: Path) -> None:
    process = run("demo.run", data)
    list(lines_until(process, r"ok +extract_severa"))

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)

    assert process.returncode == 128 + signal.SIGINT
    assert left_behind(data) == []
    assert not list((data / "demo" / "airflow").glob("home-*"))


def test_ui_serves_a_known_login_and_ctrl_c_stops_it_all(data: Path) -> None:
    process = run("demo.ui", data, "--port", "0")
    try:
        output = "".join(lines_until(process, "Ctrl-C stops"))
        found = re.search(r"(http://\S+) +\(user (\w+), password (\w+)\)", output)
        assert found, output
        url, user, password = found.groups()
        with httpx.Client(base_url=url, timeout=30) as client:
            answer = client.post("/auth/token", json={"username": user, "password": password})
            token = answer.json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            dags = client.get("/api/v2/dags", headers=headers).json()["dags"]
            runs = client.get("/api/v2/dags/presync__fjord/dagRuns", headers=headers).json()
            errors = client.get("/api/v2/importErrors", headers=headers).json()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)

    names = ("fjord", "malaren", "nordlys", "saimaa")
    assert {dag["dag_id"] for dag in dags} == {
        *(f"presync__{name}" for name in names),
        "presync_apply__saimaa",
        "presync_housekeeping",
        "presync_notify",
        "presync_rehearsal",
    }
    assert runs["total_entries"] == 1
    assert errors["total_entries"] == 0
    assert process.returncode == 128 + signal.SIGINT
    assert left_behind(data) == []
