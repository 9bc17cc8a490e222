"""Customers' business ids: which company a text names, whether two texts name the same or different ones."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from stdnum.dk import cvr
from stdnum.fi import ytunnus
from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish

_COUNTRIES = """
    AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK XI
"""
COUNTRIES = frozenset(_COUNTRIES.split())
_OTHER_NAMES = {"EL": "GR", "XI": "GB"}
_DROPPED = str.maketrans("", "", ".-\u2010/")
_CENTURIES = ("16", "18", "19", "20")


class BusinessId(NamedTuple):
    """A company's id: the country if one counts, and what is left without it."""

    country: str | None
    body: str


def business_id(text: str | None, tenant_country: str | None = None) -> BusinessId | None:
    """Return the id that a text holds, seen from the tenant's country; None: it holds none."""
    words, is_mva = _words(text)
    letters, rest = _split("".join(_without_labels(words)))
    named = None
    if _digits(rest) >= 6 and letters[:2] in COUNTRIES and len(letters) <= 3:
        named, rest = letters[:2], letters[2:] + rest
    if is_mva:
        named = "NO"
    if rest != "" and _digits(rest) == len(rest):
        rest = _bare(named, rest)
    body = rest.lstrip("0")
    if _digits(body) < 5 or len({c for c in body if c in "0123456789"}) == 1:
        return None
    return BusinessId(_country(named, tenant_country, body), body)


def _words(text: str | None) -> tuple[list[str], bool]:
    """Return the words of a text without `MVA`, and whether there was one."""
    plain = unicodedata.normalize("NFKC", text or "").upper().translate(_DROPPED)
    words = re.findall("[A-Z0-9]+", plain)
    left = [word.removesuffix("MVA") for word in words]
    return [word for word in left if word != ""], left != words


def _without_labels(words: list[str]) -> list[str]:
    kept = []
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        if _digits(word) > 0 or (word in COUNTRIES and _digits(following[:1]) == 1):
            kept.append(word)
    return kept


def _split(text: str) -> tuple[str, str]:
    """Return the letters that a text begins with, and the rest."""
    rest = text.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return text[: len(text) - len(rest)], rest


def _digits(text: str) -> int:
    return sum(c in "0123456789" for c in text)


def _bare(named: str | None, digits: str) -> str:
    """Return digits without what registers write around a Nordic number: a century, an ending."""
    if named == "SE" and len(digits) == 14:
        digits = digits[:-2]
        return digits[2:] if digits.startswith(_CENTURIES) else digits
    if named == "SE" and len(digits) == 12:
        return digits[:-2]
    if named is None and len(digits) == 12:
        if digits.startswith(_CENTURIES):
            return digits[2:]
        return digits.removesuffix("01")
    return digits


def is_valid(country: str, body: str) -> bool:
    """Tell whether a body can be an id of one of the four Nordic countries; never in another one."""
    if _digits(body) != len(body):
        return False
    if country == "NO":
        return norwegian.is_valid(body.zfill(9))
    if country == "SE":
        return swedish.is_valid(body.zfill(10))
    if country == "FI":
        return ytunnus.is_valid(body.zfill(8))
    return country == "DK" and cvr.is_valid(body.zfill(8))


def _country(named: str | None, tenant_country: str | None, body: str) -> str | None:
    nordic = ("NO", "SE", "FI", "DK")
    if named is not None and (named not in nordic or is_valid(named, body)):
        return _OTHER_NAMES.get(named, named)
    if tenant_country is not None and is_valid(tenant_country, body):
        return tenant_country
    possible = [country for country in nordic if is_valid(country, body)]
    return possible[0] if len(possible) == 1 else None


def equal_ids(one: BusinessId | None, other: BusinessId | None) -> bool:
    """Tell whether two ids are equal; an absent one equals nothing."""
    if one is None or other is None or one.body != other.body:
        return False
    return one.country is None or other.country is None or one.country == other.country


def ids_differ_for_certain(one: BusinessId | None, other: BusinessId | None) -> bool:
    """Tell whether two ids of one country name two companies."""
    if one is None or other is None or one.country is None:
        return False
    return one.country == other.country and one.body != other.body
