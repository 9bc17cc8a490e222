"""A person's word that the two systems are right: recorded with who and why, and withdrawn."""

from __future__ import annotations

from datetime import date

import pytest

from presync.control.audit import audit_trail
from presync.decisions.in_force import exceptions_in_force
from presync.decisions.model import RightSystems
from presync.decisions.systems import accept_systems, withdraw_systems
from presync.errors import ConfigurationError
from presync.tenants.model import Tenant

pytestmark = pytest.mark.usefixtures("control_database")

TENANT = Tenant(tenant="nordlys", title="Nordlys")


def test_it_is_in_force_until_it_is_replaced_or_withdrawn() -> None:
    accept_systems("nordlys", "one", reason="the\ngroup's name", by=" Kari ")
    accept_systems("nordlys", "two", reason="asked them", by="Ola")
    accept_systems("fjord", "three", reason="asked them", by="Ola")
    (given,) = exceptions_in_force(TENANT, {}).systems
    assert given == RightSystems("two", "asked them", "Ola", given.on)
    assert isinstance(given.on, date)
    withdraw_systems("nordlys", by="Kari")
    assert exceptions_in_force(TENANT, {}).systems == ()
    trail = [(each.who, each.what, each.detail) for each in audit_trail("nordlys")]
    assert trail == [
        ("Kari", "accept-systems", {"digest": "one", "reason": "the group's name"}),
        ("Ola", "accept-systems", {"digest": "two", "reason": "asked them"}),
        ("Kari", "accept-systems", {"withdrawn": "two"}),
    ]


def test_without_a_name_or_reason_nothing_is_recorded() -> None:
    with pytest.raises(ConfigurationError, match="--by"):
        accept_systems("nordlys", "one", reason="asked", by=" ")
    with pytest.raises(ConfigurationError, match="--reason"):
        accept_systems("nordlys", "one", reason=" ", by="Kari")
    with pytest.raises(ConfigurationError, match="nothing to withdraw"):
        withdraw_systems("nordlys", by="Kari")
    assert audit_trail("nordlys") == []
