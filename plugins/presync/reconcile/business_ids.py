"""Business ids of customers: what is left of a registration or VAT number, and of which country it is.

The definition is `docs/rules.md`, *Words*, "business id". Numbers of Norway, Sweden, Finland and Denmark have
check digits (python-stdnum knows them); a country whose check digits a number does not have does not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stdnum.dk import cvr
from stdnum.fi import ytunnus
from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

_CODES: Final = (
    "AT BE BG CH CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IS IT LT LU LV MT NL NO PL PT RO SE SI SK XI"
)
COUNTRIES: Final = frozenset(_CODES.split())
_ALSO: Final = {"EL": "GR", "XI": "GB"}
# how many digits a number has, and what tells that it is one
CHECKED: Final = {"NO": (9, norwegian), "SE": (10, swedish), "FI": (8, ytunnus), "DK": (8, cvr)}
_DROPPED: Final = re.compile(r"[.\-/\u2010\u2011]")
_WORD: Final = re.compile(r"[A-Z0-9]+")
# as most numbers are written: nothing that must be taken apart
_USUAL: Final = re.compile(r"([0-9]+|(NO|SE|FI|DK) ?[0-9]{6,})( ?MVA)?")
# a usual one of at most ten digits, so that nothing but a country is written around it
_NUMBER: Final = "^(?:(?P<named>NO|SE|FI|DK) ?)?(?P<number>[0-9]{6,10})(?P<mva> ?MVA)?$"
_NAMED: Final = ("", *CHECKED)
_OF_ONE_DIGIT: Final = [int(str(digit) * length) for digit in range(1, 10) for length in range(5, 11)]
_CENTURIES: Final = ("16", "18", "19", "20")


class BusinessId(NamedTuple):
    """`body`: what is left of the number; `country`: of which country it certainly is, or None."""

    body: str
    country: str | None = None


def business_id(text: str, tenant_country: str | None = None) -> BusinessId | None:
    """Return the business id that a text holds, or None.

    >>> business_id("Org.nr. NO 974 760 673 MVA")
    BusinessId(body='974760673', country='NO')
    >>> business_id("FI01123456"), business_id("11111")
    (BusinessId(body='1123456', country=None), None)
    """
    body, named = read(text)
    return None if body is None else BusinessId(body, _country(body, named, tenant_country))


def read(text: str) -> tuple[str | None, str | None]:
    """Return the body and the country that the text names, valid or not; no body: no id."""
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        number, named, mva = usual.groups()
        return _body(number[2:].lstrip(" ") if named else number, "NO" if mva else named)
    return _taken_apart(text)


def _taken_apart(text: str) -> tuple[str | None, str | None]:
    words, mva = _words(text)
    joined = "".join(
        word
        for place, word in enumerate(words)
        if _has_digit(word)
        or (word in COUNTRIES and words[place + 1 : place + 2] and words[place + 1][0].isdigit())
    )
    rest, named = _without_letters(joined)
    return _body(rest, "NO" if mva else _ALSO.get(named or "", named))


def _body(rest: str, country: str | None) -> tuple[str | None, str | None]:
    body = _without_additions(rest, country).lstrip("0")
    digits = body if body.isdigit() else [character for character in body if character.isdigit()]
    if len(digits) < 5 or len(set(digits)) == 1:
        return None, None
    return body, country


def _words(text: str) -> tuple[list[str], bool]:
    words = _WORD.findall(_DROPPED.sub("", unicodedata.normalize("NFKC", text).upper()))
    kept = [word.removesuffix("MVA") for word in words]
    return [word for word in kept if word], kept != words


def _has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


def _without_letters(joined: str) -> tuple[str, str | None]:
    rest = joined.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = joined[: len(joined) - len(rest)]
    if sum(character.isdigit() for character in rest) >= 6 and letters[:2] in COUNTRIES and len(letters) <= 3:
        return letters[2:] + rest, letters[:2]
    return rest, None


def _without_additions(rest: str, country: str | None) -> str:
    """Take off what is written around a number: Sweden's VAT suffix, a century, a branch."""
    if not rest.isdigit():
        return rest
    if country == "SE" and len(rest) in (12, 14):
        rest = rest[:-2]
        return rest[2:] if len(rest) == 12 and rest.startswith(_CENTURIES) else rest
    if country is None and len(rest) == 12:
        if rest.startswith(_CENTURIES):
            return rest[2:]
        return rest.removesuffix("01")
    return rest


def _country(body: str, named: str | None, tenant_country: str | None) -> str | None:
    fits = [country for country in CHECKED if is_valid(body, country)]
    return _chosen(fits, named, tenant_country)


def _chosen(fits: Sequence[str], named: str | None, tenant_country: str | None) -> str | None:
    if named is not None and (named not in CHECKED or named in fits):
        return named
    if tenant_country in fits:
        return tenant_country
    return fits[0] if len(fits) == 1 else None


def is_valid(body: str, country: str) -> bool:
    """Tell whether a body has the check digits of a country of `CHECKED`."""
    length, standard = CHECKED[country]
    return body.isdigit() and len(body) <= length and bool(standard.is_valid(body.zfill(length)))


def business_ids(texts: Sequence[str], tenant_country: str | None = None) -> list[BusinessId | None]:
    """Return the business ids of many texts; check digits are computed for all of them at once."""
    found = [read(text) for text in texts]
    fits = _fits_of([body for body, _ in found])
    chosen = {
        (fit, named): _chosen(_NAMES[fit], named, tenant_country)
        for fit, named in {(fit, named) for fit, (_, named) in zip(fits, found, strict=True)}
    }
    return [
        None if body is None else BusinessId(body, chosen[fit, named])
        for (body, named), fit in zip(found, fits, strict=True)
    ]


# which of the checked countries a number of their bits stands for
_NAMES: Final = [
    tuple(country for bit, country in enumerate(CHECKED) if fit >> bit & 1)
    for fit in range(1 << len(CHECKED))
]


def written_ids(texts: pa.Array, tenant_country: str | None = None) -> pa.Array:
    """Return the business id of each text as `body/country`, without country `body/`, without id empty.

    Plain numbers are worked out as numbers, all at once; other texts as `business_ids` does.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.extract_regex(texts, _NUMBER)
    numbers = pc.struct_field(parts, "number").cast(pa.int64())
    plain, bodies = numbers.is_valid(), numbers.fill_null(0).to_numpy(zero_copy_only=False)
    says_norway = pc.not_equal(pc.struct_field(parts, "mva"), "").fill_null(False)
    named = pc.if_else(says_norway, "NO", pc.struct_field(parts, "named").fill_null(""))
    place = pc.index_in(named, pa.array(_NAMED)).to_numpy(zero_copy_only=False)
    countries = pa.array(_countries(tenant_country)[place, _fits(bodies)])
    is_id = pa.array((bodies >= 10**4) & ~np.isin(bodies, _OF_ONE_DIGIT))
    written = pc.if_else(is_id, pc.binary_join_element_wise(numbers.cast(pa.string()), countries, "/"), "")
    if plain.true_count == len(texts):
        return written
    others = pc.invert(plain)
    found = business_ids(texts.filter(others).fill_null("").to_pylist(), tenant_country)
    apart = [f"{each.body}/{each.country or ''}" if each else "" for each in found]
    return pc.replace_with_mask(written, others, pa.array(apart, pa.string()))


@cache
def _countries(tenant_country: str | None) -> npt.NDArray[Any]:
    """Return the country of a number by what is named (`_NAMED`) and the bits of those that fit; '': none."""
    import numpy as np

    return np.array(
        [[_chosen(fits, name or None, tenant_country) or "" for fits in _NAMES] for name in _NAMED]
    )


def _fits_of(bodies: Sequence[str | None]) -> list[int]:
    """Return for each body the countries whose check digits it has, a bit for each, as `is_valid` has it."""
    import numpy as np

    usable = [body is not None and body.isdigit() and len(body) <= 10 for body in bodies]
    numbers = [int(b) if ok and b else 0 for b, ok in zip(bodies, usable, strict=True)]
    bits = _fits(np.array(numbers, dtype=np.int64)).tolist()
    return [bit if ok else 0 for bit, ok in zip(bits, usable, strict=True)]


def _fits(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the countries whose check digits each number (of at most ten digits) has, a bit for each."""
    import numpy as np

    digits: list[npt.NDArray[Any]] = []
    rest = numbers
    for _ in range(10):
        tens = rest // 10  # by one number: by an array of them, it takes ten times as long
        digits.insert(0, rest - tens * 10)
        rest = tens
    luhn = sum(digits[1::2]) + sum(digit * 2 - (digit > 4) * 9 for digit in digits[0::2])
    valid = {
        "NO": (numbers < 10**9) & (_weighted(digits, 3, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0),
        "SE": luhn % 10 == 0,
        "FI": (numbers < 10**8) & (_weighted(digits, 7, 9, 10, 5, 8, 4, 2, 1) % 11 == 0),
        "DK": (numbers < 10**8) & (numbers >= 10**7) & (_weighted(digits, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0),
    }
    bits: npt.NDArray[Any] = sum(
        (valid[country].astype(np.int64) << bit for bit, country in enumerate(CHECKED)),
        np.zeros_like(numbers),
    )
    return bits


def _weighted(digits: Sequence[npt.NDArray[Any]], *weights: int) -> Any:
    return sum(weight * digit for weight, digit in zip(weights, digits[-len(weights) :], strict=True))
