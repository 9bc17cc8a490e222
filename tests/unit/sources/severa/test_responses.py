"""What an answer means, and that a message names the record but never its values."""

from __future__ import annotations

import doctest
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presync.errors import AccessError, ConfigurationError, SourceDataError
from presync.sources.severa import responses
from presync.sources.severa.registers import REGISTERS, OrganizationSettings
from presync.sources.severa.responses import Answer, Explainer, TryAgainError, decode, retry_after

JSON = {"content-type": "application/json; charset=utf-8"}
DECODERS = {register.route: msgspec.json.Decoder(list[register.row]) for register in REGISTERS}  # type: ignore[name-defined]


def answer(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer("customers", status, JSON if headers is None else headers, body)


@pytest.mark.parametrize(
    ("route", "row", "words"),
    [
        ("customers", '{"guid":"g-1","name":null}', ["row 2", "g-1", "field name", "null"]),
        ("customers", '{"guid":"g-1"}', ["row 2", "g-1", "required field `name`"]),
        ("customers", '{"name":"Hemmelig"}', ["row 2", "unknown", "required field `guid`"]),
        ("customers", '{"guid":"","name":"x"}', ["row 2", "empty", "field guid"]),
        ("customers", '{"guid":"g","name":"x","number":"12"}', ["field number", "`int | null`, got `str`"]),
        ("customers", '{"guid":"g","name":"x","number":12.0}', ["field number", "float"]),
        (
            "customers",
            '{"guid":"g","name":"x","number":9223372036854775808}',
            ["number", "9223372036854775807"],
        ),
        ("customers", '{"guid":"g","name":"x","isActive":1}', ["field isActive", "bool"]),
        ("customers", '{"guid":"g","name":"x","vatNumber":5}', ["field vatNumber", "str"]),
        ("customers", "null", ["row 2", "`object`, got `null`"]),
        ("users", '{"guid":"g","firstName":"A","lastName":null}', ["field lastName"]),
        ("projects", '{"guid":"g","name":"x","customer":{"number":1.5}}', ["field customer.number", "float"]),
        ("invoices", '{"guid":"g","invoiceNumberBusinessUnitGuid":3}', ["invoiceNumberBusinessUnitGuid"]),
        ("businessunits", '{"guid":"g","name":"x","code":7}', ["field code", "got `int`"]),
    ],
)
def test_a_wrong_row_is_named_by_route_place_and_field(route: str, row: str, words: list[str]) -> None:
    good = '{"guid":"good","name":"x","firstName":"A","lastName":"B"}'
    made = Answer(route, 200, JSON, f"[{good},{row}]".encode())
    with pytest.raises(SourceDataError) as caught:
        decode(made, DECODERS[route])
    for word in [f"/v1/{route}", *words]:
        assert word in str(caught.value)
    assert "Hemmelig" not in str(caught.value)


@pytest.mark.parametrize("body", ['{"guid":"g"}', "null", "7", '"text"'])
def test_a_register_must_be_an_array(body: str) -> None:
    with pytest.raises(SourceDataError, match="`array`"):
        decode(answer(body.encode()), DECODERS["customers"])


@pytest.mark.parametrize("body", ["[]", "[{}]", "null"])
def test_the_settings_must_be_one_object(body: str) -> None:
    with pytest.raises(SourceDataError, match="`object`"):
        decode(answer(body.encode()), msgspec.json.Decoder(OrganizationSettings))


def test_settings_may_lack_counters() -> None:
    found = decode(answer(b'{"nextInvoiceNumber":null}'), msgspec.json.Decoder(OrganizationSettings))
    assert found == OrganizationSettings()


def test_the_whole_range_of_64_bits_is_read_exactly() -> None:
    rows = decode(answer(b'[{"guid":"g","name":"x","number":9223372036854775807}]'), DECODERS["customers"])
    assert [row.number for row in rows] == [2**63 - 1]


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"<html></html>", "text/html", "not JSON"),
        (b"[]", "text/plain", "not JSON"),
        (b"[]", "application/json; charset=iso-8859-1", "not JSON in UTF-8"),
        (b"[] nonsense", "application/json", "not valid JSON"),
        (b"<html>", "application/json", "not valid JSON"),
        (b'[{"guid":"\xff"}]', "application/json", "not valid UTF-8"),
    ],
)
def test_what_is_not_json_is_an_error(body: bytes, kind: str, reason: str) -> None:
    with pytest.raises(SourceDataError, match=reason):
        decode(answer(body, headers={"content-type": kind}), DECODERS["customers"])


@pytest.mark.parametrize("body", [b"", b"[", b'[{"guid":"a","name":"\xc3', b'[{"guid":"a","name":"x"}'])
def test_a_body_that_ends_half_way_is_worth_another_try(body: bytes) -> None:
    with pytest.raises(TryAgainError, match="half-way"):
        decode(answer(body), DECODERS["customers"])


def test_a_byte_order_mark_does_no_harm() -> None:
    assert decode(answer(b"\xef\xbb\xbf[]"), DECODERS["customers"]) == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_failures_are_worth_another_try(status: int) -> None:
    with pytest.raises(TryAgainError) as caught:
        Explainer().check(answer(b"", status, {"retry-after": "3"}))
    assert caught.value.after == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, SourceDataError),
        (206, SourceDataError),
        (302, ConfigurationError),
        (400, SourceDataError),
        (403, AccessError),
        (404, SourceDataError),
        (410, SourceDataError),
    ],
)
def test_every_other_status_is_loud(status: int, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="/v1/customers"):
        Explainer().check(answer(b"", status, {}))


def test_a_refusal_names_route_scopes_and_the_kind_of_error() -> None:
    body = b'{"error":{"type":"InsufficientApiScope","details":[{"message":"Kari may not"}]}}'
    with pytest.raises(AccessError, match=r"/v1/customers .*InsufficientApiScope.*users:read") as caught:
        Explainer(("users:read",)).check(answer(body, 403))
    assert "Kari" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"error":[]}', b'{"error":{"details":[1]}}', b"\xff", b"", b"[" * 5000]
)
def test_an_odd_error_document_is_not_quoted(body: bytes) -> None:
    with pytest.raises(SourceDataError, match="400 Bad Request"):
        Explainer().check(answer(body, 400))


TEXT = st.text(min_size=4).map(lambda text: f"Kari-{text}")


@given(
    kind=TEXT | st.just("InvalidParameter"),
    message=TEXT,
    name=TEXT | st.just("rowCount"),
    as_text=st.booleans(),
)
def test_texts_of_others_are_never_quoted_but_kind_and_place_are(
    kind: str, message: str, name: str, as_text: bool
) -> None:
    document = {"error": {"type": kind, "details": [{"message": message, "location": {"name": name}}]}}
    body = message.encode("utf-8", "replace") if as_text else msgspec.json.encode(document)
    said = Explainer().quote(
        answer(body, 400, {"content-type": "text/plain" if as_text else "application/json"})
    )
    assert "Kari" not in said
    assert as_text or ("rowCount" in said) == (name == "rowCount")
    assert as_text or ("InvalidParameter" in said) == (kind == "InvalidParameter")


def test_the_text_of_the_quota_is_known() -> None:
    text = b"API calls quota exceeded! maximum admitted 10 per 1s."
    assert text.decode() in Explainer().quote(answer(text, 429, {"content-type": "text/plain"}))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'[{"guid":"g-1","name":"x"},{"guid":"g-2","name":"\\ud83d"}]',
            ["row 2 of page 3", "g-2", "field name"],
        ),
        (
            b'[{"guid":"g-1","name":"x"},{"guid":"g-2","name":"\xff"}]',
            ["row 2 of page 3", "g-2", "field name"],
        ),
        (b'[{"guid":"g-1","x":{"y":["\\udc00"]},"name":"x"}]', ["row 1 of page 3", "g-1", "field x.y"]),
        (b'[{"guid":"g-1","name":"x"},{"guid":"g-2" "name"}]', ["after row 1 of page 3", "g-1"]),
        (b'[{"guid":"a\\nb","name":null}]', ["row 1 of page 3", "a<U+000A>b", "field name"]),
        (b'[{"guid":"g","name":"x","number":' + b"9" * 45 + b"}]", ["row 1 of page 3", "field number"]),
        (b'[{"guid":"g","name":"x","y":' + b"[" * 100_000, ["nested too deeply"]),
    ],
)
def test_what_is_wrong_in_a_page_is_named_by_page_row_and_guid(body: bytes, words: list[str]) -> None:
    with pytest.raises(SourceDataError) as caught:
        decode(Answer("customers", 200, JSON, body, page=3), DECODERS["customers"])
    assert all(word in str(caught.value) for word in ["/v1/customers", *words])
    assert "\n" not in str(caught.value)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**50), 10**50)
    | st.floats()
    | st.text(st.characters(), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["guid", "name", "number", "isActive", "customer", "error"]), inner)
    ),
    max_leaves=12,
)


@given(value=VALUES, cut=st.integers(0, 200) | st.none(), route=st.sampled_from(sorted(DECODERS)))
@settings(max_examples=200)
def test_any_answer_is_rows_or_an_error_of_ours(value: Any, cut: int | None, route: str) -> None:
    body = json.dumps([value, value]).encode("utf-8", "surrogatepass")[:cut]
    try:
        rows = decode(Answer(route, 200, JSON, body, page=1), DECODERS[route])
    except (SourceDataError, TryAgainError):
        return
    assert all(row.guid for row in rows)


@given(st.text() | st.datetimes().map(str) | st.integers().map(str))
def test_any_retry_after_is_a_time_or_none(text: str) -> None:
    assert (retry_after(text) or 0.0) >= 0


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after("Thu, 01 Jan 2026 12:00:07 GMT", lambda: now) == 7
    assert retry_after("Thu, 01 Jan 2026 11:00:00 GMT", lambda: now) == 0


def test_documented_examples() -> None:
    assert doctest.testmod(responses).failed == 0
