"""An empty register where there was none before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from presync.control.database import transaction
from presync.control.extracts import accept_change, fallen, record_extract
from presync.control.models import AcceptedChange, ExtractedTable
from presync.control.who import Who
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
    assert fallen(manifest(1, customers=0)) == []


def test_a_table_that_lost_all_its_rows_is_named_with_the_way_out() -> None:
    record_extract(manifest(1, customers=812))
    (message,) = fallen(manifest(2, customers=0))
    assert message.startswith("severa: table customers has no rows, but had 812 in run run 1.")
    assert "presync accept-change nordlys severa.customers --by" in message


def test_half_of_the_rows_may_go_and_none_before_not_refused() -> None:
    record_extract(manifest(1, customers=812, users=0))
    assert fallen(manifest(2, customers=406, users=0)) == []


def test_each_emptied_table_has_a_message() -> None:
    record_extract(manifest(1))
    empty = replace(manifest(2), rows={})
    assert len(fallen(empty)) == len(TABLES["severa"])


def test_a_table_that_is_no_longer_mapped_may_be_empty() -> None:
    record_extract(manifest(1))
    assert fallen(replace(manifest(2, customers=0), not_mapped=("customers",))) == []


def test_other_tenants_and_systems_do_not_count() -> None:
    record_extract(manifest(1))
    assert fallen(replace(manifest(2, customers=0), tenant="other")) == []
    assert fallen(replace(manifest(2, customers=0), system="visma_business")) == []


def test_a_repetition_replaces_its_own_but_hides_no_loss_in_small_steps() -> None:
    for rows in (100, 60, 40):
        record_extract(manifest(1, customers=rows))
    assert len(fallen(manifest(1, customers=40))) == 1
    record_extract(manifest(1, customers=812))
    (message,) = fallen(manifest(1, customers=406 - 1))
    assert "but had 812 in run run 1" in message
    accept_change("nordlys", "customers", by="Kari")
    record_extract(manifest(1, customers=405))
    assert fallen(manifest(2, customers=203)) == [], "compared with what was accepted, not with 812"


def test_a_loss_in_small_steps_is_noticed_until_a_person_accepts_it() -> None:
    left = 1000
    for run in range(1, 9):
        if messages := fallen(filled(run, 1000, left)):
            break
        record_extract(filled(run, 1000, left))
        left = left * 4 // 5
    assert (run, left) == (5, 409)
    assert "has a value in 409 rows, but had 1000 in run run 1." in messages[0]
    accept_change("nordlys", "customers.number", by="Kari")
    assert fallen(filled(5, 1000, 409)) == []
    record_extract(filled(5, 1000, 409))
    assert fallen(filled(6, 1000, 205)) == []
    record_extract(filled(6, 1000, 205))
    (message,) = fallen(filled(7, 1000, 204))
    assert "but had 409 in run run 5" in message


def test_a_table_that_shrinks_in_steps_and_one_that_comes_and_goes() -> None:
    for run, rows in enumerate([100, 80, 60, 90, 51], start=1):
        assert fallen(manifest(run, customers=rows)) == []
        record_extract(manifest(run, customers=rows))
    (message,) = fallen(manifest(9, customers=49))
    assert "table customers has 49 rows, but had 100 in run run 1." in message


def test_a_column_is_compared_with_what_its_table_had_then() -> None:
    record_extract(filled(1, 100, 100))
    record_extract(filled(2, 1000, 100))  # new rows without a value are no loss
    assert fallen(filled(3, 1000, 100)) == []
    record_extract(filled(3, 1000, 100))
    assert len(fallen(filled(4, 1000, 40))) == 1


def test_a_repetition_does_not_pair_a_column_with_another_trys_table() -> None:
    record_extract(filled(1, 1000, 500))
    record_extract(filled(1, 2000, 400))
    # of 500 in 1,000 rows; of 500 in 2,000 rows, half of them would have been enough
    assert len(fallen(filled(2, 1000, 240))) == 1
    assert fallen(filled(2, 1000, 250)) == []


def test_only_what_is_compared_is_kept() -> None:
    for run in range(1, 40):
        record_extract(filled(run, 1000 - run, 900))
    with transaction() as session:
        kept = {each.run_id for each in session.query(ExtractedTable)}
    assert kept == {"run 1", "run 39"}


def test_a_person_can_accept_it_until_rows_are_seen_again() -> None:
    record_extract(manifest(1))
    fallen(manifest(2, customers=0))
    assert accept_change("nordlys", "severa.customers", by=" Kari ") == ("severa", "customers")
    assert fallen(manifest(2, customers=0)) == []
    assert len(fallen(manifest(2, customers=0, users=0))) == 1
    record_extract(manifest(2, customers=0))
    record_extract(manifest(3))
    assert len(fallen(manifest(4, customers=0))) == 1


def test_what_was_refused_is_accepted_and_nothing_else() -> None:
    record_extract(manifest(1, customers=812, users=40))
    with pytest.raises(ConfigurationError, match="was not refused because of customers"):
        accept_change("nordlys", "customers", by="Kari")
    assert len(fallen(manifest(2, customers=100, users=40))) == 1
    with pytest.raises(ConfigurationError, match="nothing to accept"):
        accept_change("nordlys", "users", by="Kari")
    accept_change("nordlys", "customers", by="Kari")
    assert fallen(manifest(2, customers=100, users=40)) == []
    (message,) = fallen(manifest(2, customers=0, users=40))
    assert "table customers has no rows, but had 100 when a loss was accepted" in message
    assert fallen(manifest(3, customers=60, users=40)) == [], "as always: less than half is gone"
    with pytest.raises(ConfigurationError, match="nothing to accept"):
        accept_change("nordlys", "customers", by="Kari")


def test_who_accepted_it_and_when_is_kept() -> None:
    record_extract(manifest(1))
    fallen(manifest(2, customers=0))
    accept_change("nordlys", "customers", by=Who("Kari", "airflow"))
    with transaction() as session:
        accepted = session.query(AcceptedChange).one()
        assert (accepted.who, accepted.system, accepted.table) == ("Kari", "severa", "customers")
        assert (accepted.who_kind, accepted.rows) == ("airflow", 0)
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
        accept_change("nordlys", table, by=by)


def test_an_unknown_tenant_has_nothing_to_accept() -> None:
    with pytest.raises(ConfigurationError, match="nothing to accept"):
        accept_change("nobody", "customers", by="Kari")


def filled(run: int, rows: int, number: int) -> Manifest:
    return replace(manifest(run, customers=rows), filled={"customers": {"number": number, "name": rows}})


@pytest.mark.parametrize(
    ("before", "now", "refused"),
    [
        (20, 10, False),
        (20, 9, True),
        (12, 3, False),
        (12, 2, True),
        (5, 1, False),
        (5, 0, True),
        (1, 0, True),
    ],
)
def test_what_of_a_table_and_of_a_column_may_go(before: int, now: int, refused: bool) -> None:
    record_extract(manifest(1, customers=before))
    assert bool(fallen(manifest(2, customers=now))) == refused
    record_extract(filled(1, 100, before))
    assert bool(fallen(filled(2, 100, now))) == refused


def test_a_column_that_is_gone_names_itself_and_its_way_out() -> None:
    record_extract(filled(1, 100, 90))
    (message,) = fallen(filled(2, 100, 0))
    assert "column number of table customers has a value in no rows, but had 90" in message
    assert "presync accept-change nordlys severa.customers.number --by" in message
    assert accept_change("nordlys", "customers.number", by="Kari") == ("severa", "customers.number")
    assert fallen(filled(2, 100, 0)) == []
    assert len(fallen(replace(filled(2, 100, 0), filled={}))) == 1


def test_a_column_loses_no_more_than_its_table() -> None:
    record_extract(filled(1, 100, 100))
    assert fallen(filled(2, 60, 60)) == []
    (message,) = fallen(filled(2, 40, 40))
    assert "table customers has 40 rows" in message


def test_the_one_row_that_had_a_value_may_be_the_one_that_is_gone() -> None:
    record_extract(filled(1, 100, 1))
    assert fallen(filled(2, 99, 0)) == []
    with pytest.raises(ConfigurationError, match="is not a staged table or a column"):
        accept_change("nordlys", "customers.nuber", by="Kari")


def of_organisation(run: int, guid: str | None) -> Manifest:
    seen = {"identity": {"severa": {"organisation": guid}}} if guid else {}
    return replace(manifest(run), seen=seen)


@pytest.mark.parametrize("other", ["6f1c-b", None])
def test_another_severa_is_refused_until_a_person_says_that_it_is_right(other: str | None) -> None:
    assert fallen(of_organisation(1, "6f1c-a")) == []
    record_extract(of_organisation(1, "6f1c-a"))
    assert fallen(of_organisation(2, "6F1C-A")) == []
    (message,) = fallen(of_organisation(2, other))
    assert "another system than the one that was read in run run 1" in message
    assert "presync accept-change nordlys severa.identity --by" in message
    assert accept_change("nordlys", "severa.identity", by="Kari") == ("severa", "identity")
    assert fallen(of_organisation(2, other)) == []
    for another in ("6f1c-c", "6f1c-a"):
        (message,) = fallen(of_organisation(2, another))
        assert "when a loss was accepted" in message, "it was accepted for the one that was read"
    accept_change("nordlys", "severa.identity", by="Kari")
    assert fallen(of_organisation(3, "6f1c-a")) == [], "and back"
    assert len(fallen(of_organisation(3, other))) == 1
    assert len(fallen(of_organisation(3, "6f1c-c"))) == 1


def test_an_identity_is_of_one_system_and_must_have_been_known() -> None:
    record_extract(of_organisation(1, None))
    for thing, said in (("severa.identity", "nothing to accept"), ("identity", "is in both systems")):
        with pytest.raises(ConfigurationError, match=said):
            accept_change("nordlys", thing, by="Kari")
