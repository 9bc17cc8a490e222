"""Words of company names: enough distinct names for a million customers that are not all nearly alike."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

_CONSONANTS: Final = "bdfghjklmnprstv"
_VOWELS: Final = "aeiouyø"


def word_lists() -> dict[str, list[str]]:
    """Return `trades`, `towns`, `surnames`, `first_names`, `projects` and `syllables`."""
    texts = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {name: text.split() for name, text in texts.items()} | {"syllables": _syllables()}


def _syllables() -> list[str]:
    """Return 105 syllables, any two of which differ in at least two letters."""
    return [
        first + vowel + _CONSONANTS[(start + middle) % len(_CONSONANTS)]
        for start, first in enumerate(_CONSONANTS)
        for middle, vowel in enumerate(_VOWELS)
    ]
