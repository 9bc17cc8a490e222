"""The product's own work on a generated company, watched part by part."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from benchmarks.company import Company, tenant
from benchmarks.measuring import Observer
from presync.rules.catalogue import SUITES


def judge(observer: Observer, folder: str, with_near: bool) -> dict[str, int]:
    """Reconcile and run all suites; return findings per `suite/rule`.

    Without `with_near` no similar names are looked for, to be compared with what does not either.
    """
    _import_everything()
    from presync import reconcile
    from presync.rules.run_suite import run_suite

    _watch(observer)
    if not with_near:
        look_for_no_similar_names()
    observer.ready()
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "staging.duckdb"
        with observer.part("reconcile"):
            reconcile.build(database, tenant(), Company(Path(folder)).extracts)
        counts: Counter[str] = Counter()
        for suite in SUITES:
            out = Path(scratch) / suite
            out.mkdir()
            with observer.part(f"suite {suite}"):
                result = run_suite(suite, database, out)
            if result.status == "error":
                raise RuntimeError(f"{suite} could not be checked: {result.errors}")
            for judgement in result.expectations:
                counts[f"{suite}/{judgement.rule}"] += judgement.violating or 0
    return dict(counts)


def _import_everything() -> None:
    """Import what the work needs, Great Expectations above all; its first context costs extra too."""
    import duckdb  # noqa: F401
    import great_expectations as gx
    import pandas as pd  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    from rapidfuzz import process  # noqa: F401

    from presync.rules import expectations  # noqa: F401

    with redirect_stdout(StringIO()):
        gx.get_context(mode="ephemeral")


def _watch(observer: Observer) -> None:
    from presync.reconcile.similar_names import search
    from presync.rules import findings_writer, run_suite, validation

    build = import_module("presync.reconcile.build")  # the package has a function of that name
    observer.watch(build, "load_extracts", "reconcile: load extracts")
    observer.watch(build, "_run", lambda connection, name: f"reconcile: {name}.sql")
    observer.watch(search, "fill", "reconcile: similar names")
    observer.watch(run_suite, "load_frame", "suites: load frames")
    observer.watch(validation.Validator, "validate", "suites: Great Expectations")
    observer.watch(findings_writer.FindingsWriter, "add", "suites: describe findings")
    observer.watch(findings_writer.FindingsWriter, "write", "suites: write findings")


def look_for_no_similar_names() -> None:
    """Make reconcile leave out the search for similar names, in this process."""
    from presync.reconcile.similar_names import search

    def fill(connection: Any, suites: tuple[str, ...]) -> dict[str, str]:
        connection.execute(
            "CREATE TABLE checks.near (suite VARCHAR, business_name_key VARCHAR, severa_name_key VARCHAR);"
            "CREATE TABLE checks.near_coverage AS SELECT unnest(?::VARCHAR[]) AS suite, 'exact' AS method, "
            "0::BIGINT AS comparisons, 0::BIGINT AS blocks_left_out, 0::BIGINT AS left_out",
            [list(suites)],
        )
        return dict.fromkeys(suites, "exact")

    search.fill = fill  # type: ignore[assignment]
