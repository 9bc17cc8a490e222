"""Stops a read when this process is told to stop, instead of when the server next says something.

Python runs a signal's handler only once the driver returns, which a server that is silent may delay until the
query time-out. So while a company is read, a thread listens for the signals that end a task (Ctrl-C, the
worker's SIGTERM, the SIGALRM of `execution_timeout`) and cancels the statement: the server is told at
once, and the handler runs.

What the handler raises can get lost: pyodbc decodes the driver's message in Python, where handlers run, and
drops an error in there. So whoever sees a read fail lets the signal be handled once more (`repeat`).
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_ENDING: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGALRM}
_GRACE: Final = 0.3  # seconds: some drivers return by themselves, and must not be cancelled meanwhile
_LONGEST: Final = 5.0  # seconds: what the thread may take to hear all, or to end
_ALL_HEARD: Final = b"\0"  # no signal has this number


class Interruption:
    """Listens for the signals that end this process; `repeat` lets the last one be handled once more."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel
        self._number: int | None = None
        self._heard = threading.Event()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="interruption", daemon=True)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen until the block ends."""
        self._ours, self._pythons = socket.socketpair()
        self._pythons.setblocking(False)
        before = signal.set_wakeup_fd(self._pythons.fileno(), warn_on_full_buffer=False)
        self._thread.start()
        try:
            yield
        finally:
            self._left.set()
            signal.set_wakeup_fd(before)
            self._pythons.close()
            self._thread.join(_LONGEST)  # a driver may not return from cancelling: the thread is left behind

    def repeat(self) -> None:
        """Send this process its ending signal again, if one has come: here nobody swallows what it raises."""
        if not self._thread.is_alive():
            return
        self._heard.clear()
        self._pythons.send(_ALL_HEARD)  # behind what signals have written
        self._heard.wait(_LONGEST)
        if self._number is not None:
            signal.raise_signal(self._number)

    def _listen(self) -> None:
        with self._ours:
            while numbers := self._ours.recv(64):
                for number in _ENDING & set(numbers):
                    self._number = number
                    if not self._left.wait(_GRACE):
                        self._cancel()
                if _ALL_HEARD in numbers:
                    self._heard.set()


@contextmanager
def cancelling(cancel: Callable[[], None]) -> Iterator[Interruption]:
    """Call `cancel` from another thread when a signal that ends this process arrives inside the block.

    In any but the main thread, where Python handles no signals, the block simply runs.
    """
    interruption = Interruption(cancel)
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    with interruption.listening():
        yield interruption
