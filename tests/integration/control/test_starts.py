"""The recorded start: which run allows it, who may call, and who settles what nobody knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from presync.control.audit import audit_trail
from presync.control.database import transaction
from presync.control.models import Start, StartState
from presync.control.runs import record_certificate, record_run
from presync.control.starts import (
    IN_FLIGHT,
    StartClaim,
    claim_start,
    confirm_start,
    find_start,
    finish_start,
    refuse_started_by_another,
    reset_start,
)
from presync.control.systems import systems_of
from presync.errors import StartError
from tests.support.control_databases import owner_url

pytestmark = pytest.mark.usefixtures("control_database")

NOW = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
SYSTEMS: Mapping[str, Mapping[str, str]] = {
    "severa": {"organisation": "6f1c"},
    "visma_business": {"server": "SQL01", "database": "F0001"},
}
FAR = datetime(2999, 1, 1, tzinfo=UTC)


def run(
    run_id: str,
    status: str = "ready",
    *,
    build_id: str = "b1",
    rules_version: str = "1",
    began: datetime = NOW,
    tenant: str = "nordlys",
) -> None:
    record_run(
        tenant=tenant,
        run_id=run_id,
        status=status,
        started_at=began,
        finished_at=NOW,
        rules_version=rules_version,
        build_id=build_id,
        critical=0,
        warning=2,
        counts={"customers": {"business": 3}},
    )


def certificate(
    run_id: str,
    *,
    build_id: str = "b1",
    fingerprint: str = "f1",
    expires_at: datetime = FAR,
    tenant: str = "nordlys",
    identity: Mapping[str, Mapping[str, str]] = SYSTEMS,
) -> str:
    return record_certificate(
        tenant=tenant,
        run_id=run_id,
        build_id=build_id,
        rules_version="1",
        fingerprint=fingerprint,
        expires_at=expires_at,
        bound={"identity": identity},
    ).id


def claim(run_id: str = "r1", fingerprint: str = "f1") -> StartClaim:
    return claim_start("nordlys", run_id, fingerprint, kind="webhook", who="webhook")


@pytest.fixture
def ready(control_database: str) -> None:
    run("r1")
    certificate("r1")


@pytest.mark.usefixtures("ready")
def test_the_first_claim_is_recorded_as_requested() -> None:
    assert claim().mine
    start = find_start("nordlys")
    assert start is not None
    assert (start.state, start.run_id, start.confirmed_at) == ("requested", "r1", None)
    assert start.idempotency_key == systems_of({"identity": SYSTEMS}).idempotency_key("other")
    assert (start.organisation, start.company) == ("6f1c", "sql01/f0001")


def test_a_certificate_is_issued_once_for_the_same_facts() -> None:
    assert certificate("r1") == certificate("r1")
    assert len({certificate("r1"), certificate("r2"), certificate("r1", build_id="b2")}) == 3


@pytest.mark.parametrize("status", ["blocked", "error"])
def test_a_run_that_is_not_ready_allows_nothing(status: str) -> None:
    run("r1", status)
    certificate("r1")
    with pytest.raises(StartError, match=f"'{status}', not 'ready'"):
        claim()
    assert find_start("nordlys") is None


def test_an_unknown_run_allows_nothing() -> None:
    with pytest.raises(StartError, match="no recorded verdict"):
        claim()


def test_ready_without_a_certificate_allows_nothing() -> None:
    run("r1")
    with pytest.raises(StartError, match="no certificate"):
        claim()


def test_the_certificate_of_another_run_does_not_count() -> None:
    run("r1")
    run("r2")
    certificate("r1")
    with pytest.raises(StartError, match="run r2 has no certificate"):
        claim("r2")


def test_the_certificate_of_an_older_build_or_older_rules_does_not_count() -> None:
    certificate("r1")
    run("r1", build_id="b2")
    with pytest.raises(StartError, match="no certificate"):
        claim()
    run("r1", rules_version="2")
    with pytest.raises(StartError, match="no certificate"):
        claim()


@pytest.mark.usefixtures("ready")
def test_a_tenant_file_that_has_changed_since_allows_nothing() -> None:
    with pytest.raises(StartError, match="tenant file has changed"):
        claim(fingerprint="f2")


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("status", ["blocked", "error"])
def test_a_later_run_that_is_not_ready_takes_the_permission_back(status: str) -> None:
    run("r2", status)
    with pytest.raises(StartError, match=f"run r2 ended as '{status}'"):
        claim()


@pytest.mark.usefixtures("ready")
def test_an_older_run_that_is_concluded_again_does_not_give_it_back() -> None:
    run("r2", "blocked", began=NOW + timedelta(hours=1))
    run("r1")
    with pytest.raises(StartError, match="run r2 ended as 'blocked'"):
        claim()
    run("r1", began=NOW + timedelta(hours=2))
    assert claim().mine


@pytest.mark.usefixtures("ready")
def test_a_run_that_is_concluded_again_replaces_its_verdict() -> None:
    run("r2", "blocked")
    run("r2", "ready")
    assert claim().mine


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("state", ["refused", "not_sent"])
def test_what_proves_that_nothing_started_may_be_tried_again(state: StartState) -> None:
    first = claim()
    finish_start(first, state, "no")
    second = claim()
    assert second.mine
    assert second.start.attempt != first.start.attempt
    assert second.start.idempotency_key == first.start.idempotency_key


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("state", ["confirmed", "unknown", "requested"])
def test_whatever_may_have_started_is_never_claimed_again(state: StartState) -> None:
    first = claim()
    if state != "requested":
        finish_start(first, state, "…")
    again = claim()
    assert (again.mine, again.start.state) == (False, state)


@pytest.mark.usefixtures("ready")
def test_of_claims_at_the_same_time_exactly_one_is_mine() -> None:
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: claim(), range(6)))
    assert sum(each.mine for each in claims) == 1
    assert len({each.start.attempt for each in claims}) == 1


@pytest.mark.usefixtures("ready")
def test_claims_at_the_same_time_after_a_refusal() -> None:
    finish_start(claim(), "refused", "no")
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: claim(), range(6)))
    assert sum(each.mine for each in claims) == 1


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(("settle", "state"), [(confirm_start, "confirmed"), (reset_start, "reset")])
def test_a_person_settles_what_nobody_knows(settle: Callable[[str, str], Start], state: str) -> None:
    finish_start(claim(), "unknown", "timed out")
    settle("nordlys", " Kari ")
    start = find_start("nordlys")
    assert start is not None
    assert (start.state, start.who) == (state, "Kari")
    assert (start.confirmed_at is not None) is (state == "confirmed")
    assert claim().mine is (state == "reset")


@pytest.mark.usefixtures("ready")
def test_a_call_that_may_still_be_under_way_cannot_be_reset() -> None:
    claim()
    with pytest.raises(StartError, match="may still be under way"):
        reset_start("nordlys", "Kari")
    with transaction() as session:
        start = session.query(Start).one()
        start.requested_at -= IN_FLIGHT + timedelta(seconds=1)
    assert reset_start("nordlys", "Kari").state == "reset"


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("state", ["confirmed", "refused", "not_sent"])
def test_what_is_known_cannot_be_settled_otherwise(state: StartState) -> None:
    finish_start(claim(), state, "…")
    for settle in (confirm_start, reset_start):
        with pytest.raises(StartError, match="nothing to settle"):
            settle("nordlys", "Kari")


@pytest.mark.usefixtures("ready")
def test_settling_needs_a_start_and_a_name() -> None:
    with pytest.raises(StartError, match="ever requested"):
        confirm_start("nordlys", "Kari")
    claim()
    with pytest.raises(StartError, match="--by NAME"):
        confirm_start("nordlys", " ")


@pytest.mark.usefixtures("ready")
def test_a_late_outcome_does_not_overwrite_what_a_person_found() -> None:
    mine = claim()
    confirm_start("nordlys", "Kari")
    with pytest.raises(StartError, match="'confirmed' by Kari"):
        finish_start(mine, "refused", "answered 400")
    assert finish_start(mine, "confirmed", "answered 202").who == "Kari"


def test_an_expired_certificate_allows_no_start() -> None:
    run("r1")
    certificate("r1", expires_at=NOW)
    with pytest.raises(StartError, match="expired"):
        claim()
    assert find_start("nordlys") is None


@pytest.mark.parametrize("since", ["expired", "file", "blocked", "error"])
def test_a_start_that_a_person_has_made_is_recorded_whatever_has_changed_since(since: str) -> None:
    run("r1")
    certificate("r1", expires_at=NOW if since == "expired" else FAR)
    if since in {"blocked", "error"}:
        run("r2", since)
    fingerprint = "f2" if since == "file" else "f1"
    with pytest.raises(StartError):
        claim("r1", fingerprint)
    assert claim_start("nordlys", "r1", fingerprint, kind="manual", who="Kari").mine


def test_nobody_makes_a_start_by_hand_on_a_run_without_a_certificate() -> None:
    run("r1")
    with pytest.raises(StartError, match="no certificate"):
        claim_start("nordlys", "r1", "f1", kind="manual", who="Kari")


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
