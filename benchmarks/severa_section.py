"""The section of the report about reading Severa."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import severa
from benchmarks.measuring import Measurement, alternate, measure, median_ratio, typical
from benchmarks.report import Report
from demo.severa.process import start_severa

_NO_LIMIT: Mapping[str, Any] = {"rate_limit": {"enabled": False}}
_LATENCIES = (0.05, 0.2)


def severa_extraction(report: Report, sizes: Sequence[int], latencies: Sequence[float] = _LATENCIES) -> None:
    """Wall time against the rate limit, requests, memory, and CPU against a bare loop."""
    with tempfile.TemporaryDirectory(prefix="presync-benchmarks-") as scratch:
        folders = {size: Path(scratch) / str(size) for size in sizes}
        for size, folder in folders.items():
            severa.write(folder, size)
        _costs(report, folders)
        _wall_time(report, Path(scratch), latencies)


def _costs(report: Report, folders: Mapping[int, Path]) -> None:
    report.section(
        "Reading Severa: CPU, memory, requests",
        "The whole extract from the stand-in (no rate limit, pages of 1,000) against a bare loop of httpx "
        "and orjson that reads each register once and throws the rows away. Every register is gone through "
        "twice, so that it is known to be whole: that is twice the requests. Target: flat memory.",
    )
    rows = []
    for size, folder in folders.items():
        with start_severa(folder, _NO_LIMIT) as server:
            works = [("severa:staged", server.api, False), ("severa:bare", server.api)]
            ours, theirs = alternate(works, 3 if size < 1_000_000 else 1)
        rows.append((size, *_cost(ours, theirs)))
        report.numbers[f"severa {size}"] = {
            "cpu": median_ratio(ours, theirs, "cpu"),
            "peak_mb": max(m.peak for m in ours),
            "requests": ours[0].result["requests"],
        }
    header = ("records", "CPU s per 100k", "bare", "ratio", "peak MB", "requests", "bare", "ratio")
    report.table(header, rows)


def _cost(ours: Sequence[Measurement], theirs: Sequence[Measurement]) -> tuple[object, ...]:
    mine, bare = typical(ours), typical(theirs)
    if mine.result["rows"] != bare.result["rows"] + 1:  # the settings are a row of ours
        raise RuntimeError(f"the readings differ: {mine.result}, {bare.result}")
    portion = mine.result["rows"] / 100_000
    requests = mine.result["requests"], bare.result["requests"]
    return (
        mine.cost.cpu / portion,
        bare.cost.cpu / portion,
        median_ratio(ours, theirs, "cpu"),
        max(m.peak for m in ours),
        *requests,
        requests[0] / requests[1],
    )


def _wall_time(report: Report, scratch: Path, latencies: Sequence[float]) -> None:
    report.section(
        "Reading Severa: wall time",
        "Under 10 requests per second, against the floor that this sets: requests divided by ten. Pages are "
        "clamped so that there are many. Target: 1.1 times. The pages of a register come one after another, "
        "so at 200 ms one register alone cannot be read faster than 5 requests per second.",
    )
    folder = scratch / "wall"
    severa.write(folder, 10_000)
    rows = []
    for latency in latencies:
        config = {"latency_seconds": latency, "most_rows": 100}
        with start_severa(folder, config) as server:
            result = measure("severa:staged", server.api, True)
        requests, wall = result.result["requests"], result.cost.wall
        ratio = wall / (requests / 10)
        rows.append(
            (f"{latency * 1000:.0f} ms", requests, requests / 10, wall, ratio, result.result["refusals"])
        )
        report.numbers[f"severa at {latency}"] = {"wall": ratio}
    report.table(("latency", "requests", "floor s", "wall s", "ratio", "refused"), rows)
