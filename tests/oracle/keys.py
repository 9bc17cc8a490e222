"""What records are compared by: code key, name key, business id, e-mail."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from stdnum.dk import cvr
from stdnum.fi import ytunnus
from stdnum.no import orgnr as orgnr_no
from stdnum.se import orgnr as orgnr_se

_FORMS = """
    oy oyj ab abp ay ky tmi osk ry rf hb kb publ as asa ans da enk nuf sa aps ivs ltd limited inc llc plc
    gmbh bv nv ou oü osakeyhtiö osakeyhtio aktiebolag aktiebolaget aksjeselskap aktieselskab aktieselskabet
    anpartsselskab anpartsselskabet kommanditbolag handelsbolag iks sia uab
"""
_ONE_WORD = _FORMS.split()
# as words: whole, and letter by letter
LEGAL_FORMS_AT_THE_END = [[form] for form in _ONE_WORD] + [
    list(form) for form in [*_ONE_WORD, "ks", "ps", "is"]
]
LEGAL_FORMS_AT_THE_END += [text.split() for text in ("ek för", "ekonomisk förening", "sp z o o", "sp zoo")]
LEGAL_FORMS_AT_THE_START = [["oy"], ["ab"], ["as"], ["o", "y"], ["a", "b"], ["a", "s"]]
_COUNTRIES = """
    AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK XI
"""
COUNTRIES = set(_COUNTRIES.split())
SAME_COUNTRY = {"EL": "GR", "XI": "GB"}
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STANDARDS = {"NO": (orgnr_no, 9), "SE": (orgnr_se, 10), "FI": (ytunnus, 8), "DK": (cvr, 8)}
CENTURIES = ("16", "18", "19", "20")


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
    longest_first = sorted(LEGAL_FORMS_AT_THE_END, key=len, reverse=True)
    while found := [f for f in longest_first if len(words) > len(f) and words[len(words) - len(f) :] == f]:
        words = words[: len(words) - len(found[0])]
    longest_first = sorted(LEGAL_FORMS_AT_THE_START, key=len, reverse=True)
    while found := [f for f in longest_first if len(words) > len(f) and words[: len(f)] == f]:
        words = words[len(found[0]) :]
    return " ".join(words)


def folded_forms(key: str) -> set[str]:
    """Return the two folded forms of a name key (they may be equal)."""
    always = {"æ": "ae", "ß": "ss", "đ": "d", "ł": "l", "ð": "d", "þ": "th"}
    first = {"å": "aa", "ä": "ae", "ø": "oe", "ö": "oe", "ü": "ue"}
    forms = set()
    for more in (first, {"ø": "o"}):
        replaced = "".join((always | more).get(letter, letter) for letter in key)
        decomposed = unicodedata.normalize("NFD", replaced)
        forms.add("".join(c for c in decomposed if unicodedata.category(c)[0] != "M"))
    return forms


def business_id(text: str | None, tenant_country: str | None = None) -> BusinessId | None:
    """Return a customer's id, or None if the text holds none."""
    words, country = _words_of_id(text or "")
    kept = ""
    for place, word in enumerate(words):
        label = not any(c in DIGITS for c in word)
        before_number = place + 1 < len(words) and words[place + 1][0] in DIGITS
        if not label or (word in COUNTRIES and before_number):
            kept += word
    letters = kept[: len(kept) - len(kept.lstrip(LETTERS))]
    rest = kept[len(letters) :]
    enough = _digits(rest) >= 6
    if enough and letters in COUNTRIES:
        country = country or SAME_COUNTRY.get(letters, letters)
    elif enough and len(letters) == 3 and letters[:2] in COUNTRIES:
        country = country or SAME_COUNTRY.get(letters[:2], letters[:2])
        rest = letters[2] + rest
    body = _without_affix(country, rest).lstrip("0")
    digits = [c for c in body if c in DIGITS]
    if len(digits) < 5 or len(set(digits)) == 1:
        return None
    return BusinessId(_country_of(body, country, tenant_country), body)


def _words_of_id(text: str) -> tuple[list[str], str | None]:
    """Return the words of an id's text without `MVA`, and NO if that was there."""
    plain = unicodedata.normalize("NFKC", text).upper()
    for dropped in ".-/\u2010\u2011":
        plain = plain.replace(dropped, "")
    words = "".join(c if c in LETTERS + DIGITS else " " for c in plain).split()
    country = "NO" if any(word.endswith("MVA") for word in words) else None
    words = [word[:-3] if word.endswith("MVA") else word for word in words]
    return [word for word in words if word], country


def _digits(text: str) -> int:
    return sum(c in DIGITS for c in text)


def _without_affix(country: str | None, rest: str) -> str:
    if _digits(rest) != len(rest):
        return rest
    if country == "SE":
        if len(rest) == 12:
            return rest[:10]
        if len(rest) == 14:
            return rest[2:12] if rest[:2] in CENTURIES else rest[:12]
    if country is None and len(rest) == 12:
        if rest[:2] in CENTURIES:
            return rest[2:]
        if rest[-2:] == "01":
            return rest[:10]
    return rest


def _country_of(body: str, named: str | None, tenant_country: str | None) -> str | None:
    valid = [country for country in STANDARDS if _is_valid(body, country)]
    if named is not None and (named not in STANDARDS or named in valid):
        return named
    if tenant_country in valid:
        return tenant_country
    return valid[0] if len(valid) == 1 else None


def _is_valid(body: str, country: str) -> bool:
    standard, length = STANDARDS[country]
    if _digits(body) != len(body) or len(body) > length:
        return False
    return bool(standard.is_valid("0" * (length - len(body)) + body))


def equal_ids(one: BusinessId | None, other: BusinessId | None) -> bool:
    """Tell whether two ids are equal; an absent one equals nothing."""
    if one is None or other is None or one.body != other.body:
        return False
    return one.country is None or other.country is None or one.country == other.country


def differ_for_certain(one: BusinessId | None, other: BusinessId | None) -> bool:
    """Tell whether two ids are those of two companies: of one country, and not equal."""
    if one is None or other is None or one.country is None:
        return False
    return one.country == other.country and one.body != other.body


def addresses(email: str | None) -> set[str]:
    """Return the addresses in an e-mail text."""
    text = (email or "").casefold().replace("mailto:", "")
    runs = "".join(" " if c.isspace() or c in '<>;,()"' else c for c in text).split(" ")
    return {run for run in runs if "@" in run[1:-1]}


def email_key(email: str | None) -> str | None:
    """Return the one address of an e-mail text, or None."""
    found = addresses(email)
    return found.pop() if len(found) == 1 else None
