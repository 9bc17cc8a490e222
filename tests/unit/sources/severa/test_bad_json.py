"""Wrong JSON is told by page, row, guid and field; a value is never quoted."""

from __future__ import annotations

import json

import pytest

from presync.sources.severa.bad_json import ends_half_way, invalid_json, row_named

SECRET = "Kari Nordmann"
ROWS = [{"guid": "g1", "firstName": SECRET}, {"guid": "g2", "firstName": SECRET, "more": [{"x": SECRET}]}]
BODY = json.dumps(ROWS).encode()


@pytest.mark.parametrize(
    ("page", "row", "guid", "said"),
    [
        (2, 0, "g1", "row 1 of page 2 (guid g1)"),
        (None, 4, None, "row 5 of a page (guid unknown)"),
        (1, 0, "", "row 1 of page 1 (guid empty)"),
        (1, 0, "a\nb", "row 1 of page 1 (guid a<U+000A>b)"),
        (1, 0, "x" * 500, f"row 1 of page 1 (guid {'x' * 64})"),
    ],
)
def test_a_row_has_a_name(page: int | None, row: int, guid: object, said: str) -> None:
    assert row_named(page, row, guid) == said


@pytest.mark.parametrize("end", range(1, len(BODY)))
def test_every_cut_is_seen_and_quotes_nothing(end: int) -> None:
    assert ends_half_way(BODY[:end])
    said = invalid_json(BODY[:end], "at byte 7", 1)
    assert SECRET not in said
    assert "page 1" in said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            BODY.replace(b'"x": "Kari', b'"x": "\\ud83d Kari'),
            "row 2 of page 3 (guid g2), field more.x holds half",
        ),
        (BODY.replace(b"Kari", b"K\xe5ri", 1), "row 1 of page 3 (guid g1), field firstName holds half"),
        (b'{"nextCustomerNumber": "\\udc00"}', "field nextCustomerNumber holds half a character"),
        (b"[" * 200_000, "nested too deeply"),
        (b"<html>", "it is not valid JSON (malformed)"),
        (b"[1, 2, tru]", "after row 2 of page 3 (guid unknown)"),
    ],
)
def test_where_it_is_wrong(body: bytes, said: str) -> None:
    found = invalid_json(body, "", 3)
    assert said in found
    assert SECRET not in found


def test_a_whole_body_with_half_a_character_does_not_end_half_way() -> None:
    assert not ends_half_way(b'["\\ud83d"]')
    assert not ends_half_way(b'["K\xe5ri"]')
