"""SQL computes the same keys as the definitions, whatever the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from presync.reconcile import keys
from tests import oracle  # noqa: F401  (asserts are rewritten there too)
from tests.oracle.keys import business_id, code_key, customer_name_key, name_key

SQL = Path(keys.__file__).parent / "sql" / "keys.sql"
TEXTS = st.text(
    st.sampled_from(
        "aAzZ019 -&.,/'()_|~\t\n\xa0ÅåÄäÖöØøÆæßÿÐðÞþ×÷µªº²³½¨¸İıſﬁＡＢé´`㎏Ⅳ一ʰ\u0301\u00ad\u200bǅ"
    ),
    max_size=12,
)
COUNTRIES = st.sampled_from(["NO", "SE", "FI", "EL", "XI", "no", "MVA", "A", "ß"])
DIGITS = st.sampled_from(["01", "16", "19", "20", "0", "00000", "123456", "912345678", "-", " ", "１"])
IDS = st.lists(COUNTRIES | DIGITS, max_size=5).map("".join)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        keys.register(opened)
        opened.execute(SQL.read_text(encoding="utf-8"))
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
    expected = [business_id(text) for text in texts]
    assert values(connection, "business_id(t).id", texts) == [found and found.body for found in expected]
    countries = values(connection, "business_id(t).country", texts)
    assert countries == [found and found.country for found in expected]


def test_a_missing_text_has_no_key(connection: duckdb.DuckDBPyConnection) -> None:
    for expression in ("code_key(t)", "name_key(t)", "code_text(t)", "email_key(t)", "business_id(t).id"):
        assert connection.execute(f"SELECT {expression} FROM (SELECT NULL::VARCHAR AS t)").fetchall() == [
            (None,)
        ]
