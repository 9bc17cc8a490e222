"""The keys, with examples taken from the wording of the rules."""

from __future__ import annotations

import pytest

from tests.oracle.business_ids import BusinessId, business_id, equal_ids
from tests.oracle.keys import code_key, customer_name_key, email_key, is_plain_decimal, name_key


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("7", "7"),
        (" 7\u00a0", "7"),
        ("007", "007"),
        ("A1", "a1"),
        ("ß", "ss"),
        ("７", "７"),
        ("00", "00"),
        ("-7", "-7"),
        *((none, None) for none in (None, "", " ", "0", " 0 ")),
    ],
)
def test_code_key(code: str | None, key: str | None) -> None:
    assert code_key(code) == key


@pytest.mark.parametrize(
    ("code", "highest", "is_one"),
    [
        ("1", 9, True),
        ("9", 9, True),
        ("10", 9, False),
        ("10", None, True),
        *((text, None, False) for text in ("0", "01", "-1", "+1", "1.0", "1 0", "A", "", "７", "²")),
    ],
)
def test_plain_decimal(code: str, highest: int | None, is_one: bool) -> None:
    assert is_plain_decimal(code, highest) is is_one


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("  Nord-Lys,  AS ", "nord lys as"),
        ("\uff2eordlys", "nordlys"),
        ("oﬃce 1ª", "office 1a"),
        ("Straße", "strasse"),
        ("Bl\u0061\u030abær", "blåbær"),
        ("Blåbær", "blåbær"),
        ("İ", "i\u0307"),
        ("i\u0307", "i\u0307"),
        ("ı", "ı"),
        ("Nord\u00adlys_X", "nord lys x"),
        ("7 ٧ ⑦ Ⅶ ²", "7 ٧ 7 vii 2"),
        ("\u0915\u093f", "\u0915\u093f"),
        ("🙂 – ?", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_name_key(name: str | None, key: str) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Nordlys AS", "nordlys"),
        ("Nordlys A/S", "nordlys"),
        ("NORDLYS a.s.", "nordlys"),
        ("Nordlys Holding Ltd. AB (publ)", "nordlys holding"),
        ("AS Oy Nordlys k.s. Oyj", "nordlys"),
        ("A/S Nordlys", "nordlys"),
        ("K/S Nordlys", "k s nordlys"),
        ("GmbH Nordlys", "gmbh nordlys"),
        ("Nordlys OÜ", "nordlys"),
        ("Nordlys G.m.b.H.", "nordlys"),
        ("Nordlys Aktiebolag", "nordlys"),
        ("Nordlys ek. för.", "nordlys"),
        ("Nordlys Sp. z o.o.", "nordlys"),
        ("O.Y. Nordlys", "nordlys"),
        ("X S A S A", "x s"),
        ("Nordlys KS", "nordlys ks"),
        ("Nordlys OU", "nordlys"),
        ("AS", "as"),
        ("A/S", "a s"),
        ("Oy Ab", "oy"),
        ("AS A/S", "as"),
        ("A/S AS", "a s"),
        ("X A/S", "x"),
        ("Nordlys S", "nordlys s"),
        ("Nordlys AS Oslo", "nordlys as oslo"),
        ("?", ""),
    ],
)
def test_customer_name_key(name: str, key: str) -> None:
    assert customer_name_key(name) == key


@pytest.mark.parametrize(
    ("text", "country", "body"),
    [
        ("974760673", "NO", "974760673"),
        ("Org.nr. 974 760 673", "NO", "974760673"),
        ("no 974.760.673 mva", "NO", "974760673"),
        ("SE974760673MVA", "NO", "974760673"),
        ("974760674", None, "974760674"),
        ("NO974760674", None, "974760674"),
        ("0974760673", "NO", "974760673"),
        ("FI 0112038-9", "FI", "1120389"),
        ("1120389", "FI", "1120389"),
        ("SE556703748501", "SE", "5567037485"),
        ("SE16556703748501", "SE", "5567037485"),
        ("16556703-7485", "SE", "5567037485"),
        ("171234567801", None, "1712345678"),
        ("18123456-7801", None, "1234567801"),
        ("171234567802", None, "171234567802"),
        ("FI123456789001", None, "123456789001"),
        ("12345678901X", None, "12345678901X"),
        ("AT12345", None, "12345"),
        ("AT123456", "AT", "123456"),
        ("ATU12345678", "AT", "U12345678"),
        ("EL094259216", "GR", "94259216"),
        ("XI123456789", "GB", "123456789"),
        ("US123456780", None, "123456780"),
        ("kunde 12346", None, "12346"),
        ("NO 974760674 SE", None, "974760674"),
    ],
)
def test_business_id(text: str, country: str | None, body: str) -> None:
    assert business_id(text) == BusinessId(country, body)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "-",
        "1234",
        "NO1234",
        "1234MVA",
        "00000",
        "11111",
        "000001",
        "NO 000 000 000 MVA",
        "MVA",
    ],
)
def test_no_business_id(text: str | None) -> None:
    assert business_id(text) is None


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("974760673", "NO974760673MVA", True),
        ("NO974760673", "DE974760673", False),
        ("974760674", "DE974760674", True),
        ("EL123456789", "GR123456789", True),
        ("974760673", "974760674", False),
        ("SE556703748501", "16556703-7485", True),
        (None, None, False),
        ("974760673", None, False),
    ],
)
def test_equal_ids(one: str | None, other: str | None, equal: bool) -> None:
    assert equal_ids(business_id(one), business_id(other)) is equal
    assert equal_ids(business_id(other), business_id(one)) is equal


@pytest.mark.parametrize(
    ("email", "key"),
    [
        (" Anna@X.NO\t", "anna@x.no"),
        ("STRASSE@x", "strasse@x"),
        ("A <mailto:A@x>, a@X", "a@x"),
        ("a@x b@x", None),
        ("@x", None),
        ("", None),
        (None, None),
    ],
)
def test_email_key(email: str | None, key: str | None) -> None:
    assert email_key(email) == key
