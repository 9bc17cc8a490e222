"""All proposals done together resolve what they say, and nothing new becomes critical."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.random_tenants import staged_tenants
from tests.support.rehearsed_fixes import Rehearsal, critical, rehearse
from tests.support.thorough import examples

GROUPS = (
    ("customer_numbering", "customers"),
    ("invoice_numbering",),
    ("departments", "employees"),
    ("products",),
    ("projects",),
    ("customers", "customer_numbering", "projects"),
)


def judge(rehearsal: Rehearsal, suites: tuple[str, ...]) -> None:
    before, after = rehearsal.found(), critical(rehearsal.after, suites)
    resolved = rehearsal.resolved()
    # customers take their projects along: what that brings to light is named, with its reason
    named = {finding for finding in rehearsal.by_hand() if finding[0] == "projects"}
    assert {finding for finding in after - before if finding not in named} == set()
    assert {finding for finding in resolved if after[finding] > before[finding] - resolved[finding]} == set()


@pytest.mark.parametrize("suites", GROUPS, ids="+".join)
@settings(
    max_examples=examples(2),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_all_proposals_together_resolve_what_they_say_and_break_nothing(
    suites: tuple[str, ...], data: st.DataObject
) -> None:
    tenant = data.draw(staged_tenants(suites=suites))
    every = data.draw(st.sampled_from((1, 1, 3)))  # of waivers, about one in so many

    def waive(finding: dict[str, str]) -> bool:
        return every > 1 and int(finding["finding_id"][:16], 16) % every == 0

    rehearsal = rehearse(tenant, suites, waive)

    judge(rehearsal, suites)
    critical_ids = {row["finding_id"] for row in rehearsal.findings if row["severity"] == "critical"}
    ids = critical_ids - {row["finding_id"] for row in rehearsal.findings if waive(row)}
    assert rehearsal.plan.resolved <= ids
    listed = {by_hand.finding.finding_id for by_hand in rehearsal.plan.by_hand}
    assert ids <= rehearsal.plan.resolved | listed
    assert not rehearsal.plan.resolved & listed
    assert all(by_hand.reason for by_hand in rehearsal.plan.by_hand)
