"""An event loop whose clock jumps to whatever comes next, so that hours of waiting take a moment."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_LONGEST = 7 * 24 * 3600.0


class _Selector(selectors.DefaultSelector):
    """Never waits: it moves the clock on by as much as it was asked to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        self.now += max(0.0, timeout)
        if self.now > _LONGEST:
            raise RuntimeError("a simulated week has passed: this does not end")
        return super().select(0)


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own; what would wait for ever raises RuntimeError."""

    def __init__(self) -> None:
        self._simulated = _Selector()
        super().__init__(self._simulated)

    def time(self) -> float:
        return self._simulated.now


async def in_this_thread(function: Callable[..., T], *arguments: Any) -> T:
    """Stand in for `asyncio.to_thread`: another thread knows nothing of the simulated clock."""
    return function(*arguments)


def simulate(scenario: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in simulated time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(scenario)
