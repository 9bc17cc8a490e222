"""Two systems of two companies, or two empty ones, are a question for a person."""

from __future__ import annotations

from typing import Any

import pytest

from presync.verdict.model import EntityCounts
from presync.verdict.right_systems import Question, not_compared, question

SOME = {"customers": EntityCounts(business=3), "projects": EntityCounts()}


def asked(business: dict[str, Any], severa: dict[str, Any], **more: Any) -> Question | None:
    values: dict[str, Any] = {"counts": SOME, "country": "NO", "masked": False} | more
    identity = {"visma_business": {"server": "s", "database": "F0001", **business}, "severa": severa}
    return question("nordlys", identity, **values)


@pytest.mark.parametrize(
    ("business", "severa"),
    [
        ({}, {}),
        ({"name": "Nordlys AS"}, {}),
        ({}, {"names": ["Nordlys AS"], "business_ids": ["923609016"]}),
        ({"name": "NORDLYS A/S"}, {"names": ["Nordlys"]}),
        ({"name": "Nordlys Rådgivning AS"}, {"names": ["Nordlys"]}),
        ({"name": "Østergaard AS"}, {"names": ["Oestergaard"]}),
        ({"name": "Nordlys AS"}, {"names": ["Konsern ASA", "Nordlys"]}),
        ({"name": "Nordlys AS"}, {"business_ids": ["923609016"]}),
        (
            {"name": "Alt AS", "business_no": "NO 923 609 016 MVA"},
            {"names": ["Neu AS"], "business_ids": ["923609016"]},
        ),
        ({"name": "Lys", "business_no": "12345"}, {"names": ["Lys"], "business_ids": ["67890"]}),
    ],
)
def test_what_fits_or_cannot_be_compared_is_no_question(
    business: dict[str, Any], severa: dict[str, Any]
) -> None:
    assert asked(business, severa) is None


@pytest.mark.parametrize(
    ("business", "severa"),
    [
        ({"name": "Nordlys AS"}, {"names": ["Fjord AS"]}),
        ({"name": "Nordlys AS", "business_no": "923609016"}, {"names": ["Fjord AS"]}),
        ({"name": "AS"}, {"names": ["Fjord"]}),
        (
            {"name": "Nordlys AS", "business_no": "923609016"},
            {"names": ["Nordlys AS"], "business_ids": ["NO974760673MVA"]},
        ),
        ({"business_no": "923609016"}, {"business_ids": ["974760673"]}),
        ({"name": "Ab", "business_no": "FI01123456"}, {"names": ["Cd"], "business_ids": ["SE556703748501"]}),
    ],
)
def test_two_companies_are_a_question(business: dict[str, Any], severa: dict[str, Any]) -> None:
    found = asked(business, severa)
    assert found
    for text in (*business.values(), *severa.get("names", []), "presync accept-systems nordlys"):
        assert text in found.message


def test_two_empty_systems_are_a_question_until_something_is_there() -> None:
    nothing = {"customers": EntityCounts(), "projects": EntityCounts()}
    found = asked({"name": "Lys"}, {"names": ["Lys"]}, counts=nothing)
    assert found
    assert "empty" in found.message
    assert asked({}, {}, counts={"users": EntityCounts(severa=1)}) is None


def test_the_answer_is_for_what_they_said() -> None:
    said = [
        ({"name": "Lys"}, {"organisation": "g", "names": ["Fjord"]}),
        ({"name": "Lys"}, {"organisation": "h", "names": ["Fjord"]}),
        ({"name": "Lys"}, {"organisation": "g", "names": ["Fjord", "Elv"]}),
        ({"name": "Lysa"}, {"organisation": "g", "names": ["Fjord"]}),
        ({"name": "Lys", "database": "F0002"}, {"organisation": "g", "names": ["Fjord"]}),
        ({"name": "Lys", "server": "other"}, {"organisation": "g", "names": ["Fjord"]}),
        ({"name": "Lys", "business_no": "1"}, {"organisation": "g", "names": ["Fjord"]}),
    ]
    found = [asked(*each) for each in said] + [asked(*said[0], counts={})]
    assert len({each.digest for each in found if each}) == len(said) + 1
    again = asked({"name": "Lys"}, {"organisation": "{G}", "names": ["Fjord"]})
    assert again == found[0]


def test_empty_systems_of_two_companies_are_two_questions_in_one() -> None:
    found = asked({"name": "Lys"}, {"names": ["Fjord"]}, counts={})
    assert found
    assert "both systems are empty" in found.message
    assert "Visma Business says it is “Lys”, Severa says it is “Fjord”" in found.message
    alike = asked({"name": "Lys"}, {"names": ["Lys AS"]}, counts={})
    assert alike
    assert alike.digest != found.digest


@pytest.mark.parametrize(
    ("business", "severa", "silent"),
    [
        ({}, {}, ("visma_business", "severa")),
        ({"name": "Lys"}, {}, ("severa",)),
        ({"name": "Lys"}, {"business_ids": ["923609016"]}, ("severa",)),
        ({"business_no": "923609016"}, {"names": ["Lys"]}, ("visma_business",)),
        ({"name": "Lys"}, {"names": ["Fjord"]}, ()),
        ({"business_no": "923609016"}, {"business_ids": ["NO 923 609 016 MVA"]}, ()),
        # they differ for certain, also where only the tenant's country tells: that is a question
        ({"business_no": "923609016"}, {"business_ids": ["974760673"]}, ()),
    ],
)
def test_what_was_not_compared_is_said(
    business: dict[str, Any], severa: dict[str, Any], silent: tuple[str, ...]
) -> None:
    assert not_compared({"visma_business": business, "severa": severa}, country="NO") == silent


def test_masked_names_are_not_in_the_question() -> None:
    found = asked({"name": "Nordlys", "business_no": "923609016"}, {"names": ["Fjord"]}, masked=True)
    assert found
    assert not [word for word in ("Nordlys", "Fjord", "923609016") if word in found.message]


def test_what_cannot_be_seen_is_shown() -> None:
    found = asked({"name": "Nord\nlys"}, {"names": ["Fjord"]})
    assert found
    assert "Nord<U+000A>lys" in found.message
