"""What the company page asks of the DAG that writes corrections.

Covers: airflow/web/company/runs.py.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from starlette.datastructures import FormData

from presync.apply.model import Options
from presync.errors import ConfigurationError
from presync.tenants.model import Tenant


def test_a_plan_is_resumed_or_taken_back_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's API server imports what is deprecated
        from presync.airflow.web.company import runs
    asked: list[Any] = []

    def request(*given: Any, do: str) -> str:
        asked.append((given[-1], do))
        return ""

    monkeypatch.setattr(runs, "tenant_file", lambda name: Tenant(tenant=name, title="Nordlys"))
    monkeypatch.setattr(runs, "_require_right", lambda *_: None)
    monkeypatch.setattr(runs, "DBDagBag", lambda: None)
    monkeypatch.setattr(runs, "request_apply", request)

    def apply(**form: str) -> str:
        return runs.RUNS["apply"]("nordlys", FormData(form), None, None)  # type: ignore[arg-type]

    assert "approves" in apply(do="apply", only="customers", at_most="1")
    assert "approves" in apply(do="undo", at_most="")
    assert asked == [(Options(("customers",), 1), "apply"), (Options(), "undo")]
    for part in ({"at_most": "1"}, {"only": "customers"}, {"fill_empty": "yes"}):
        with pytest.raises(ConfigurationError, match="about a whole plan"):
            apply(do="undo", **part)
