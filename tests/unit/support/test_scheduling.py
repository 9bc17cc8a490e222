"""Two workers: every file is one unit of work, and what starts the same servers is one together."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.scheduling import turn, unit_of

HOME = Path(__file__).resolve().parents[3]


def test_what_shares_a_server_is_one_unit_and_everything_else_a_file() -> None:
    files = [str(path.relative_to(HOME)) for path in sorted((HOME / "tests").rglob("test_*.py"))]
    shared: dict[str, set[str]] = {}
    for file in files:
        shared.setdefault(unit_of(f"{file}::test_it[a/b::c]"), set()).add(file)
    several = [unit for unit in shared.values() if len(unit) > 1]
    text = {file: (HOME / file).read_text(encoding="utf-8") for file in files}
    # the fixtures that start one: tests/e2e/conftest.py, tests/e2e/pages/conftest.py,
    # tests/integration/airflow/web/conftest.py
    started = re.compile("MakeTenant|SeveraProcess")
    runs = {file for file in files if file.startswith("tests/e2e/") and started.search(text[file])}
    pages = {file for file in files if file.startswith("tests/e2e/pages/")}
    assert {file for file in files if re.search(r"\bbrowser: Browser", text[file])} <= pages
    web = {file for file in files if file.startswith("tests/integration/airflow/web/")}
    assert several == [pages, runs, web]


def test_long_files_are_given_out_before_short_ones() -> None:
    files = [str(path.relative_to(HOME)) for path in (HOME / "tests").rglob("test_*.py")]
    turns = [turn(f"{file}::test_it") for file in files]
    assert set(turns) == {0, 1, 2}
    assert sorted(file for file, when in zip(files, turns, strict=True) if when == 1) == [
        "tests/integration/sources/severa/test_extract.py",
        "tests/unit/rules/test_against_oracle.py",
        "tests/unit/rules/test_examples.py",
    ]
