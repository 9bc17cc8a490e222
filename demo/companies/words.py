"""The words of `words.toml`, and how business numbers look in each country."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from stdnum.dk import cvr
from stdnum.fi import ytunnus
from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish


@dataclass(frozen=True)
class Country:
    """How names and numbers look in a country."""

    code: str
    form: str
    surnames: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    places: tuple[str, ...]
    trades: tuple[str, ...]
    departments: tuple[str, ...]
    services: tuple[str, ...]
    goods: tuple[str, ...]
    topics: tuple[str, ...]

    def business_id(self, random: Random) -> str:
        """Return an organisation number as Visma Business writes it."""
        return _BUSINESS_ID[self.code](random)

    def vat_number(self, business_id: str) -> str:
        """Return the VAT number that belongs to an organisation number, as Severa writes it."""
        return _VAT_NUMBER[self.code](business_id)


def country(code: str) -> Country:
    """Return a country by its two letters: NO, FI, SE or DK."""
    text = (Path(__file__).parent / "words.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)[code]
    return Country(code, words.pop("form"), **{name: tuple(values) for name, values in words.items()})


def _digits(random: Random, count: int) -> str:
    return str(random.randint(10 ** (count - 1), 10**count - 1))


def _with_check_digits(digits: str, is_valid: Callable[[str], bool]) -> str:
    """Return the first number from here up whose check digits are right."""
    number = int(digits)
    while not is_valid(str(number)):
        number += 1
    return str(number)


def _dashed(digits: str, before: int) -> str:
    return f"{digits[:before]}-{digits[before:]}"


_BUSINESS_ID: Mapping[str, Callable[[Random], str]] = {
    "NO": lambda random: _with_check_digits(f"9{_digits(random, 8)}", norwegian.is_valid),
    "FI": lambda random: _dashed(_with_check_digits(_digits(random, 8), ytunnus.is_valid), 7),
    "SE": lambda random: _dashed(_with_check_digits("55" + _digits(random, 8), swedish.is_valid), 6),
    "DK": lambda random: _with_check_digits(_digits(random, 8), cvr.is_valid),
}
_VAT_NUMBER: Mapping[str, Callable[[str], str]] = {
    "NO": lambda number: f"NO {number[:3]} {number[3:6]} {number[6:]} MVA",
    "FI": lambda number: "FI" + number.replace("-", ""),
    "SE": lambda number: f"SE{number.replace('-', '')}01",
    "DK": lambda number: f"DK{number}",
}
