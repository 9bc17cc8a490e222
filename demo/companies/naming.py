"""Names that are far enough apart not to be taken for one another by accident."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

from demo.companies.words import Country

_TOO_ALIKE = 84  # the rules call names similar from 90 on


def customer_names(country: Country, random: Random) -> Iterator[str]:
    """Yield customers' names, each with the country's legal form."""
    owners = [*country.places, *country.surnames]
    cores = [f"{owner} {trade}" for owner, trade in product(owners, country.trades)]
    return (f"{core} {country.form}" for core in _apart(cores, random))


def people(country: Country, random: Random) -> Iterator[tuple[str, str]]:
    """Yield first and last names."""
    names = [f"{first} {last}" for first in (*country.women, *country.men) for last in country.surnames]
    for name in _apart(names, random):
        first, _, last = name.partition(" ")
        yield first, last


def product_names(country: Country, random: Random) -> Iterator[str]:
    """Yield names of goods and services, some with a variant."""
    variants = ["", *country.places]
    names = [f"{good} {variant}".strip() for variant in variants for good in country.goods]
    return _apart(names, random)


def project_names(country: Country, random: Random) -> Iterator[str]:
    """Yield project names that say whom they are for."""
    names = [
        f"{topic} {place}" for topic, place in product(country.topics, (*country.places, *country.surnames))
    ]
    return _apart(names, random)


def _apart(candidates: list[str], random: Random) -> Iterator[str]:
    from rapidfuzz import fuzz, process

    random.shuffle(candidates)
    taken: list[str] = []
    for candidate in candidates:
        key = candidate.casefold()
        if process.extractOne(key, taken, scorer=fuzz.token_sort_ratio, score_cutoff=_TOO_ALIKE) is None:
            taken.append(key)
            yield candidate
