"""Small alphabets in which everything collides: names, ids, codes and numbers as they must be expected."""

from __future__ import annotations

from typing import Final

_A_RING = "a\u030a"  # decomposed å

# Families: the members of one are variants of each other - the same, alike, or deliberately just not.
NAMES: Final[tuple[tuple[str | None, ...], ...]] = (
    (
        "Nordlys AS",
        "NORDLYS A/S",
        "nordlys",
        "AS Nordlys Oy Ab",
        "\uff2eordlys",  # full-width N
        "Nord\u00adlys",  # soft hyphen: two words
        "Lys, Nord",
        "Nordlys Bygg AS",
        "Bygg_Nordlys",
        "Nordlys Bygg Bergen",
        "Bergen Nordlys",
        "Nordlýs",
        "Nordly\u0301s",
    ),
    ("Straße 7", "STRASSE 7", "strasse ⑦", "Strasse ٧", "Strasse VII", "strasse ⅶ"),
    ("İstanbul", "i\u0307stanbul", "istanbul", "ISTANBUL", "ıstanbul"),
    ("Oﬃce 1ª", "office 1a", "Office", "1ª OFFICE", "Ofﬁce 1 a"),
    ("Blåbær", f"Bl{_A_RING}bær", "BLÅBÆR", "Blabær", "Blaabaer"),
    # one letter of ten: similarity 90; one of nine: 88.9; a missing one: above 90
    (
        "Fjordkraft",
        "Fjordkrafd",
        "Fjordkraf",
        "Bergvarme",
        "Bergvarne",
        "Fjordkraft Berg",
        "Fjordkraftverk",
        "Fjordkrafdverke",
        "Berg Fjordkraft",
    ),
    # ninety of a hundred in the other word order
    ("Alfa Betagamm", "Betagamm Alfa", "Alfa Betagama", "Betagama Alfa"),
    ("AS", "A/S", "Oy", "Oy Ab", "AS A S", "A S AS", "Oy X", "X k.s.", "x", "X (publ) AB", "I/S", "X i s"),
    (
        "Anna Berg",
        "ANNA  BERG",
        "Berg, Anna",
        "Anna",
        "Anna\u00a0Berg",
        "Anna Bergh",
        " Anna ",
        "A\u0308nna Berg",
    ),
    (
        "Østergaard AS",
        "Oestergaard A/S",
        "Ostergaard",
        "østergård a.s.",
        "Oestergaard Bygg",
        "Østergaard Bygg",
    ),
    (
        "Nordfjord Norge",
        "Nordfjord",
        "Nordfjord Norge Eiendom AS",
        "Norge Nordfjord",
        "nordfjord nordfjord",
        "Nordfjord n.v.",
    ),
    (
        "X G.m.b.H.",
        "x aktiebolag",
        "X ek. för.",
        "x Ekonomisk förening",
        "X Sp. z o.o.",
        "x sp zoo",
        "O Y X",
        "X s a s a",
        "x k s",
        "X oü",
        "Łódź x",
        "lodz x",
    ),
    ("?", "- -", "…", "🙂", "🙂 X"),
    ("x" * 80, "x" * 81, " " + "x" * 80 + " ", "y" * 40 + " " + "y" * 40),
)
# Nobody in the one list is alike to anybody in the other.
UNRELATED: Final = (
    [
        f"{first}{last}"
        for first in ("Fjell", "Dal", "Skog")
        for last in ("bygg", "gruppen", "tak", "rør", "el", "vvs", "it")
    ],
    [
        f"{first} {last}"
        for first in ("Anton", "Berta", "Cesar")
        for last in ("Aho", "Eno", "Ilo", "Oja", "Uro", "Ylä", "Ämä")
    ],
)
BLANK_NAMES: Final[tuple[str | None, ...]] = (None, "", " ", "\u00a0")

# Companies of one country each, as people write them: bare, with labels, padding, prefixes and endings.
_NORWEGIAN: Final = (
    "974760673",
    "NO974760673MVA",
    "Org.nr. 974 760 673",
    "0974760673",
    "Foretaksregisteret NO 974760673 MVA",
    "923 609 016",
    "no 923.609.016 mva",
    "923609016MVA",
    "NO923609016",
)
_SWEDISH: Final = (
    "556703-7485",
    "SE556703748501",
    "16556703-7485",
    "SE16556703748501",
    "Momsnr SE 556703748501",
    "5560125790",
    "VAT no. SE556012579001",
    "165560125790",
    "556012579001",
)
_FINNISH: Final = ("FI01120389", "0112038-9", "1120389", "FI 112038-9", "2077474-0", "FI-20774740")
_DANISH: Final = ("DK13585628", "13585628", "CVR 13 58 56 28", "DK-24256790", "CVR-nr. 24256790")

TWO_COMPANIES: Final[tuple[tuple[str | None, ...], ...]] = (_NORWEGIAN, _SWEDISH, _FINNISH, _DANISH)
BUSINESS_IDS: Final[tuple[tuple[str | None, ...], ...]] = (
    *TWO_COMPANIES,
    # two countries, one of which may not count; a digit too many, too few, or wrong
    ("974760673", "SE974760673", "DE974760673", "974760674", "NO974760674", "97476067", "9747606730"),
    ("13585628", "DK13585628", "NO013585628", "FI13585628", "DE13585628", "EL13585628"),
    ("556703748501", "556703748502", "SE556703748502", "171234567801", "181234567801", "18123456-7890"),
    ("EL123456789", "GR-123456789", "GB 123456789", "XI123456789", "123456789", "\u2116 123456789"),
    ("IE1234567X", "1234567X", "ie 1234567 x", "AT12345", "12345", "AT123456", "ATU12345678", "123456"),
    ("ESB12345678", "B12345678", "ESA12345678", "XESB12345678", "SEK123456", "123456 K", "123456K"),
    ("1234", "NO1234", "00000", "11111111", "NO000000000MVA", "MVA", "1234MVA", "12345MVA", "-"),
)
BLANK_IDS: Final[tuple[str | None, ...]] = (None, "", " ")

EMAILS: Final[tuple[str | None, ...]] = (
    "anna@x.no",
    " ANNA@X.NO ",
    "post@x.no",
    "straße@x.no",
    "STRASSE@x.no",
    "Anna <ANNA@x.no>",
    "mailto:anna@x.no",
    "anna@x.no; ANNA@x.no",
    "anna@x.no, post@x.no",
    "@x.no",
    "anna@",
    "nobody",
    None,
    "",
    " ",
)

TEXT_CODES: Final[tuple[str | None, ...]] = (
    "7",
    " 7 ",
    "\t7\u00a0",
    "007",
    "７",
    "7.0",
    "+7",
    "-7",
    "8",
    "12",
    "A1",
    "a1",
    "ß",
    "SS",
    "A-1",
    "00",
    "A" * 10,
    "A" * 11,
    " " + "ß" * 10 + " ",
    "12345678901",
    "B" * 40,
    "b" * 41,
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
)
NO_CODES: Final[tuple[str | None, ...]] = (None, "", " ", "0", " 0 ")

NUMBERS: Final[tuple[int, ...]] = (
    1,
    5,
    7,
    8,
    9,
    10,
    11,
    12,
    100,
    105,
    106,
    107,
    108,
    109,
    110,
    111,
    150,
    10_000,
)
EDGE_NUMBERS: Final[tuple[int, ...]] = (
    2_147_473_647,
    2_147_483_547,
    2_147_483_548,
    2_147_483_646,
    2_147_483_647,
)
BEYOND_BUSINESS: Final[tuple[int, ...]] = (2_147_483_648, 9_223_372_036_854_775_807, -7)

INVOICE_TEXTS: Final[tuple[str | None, ...]] = (
    "A7",
    "7A",
    "7 8",
    "７",
    "0",
    "000",
    "-7",
    "7.0",
    "",
    " ",
    None,
    "99999999999999999999",
)
