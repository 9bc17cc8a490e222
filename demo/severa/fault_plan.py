"""Which of the configured faults a request meets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from demo.severa.faults import Edit, Fault, UnstableOrder


class FaultPlan:
    """Counts requests, so that each fault strikes only those that it concerns."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._plans: dict[str, list[_Plan]] = {}
        for fault in faults:
            self._plans.setdefault(fault.client, []).append(_Plan(fault))

    def striking(self, route: str, client: str, method: str = "GET") -> list[Fault]:
        """Count one more request of `client` to `route`; return the faults that it shall meet."""
        plans = [*self._plans.get("*", ()), *self._plans.get(client, ())]
        concerned = [
            plan for plan in plans if plan.fault.route in {"*", route} and plan.fault.method in {"*", method}
        ]
        return [plan.meeting(route) for plan in concerned if plan.strikes()]


class _Plan:
    """One fault and how many requests it has seen."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._requests = 0
        self._met: Counter[str] = Counter()

    def strikes(self) -> bool:
        earlier = self._requests - self.fault.after
        self._requests += 1
        struck = earlier >= 0 and (self.fault.first is None or earlier < self.fault.first)
        struck = struck and (earlier + 1) % self.fault.every == 0
        if struck and isinstance(self.fault, Edit) and not self.fault.stamp:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            self.fault = msgspec.structs.replace(self.fault, stamp=now)
        return struck

    def meeting(self, route: str) -> Fault:
        """Return the fault as one more request to `route` meets it."""
        self._met[route] += 1
        if isinstance(self.fault, UnstableOrder):
            return msgspec.structs.replace(self.fault, seed=self.fault.seed + self._met[route])
        return self.fault
