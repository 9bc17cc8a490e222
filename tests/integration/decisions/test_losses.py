"""Accepted losses are among what a verdict rests on, with who accepted them and how sure that is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from presync.control.database import transaction
from presync.control.models import AcceptedChange
from presync.decisions.losses import accepted_losses


@pytest.mark.parametrize(("kind", "sure"), [("airflow", "airflow"), ("typed", "typed"), (None, "typed")])
@pytest.mark.usefixtures("control_database")
def test_they_say_what_by_whom_and_how_sure(kind: str | None, sure: str) -> None:
    of = {"tenant": "nordlys", "system": "severa", "accepted_at": datetime(2026, 11, 20, tzinfo=UTC)}
    with transaction() as session:
        session.add(AcceptedChange(**of, table="customers.number", who="Kari", who_kind=kind, rows=0))
        session.add(AcceptedChange(**of, table="identity:6f1c", who="Ola", who_kind=kind, found="identity:7"))
    number, identity = accepted_losses("nordlys")
    assert (number.what, number.by, number.by_kind) == ("severa.customers.number", "Kari", sure)
    assert (identity.what, identity.by, f"{identity.on}") == ("severa.identity", "Ola", "2026-11-20")
    assert accepted_losses("fjord") == []
