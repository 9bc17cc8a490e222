"""The one place where Presync's own configuration is read from the environment.

| variable | meaning | default |
|---|---|---|
| `PRESYNC_DATA` | where staging and reports live: a folder or object-storage URL | `data/` beside `dags/` |
| `PRESYNC_DATABASE_URL` | the control database, an SQLAlchemy URL | SQLite in `PRESYNC_DATA` |
| `PRESYNC_TENANTS` | folder of tenant files, or a single one | `tenants/` beside `dags/` |
| `PRESYNC_EXPECTATIONS` | folder of the seven suites | `expectations/` beside `dags/` |
| `PRESYNC_KEEP_RUNS` | complete runs kept per tenant | 10 |
| `PRESYNC_CERTIFICATE_HOURS` | how long after the data were read a start may rest on them | 24 |
| `PRESYNC_RETRIES` | how often a task is repeated while a system cannot be reached | 2 |
"""

from __future__ import annotations

import math
import os
from pathlib import Path

from presync.errors import ConfigurationError

HOME = Path(__file__).resolve().parents[2]


def data_url() -> str:
    """Return `PRESYNC_DATA`: an absolute folder, or a URL such as `s3://bucket/presync`."""
    value = os.environ.get("PRESYNC_DATA") or str(HOME / "data")
    return value if "://" in value else str(Path(value).resolve())


def local_data() -> Path:
    """Return a local folder for what cannot live in object storage (control database, locks)."""
    value = data_url()
    return HOME / "data" if "://" in value else Path(value)


def database_url() -> str:
    """Return the SQLAlchemy URL of the control database."""
    return os.environ.get("PRESYNC_DATABASE_URL") or f"sqlite:///{local_data() / 'control.db'}"


def tenants_folder() -> Path:
    """Return the folder that holds one YAML file per onboarding, or the one file to use."""
    # links stay: beside the file that one leads to, there may be no exceptions file
    return Path(os.environ.get("PRESYNC_TENANTS") or HOME / "tenants").absolute()


def expectations_folder() -> Path:
    """Return the folder that holds the seven suites."""
    return Path(os.environ.get("PRESYNC_EXPECTATIONS") or HOME / "expectations").resolve()


def keep_runs() -> int:
    """Return how many complete runs per tenant housekeeping keeps (at least 1)."""
    return max(1, int(_number("PRESYNC_KEEP_RUNS", 10, whole=True)))


def retries() -> int:
    """Return how often Airflow repeats a task whose source could not be reached (at least 0)."""
    return max(0, int(_number("PRESYNC_RETRIES", 2, whole=True)))


def certificate_hours() -> float:
    """Return for how many hours after the data were read a certificate holds (more than 0)."""
    return max(0.01, _number("PRESYNC_CERTIFICATE_HOURS", 24))


def settings_that_change_results() -> dict[str, str]:
    """Return the settings on which a run's answer depends, besides its files: what it makes names them."""
    return {"PRESYNC_CERTIFICATE_HOURS": f"{certificate_hours():g}"}


def refuse_unusable() -> None:
    """Raise ConfigurationError if a number is none, before hours of work meet it."""
    keep_runs()
    retries()
    certificate_hours()


def _number(name: str, default: float, *, whole: bool = False) -> float:
    """Return a number of the environment. Raises ConfigurationError if it is none."""
    text = os.environ.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (whole and number != int(number)):
        kind = "whole number" if whole else "number"
        raise ConfigurationError(
            f"{name} is {text!r}, which is no {kind}; write one, or leave it out ({default})"
        )
    return number
