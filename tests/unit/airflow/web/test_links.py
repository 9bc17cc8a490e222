"""Addresses of reports, also where Airflow is served below a path."""

from __future__ import annotations

import pytest

from presync.airflow.web.links import report_path, report_url, tenant_of

RUN = "manual__2026-11-23T04:15:59+00:00"
PATH = "/presync/dags/presync__nordlys/runs/manual__2026-11-23T04%3A15%3A59%2B00%3A00/index.html"


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("", PATH, PATH),
        ("/", PATH, PATH),
        ("http://localhost:8080", PATH, f"http://localhost:8080{PATH}"),
        ("https://ops.example/airflow/", f"/airflow{PATH}", f"https://ops.example/airflow{PATH}"),
    ],
)
def test_addresses_follow_the_base_url(
    monkeypatch: pytest.MonkeyPatch, base: str, path: str, url: str
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base)
    assert report_path("presync__nordlys", RUN) == path
    assert report_url("presync__nordlys", RUN) == url


@pytest.mark.parametrize(
    "dag", ["~", "", "payroll", "presync__", "presync__..", "presync__a/b", "presync__A", "presync__a\n"]
)
def test_no_other_dag_is_taken_for_a_tenant(dag: str) -> None:
    assert tenant_of(dag) is None


def test_a_tenants_dag_names_its_tenant() -> None:
    assert tenant_of("presync__nord-lys2") == "nord-lys2"
