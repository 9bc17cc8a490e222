"""Business ids by hand: what is left of a text, and where it is registered (RULES.md, *Words*)."""

from __future__ import annotations

import pytest

from presync.reconcile.business_ids import business_id, business_ids, is_valid

# valid: 974760673 and 923609016 in NO, 5560360793 in SE, 01120389 in FI, 13585628 in DK
CASES: list[tuple[str, str | None, tuple[str, str | None] | None]] = [
    # labels, blanks, padding, suffixes
    ("974760673", "NO", ("974760673", "NO")),
    ("Org.nr. 974 760 673", "NO", ("974760673", "NO")),
    ("Org. nr: 974760673 MVA", None, ("974760673", "NO")),
    ("NO974760673MVA", "SE", ("974760673", "NO")),
    ("NO 974 760 673 MVA", "SE", ("974760673", "NO")),
    ("MVA 974760673", None, ("974760673", "NO")),
    ("NOMVA 974760673", "SE", ("974760673", "NO")),
    ("ORGNR974760673", "NO", ("974760673", "NO")),  # other leading letters are dropped
    ("Foretaksregisteret NO 974760673 MVA", "NO", ("974760673", "NO")),
    ("NO ORG 974760673", "SE", ("974760673", "NO")),  # NO stands before a label: dropped, valid in NO only
    ("０１１２０３８９", "FI", ("1120389", "FI")),  # full-width digits
    ("0112038-9", "FI", ("1120389", "FI")),
    ("FI01120389", None, ("1120389", "FI")),
    ("1120389", "FI", ("1120389", "FI")),  # lost its leading zero
    ("no974760673", "NO", ("974760673", "NO")),
    # Sweden: centuries and serial numbers
    ("556036-0793", "SE", ("5560360793", "SE")),
    ("SE556036079301", None, ("5560360793", "SE")),
    ("SE556036079377", None, ("5560360793", "SE")),
    ("SE16556036079301", None, ("5560360793", "SE")),
    ("SE99556036079301", None, ("995560360793", None)),
    ("165560360793", "SE", ("5560360793", "SE")),
    ("556036079301", "SE", ("5560360793", "SE")),
    ("556036079302", "SE", ("556036079302", None)),
    ("205560360701", None, ("5560360701", None)),  # a century goes, otherwise a trailing 01
    # a country counts only where the number is valid
    ("NO974760674", "SE", ("974760674", None)),
    ("SE974760673", None, ("974760673", "NO")),  # not valid in SE; the only one in which it is
    ("DE123456789", "NO", ("123456789", "DE")),  # others are believed
    ("EL123456789", "NO", ("123456789", "GR")),
    ("XI123456789", None, ("123456789", "GB")),
    ("SE974760673MVA", None, ("974760673", "NO")),  # MVA wins
    ("DE974760673MVA", None, ("974760673", "NO")),
    ("ATU12345678", "NO", ("U12345678", "AT")),  # one more letter stays
    ("NL123456782B01", None, ("123456782B01", "NL")),
    ("NOXY974760673", None, ("974760673", "NO")),  # four letters are a label
    ("NO12345", "NO", ("12345", None)),  # fewer than six digits: the letters are a label
    ("ATU12345", None, ("12345", None)),
    ("12345NO67890", "NO", ("12345NO67890", None)),
    ("13585628", "DK", ("13585628", "DK")),
    ("13585628", None, ("13585628", None)),  # possible in Norway (013585628) and in Denmark
    # no ids
    ("", "NO", None),
    ("n/a", "NO", None),
    ("1234", "NO", None),
    ("00001234", "NO", None),
    ("00000", "NO", None),
    ("999999999", "NO", None),
    ("NO 999 999 999 MVA", "NO", None),
    ("A11111", "NO", None),
    ("12345", "NO", ("12345", None)),
    ("privat", "NO", None),
]


@pytest.mark.parametrize(("text", "country", "expected"), CASES, ids=[f"{t}-{c}" for t, c, _ in CASES])
def test_what_a_text_says(text: str, country: str | None, expected: tuple[str, str | None] | None) -> None:
    [at_once] = business_ids([text], country)
    found = business_id(text, country)
    assert found == at_once
    assert (found and (found.body, found.country)) == expected


@pytest.mark.parametrize(
    ("body", "country", "valid"),
    [
        ("974760673", "NO", True),
        ("974760674", "NO", False),
        ("5560360793", "SE", True),
        ("1120389", "FI", True),
        ("13585628", "DK", True),
        ("13585628A", "DK", False),
        ("113585628", "DK", False),
    ],
)
def test_which_numbers_are_possible(body: str, country: str, valid: bool) -> None:
    assert is_valid(body, country) is valid
