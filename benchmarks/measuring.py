"""Measures a piece of work in a process of its own: CPU seconds, wall time, memory above the idle process.

A *work* is a function of this package that takes an `Observer` and plain arguments, and returns a small
result as JSON. It imports what it needs first and says `observer.ready()`: what comes after is measured.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
_MARK = "measured: "


@dataclass
class Cost:
    """CPU seconds of this process, and seconds on the wall."""

    cpu: float = 0.0
    wall: float = 0.0

    def add(self, other: Cost) -> None:
        """Add another cost to this one."""
        self.cpu += other.cpu
        self.wall += other.wall


def _now() -> Cost:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic())


def _since(before: Cost) -> Cost:
    now = _now()
    return Cost(now.cpu - before.cpu, now.wall - before.wall)


@dataclass(frozen=True)
class Measurement:
    """What a work cost after it was ready; `parts` of it by name; `peak` MB above the idle process."""

    cost: Cost
    imports: Cost
    peak: float
    parts: Mapping[str, Cost]
    result: Any


@dataclass
class Observer:
    """Watches a work from inside its process."""

    started: Cost = field(default_factory=_now)
    imported: Cost | None = None
    idle: float = 0.0
    parts: defaultdict[str, Cost] = field(default_factory=lambda: defaultdict(Cost))

    def ready(self) -> None:
        """Say that everything is imported: the measured work begins."""
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak of memory so far
        self.idle = _memory("VmRSS")
        self.imported = _now()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what happens inside as a part of the work."""
        before = _now()
        try:
            yield
        finally:
            self.parts[name].add(_since(before))

    def watch(self, owner: Any, attribute: str, name: str | Callable[..., str]) -> None:
        """Count every call of a function as a part; `name` may be made from its arguments."""
        function = getattr(owner, attribute)

        def watched(*args: Any, **kwargs: Any) -> Any:
            with self.part(name if isinstance(name, str) else name(*args)):
                return function(*args, **kwargs)

        setattr(owner, attribute, watched)

    def report(self, result: Any) -> Measurement:
        """Return everything measured since `ready`."""
        if self.imported is None:
            raise RuntimeError("the work never said that it was ready")
        imports = Cost(self.imported.cpu - self.started.cpu, self.imported.wall - self.started.wall)
        return Measurement(
            _since(self.imported), imports, _memory("VmHWM") - self.idle, dict(self.parts), result
        )


def measure(work: str, *arguments: Any, python: str = sys.executable) -> Measurement:
    """Run `benchmarks.<module>:<function>` in a fresh process (of that Python) and return what it cost."""
    finished = subprocess.run(
        [python, "-m", "benchmarks.measuring", work, json.dumps(arguments)],
        cwd=_ROOT,
        env={**os.environ, "GX_ANALYTICS_ENABLED": "false"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    (line,) = (line for line in finished.stdout.splitlines() if line.startswith(_MARK))
    values = json.loads(line.removeprefix(_MARK))
    parts = {name: Cost(**cost) for name, cost in values.pop("parts").items()}
    cost, imports = Cost(**values.pop("cost")), Cost(**values.pop("imports"))
    return Measurement(cost=cost, imports=imports, parts=parts, **values)


def alternate(works: Sequence[tuple[Any, ...]], repetitions: int) -> list[list[Measurement]]:
    """Measure the works in turn, several times; return the measurements of each.

    In turn, so that whatever else the machine is doing meets all of them alike.
    """
    rounds = [[measure(*work) for work in works] for _ in range(repetitions)]
    return [list(column) for column in zip(*rounds, strict=True)]


def at_once(work: str, *arguments: Any, number: int) -> list[Measurement]:
    """Measure the same work in so many processes at the same time: they share cores and caches."""
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(lambda _: measure(work, *arguments), range(number)))


def median_ratio(ours: Sequence[Measurement], theirs: Sequence[Measurement], what: str) -> float:
    """Return the median over the rounds of our cost (`cpu` or `wall`) divided by theirs."""
    pairs = zip(ours, theirs, strict=True)
    ratios = [getattr(a.cost, what) / max(getattr(b.cost, what), 1e-3) for a, b in pairs]
    return float(statistics.median(ratios))


def typical(measurements: Sequence[Measurement]) -> Measurement:
    """Return the measurement of the median CPU time (the lower one of an even number)."""
    ordered = sorted(measurements, key=lambda m: m.cost.cpu)
    return ordered[(len(ordered) - 1) // 2]


def _memory(name: str) -> float:
    """Return a line of this process' memory status in MB (ru_maxrss would include the parent's past)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"the system does not say {name}")


def _main() -> None:
    module, function = sys.argv[1].split(":")
    observer = Observer()
    result = getattr(importlib.import_module(f"benchmarks.{module}"), function)(
        observer, *json.loads(sys.argv[2])
    )
    print(_MARK + json.dumps(observer.report(result), default=vars), flush=True)


if __name__ == "__main__":
    _main()
