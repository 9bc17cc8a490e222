"""Ctrl-C and `kill`: stop everything that was started, then go."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def leave_cleanly(stack: ExitStack) -> None:
    """On SIGINT and SIGTERM, close `stack` and end the process.

    Raising an exception would not do: Airflow's task runner takes any for a failed task and goes on.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        _ignore()
        try:
            stack.close()
        finally:
            os._exit(128 + number)

    for number in _SIGNALS:
        signal.signal(number, leave)


@contextmanager
def unwinding() -> Iterator[None]:
    """On SIGINT and SIGTERM, raise SystemExit, once: what is being stopped is not disturbed again."""

    def unwind(number: int, frame: FrameType | None) -> NoReturn:
        _ignore()
        raise SystemExit(128 + number)

    earlier = {number: signal.signal(number, unwind) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _ignore() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
