"""SQL computes the same keys as the definitions, whatever the text."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from presync.reconcile import keys
from presync.reconcile.business_ids import CHECKED, business_id, business_ids, is_valid, written_ids
from tests import oracle  # noqa: F401  (asserts are rewritten there too)
from tests.oracle.business_ids import business_id as defined_id
from tests.oracle.keys import addresses, code_key, customer_name_key, folded_forms, name_key

TEXTS = st.text(
    st.sampled_from(
        "aAzZ019 -&.,/'()_|~\t\n\xa0ÅåÄäÖöØøÆæßÿÐðÞþ×÷µªº²³½¨¸İıſﬁＡＢé´`㎏Ⅳ一ʰ\u0301\u00ad\u200bǅ"
    ),
    max_size=12,
)
COUNTRIES = st.sampled_from(["NO", "SE", "FI", "EL", "XI", "no", "MVA", "A", "ß", "Org.nr. ", "SE ", " DK"])
DIGITS = st.sampled_from(
    [
        "01",
        "16",
        "19",
        "20",
        "0",
        "00000",
        "123456",
        "974760673",
        "556703",
        "7485",
        "01120389",
        "13585628",
        "-",
        " ",
        "１",
    ]
)
IDS = st.lists(COUNTRIES | DIGITS, max_size=5).map("".join)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        keys.register(opened, "NO")
        keys.define(opened)
        yield opened
        keys.unregister(opened)


def values(connection: duckdb.DuckDBPyConnection, expression: str, texts: list[str]) -> list[object]:
    rows = connection.execute(f"SELECT {expression} FROM (SELECT unnest(?::VARCHAR[]) AS t)", [texts])
    return [row[0] for row in rows.fetchall()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS | st.text(max_size=8), min_size=1, max_size=15))
@example(texts=["", " ", "0", " 0 ", "00", "STRASSE", "Straße", "a s", "oy ab", "A/S Fjord A.S."])
def test_names_and_codes(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    texts = [text.replace("\x00", "") for text in texts]
    assert values(connection, "code_key(t)", texts) == [code_key(text) for text in texts]
    assert values(connection, "code_text(t)", texts) == [text.strip() for text in texts]
    assert values(connection, "name_key(t)", texts) == [name_key(text) or None for text in texts]
    customers = values(connection, "without_legal_form(name_key(t))", texts)
    assert customers == [customer_name_key(text) or None for text in texts]


WORDS = st.lists(
    st.sampled_from(["oy", "ab", "as", "a", "s", "k", "i", "p", "ltd", "oyj", "ou", "fjord", "asa"]),
    max_size=7,
).map(" ".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(WORDS, min_size=1, max_size=25))
def test_legal_forms(connection: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    found = values(connection, "without_legal_form(name_key(t))", names)
    assert found == [customer_name_key(name) or None for name in names]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(IDS, min_size=1, max_size=25))
def test_business_ids(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    defined = [defined_id(text, "NO") for text in texts]
    expected = [(found.body, found.country) if found else (None, None) for found in defined]
    bodies = values(connection, "id_parts(business_id_text(t)).id", texts)
    countries = values(connection, "id_parts(business_id_text(t)).country", texts)
    assert list(zip(bodies, countries, strict=True)) == expected
    one_by_one = [business_id(text, "NO") for text in texts]
    assert one_by_one == business_ids(texts, "NO")


PLAIN_IDS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "NO", "SE ", "FI", "DK ", "DE", " ", "0", "000"]),
    st.integers(0, 10**12)
    | st.sampled_from([974760673, 5560360793, 1120389, 13585628, 11111, 222222, 9999999999]),
    st.sampled_from(["", " MVA", "MVA", "\n"]),
)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.none() | PLAIN_IDS, min_size=1, max_size=30),
    country=st.none() | st.sampled_from(list(CHECKED)),
)
def test_plain_ids_at_once_are_what_each_is(texts: list[str | None], country: str | None) -> None:
    expected = [business_id(text or "", country) for text in texts]
    written = [f"{found.body}/{found.country or ''}" if found else "" for found in expected]
    assert written_ids(pa.array(texts, pa.string()), country).to_pylist() == written


@settings(max_examples=200, deadline=None)
@given(number=st.integers(0, 10**11), country=st.sampled_from(list(CHECKED)))
def test_check_digits_of_many_are_those_of_each(number: int, country: str) -> None:
    """What python-stdnum says of one number is what is computed for all of them at once."""
    (found,) = business_ids([str(number)], country)
    if found is not None and is_valid(found.body, country):
        assert found.country == country
    elif found is not None:
        assert found.country != country


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS | st.text(max_size=8), min_size=1, max_size=15))
@example(texts=["Østergaard", "Ærø", "Łódź Þór", "Smørbrød Đ", "e\u0301", "ñandú"])
def test_folded_forms(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    found = [name_key(text.replace("\x00", "")) for text in texts]
    forms = zip(
        values(connection, "folded_first(t)", found),
        values(connection, "folded_second(t)", found),
        strict=True,
    )
    assert [set(pair) for pair in forms] == [folded_forms(key) for key in found]


EMAILS = st.lists(
    st.sampled_from(["a@x.no", "A@X.no", "mailto:", "<", ">", ";", ", ", " ", "@", "b", '"', "ß@x"]),
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(EMAILS.map("".join), min_size=1, max_size=10))
def test_addresses(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    found = values(connection, "list_sort(address_list(t))", texts)
    assert found == [sorted(addresses(text)) for text in texts]


def test_a_missing_text_has_no_key(connection: duckdb.DuckDBPyConnection) -> None:
    for expression in ("code_key(t)", "name_key(t)", "code_text(t)", "folded_first(t)", "id_parts(t).id"):
        assert connection.execute(f"SELECT {expression} FROM (SELECT NULL::VARCHAR AS t)").fetchall() == [
            (None,)
        ]
