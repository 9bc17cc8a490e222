"""An empty register where there was none before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from presync.control.database import transaction
from presync.control.extracts import accept_empty, emptied_tables, record_extract
from presync.control.models import AcceptedEmpty
from presync.errors import ConfigurationError
from presync.staging.extract import Manifest
from presync.staging.tables import TABLES

pytestmark = pytest.mark.usefixtures("control_database")


def manifest(run: int, **rows: int) -> Manifest:
    """Return the manifest of a Severa extract with 5 rows in every table but the given ones."""
    return Manifest(
        extract_id=f"e{run}",
        system="severa",
        tenant="nordlys",
        run_id=f"run {run}",
        started_at="2026-11-23T04:15:00+00:00",
        finished_at="2026-11-23T04:16:00+00:00",
        rows=dict.fromkeys(TABLES["severa"], 5) | rows,
    )


def test_the_first_extract_may_be_empty() -> None:
    assert emptied_tables(manifest(1, customers=0)) == []


def test_a_table_that_lost_all_its_rows_is_named_with_the_way_out() -> None:
    record_extract(manifest(1, customers=812))
    (message,) = emptied_tables(manifest(2, customers=0))
    assert message.startswith("severa: table customers has no rows, but had 812 in run run 1.")
    assert "presync accept-empty nordlys severa.customers --by" in message


def test_fewer_rows_are_not_refused_and_none_before_neither() -> None:
    record_extract(manifest(1, customers=812, users=0))
    assert emptied_tables(manifest(2, customers=1, users=0)) == []


def test_each_emptied_table_has_a_message() -> None:
    record_extract(manifest(1))
    empty = replace(manifest(2), rows={})
    assert len(emptied_tables(empty)) == len(TABLES["severa"])


def test_a_table_that_is_no_longer_mapped_may_be_empty() -> None:
    record_extract(manifest(1))
    assert emptied_tables(replace(manifest(2, customers=0), not_mapped=("customers",))) == []


def test_other_tenants_and_systems_do_not_count() -> None:
    record_extract(manifest(1))
    assert emptied_tables(replace(manifest(2, customers=0), tenant="other")) == []
    assert emptied_tables(replace(manifest(2, customers=0), system="visma_business")) == []


def test_the_last_extract_counts_and_a_repetition_replaces_its_own() -> None:
    record_extract(manifest(1))
    record_extract(manifest(2, customers=0))
    assert emptied_tables(manifest(3, customers=0)) == []
    record_extract(manifest(1))
    assert len(emptied_tables(manifest(3, customers=0))) == 1


def test_a_person_can_accept_it_until_rows_are_seen_again() -> None:
    record_extract(manifest(1))
    assert accept_empty("nordlys", "severa.customers", by=" Kari ") == ("severa", "customers")
    assert emptied_tables(manifest(2, customers=0)) == []
    assert len(emptied_tables(manifest(2, customers=0, users=0))) == 1
    record_extract(manifest(2, customers=0))
    record_extract(manifest(3))
    assert len(emptied_tables(manifest(4, customers=0))) == 1


def test_who_accepted_it_and_when_is_kept() -> None:
    record_extract(manifest(1))
    accept_empty("nordlys", "customers", by="Kari")
    with transaction() as session:
        accepted = session.query(AcceptedEmpty).one()
        assert (accepted.who, accepted.system, accepted.table) == ("Kari", "severa", "customers")
        assert accepted.accepted_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("table", "by", "said"),
    [
        ("projects", "Kari", "is in both systems"),
        ("custmers", "Kari", "is not a staged table"),
        ("visma_business.customers", "Kari", "is not a staged table"),
        ("customers", "  ", "--by NAME"),
        ("users", "Kari", "nothing to accept"),
    ],
)
def test_what_cannot_be_accepted(table: str, by: str, said: str) -> None:
    record_extract(manifest(1, users=0))
    with pytest.raises(ConfigurationError, match=said):
        accept_empty("nordlys", table, by=by)


def test_an_unknown_tenant_has_nothing_to_accept() -> None:
    with pytest.raises(ConfigurationError, match="nothing to accept"):
        accept_empty("nobody", "customers", by="Kari")
