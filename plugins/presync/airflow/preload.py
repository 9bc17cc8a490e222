"""Imports once what every task would import anew: in the process from which the tasks are forked.

Airflow imports this module because its configuration says so (docs/operating.md, *Workers*). Nothing else may
import it: the scheduler, the API server, the triggerer and the DAG processor would pay for it.

Nothing depends on it either. What cannot be imported here is imported by the task that needs it, and fails
there, with the reason in the task's own log.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import logging
import os
import pkgutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from presync.staging.made_by import remember_preloaded

AIRFLOW: Final = (
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.bases.operatorlink",
    "airflow.sdk.definitions.connection",
    "airflow.sdk.execution_time.cache",
    "airflow.dag_processing.dagbag",
    "airflow.providers.http.hooks.http",
    "airflow.providers.odbc.hooks.odbc",
)
LIBRARIES: Final = (
    "alembic.command",
    "anyio._backends._asyncio",
    "babel.dates",
    "babel.messages.mofile",
    "babel.messages.pofile",
    "babel.numbers",
    "duckdb",
    "great_expectations.execution_engine",
    "great_expectations.validator.validator",
    "httpx",
    "jinja2.ext",
    "openpyxl",
    "pandas",
    "psycopg",
    "pandas.core.arrays.arrow._arrow_utils",
    "pyarrow.acero",
    "pyarrow.compute",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pyodbc",
    "rapidfuzz.process",
    "sqlalchemy.orm",
)
"""What the rooms import inside their functions; without it, their own modules would be next to empty."""

_NOT_OF_TASKS: Final = (
    "presync.airflow.",
    "presync.cli.",
    "presync.control.migrations.",
    "presync.new_tenant.",
    "presync.rehearsal.",
)


def modules() -> Iterator[str]:
    """Yield the names of what tasks import: Airflow's part, libraries, then our own modules."""
    import presync

    yield from AIRFLOW
    yield from LIBRARIES
    for module in pkgutil.walk_packages(presync.__path__, "presync."):
        if not f"{module.name}.".startswith(_NOT_OF_TASKS):
            yield module.name
    yield "presync.airflow.apply_dag"
    yield "presync.airflow.web.links"


def preload() -> dict[str, str]:
    """Import everything and warm it up; return what could not be done, and the kind of error."""
    # before its first import, as in a task: it would call its vendor
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    remember_preloaded()
    failed: dict[str, str] = {}
    level = logging.root.manager.disable
    logging.disable(logging.INFO)  # Great Expectations alone writes 170 lines
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name in modules():
                with _noting(failed, name):
                    importlib.import_module(name)
            with _noting(failed, "presync.airflow.warm"):
                from presync.airflow.warm import warm_up

                for name, step in warm_up():
                    with _noting(failed, name):
                        step()
    finally:
        logging.disable(level)
    return failed


@contextmanager
def _noting(failed: dict[str, str], name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        failed[name] = type(error).__name__


_failed = preload()
if _failed:
    logging.getLogger(__name__).warning("each task does these itself: %s", _failed)
# no garbage collection of a forked task may touch, and so copy, what all of them share
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)
