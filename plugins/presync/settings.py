"""The one place where Presync's own configuration is read from the environment.

| variable | meaning | default |
|---|---|---|
| `PRESYNC_DATA` | where staging and reports live: a folder or object-storage URL | `data/` beside `dags/` |
| `PRESYNC_DATABASE_URL` | the control database, an SQLAlchemy URL | SQLite in `PRESYNC_DATA` |
| `PRESYNC_TENANTS` | folder of tenant files, or a single one | `tenants/` beside `dags/` |
| `PRESYNC_EXPECTATIONS` | folder of the seven suites | `expectations/` beside `dags/` |
| `PRESYNC_KEEP_RUNS` | complete runs kept per tenant | 10 |
| `PRESYNC_CERTIFICATE_HOURS` | how long after the data were read a start may rest on them | 24 |
| `PRESYNC_WAIVER_DAYS` | how many days ahead a waiver may end | 90 |
| `PRESYNC_RETRIES` | how often a task is repeated while a system cannot be reached | 2 |
| `PRESYNC_SQL_SERVER_READS` | extracts that read one SQL Server at once; 0: no pool | 4 |
| `PRESYNC_SEVERA_READS` | extracts with one Severa credential at once; 0: no pool | 8 |
| `PRESYNC_CPU_TASKS` | tasks that compute at once, on all workers; 0: no pool | twice the cores, or 0 |

It is read anew whenever the environment has changed: `presync check` and tests change that of their process.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from presync.errors import ConfigurationError

HOME = Path(__file__).resolve().parents[2]


class _Variables(BaseSettings):
    """Variables of the environment; one that is empty counts as left out."""

    model_config = SettingsConfigDict(case_sensitive=True, env_ignore_empty=True, frozen=True)


class Places(_Variables):
    """Where things are: texts, of which none is refused here."""

    data: str = Field(str(HOME / "data"), validation_alias="PRESYNC_DATA")
    database_url: str | None = Field(None, validation_alias="PRESYNC_DATABASE_URL")
    tenants: Path = Field(HOME / "tenants", validation_alias="PRESYNC_TENANTS")
    expectations: Path = Field(HOME / "expectations", validation_alias="PRESYNC_EXPECTATIONS")


class Numbers(_Variables):
    """How many and how long, each with its bounds."""

    keep_runs: int = Field(10, validation_alias="PRESYNC_KEEP_RUNS", ge=1, le=10_000)
    retries: int = Field(2, validation_alias="PRESYNC_RETRIES", ge=0, le=100)
    certificate_hours: float = Field(24, validation_alias="PRESYNC_CERTIFICATE_HOURS", ge=0.01, le=8760)
    sql_server_reads: int = Field(4, validation_alias="PRESYNC_SQL_SERVER_READS", ge=0, le=10_000)
    severa_reads: int = Field(8, validation_alias="PRESYNC_SEVERA_READS", ge=0, le=10_000)
    cpu_tasks: int | None = Field(None, validation_alias="PRESYNC_CPU_TASKS", ge=0, le=10_000)
    waiver_days: int = Field(90, validation_alias="PRESYNC_WAIVER_DAYS", ge=1, le=3650)


_Kind = TypeVar("_Kind", bound=_Variables)
_BOUNDS: Final = {
    "PRESYNC_KEEP_RUNS": "a whole number from 1 to 10000 (left out: 10)",
    "PRESYNC_RETRIES": "a whole number from 0 to 100 (left out: 2)",
    "PRESYNC_SQL_SERVER_READS": "a whole number from 0 to 10000 (left out: 4)",
    "PRESYNC_SEVERA_READS": "a whole number from 0 to 10000 (left out: 8)",
    "PRESYNC_CPU_TASKS": "a whole number from 0 to 10000 (left out: twice the cores, or 0)",
    "PRESYNC_WAIVER_DAYS": "a whole number from 1 to 3650 (left out: 90)",
    "PRESYNC_CERTIFICATE_HOURS": "a number from 0.01 to 8760 (left out: 24)",
}


def data_url() -> str:
    """Return `PRESYNC_DATA`: an absolute folder, or a URL such as `s3://bucket/presync`."""
    value = _read(Places).data
    return value if "://" in value else str(Path(value).resolve())


def local_data() -> Path:
    """Return a local folder for what cannot live in object storage (control database, locks)."""
    value = data_url()
    return HOME / "data" if "://" in value else Path(value)


def database_url() -> str:
    """Return the SQLAlchemy URL of the control database."""
    return _read(Places).database_url or f"sqlite:///{local_data() / 'control.db'}"


def tenants_folder() -> Path:
    """Return the folder that holds one YAML file per onboarding, or the one file to use."""
    # links stay: beside the file that one leads to, there may be no exceptions file
    return _read(Places).tenants.absolute()


def expectations_folder() -> Path:
    """Return the folder that holds the seven suites."""
    return _read(Places).expectations.resolve()


def keep_runs() -> int:
    """Return how many complete runs per tenant housekeeping keeps (at least 1)."""
    return _read(Numbers).keep_runs


def retries() -> int:
    """Return how often Airflow repeats a task whose source could not be reached (at least 0)."""
    return _read(Numbers).retries


def sql_server_reads() -> int:
    """Return how many slots the pool of one SQL Server begins with; 0 for no pool."""
    return _read(Numbers).sql_server_reads


def severa_reads() -> int:
    """Return how many slots the pool of one Severa credential begins with; 0 for no pool."""
    return _read(Numbers).severa_reads


def cpu_tasks() -> int | None:
    """Return how many slots the pool of tasks that compute begins with; 0 for no pool, None if not said."""
    return _read(Numbers).cpu_tasks


def certificate_hours() -> float:
    """Return for how many hours after the data were read a certificate holds (more than 0)."""
    return _read(Numbers).certificate_hours


def waiver_days() -> int:
    """Return how many days ahead a waiver may end (at least 1)."""
    return _read(Numbers).waiver_days


def settings_that_change_results() -> dict[str, str]:
    """Return the settings on which a run's answer depends, besides its files: what it makes names them."""
    return {
        "PRESYNC_CERTIFICATE_HOURS": f"{certificate_hours():g}",
        "PRESYNC_WAIVER_DAYS": str(waiver_days()),
    }


def refuse_unusable() -> None:
    """Raise ConfigurationError if a number cannot be used, before hours of work meet it."""
    _read(Numbers)


def _read(kind: type[_Kind]) -> _Kind:
    """Return the variables. Raises ConfigurationError that names one, its value and the way out."""
    names = [str(field.validation_alias) for field in kind.model_fields.values()]
    found = _parsed(kind, tuple(os.environ.get(name) for name in names))
    if not isinstance(found, kind):
        raise TypeError(kind)
    return found


@lru_cache(maxsize=8)
def _parsed(kind: type[_Variables], values: tuple[str | None, ...]) -> _Variables:
    """Parse the environment, once for the same `values` in it."""
    try:
        return kind()
    except ValidationError as error:
        item: Any = error.errors()[0]
        name, value = str(item["loc"][0]), item["input"]
        raise ConfigurationError(
            f"{name} is {value!r}, which is not {_BOUNDS[name]}; correct it or leave it out"
        ) from None
