"""Names of made-up Nordic companies, and the ways in which one name comes to be written twice.

Nothing here knows how the product looks for similar names: words are drawn evenly, mistakes fall anywhere.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

Country = Mapping[str, list[str]]

# How companies are named, and how often of 100.
_PATTERNS: Final = {
    "{surname} {trade}": 16,
    "{first} {surname}": 4,
    "{first} {surname} {trade}": 8,
    "{surname} & {surname2} {trade}": 6,
    "{place} {trade}": 10,
    "{place} {trade} {town}": 6,
    "{place} {trade} {extra}": 4,
    "{town} {trade}": 3,
    "{town} {trade} {extra}": 3,
    "{surname} {trade} {town}": 6,
    "{surname} {trade} {extra}": 5,
    "{surname} {trade} & {trade2}": 7,
    "{brand}": 5,
    "{brand} {trade}": 10,
    "{brand} {extra}": 7,
}
_ONSETS: Final = (*"bdfghjklmnprstvz", "bl", "fr", "gr", "kl", "kr", "pr", "sk", "st", "tr")
_VOWELS: Final = (*"aeiouy", "ai", "eo", "io")
_CODAS: Final = (*"lnrsxtm", "nt", "rk", "", "", "")
_PLAIN: Final = str.maketrans("åäöøéüÅÄÖØÉÜ", "aaooeuAAOOEU")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzåäöø"
_ABBREVIATIONS: Final = {
    "advokatfirma": "adv",
    "arkitekter": "ark",
    "consulting": "cons",
    "eiendom": "eiend",
    "ejendomme": "ejd",
    "entreprenad": "entr",
    "entreprenør": "entr",
    "fastigheter": "fast",
    "förvaltning": "förv",
    "kiinteistöt": "kiint",
    "konsult": "kons",
    "kuljetus": "kulj",
    "mekaniska": "mek",
    "rakennus": "rak",
    "ravintola": "rav",
    "regnskap": "regnsk",
    "restaurant": "rest",
    "rådgivning": "rådg",
    "transport": "transp",
    "ventilasjon": "vent",
}

# What may happen to a name. The first five are the target's; the others are shown beside it.
REQUIRED: Final = ("one typo", "two typos", "swapped words", "lost diacritics", "legal form")
EXTRA: Final = ("abbreviation", "joined or split")


class Names:
    """Draws names; the same seed draws the same ones."""

    def __init__(self, draw: random.Random) -> None:
        text = Path(__file__).with_name("near_words.toml").read_text(encoding="utf-8")
        raw: dict[str, dict[str, Any]] = tomllib.loads(text)
        self._draw = draw
        self._weights = [int(country["weight"]) for country in raw.values()]
        self._countries: list[Country] = [
            {kind: words.split() for kind, words in country.items() if isinstance(words, str)}
            for country in raw.values()
        ]

    def country(self) -> Country:
        """Draw a country."""
        return self._draw.choices(self._countries, self._weights)[0]

    def name(self, country: Country) -> str:
        """Draw a company's name without its legal form."""
        pattern = self._draw.choices(list(_PATTERNS), list(_PATTERNS.values()))[0]
        pick = self._draw.choice
        return pattern.format(
            surname=self._surname(country),
            surname2=self._surname(country),
            first=pick(country["firsts"]),
            trade=pick(country["trades"]).capitalize(),
            trade2=pick(country["trades"]).capitalize(),
            town=pick(country["towns"]),
            extra=pick(country["extras"]),
            place=pick(country["heads"]) + pick(country["tails"]),
            brand=self._brand(),
        )

    def form(self, country: Country) -> str:
        """Draw a legal form; one company in ten is written without."""
        return "" if self._draw.random() < 0.1 else self._draw.choice(country["forms"])

    def confusable(self, name: str, country: Country) -> str:
        """Return the name of a different company that a hasty reader takes for this one."""
        words = name.split()
        kind = self._draw.random()
        if kind < 0.25:
            return f"{name} {self._draw.randint(1, 9)}"
        if kind < 0.55 and len(words) > 1:
            return " ".join([*words[:-1], self._draw.choice(country["trades"]).capitalize()])
        if kind < 0.8:
            return f"{name} {self._draw.choice(country['towns'])}"
        return " ".join([self._draw.choice(country["firsts"]), *words])

    def _surname(self, country: Country) -> str:
        """Draw a surname: two in five are of the few that thousands bear, the others are put together."""
        if self._draw.random() < 0.4:
            return self._draw.choice(country["surnames"])
        return self._draw.choice(country["heads"]) + self._draw.choice(country["endings"])

    def _brand(self) -> str:
        syllables = self._draw.choice((2, 2, 3, 3, 3))
        pick = self._draw.choice
        return "".join(pick(_ONSETS) + pick(_VOWELS) + pick(_CODAS) for _ in range(syllables)).capitalize()


def changed(name: str, kind: str, draw: random.Random) -> str | None:
    """Return the name with a mistake of this kind, None if it cannot have one (`legal form` is not here)."""
    written = _CHANGES[kind](name, draw)
    return None if written == name else written


def _typo(name: str, draw: random.Random) -> str:
    letters = [n for n, letter in enumerate(name) if letter.isalpha()]
    at = draw.choice(letters)
    match draw.choice(("insert", "delete", "replace", "transpose")):
        case "insert":
            return name[:at] + draw.choice(_LETTERS) + name[at:]
        case "delete":
            return name[:at] + name[at + 1 :]
        case "replace":
            return name[:at] + draw.choice(_LETTERS) + name[at + 1 :]
        case _:
            neighbour = name[at + 1 : at + 2]
            if not neighbour.isalpha() or neighbour.casefold() == name[at].casefold():
                return _typo(name, draw)
            return name[:at] + neighbour + name[at] + name[at + 2 :]


def _swapped(name: str, draw: random.Random) -> str:
    words = name.split()
    if len(words) == 1:
        return name
    at = draw.randrange(1, len(words))
    return " ".join([*words[at:], *words[:at]])


def _abbreviated(name: str, draw: random.Random) -> str:
    words = name.split()
    short = [n for n, word in enumerate(words) if word.casefold() in _ABBREVIATIONS]
    if short:
        words[short[0]] = _ABBREVIATIONS[words[short[0]].casefold()].capitalize()
    elif len(words) > 2 or (len(words) == 2 and draw.random() < 0.3):
        words[0] = f"{words[0][0]}."
    return " ".join(words)


def _joined_or_split(name: str, draw: random.Random) -> str:
    words = name.split()
    if len(words) > 1 and draw.random() < 0.6:
        at = draw.randrange(len(words) - 1)
        return " ".join([*words[:at], words[at] + words[at + 1].casefold(), *words[at + 2 :]])
    at = max(range(len(words)), key=lambda n: len(words[n]))
    half = draw.randint(3, max(3, len(words[at]) - 3))
    return " ".join([*words[:at], words[at][:half], words[at][half:].capitalize(), *words[at + 1 :]]).strip()


_CHANGES: Final[Mapping[str, Callable[[str, random.Random], str]]] = {
    "one typo": _typo,
    "two typos": lambda name, draw: _typo(_typo(name, draw), draw),
    "swapped words": _swapped,
    "lost diacritics": lambda name, draw: name.replace("æ", "ae").replace("Æ", "Ae").translate(_PLAIN),
    "abbreviation": _abbreviated,
    "joined or split": _joined_or_split,
}
