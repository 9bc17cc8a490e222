"""Where a company stands, in one sentence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from presync.airflow.web.company.stage import stage_of
from presync.airflow.web.company.told import Told
from presync.control.record_of_company import CompanyRecord
from presync.report.published import Published

RUN = Published("r", "r", "blocked", "2026-11-23T04:15:00+00:00", "", 3, 0)
OPEN = replace(RUN, status="ready", gate="open", until="2999-12-31T00:00:00+00:00")


@pytest.mark.parametrize(
    ("start", "published", "fault", "title", "state"),
    [
        ("confirmed", RUN, "broken", "Started", "ready"),
        ("unknown", RUN, "", "Start uncertain", "error"),
        ("refused", RUN, "", "Blocked", "blocked"),
        (None, RUN, "broken", "Tenant file cannot be used", "error"),
        (None, None, "", "Never checked", "error"),
        (None, OPEN, "", "Ready until 2999-12-31 00:00 UTC", "ready"),
        (None, replace(OPEN, until="2020-01-01T00:00:00+00:00"), "", "No longer ready: expired", "error"),
        (None, replace(RUN, status="error"), "", "Could not be checked", "error"),
    ],
)
def test_the_stage_is_what_stands_in_the_way(
    start: str | None, published: Published | None, fault: str, title: str, state: str
) -> None:
    record: Any = SimpleNamespace(start=SimpleNamespace(state=start) if start else None)
    stage = stage_of(cast("CompanyRecord", record), Told(published), fault)
    assert (stage.title, stage.state) == (title, state)
    assert stage.next
