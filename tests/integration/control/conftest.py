"""What tests of the control database begin with."""

from __future__ import annotations

import pytest

from tests.support.start_records import certificate, run


@pytest.fixture
def ready(control_database: str) -> None:
    """A run of nordlys that is ready, with its certificate."""
    run("r1")
    certificate("r1")
