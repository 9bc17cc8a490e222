"""What a waiver is given for: a finding's id stays, its digest changes with every value that it is about."""

from __future__ import annotations

import pytest

from presync.tenants.entities import Entity
from tests.oracle import StagedData
from tests.oracle.building import customer, entity_data, number_data, severa
from tests.oracle.model import Row
from tests.support.rules_product import check

Records = tuple[list[Row], list[Row]]
# several tests compare with the same state of before
_CHECKED: dict[str, list[dict[str, str]]] = {}


def digests(entity: Entity, rule: str, records: Records) -> dict[str, str]:
    """Return `values_digest` by finding id of a rule's findings."""
    ours, theirs = records
    data = entity_data(entity, ours, theirs)
    return found(data, entity, rule)


def found(data: StagedData, suite: str, rule: str) -> dict[str, str]:
    """Return `values_digest` by finding id of what a suite finds under a rule."""
    key = repr((vars(data), suite))
    if key not in _CHECKED:
        _CHECKED[key] = check(data, [suite])[1]
    return {row["finding_id"]: row["values_digest"] for row in _CHECKED[key] if row["rule"] == rule}


def namesakes(vat: str = "NO 974760673", bsno: str = "NO 923609016", name: str = "Lund AS") -> Records:
    ours = [customer("10", "Lund AS", bsno), customer("11", "Berg AS")]
    return ours, [severa(name, "customers", number=20, vat_number=vat)]


@pytest.mark.parametrize(
    ("after", "stays"),
    [
        (namesakes(), True),
        (namesakes(vat="NO974760673MVA"), True),
        (namesakes(vat="NO 988077917"), False),
        (namesakes(bsno="NO 983974724"), False),
        (namesakes(name="Lund A/S"), False),
    ],
    ids=["nothing", "the same id, written otherwise", "id in Severa", "id in Visma Business", "name"],
)
def test_other_ids_are_other_values(after: Records, *, stays: bool) -> None:
    [(finding, before)] = digests("customers", "same_name_other_id", namesakes()).items()
    [(again, now)] = digests("customers", "same_name_other_id", after).items()
    assert again == finding
    assert (now == before) is stays


@pytest.mark.parametrize(
    ("after", "stays"),
    [
        ([customer("20000", "Lund AS")], True),
        ([customer("20000", "Lund AS"), customer("7", "Berg AS")], True),
        ([customer("20000", "Berg AS")], False),
        ([customer("20000", "Lund AS", "NO 923609016")], False),
        ([customer("20000", "Lund AS"), customer("20000", "Berg AS")], False),
    ],
    ids=["nothing", "another customer", "another holder", "its id", "one more holder"],
)
def test_a_number_of_other_records_is_another_value(after: list[Row], *, stays: bool) -> None:
    rule = "number_in_other_series"
    before, now = (
        found(
            number_data(customers=customers),
            "customer_numbering",
            rule,
        )
        for customers in ([customer("20000", "Lund AS")], after)
    )
    assert before.keys() == now.keys()
    assert (before == now) is stays


@pytest.mark.parametrize(
    ("after", "stays"),
    [
        ([("Lund AS", 500), ("Berg AS", 7)], True),
        ([("Berg AS", 500)], False),
        ([("Lund AS", 500), ("Berg AS", 501)], False),
    ],
    ids=["one that is not in the way", "another holder", "one more in the way"],
)
def test_what_else_is_in_a_counters_way_is_another_value(
    after: list[tuple[str, int]], *, stays: bool
) -> None:
    def digest(holders: list[tuple[str, int]]) -> dict[str, str]:
        rows = [severa(name, "customers", number=number) for name, number in holders]
        data = number_data(counters=(500, 500, 500), severa_customers=rows)
        return found(data, "customer_numbering", "next_number_taken")

    before, now = digest([("Lund AS", 500)]), digest(after)
    assert before.keys() == now.keys()
    assert (before == now) is stays


@pytest.mark.parametrize(
    ("country", "ours", "theirs", "told"),
    [
        ("NO", "974760673", "923609016", "NO 974760673"),
        ("SE", "556703-7485", "556016-0680", "SE 5567037485"),
        ("SE", "811218-9876", "556016-0680", "SE 81***"),  # a sole trader's own number
        ("SE", "19811218-9876", "556016-0680", "SE 81***"),
        ("FI", "0112038-9", "FI20774740", "FI 1120389"),
        (None, "DE811218987", "DE811218988", "DE 81***"),
    ],
)
@pytest.mark.parametrize("privacy", ["names", "masked"])
def test_an_id_that_may_be_a_persons_is_masked(
    country: str | None, ours: str, theirs: str, told: str, privacy: str
) -> None:
    records = [customer("10", "Lund", ours)], [severa("Lund", "customers", number=10, vat_number=theirs)]
    data = entity_data("customers", *records, country=country, privacy=privacy)
    _, rows = check(data, ["customers"])
    (row,) = [row for row in rows if row["rule"] == "code_conflict"]
    whole = "***" not in told
    assert (f"{told} in Visma Business" in row["message"]) == (whole or privacy == "masked")
    digits = "".join(character for character in ours if character.isdigit()).removeprefix("19").lstrip("0")
    assert (digits in row["message"]) == (whole or privacy == "names")
