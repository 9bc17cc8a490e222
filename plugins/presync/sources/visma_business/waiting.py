"""Ends a wait that a driver would not end: connecting, closing, beginning a transaction.

`query_timeout` holds for statements only. A server that accepts a connection and is then silent (frozen, or
cut off by a firewall) keeps both drivers for ever: while connecting, when pyodbc asks for the server's types;
while closing, when they roll back; while a transaction begins. So such a call runs in a thread of its own,
which is left behind with its connection if it does not return. Nobody uses either again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
CLOSING: Final = 5.0
"""Seconds that closing a cursor or a connection may take."""


class TooLongError(Exception):
    """A driver's call did not return in time."""


def within(seconds: float | None, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises; TooLongError after so many seconds.

    None: no time limit, and no thread. A signal that arrives meanwhile is handled at once.
    """
    if seconds is None:
        return work()
    call = _Call(work)
    thread = threading.Thread(target=call.run, name="driver", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TooLongError
    return call.result()


class _Call(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:
            self._error = error

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]
