"""`make bench`: measure everything at every size, print the tables and keep them after each section.

python -m benchmarks [--sizes 10000,100000] [--only judging,peers,…] [--no-save]
python -m benchmarks --only fleet [--companies 100 --customers 2000 --executors LocalExecutor,CeleryExecutor]
python -m benchmarks --only idle [--tenants 1000 --minutes 10]
python -m benchmarks --only large [--large 1000000]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks import sections, small_sections
from benchmarks.company import Company
from benchmarks.fleet_section import fleet, idle_fleet
from benchmarks.large_section import large_company
from benchmarks.likely_section import likely_counterparts
from benchmarks.near_section import near_duplicates
from benchmarks.peers_section import peers
from benchmarks.report import Report
from benchmarks.severa_section import severa_extraction
from demo.interrupts import unwinding

SIZES: Final = (10_000, 100_000, 1_000_000)
_WITHOUT_SIZES: Final = {"tenant_run", "check", "disk", "parsing", "fleet", "idle", "large"}


@dataclass
class Bench:
    """What every section gets: the report, what was asked for, and a folder to work in."""

    report: Report
    options: argparse.Namespace
    scratch: Path
    _companies: dict[int, Path] = field(default_factory=dict)

    @property
    def sizes(self) -> list[int]:
        """Customers per side, smallest first."""
        return list(self.options.sizes)

    @property
    def companies(self) -> dict[int, Path]:
        """A generated company of every size, made when the first section asks for it."""
        for size in self.sizes:
            if size not in self._companies:
                folder = self.scratch / str(size)
                Company(folder).make(size)
                self._companies[size] = folder
        return self._companies


SECTIONS: Final[Mapping[str, Callable[[Bench], None]]] = {
    "extraction": lambda bench: sections.extraction(bench.report, bench.companies),
    "judging": lambda bench: sections.judging(bench.report, bench.companies),
    "parts": lambda bench: sections.parts(bench.report, bench.companies),
    "near": lambda bench: near_duplicates(bench.report, bench.sizes, bench.scratch),
    "likely": lambda bench: likely_counterparts(bench.report, bench.sizes, bench.scratch),
    "severa": lambda bench: severa_extraction(bench.report, bench.sizes),
    "peers": lambda bench: peers(bench.report, bench.sizes, bench.scratch),
    "tenant_run": lambda bench: sections.tenant_run(bench.report),
    "check": lambda bench: small_sections.check(bench.report),
    "disk": lambda bench: small_sections.disk(bench.report),
    "parsing": lambda bench: small_sections.parsing(bench.report, bench.scratch, bench.options.tenants),
    "fleet": lambda bench: fleet(
        bench.report,
        bench.scratch,
        companies=bench.options.companies,
        customers=bench.options.customers,
        executors=tuple(bench.options.executors),
    ),
    "idle": lambda bench: idle_fleet(
        bench.report, bench.scratch, tenants=bench.options.tenants, minutes=bench.options.minutes
    ),
    "large": lambda bench: large_company(bench.report, bench.scratch, customers=bench.options.large),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks and return the exit code: 1 if a section ended with an error."""
    options = _options(arguments)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    of_sizes = [] if set(options.only) <= _WITHOUT_SIZES else [str(max(options.sizes))]
    name = "-".join([today, *of_sizes, *_sections_of_few(options.only)])
    report = Report(f"Benchmarks of {today}")
    report.say(_machine())
    with unwinding(), tempfile.TemporaryDirectory(prefix="presync-benchmarks-") as scratch:
        bench = Bench(report, options, Path(scratch))
        failed = []
        for section in (section for section in SECTIONS if section in options.only):
            try:
                SECTIONS[section](bench)
            except Exception as error:  # hours of other sections must not be lost with it
                traceback.print_exc()
                report.say(f"**The section {section} ended with an error ({type(error).__name__}).**")
                failed.append(section)
            if options.save:  # a long run that is cut short keeps what it has
                print(f"\nkept {section} in {report.save(name)}", flush=True)
    if failed:
        print(f"\nended with an error: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Measure Presync beside simpler programs and other tools.",
        epilog=f"Sections: {', '.join(SECTIONS)}.",
    )
    parser.add_argument(
        "--sizes", type=_sizes, nargs="*", default=[list(SIZES)], metavar="N,N", help="customers per side"
    )
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=list(SECTIONS),
        metavar="SECTION,…",
        help="measure these sections only",
    )
    many = parser.add_argument_group("a fleet")
    many.add_argument("--companies", type=int, default=20, metavar="N", help="how many run (fleet)")
    many.add_argument("--customers", type=int, default=2_000, metavar="N", help="of each company (fleet)")
    many.add_argument(
        "--executors",
        type=lambda text: text.split(","),
        default=["LocalExecutor"],
        metavar="NAME,…",
        help="LocalExecutor, CeleryExecutor: needs Debian's redis-server (fleet)",
    )
    many.add_argument(
        "--tenants", type=int, default=1_000, metavar="N", help="that do nothing (idle, parsing)"
    )
    many.add_argument("--minutes", type=float, default=10, metavar="N", help="for which they do so (idle)")
    many.add_argument(
        "--large", type=int, default=1_000_000, metavar="N", help="customers per side of one company (large)"
    )
    parser.add_argument("--no-save", dest="save", action="store_false", help="print only")
    options = parser.parse_args(arguments)
    options.sizes = sorted({size for some in options.sizes for size in some})
    unknown = sorted(set(options.only) - set(SECTIONS))
    if unknown or not options.sizes:
        parser.error(f"no such section: {', '.join(unknown)}" if unknown else "name at least one size")
    return options


def _sizes(text: str) -> list[int]:
    sizes = [int(part) for part in text.split(",") if part]
    if any(size < 100 for size in sizes):
        raise argparse.ArgumentTypeError("a company of fewer than 100 customers shows nothing")
    return sizes


def _sections_of_few(only: list[str]) -> list[str]:
    return [] if set(only) == set(SECTIONS) else sorted(only)


def _machine() -> str:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("duckdb", "great-expectations", "pandas", "pyodbc")
    )
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}. "
        "Every measurement is a process of its own; what is compared runs in turn, ratios are medians."
    )


if __name__ == "__main__":
    sys.exit(main())
