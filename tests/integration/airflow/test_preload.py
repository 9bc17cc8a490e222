"""Tasks of a worker that has preloaded import nothing heavy again, and the services beside it never do.

What is warmed up in the worker is there for its tasks, and no thread is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from demo.ui import WORKERS
from presync.languages.speaking import LANGUAGES
from presync.report.pages.render import TEMPLATES
from presync.settings import HOME
from tests.support.patience import PATIENCE

CELERY = "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG"
_HEAVY = ("great_expectations", "pandas", "pyarrow", "duckdb", "pyodbc", "rapidfuzz", "alembic")

# What Airflow's scheduler does for LocalExecutor: the start method of its configuration, one worker, and in
# that the fork of the supervisor, in which a suite is run.
_LOCAL = """
import multiprocessing, os, sys
from airflow.utils.process_utils import set_component_mp_start_method
from tests.integration.airflow import test_preload

if __name__ == "__main__":
    set_component_mp_start_method("scheduler")
    reader, writer = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.Process(target=test_preload.worker, args=(writer,))
    worker.start()
    writer.close()
    warm = reader.recv()
    print("MODULES" + test_preload.report(reader.recv(), reader.recv(), set(sys.modules), warm))
    worker.join(60)
"""
# What Celery's worker does before it forks its pool, and what the scheduler does, which only sends.
_CELERY = """
import sys
from airflow.providers.celery.executors.celery_executor import app
from tests.integration.airflow import test_preload

app.amqp.queues, app.backend  # what is needed to send
sender = set(sys.modules)
app.loader.init_worker()
warm = test_preload.warm()
before = set(sys.modules)
test_preload.work()
print("MODULES" + test_preload.report(before, set(sys.modules), sender, warm))
"""


def worker(writer: Any) -> None:
    """Be a worker: say what is loaded, then fork a task that says it, too, once it has worked."""
    writer.send(warm())
    writer.send(set(sys.modules))
    if os.fork() == 0:
        try:
            work()
            writer.send(set(sys.modules))
        finally:
            os._exit(0)
    os.wait()


def work() -> None:
    """Do the work of the middle tasks: a small company's database and all its suites."""
    from presync.airflow.tasks import quiet_great_expectations
    from tests.support.rules_product import check
    from tests.support.rules_samples import mismatched_customers

    quiet_great_expectations()
    results, rows = check(mismatched_customers())
    if not rows or any(result.errors for result in results.values()):
        raise RuntimeError(results)


def warm() -> dict[str, Any]:
    """Return what a worker has worked out for its tasks, what it could not, and which threads it has."""
    from presync.airflow import preload
    from presync.languages.texts import translations
    from presync.report.pages.render import _environment

    return {
        "failed": preload._failed,
        "threads": [thread.name for thread in threading.enumerate()],
        "languages": translations.cache_info().currsize,
        "templates": len(_environment().cache or ()),
    }


def report(before: set[str], after: set[str], beside: set[str], warm: dict[str, Any]) -> str:
    """Return what was loaded in the worker, what its task added, what is loaded beside it, what is warm."""
    found = {"worker": before, "task": after - before, "beside": beside}
    return json.dumps({who: sorted(names) for who, names in found.items()} | {"warm": warm})


@pytest.mark.parametrize("executor", ["local", "celery"])
def test_a_forked_task_imports_nothing_heavy_again(executor: str, tmp_path: Path) -> None:
    script = tmp_path / "main.py"
    script.write_text(_LOCAL if executor == "local" else _CELERY)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, **_configured(executor), "AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("MODULES")]
    assert len(lines) == 1, done.stdout[-2000:] + done.stderr[-3000:]
    modules: dict[str, Any] = json.loads(lines[0].removeprefix("MODULES"))

    assert set(_HEAVY) <= set(modules["worker"])
    assert "airflow.sdk.execution_time.task_runner" in modules["worker"]
    heavy = (*_HEAVY, "airflow", "sqlalchemy", "presync")
    assert not [name for name in modules["task"] if name.partition(".")[0] in heavy]
    assert not set(_HEAVY[:4]) & set(modules["beside"])
    assert modules["warm"] == {
        "failed": {},
        "threads": ["MainThread"],
        "languages": len(LANGUAGES),
        "templates": len(list(TEMPLATES.glob("*.html"))),
    }


def _configured(executor: str) -> dict[str, str]:
    """Return what an operator sets: as `make ui` does, or as `docker-compose.yml` does."""
    if executor == "local":
        return WORKERS
    compose = YAML(typ="safe").load((HOME / "docker-compose.yml").read_text(encoding="utf-8"))
    environment: dict[str, str] = compose["x-airflow"]["environment"]
    return {name: value for name, value in environment.items() if name == CELERY} | {
        "AIRFLOW__CELERY__BROKER_URL": "memory://",
        "AIRFLOW__CELERY__RESULT_BACKEND": "cache+memory://",
    }
