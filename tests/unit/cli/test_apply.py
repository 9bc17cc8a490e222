"""What `presync apply` ends with, and that it writes only when it is told to.

Covers: cli/apply.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from presync.apply import plan
from presync.apply.perform import Outcome
from presync.apply.run import Report
from presync.cli import apply as module
from presync.cli.main import main
from presync.control.models import Application, AppliedCall

ROOT = Path(__file__).parents[3]
FILE = str(ROOT / "demo" / "tenants" / "saimaa.yaml")


@contextmanager
def printed(_log: Path, _file: Path) -> Iterator[Callable[[str], None]]:
    yield print


@pytest.mark.parametrize(
    ("state", "stopped", "code"),
    [("done", "", 0), ("skipped", "", 1), ("failed", "", 1), ("done", "lost permission", 2)],
)
def test_its_exit_code_tells_whether_all_was_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: str, stopped: str, code: int
) -> None:
    call = AppliedCall(
        register="customers", guid="a", field="number", old="5", new="8", state=state, answer=""
    )
    report = Report(Application(id="p", tenant="saimaa"), Outcome(stopped, [call]))
    monkeypatch.setattr(module, "_airflow", printed)
    monkeypatch.setattr(module, "_perform", lambda *_: report)
    assert main(["apply", FILE, "--yes"]) == code
    told = capsys.readouterr().out
    assert f"1 {state}" in told
    assert ("not done: customers a: number 5 → 8" in told) is (state != "done")


def test_nothing_is_written_unless_somebody_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def never(*_: Any) -> None:
        pytest.fail("it was not told to write")

    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'control.db'}")
    monkeypatch.setattr(module, "_perform", never)
    monkeypatch.setattr(plan, "make_plan", lambda *_: SimpleNamespace(digest="0123456789abcdef"))
    monkeypatch.setattr("presync.apply.texts.plan_lines", lambda *_, **__: ["the plan"])
    assert main(["apply", FILE]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == "the plan"
    assert last.startswith("Nothing was written.")
    assert last.endswith("--yes --digest 0123456789ab).")
