"""No pair of systems is started twice: copied files, renamed tenants, and outcomes that arrive late."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from presync.control.audit import audit_trail
from presync.control.database import transaction
from presync.control.models import Start, StartState
from presync.control.starts import (
    IN_FLIGHT,
    StartClaim,
    claim_start,
    find_start,
    finish_start,
    refuse_started_by_another,
    reset_start,
)
from presync.errors import StartError
from tests.support.control_databases import owner_url
from tests.support.start_records import SYSTEMS, certificate, claim, run

pytestmark = pytest.mark.usefixtures("control_database")


def claim_systems(tenant: str) -> StartClaim:
    return claim_start(tenant, "r1", "f1", kind="webhook", who="webhook", systems="same pair")


@pytest.fixture
def copies() -> tuple[str, ...]:
    """Tenants whose files name the same two systems, each ready."""
    names = ("nordlys", "copy-1", "copy-2", "copy-3")
    for name in names:
        run("r1", tenant=name)
        certificate("r1", tenant=name)
    return names


@pytest.mark.parametrize("state", ["requested", "confirmed", "unknown"])
def test_a_copied_file_never_starts_the_same_systems_again(
    copies: tuple[str, ...], state: StartState
) -> None:
    first = claim_systems("nordlys")
    if state != "requested":
        finish_start(first, state, "…")
    with pytest.raises(StartError, match=f"same two systems as tenant 'nordlys', whose start is '{state}'"):
        claim_systems("copy-1")
    assert find_start("copy-1") is None


@pytest.mark.parametrize("state", ["refused", "not_sent"])
def test_systems_that_nobody_has_started_may_be_started_by_another(
    copies: tuple[str, ...], state: StartState
) -> None:
    finish_start(claim_systems("nordlys"), state, "no")
    assert claim_systems("copy-1").mine
    with pytest.raises(StartError, match="same two systems as tenant 'copy-1'"):
        claim_systems("nordlys")


def test_of_copies_at_the_same_time_one_starts(copies: tuple[str, ...]) -> None:
    def try_it(tenant: str) -> bool:
        try:
            return claim_systems(tenant).mine
        except StartError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, copies)) == 1


def trail() -> list[str]:
    return [str(entry.detail) for entry in audit_trail("nordlys") if entry.what == "start"]


def resettable() -> None:
    with transaction() as session:
        session.query(Start).one().requested_at -= 2 * IN_FLIGHT


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("outcome", ["confirmed", "unknown"])
def test_what_may_have_started_is_kept_after_a_reset_during_the_call(outcome: StartState) -> None:
    mine = claim()
    resettable()
    reset_start("nordlys", "Kari")
    if outcome == "confirmed":
        assert finish_start(mine, outcome, "answered 200").state == "confirmed"
    else:
        finish_start(mine, outcome, "ReadTimeout")
    assert claim().mine is False
    assert f"ended as '{outcome}'" in trail()[-1]
    assert "'reset' by Kari" in trail()[-1]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("second", ["requested", "confirmed", "refused", "not_sent", "unknown", "reset"])
def test_a_success_after_a_reset_and_another_call_never_leads_to_a_third(second: StartState) -> None:
    first = claim()
    resettable()
    reset_start("nordlys", "Kari")
    again = claim()
    if second == "reset":
        resettable()
        reset_start("nordlys", "Kari")
    elif second != "requested":
        finish_start(again, second, "…")
    with pytest.raises(StartError, match="whether it started twice"):
        finish_start(first, "confirmed", "answered 200")
    start = find_start("nordlys")
    assert start is not None
    assert start.state == ("confirmed" if second == "confirmed" else "unknown")
    assert any("answered 200" in entry for entry in trail())
    assert not claim().mine
    if second == "requested":
        with pytest.raises(StartError):
            finish_start(again, "refused", "answered 400")
        assert not claim().mine
        assert "answered 400" in trail()[-1]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("outcome", ["confirmed", "refused", "not_sent", "unknown"])
def test_a_record_that_is_gone_is_made_again(outcome: StartState) -> None:
    mine = claim()
    with transaction(owner_url(os.environ["PRESYNC_DATABASE_URL"])) as session:
        session.delete(session.query(Start).one())
    finish_start(mine, outcome, "…")
    start = find_start("nordlys")
    assert start is not None
    assert (start.state, start.idempotency_key) == (outcome, mine.start.idempotency_key)


@pytest.mark.usefixtures("ready")
def test_a_refusal_after_a_reset_changes_nothing_and_is_on_the_trail() -> None:
    mine = claim()
    resettable()
    reset_start("nordlys", "Kari")
    assert finish_start(mine, "refused", "answered 400").state == "reset"
    assert "answered 400" in trail()[-1]


def spelled(organisation: str, server: str, database: str) -> Mapping[str, Mapping[str, str]]:
    return {
        "severa": {"organisation": organisation},
        "visma_business": {"server": server, "database": database},
    }


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "identity",
    [
        spelled("6F1C", "sql01", "f0001"),
        spelled("{6f1c} ", " SQL01 ", "F0001\n"),
        spelled("6f1c", "another-server", "F0001"),
        spelled("6f1c", "", "/data/company.db"),
    ],
)
def test_another_tenant_of_the_same_organisation_is_refused(
    identity: Mapping[str, Mapping[str, str]],
) -> None:
    finish_start(claim(), "confirmed", "answered 202")
    run("r1", tenant="renamed")
    certificate("r1", tenant="renamed", identity=identity)
    with pytest.raises(StartError, match="same two systems as tenant 'nordlys'"):
        claim_start("renamed", "r1", "f1", kind="webhook", who="webhook")
    with pytest.raises(StartError, match="same two systems as tenant 'nordlys'"):
        refuse_started_by_another("renamed", "r1")


@pytest.mark.usefixtures("ready")
def test_other_systems_are_started_even_where_servers_have_the_same_names() -> None:
    first = finish_start(claim(), "confirmed", "answered 202")
    run("r1", tenant="other")
    certificate("r1", tenant="other", identity=spelled("7a2d", "SQL01", "F0001"))
    second = claim_start("other", "r1", "f1", kind="webhook", who="webhook")
    assert second.mine
    assert second.start.idempotency_key != first.idempotency_key


@pytest.mark.usefixtures("ready")
def test_a_start_by_hand_of_an_unknown_organisation_counts_for_its_company() -> None:
    certificate("r1", build_id="b2", identity={"visma_business": SYSTEMS["visma_business"]})
    claim_start("nordlys", "r1", "f1", kind="manual", who="Kari")
    run("r1", tenant="renamed")
    certificate("r1", tenant="renamed")
    with pytest.raises(StartError, match="same two systems"):
        claim_start("renamed", "r1", "f1", kind="webhook", who="webhook")


@pytest.mark.parametrize("missing", ["severa", "visma_business"])
def test_systems_that_do_not_say_who_they_are_are_not_started(missing: str) -> None:
    run("r1")
    certificate("r1", identity={name: said for name, said in SYSTEMS.items() if name != missing})
    with pytest.raises(StartError, match="could not tell"):
        claim()
    assert find_start("nordlys") is None


@pytest.mark.usefixtures("ready")
def test_a_start_from_before_keeps_its_key_and_its_tenant() -> None:
    finish_start(claim(), "refused", "no")
    with transaction() as session:
        old = session.query(Start).one()
        old.organisation = old.company = None
        old.idempotency_key = "the tenant's"
    again = claim()
    assert again.mine
    assert (again.start.idempotency_key, again.start.organisation) == ("the tenant's", "6f1c")
    finish_start(again, "confirmed", "answered 202")
    with transaction() as session:
        old = session.query(Start).one()
        old.organisation = old.company = None
    assert not claim().mine
