"""Starts the real receiver of `demo/` as a process of its own, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.patience import PATIENCE

HOME = Path(__file__).parents[2]


@dataclass(frozen=True)
class RunningReceiver:
    """A receiver that listens at `url` and writes its calls down."""

    url: str
    file: Path

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call that has arrived."""
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines()]


@contextmanager
def receiver(folder: Path, *options: str) -> Iterator[RunningReceiver]:
    """Yield a running receiver; `options` are those of `python -m demo.receiver`."""
    file = folder / "calls.jsonl"
    command = [sys.executable, "-m", "demo.receiver", "--port", "0", "--file", str(file), *options]
    process = subprocess.Popen(command, cwd=HOME, text=True, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        yield RunningReceiver(line.split()[-1], file)
    finally:
        process.kill()
        process.wait(PATIENCE)
        process.stdout.close()
