"""Every record has exactly the outcome that the brute-force definition gives it, on random tenants."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings

from presync.preview import OUTCOMES
from presync.tenants.entities import ENTITIES
from tests.oracle import StagedData
from tests.oracle.orderly_tenants import orderly_tenants
from tests.oracle.random_tenants import staged_tenants
from tests.support import preview_definition
from tests.support.preview_product import preview
from tests.support.thorough import examples

_RARELY = settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@_RARELY
@given(data=staged_tenants())
def test_every_record_has_the_one_outcome_that_is_defined(data: StagedData) -> None:
    told, rows = preview(data)

    assert Counter(_place(row) for row in rows) == preview_definition.outcomes(data)
    read = Counter(preview_definition.records(data))
    assert Counter((row["entity"], row["system"]) for row in rows) == read
    summary = told.as_dict()
    assert list(summary) == list(ENTITIES)
    for entity, counts in summary.items():
        assert list(counts) == list(OUTCOMES)
        assert sum(counts.values()) == read[entity, "visma_business"] + read[entity, "severa"]
        assert counts == {o: sum((r["entity"], r["outcome"]) == (entity, o) for r in rows) for o in OUTCOMES}


@_RARELY
@given(data=orderly_tenants())
def test_nothing_is_blocked_where_everything_is_ready(data: StagedData) -> None:
    told, rows = preview(data)

    assert {row["outcome"] for row in rows} <= {"link", "not_transferred"}
    assert not [row for row in rows if row["rules"] or row["finding_ids"]]
    assert all(counts["blocked"] == 0 for counts in told.as_dict().values())


def _place(row: dict[str, str]) -> preview_definition.Outcome:
    own = row["system"] == "visma_business"
    side = ("business_code", "business_name") if own else ("severa_code", "severa_name")
    return (
        row["entity"],
        row["system"],
        *(row[column] for column in side),
        "" if own else row["severa_guid"],
        "" if own else row["severa_register"],
        row["outcome"],
        row["cause"],
    )
