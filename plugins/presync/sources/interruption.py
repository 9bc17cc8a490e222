"""Stops a read when this process is told to stop, instead of when the server next says something.

Python runs a signal's handler only once the driver returns, which a server that is silent may delay until the
query time-out. So while a company is read, a thread listens for the signals that end a task (Ctrl-C, the
worker's SIGTERM, the SIGALRM of `execution_timeout`) and cancels the statement: the server is told at
once, and the handler runs.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_ENDING: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGALRM}


@contextmanager
def cancelling(cancel: Callable[[], None]) -> Iterator[None]:
    """Call `cancel` from another thread when a signal that ends this process arrives inside the block.

    In any but the main thread, where Python handles no signals, the block simply runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours, pythons = socket.socketpair()
    pythons.setblocking(False)
    before = signal.set_wakeup_fd(pythons.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(ours, cancel), name="interruption", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        pythons.close()
        listener.join()
        ours.close()


def _listen(ours: socket.socket, cancel: Callable[[], None]) -> None:
    while numbers := ours.recv(64):
        if _ENDING & set(numbers):
            cancel()
