"""The recorded start: which run allows it, who may call, and who settles what nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from presync.control.database import transaction
from presync.control.models import Start, StartState
from presync.control.starts import (
    IN_FLIGHT,
    claim_start,
    confirm_start,
    find_start,
    finish_start,
    reset_start,
)
from presync.control.systems import systems_of
from presync.errors import StartError
from tests.support.start_records import FAR, NOW, SYSTEMS, certificate, claim, run

pytestmark = pytest.mark.usefixtures("control_database")


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
