"""Ctrl-C and `kill`: stop everything that was started, then go."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from types import FrameType


def leave_cleanly(stack: ExitStack) -> None:
    """On SIGINT and SIGTERM, close `stack` and end the process.

    Raising an exception would not do: Airflow's task runner takes any for a failed task and goes on.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        stack.close()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
