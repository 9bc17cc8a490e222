"""What records are compared by: code key, name key, business id, e-mail."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_FORMS = """
    oy oyj ab abp ay ky tmi osk ry rf hb kb publ as asa ans da enk nuf sa aps ivs ltd limited inc llc plc
    gmbh bv nv ou
"""
LEGAL_FORMS_AT_THE_END = set(_FORMS.split())
LEGAL_PAIRS_AT_THE_END = {("a", "s"), ("k", "s"), ("p", "s"), ("i", "s")}
LEGAL_FORMS_AT_THE_START = {"oy", "ab", "as"}
LEGAL_PAIRS_AT_THE_START = {("a", "s")}
_COUNTRIES = """
    AT BE BG CH CY CZ DE DK EE EL ES FI FR GB HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK XI
"""
COUNTRIES = set(_COUNTRIES.split())


class BusinessId(NamedTuple):
    """A company's id: the country if it is known, and what is left without it."""

    country: str | None
    body: str


def trimmed(text: str | None) -> str:
    """Return text without white space (Unicode's) around it; null is empty."""
    return (text or "").strip()


def code_key(code: str | None) -> str | None:
    """Return the key of a code, or None where there is no code."""
    key = trimmed(code).casefold()
    return None if key in {"", "0"} else key


def is_plain_decimal(code: str, highest: int | None = None) -> bool:
    """Tell whether a trimmed code is a decimal without leading zero from 1 to `highest` (None: no limit)."""
    return re.fullmatch("[1-9][0-9]*", code) is not None and (highest is None or int(code) <= highest)


def name_key(name: str | None) -> str:
    """Return the key of a name; empty if nothing is left."""
    folded = unicodedata.normalize("NFKC", name or "").casefold()
    return " ".join("".join(c if _counts(c) else " " for c in folded).split())


def _counts(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def customer_name_key(name: str | None) -> str:
    """Return the key of a customer's name: without legal forms, as long as a word is left."""
    words = name_key(name).split()
    while True:
        if len(words) > 1 and words[-1] in LEGAL_FORMS_AT_THE_END:
            words = words[:-1]
        elif len(words) > 2 and tuple(words[-2:]) in LEGAL_PAIRS_AT_THE_END:
            words = words[:-2]
        else:
            break
    while True:
        if len(words) > 1 and words[0] in LEGAL_FORMS_AT_THE_START:
            words = words[1:]
        elif len(words) > 2 and tuple(words[:2]) in LEGAL_PAIRS_AT_THE_START:
            words = words[2:]
        else:
            break
    return " ".join(words)


def business_id(text: str | None) -> BusinessId | None:
    """Return a customer's id, or None if the text holds none."""
    rest = "".join(c for c in text or "" if c.isascii() and c.isalnum()).upper()
    country = None
    if rest[:2] in COUNTRIES and _digits(rest[2:]) >= 6:
        country, rest = rest[:2], rest[2:]
    if rest.endswith("MVA"):
        country, rest = "NO", rest[:-3]
    if len(rest) == 12 and _digits(rest) == 12:
        rest = _without_affix(country, rest)
    if _digits(rest) < 5 or set(rest) == {"0"}:
        return None
    return BusinessId(country, rest)


def _digits(text: str) -> int:
    return sum(c in "0123456789" for c in text)


def _without_affix(country: str | None, twelve: str) -> str:
    if country == "SE":
        return twelve[:-2]
    if country is None and twelve[:2] in {"16", "18", "19", "20"}:
        return twelve[2:]
    if country is None and twelve.endswith("01"):
        return twelve[:-2]
    return twelve


def equal_ids(one: BusinessId | None, other: BusinessId | None) -> bool:
    """Tell whether two ids are equal; an absent one equals nothing."""
    if one is None or other is None or one.body != other.body:
        return False
    return one.country is None or other.country is None or one.country == other.country


def email_key(email: str | None) -> str | None:
    """Return the key of an e-mail address, or None if there is no text."""
    return trimmed(email).casefold() or None
