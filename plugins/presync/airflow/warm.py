"""Works out once what every task would work out anew, in the process from which tasks are forked.

Only what is the same for all tenants and tasks, and what nobody changes afterwards. No step may start a
thread, or open a file, a database or a connection that stays open: a forked task could not use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator


def warm_up() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each step by its name; what fails here is done by the task that needs it, and fails there."""
    yield "database models", _database_models
    yield "Great Expectations", _great_expectations
    yield "texts", _texts
    yield "pages", _pages
    yield "DAG", _dag


def _database_models() -> None:
    from sqlalchemy.orm import configure_mappers

    configure_mappers()


def _great_expectations() -> None:
    """Judge one row: the first expectation of a process costs more than those after it."""
    from dataclasses import replace

    import pandas as pd
    from tqdm import tqdm  # type: ignore[import-untyped]

    from presync.airflow.tasks import quiet_great_expectations
    from presync.rules.suite import load_suite
    from presync.rules.validation import Validator

    tqdm.monitor_interval = 0  # or even a bar that nobody sees would start a thread
    quiet_great_expectations()
    statement = replace(
        load_suite("customers").statements[0],
        kwargs={"column": "answer", "row_condition": "answer.notnull()", "condition_parser": "pandas"},
    )
    Validator("customers").validate({1: statement}, pd.DataFrame({"answer": ["all"]}))


def _texts() -> None:
    from datetime import UTC, date, datetime

    from presync.languages.cldr import day, moment, number
    from presync.languages.speaking import LANGUAGES, speaking
    from presync.languages.texts import translations

    for language in LANGUAGES:
        with speaking(language):
            translations(language)
            number(1_000)
            day(date(2026, 1, 1))
            moment(datetime(2026, 1, 1, tzinfo=UTC).isoformat())


def _pages() -> None:
    from presync.report.pages.render import compile_templates
    from presync.rules.suite import rule_statements

    compile_templates()
    rule_statements()


def _dag() -> None:
    """Build a DAG as each task does; it is thrown away, what Airflow has looked up for it is not."""
    from presync.airflow.dag import build_dag
    from presync.tenants.model import Tenant

    build_dag(Tenant.model_validate({"tenant": "nobody", "title": "Nobody"}))
