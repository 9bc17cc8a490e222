"""`make bench`: measure everything at every size, print the tables and keep them.

python -m benchmarks [--sizes 10000,100000] [--only extraction,judging,parts,near,likely,severa,tenant_run]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import sections
from benchmarks.company import Company
from benchmarks.likely_section import likely_counterparts
from benchmarks.near_section import near_duplicates
from benchmarks.report import Report
from benchmarks.severa_section import severa_extraction

SIZES = (10_000, 100_000, 1_000_000)
_OF_A_COMPANY = {"extraction", "judging", "parts"}
SECTIONS = ("extraction", "judging", "parts", "near", "likely", "severa", "tenant_run")


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks and return the exit code."""
    options = _options(arguments)
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    report = Report(f"Benchmarks of {today}")
    report.say(_machine())
    with tempfile.TemporaryDirectory(prefix="presync-benchmarks-") as scratch:
        folders = {size: Path(scratch) / str(size) for size in options.sizes}
        for size, folder in folders.items():
            if not _OF_A_COMPANY.isdisjoint(options.only):
                Company(folder).make(size)
        if "extraction" in options.only:
            sections.extraction(report, folders)
        if "judging" in options.only:
            sections.judging(report, folders)
        if "parts" in options.only:
            sections.parts(report, folders)
        if "near" in options.only:
            near_duplicates(report, options.sizes, Path(scratch))
        if "likely" in options.only:
            likely_counterparts(report, options.sizes, Path(scratch))
    if "severa" in options.only:
        severa_extraction(report, options.sizes)
    if "tenant_run" in options.only:
        sections.tenant_run(report)
    if options.save:
        name = "-".join([today, str(max(options.sizes)), *_sections_of_few(options.only)])
        print(f"\nkept as {report.save(name).relative_to(Path.cwd())}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measure Presync beside simpler programs."
    )
    parser.add_argument("--sizes", type=_sizes, nargs="*", default=[list(SIZES)], metavar="N,N")
    parser.add_argument(
        "--only", type=lambda text: text.split(","), default=list(SECTIONS), metavar="SECTION,…"
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
