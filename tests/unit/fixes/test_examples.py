"""What is proposed for tenants whose right correction is known.

Covers: fixes/codes.py, fixes/ranges.py, fixes/counters.py, fixes/model.py, fixes/propose.py,
fixes/checks.py, fixes/held_back_projects.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from presync.fixes.ranges import CounterContext, Range
from presync.tenants.model import Tenant
from tests.oracle import StagedData
from tests.oracle.model import Row
from tests.support.rehearsed_fixes import Rehearsal, critical, rehearse
from tests.support.rules_samples import tenant

CUSTOMERS = ("customer_numbering", "customers")


def customers(business: list[Row], severa: list[Row], following: int = 20_000, **changes: Any) -> StagedData:
    """Return customers of both systems; Visma Business hands out 1000 to 9999."""
    return StagedData(
        tenant(**changes),
        {
            ("visma_business", "associates"): [{"act_no": str(i), **row} for i, row in enumerate(business)],
            ("visma_business", "customer_series"): [{"account_class": 1, "first": 1000, "last": 9999}],
            ("severa", "customers"): severa,
            ("severa", "organizationsettings"): [{"next_customer_number": following}],
        },
    )


def proposed(rehearsal: Rehearsal) -> dict[str, str]:
    """Return the proposed value by guid, or by setting."""
    return {change.guid or change.field: change.proposed for change in rehearsal.plan.severa}


def test_no_number_is_proposed_where_only_a_shared_id_joins_two_customers() -> None:
    """Under another number, the record of Severa would be an ambiguous match of both."""
    shared = "CVR-nr. 24256790"
    data = customers(
        [{"name": "Odense Bryghus", "customer_no": "1010", "business_no": shared}],
        [
            {"guid": "a", "name": "Istanbul Grill", "number": 1010, "vat_number": shared},
            {"guid": "b", "name": "Istanbul Kebab", "number": 20, "vat_number": shared},
        ],
    )
    rehearsal = rehearse(data, CUSTOMERS)
    assert "a" not in proposed(rehearsal)
    assert [each.reason for each in rehearsal.plan.by_hand if each.finding.rule == "code_conflict"] == [
        "the business ids are equal, but shared: a person must find out first"
    ]


def test_a_customer_gets_the_number_that_it_has_in_visma_business() -> None:
    data = customers(
        [{"name": "Fjord AS", "customer_no": "1010"}], [{"guid": "a", "name": "Fjord", "number": 20}]
    )
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {"a": "1010"}
    assert critical(rehearsal.after, CUSTOMERS) == {}


def test_two_that_hold_each_others_numbers_change_places() -> None:
    data = customers(
        [{"name": "Fjord AS", "customer_no": "1010"}, {"name": "Lund AS", "customer_no": "1011"}],
        [{"guid": "a", "name": "Fjord", "number": 1011}, {"guid": "b", "name": "Lund", "number": 1010}],
    )
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {"a": "1010", "b": "1011"}
    assert critical(rehearsal.after, CUSTOMERS) == {}


@pytest.mark.parametrize("name", ["Nordfjord AS", "Nordfjord Norge", "Nordfjordd", "Nordfjørd"])
def test_nothing_is_proposed_where_only_the_ids_speak_against_a_pair(name: str) -> None:
    data = customers(
        [{"name": "Nordfjord AS", "customer_no": "1010", "business_no": "Org.nr. 974760673"}],
        [{"guid": "a", "name": name, "number": 1010, "vat_number": "NO123456785MVA"}],
    )
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {}
    assert {each.finding.rule for each in rehearsal.plan.by_hand} >= {"code_conflict"}
    assert any("find out" in each.reason for each in rehearsal.plan.by_hand)
    [conflict] = [each.finding for each in rehearsal.plan.by_hand if each.finding.rule == "code_conflict"]
    assert "NO 974760673 in Visma Business (BsNo), NO 123456785 in Severa (vatNumber)" in conflict.message


def test_another_company_under_the_number_gets_the_next_one_of_severa() -> None:
    data = customers(
        [{"name": "Fjord AS", "customer_no": "1010"}], [{"guid": "a", "name": "Lund", "number": 1010}]
    )
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {"a": "20000", "nextCustomerNumber": "20001"}
    assert critical(rehearsal.after, CUSTOMERS) == {}


def test_an_overlapping_counter_moves_beyond_both_systems() -> None:
    data = customers([], [{"guid": "a", "name": "Lund", "number": 15_000}], following=5000)
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {"nextCustomerNumber": "15001"}
    assert critical(rehearsal.after, CUSTOMERS) == {}


def test_a_range_below_everything_needs_a_ceiling_in_the_tenant_file() -> None:
    data = customers([], [], following=5000)
    data.tables["visma_business", "customer_series"] = [{"account_class": 1, "first": 20_000, "last": 0}]
    data.tables["severa", "organizationsettings"] = [{"next_customer_number": 30_000}]
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {"nextCustomerNumber": "1"}
    assert [(c.field, c.proposed) for c in rehearsal.plan.tenant] == [
        ("severa.customer_number_ceiling", "19999")
    ]
    assert critical(rehearsal.after, CUSTOMERS) == {}


def test_a_choice_between_two_is_left_to_a_person() -> None:
    data = customers(
        [{"name": "Fjord AS", "customer_no": "1010"}, {"name": "Fjord AS", "customer_no": "1011"}],
        [{"guid": "a", "name": "Fjord", "number": None}],
    )
    rehearsal = rehearse(data, CUSTOMERS)
    assert proposed(rehearsal) == {}
    assert {b.finding.rule for b in rehearsal.plan.by_hand} == {"ambiguous_match"}


def test_without_any_free_range_nothing_is_invented() -> None:
    data = customers([], [{"guid": "a", "name": "Lund", "number": 50}], following=30)
    data.tables["visma_business", "customer_series"] = [{"account_class": 1, "first": 1, "last": 0}]
    rehearsal = rehearse(data, CUSTOMERS)
    assert rehearsal.plan.changes == []
    assert all("no range of 10,000 numbers" in b.reason for b in rehearsal.plan.by_hand)


def test_projects_follow_their_customer_and_are_looked_at_as_they_will_be() -> None:
    mapped = {"projects": {"table": "R2", "customer": "CustNo"}, "invoice_series": [1]}
    data = customers(
        [{"name": "Fjord AS", "customer_no": "1010"}],
        [{"guid": "a", "name": "Fjord", "number": 20}],
        visma_business=mapped,
    )
    data.tables["visma_business", "projects"] = [{"code": "7", "name": "Web", "customer": "1010"}]
    data.tables["severa", "projects"] = [{"guid": "p", "name": "Web", "number": 8, "customer_number": 20}]
    data.tables["severa", "organizationsettings"] = [
        {"next_customer_number": 20_000, "next_project_number": 9}
    ]
    suites = (*CUSTOMERS, "projects")
    rehearsal = rehearse(data, suites)
    assert proposed(rehearsal) == {"a": "1010", "p": "7"}
    assert critical(rehearsal.after, suites) == {}


@pytest.mark.parametrize(("group", "held"), [(0, 1), (None, 1), (3, 0)])  # 3 is somebody's: not overwritten
def test_a_project_that_severa_cannot_hold_may_be_held_back(group: int | None, held: int) -> None:
    answers = dict.fromkeys(("departments", "products", "employees", "customers"), "all")
    exclusion = {"except": {"field": "Gr5", "value": 1}}
    data = StagedData(
        Tenant.model_validate(
            {
                "tenant": "held",
                "title": "Held",
                "visma_business": {"projects": {"table": "R7"}},
                "transfer": {**answers, "projects": exclusion},
            }
        ),
        {
            ("visma_business", "projects"): [
                {"code": "INTERNAL", "name": "Web", "group_value": group},
                {"code": "7", "name": "Shop"},
            ],
            ("severa", "organizationsettings"): [{"next_project_number": 9}],
        },
    )
    rehearsal = rehearse(data, ("projects",))
    changes = [(c.table, c.key, c.column, c.proposed) for c in rehearsal.plan.visma_business]
    assert changes == [("R7", "INTERNAL", "Gr5", "1")] * held
    assert len(critical(rehearsal.after, ("projects",))) == len(rehearsal.by_hand()) == 1 - held


SITUATIONS = {
    "a sound counter goes on": (CounterContext(100, None, [], [], []), 3, Range(100, None)),
    "behind the numbers in use": (CounterContext(100, None, [], [105], [105]), 0, Range(106, None)),
    "one outlier does not push a counter": (
        CounterContext(20_000, None, [], [2_000_000_000], [2_000_000_000]),
        3,
        Range(20_000, 1_999_999_999),
    ),
    "nor does one rewind it": (
        CounterContext(500_000, None, [(1000, 9999)], [], [20_241_231_000_017]),
        0,
        Range(500_000, 2_147_483_647),
    ),
    "exactly enough room from the present counter": (
        CounterContext(30_000, None, [(1, 30_999)], [41_003], [41_003]),
        3,
        Range(31_000, 41_002),
    ),
    "one number too few": (
        CounterContext(30_000, None, [(1, 30_999)], [41_002], [41_002]),
        3,
        Range(41_003, None),
    ),
    "room only below the present counter": (
        CounterContext(30_000, None, [(20_000, 2_147_483_647)], [], []),
        0,
        Range(1, 19_999),
    ),
    "within the declared range": (
        CounterContext(5001, 99_999, [(1000, 9999)], [], []),
        0,
        Range(10_000, 99_999),
    ),
    "what is left of a narrow one": (
        CounterContext(90_001, 99_999, [], [90_004], [90_004]),
        0,
        Range(90_005, 99_999),
    ),
    "back below its ceiling": (CounterContext(500, 400, [], [], [100]), 0, Range(101, 400)),
    "the lowest gap": (CounterContext(5, None, [(1, 9)], [], []), 0, Range(10, None)),
    "with an end where something lies above": (
        CounterContext(5, None, [(1, 9), (20_010, 30_000)], [], []),
        0,
        Range(10, 20_009),
    ),
    "nothing is free": (CounterContext(5, None, [(1, 2147483647)], [], []), 0, None),
    "beyond the units' own series": (
        CounterContext(10, None, [], [12], [12, 500, 900], [501, 901]),
        0,
        Range(10_901, None),
    ),
    "units share the ceiling": (CounterContext(10, 5000, [], [12], [12, 900], [901, 501]), 0, None),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_ranges(name: str) -> None:
    context, wanted, expected = SITUATIONS[name]
    assert context.choose(wanted) == expected


def test_whose_shared_code_somebody_has_waived_keeps_it() -> None:
    data = customers(
        [], [{"guid": guid, "name": guid * 9, "number": 20} for guid in "abcd"], following=10_000
    )
    rehearsal = rehearse(data, CUSTOMERS, lambda finding: finding["severa_guid"] in {"b", "d"})
    assert proposed(rehearsal) == {"a": "10000", "c": "10001", "nextCustomerNumber": "10002"}
