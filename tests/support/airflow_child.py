"""Runs functions that drive a whole Airflow in a process that can be ended.

`within` sends a function to a child that is kept from call to call, because loading Airflow takes seconds. At
the deadline the child's whole process group is killed, and the next call gets a new one. It is started afresh
and not forked: pytest has threads, and a fork would hold the pipes by whose end pytest-xdist notices that a
worker has died. When pytest dies, however it dies, the child ends, too.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from select import select
from typing import Final, ParamSpec, TypeVar

from tests.support import airflow_worker
from tests.support.airflow_worker import Request
from tests.support.patience import PATIENCE

HOME: Final = Path(__file__).resolve().parents[2]
# Below the time limit of a test (pyproject.toml), so that the error names the run that hangs.
DEADLINE: Final = 400.0
_SHOWN: Final = 4000

P = ParamSpec("P")
T = TypeVar("T")


class ChildError(Exception):
    """A function in a child did not return: it raised, or its process died."""


class DeadlineError(ChildError):
    """The deadline passed, and the child was killed with everything that it had started."""


def within(deadline: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a module's function returns in a child that has this process's environment.

    What the child prints is printed here, too. Raises DeadlineError after `deadline` seconds, or ChildError
    with the child's traceback.
    """
    with tempfile.TemporaryDirectory(prefix="presync-child-") as folder:
        request = Request(Path(folder), dict(os.environ), pickle.dumps((function, args, kwargs)))
        try:
            status = _child().answer(request, deadline)
        except ChildError as error:
            error.add_note(f"{function.__name__} had printed: …{_said(request)[-_SHOWN:]}")
            raise
        said = _said(request)
        sys.stdout.write(said)
        if status != "0":
            raise ChildError(f"{function.__name__} failed in a child: …{said[-_SHOWN:]}")
        result: T = pickle.loads(request.result.read_bytes())  # noqa: S301 - written by our own child
        return result


def _said(request: Request) -> str:
    return request.log.read_text(errors="replace") if request.log.exists() else ""


class _Child:
    """The process that functions are sent to."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", airflow_worker.__name__],
            cwd=HOME,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        atexit.register(self.end)

    def answer(self, request: Request, deadline: float) -> str:
        """Return the answer to a request; if there is none, also when a test's time is up, end the child."""
        try:
            with suppress(BrokenPipeError):  # it has died, and so gives no answer
                self._requests.write(request.message())
                self._requests.flush()
            return self._line(deadline)
        except BaseException:
            self.end()
            raise

    def _line(self, deadline: float) -> str:
        over, line = time.monotonic() + deadline, b""
        while not line.endswith(b"\n"):
            if not select([self._answers], [], [], max(0.0, over - time.monotonic()))[0]:
                raise DeadlineError(f"a child had not ended after {deadline:g} s and was killed")
            part = os.read(self._answers.fileno(), 4096)
            if not part:
                status = self._process.wait(PATIENCE)
                raise ChildError(f"a child died with status {status}")
            line += part
        return line.decode().strip()

    def end(self) -> None:
        """Kill the child and everything that it has started."""
        atexit.unregister(self.end)
        _child.cache_clear()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        self._answers.close()
        with suppress(BrokenPipeError):
            self._requests.close()


@cache
def _child() -> _Child:
    return _Child()
