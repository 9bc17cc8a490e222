"""What Presync finds of the rules that the peers have, as a program: `peers_product FOLDER [--all]`.

It judges the three suites whole, since it refuses a suite that leaves a rule out, but looks for no similar
names. With `--all`: everything, similar names and all seven suites.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Final

from benchmarks.company import Company, tenant
from presync.rules.catalogue import SUITES

# Every rule about customers and number series that can be written without a likeness only rapidfuzz computes.
RULES: Final = {
    "customers": (
        "ambiguous_match",
        "code_mismatch",
        "code_missing",
        "code_conflict",
        "name_differs",
        "same_name_other_id",
        "inactive_twin",
        "excluded_but_in_severa",
        "code_absent",
        "code_duplicate",
        "name_too_long",
    ),
    "customer_numbering": ("series_overlap", "number_in_other_series", "next_number_taken"),
    "invoice_numbering": (
        "series_overlap",
        "number_in_other_series",
        "next_number_taken",
        "number_duplicate",
    ),
}


def main(folder: str, everything: bool) -> None:
    """Judge the company in the folder and print `findings: {suite/rule: number}` of the shared rules."""
    from presync import reconcile
    from presync.rules.run_suite import run_suite

    if not everything:
        import_module("benchmarks.product").look_for_no_similar_names()
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        database = Path(scratch) / "staging.duckdb"
        reconcile.build(database, tenant(), Company(Path(folder)).extracts)
        for suite in SUITES if everything else RULES:
            out = Path(scratch) / suite
            out.mkdir()
            result = run_suite(suite, database, out)
            if result.status == "error":
                raise SystemExit(f"{suite} could not be checked: {result.errors}")
            for judgement in result.expectations:
                if judgement.rule in RULES.get(suite, ()):
                    counts[f"{suite}/{judgement.rule}"] += judgement.violating or 0
    print("findings:", json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1], "--all" in sys.argv)
