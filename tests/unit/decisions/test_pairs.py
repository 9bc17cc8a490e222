"""Confirmed pairs that cannot all be true are refused, naming who said what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from presync.decisions.model import ConfirmedPair
from presync.decisions.pairs import refuse_second_partner
from presync.errors import ConfigurationError

PAIR = ConfirmedPair("customers", "1010", "g1", True, "d", "same company", "Kari")


@pytest.mark.parametrize(
    "other",
    [
        PAIR,
        replace(PAIR, business_code="1011", severa_guid="g2"),
        replace(PAIR, business_code="1011", same=False),
        replace(PAIR, severa_guid="g2", same=False),
        replace(PAIR, entity="projects", severa_guid="g2"),
    ],
    ids=["the same", "two others", "not g1", "not 1010", "another entity"],
)
def test_both_can_be_true(other: ConfirmedPair) -> None:
    refuse_second_partner("nordlys", [PAIR, other])


@pytest.mark.parametrize(
    "other", [replace(PAIR, business_code="1011", by="Ola"), replace(PAIR, severa_guid="g2", by="Ola")]
)
def test_one_record_cannot_be_two(other: ConfirmedPair) -> None:
    with pytest.raises(ConfigurationError, match="cannot be linked to two") as raised:
        refuse_second_partner("nordlys", [PAIR, other])
    assert {"Kari", "Ola"} <= set(raised.value.message.replace(",", " ").split())


def test_several_work_types_may_be_one_product() -> None:
    product = replace(PAIR, entity="products", business_code="P1")
    refuse_second_partner("nordlys", [product, replace(product, severa_guid="g2")])
    with pytest.raises(ConfigurationError):
        refuse_second_partner("nordlys", [product, replace(product, business_code="P2")])
