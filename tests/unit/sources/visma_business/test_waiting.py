"""What a driver never ends is ended: the caller goes on, and what hangs is left behind.

Covers: sources/visma_business/cancellation.py.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from presync.sources.visma_business import cancellation
from presync.sources.visma_business.waiting import TooLongError, within
from tests.support.patience import PATIENCE


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event that hanging calls wait for, so that no thread outlives its test."""
    event = threading.Event()
    yield event
    event.set()


def test_what_returns_in_time_is_returned_or_raised() -> None:
    assert within(PATIENCE, lambda: 7) == within(None, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(PATIENCE, lambda: 1 // 0)


def test_what_does_not_return_is_left_behind(released: threading.Event) -> None:
    with pytest.raises(TooLongError):
        within(0.01, lambda: released.wait(PATIENCE))


def test_a_cancellation_that_hangs_holds_nobody(
    released: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancellation, "_GRACE", 0)
    monkeypatch.setattr(cancellation, "_LONGEST", 0.01)
    asked = threading.Event()

    def hanging() -> None:
        asked.set()
        released.wait(PATIENCE)

    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        with cancellation.cancelling(hanging) as interruption:
            os.kill(os.getpid(), signal.SIGTERM)
            assert asked.wait(PATIENCE)
            interruption.repeat()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not released.is_set()  # it went on although the cancellation still hangs
    released.set()
    for thread in threading.enumerate():
        if thread.name == "interruption":
            thread.join(PATIENCE)
