"""How alike two names are, word by word: what `near_duplicate` cannot tell of names as a whole.

Rare words count for much and common ones for little; a word that both systems use is no misspelling of
another one that both use; numbers are equal or they are not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Likeness of an abbreviation to its word, by the letters that are left of it.
_INITIAL: Final = 0.55
_SHORTENED: Final = 0.85
_SHORTEST: Final = 3
# Words less alike than this are two words.
_LEAST: Final = 0.5
# Two words that both systems use are two words, however alike.
_BOTH_KNOWN: Final = 0.55
# A joined or split name is never as sure as one that is written the same.
_JOINED: Final = 2.0
# Where a number is on one side only, or another.
_OTHER_NUMBER: Final = 40.0


@dataclass(frozen=True)
class Rarity:
    """In how many names of each system the words of an entity are: (Visma Business, Severa) by word."""

    names: int
    counts: Mapping[str, tuple[int, int]]

    def weight(self, word: str) -> float:
        """Return how much a word says: the logarithm of how rare it is among the names of both systems."""
        return math.log((self.names + 2) / max(1, sum(self.counts.get(word, (0, 0)))))

    def known(self, word: str) -> bool:
        """Tell whether both systems use the word; a misspelled one is in one of them."""
        return min(self.counts.get(word, (0, 0))) > 0


def likeness(one: Sequence[str], other: Sequence[str], rarity: Rarity) -> float:
    """Return how alike two names are, 0 to 100; `one` and `other` are their words without diacritics.

    Every word is laid beside the one of the other name that it is most like; what is left alone costs its
    whole weight.
    """
    left, right = Counter(one), Counter(other)
    common = left & right
    together = sum(rarity.weight(word) * count for word, count in common.items())
    alone, others = list((left - common).elements()), list((right - common).elements())
    if not alone and not others:
        return 100.0
    if any(_has_digit(word) for word in (*alone, *others)):
        return _OTHER_NUMBER if _digits(one) != _digits(other) else 100 * _compact(one, other)
    matched, whole = _aligned(alone, others, rarity)
    total = together + whole
    # words that every name has weigh nothing: by them, two names are neither alike nor unlike
    by_words = 100 * (together + matched) / total if total else 0.0
    return max(by_words, 100 * _compact(one, other) - _JOINED)


def _aligned(alone: list[str], others: list[str], rarity: Rarity) -> tuple[float, float]:
    """Return the weight of what fits together, and of everything."""
    pairs = sorted(
        ((_word_likeness(u, v, rarity), -i, -k) for i, u in enumerate(alone) for k, v in enumerate(others)),
        reverse=True,
    )
    used: set[int] = set()
    used_others: set[int] = set()
    matched = whole = 0.0
    for alike, i, k in pairs:
        if alike < _LEAST or -i in used or -k in used_others:
            continue
        used.add(-i)
        used_others.add(-k)
        weight = min(rarity.weight(alone[-i]), rarity.weight(others[-k]))
        matched += weight * alike
        whole += weight
    whole += sum(rarity.weight(word) for i, word in enumerate(alone) if i not in used)
    whole += sum(rarity.weight(word) for k, word in enumerate(others) if k not in used_others)
    return matched, whole


def _word_likeness(one: str, other: str, rarity: Rarity) -> float:
    from rapidfuzz.distance import OSA

    short, long = sorted((one, other), key=len)
    if len(short) == 1 and long.startswith(short):
        return _INITIAL
    alike = OSA.normalized_similarity(one, other)
    if len(short) >= _SHORTEST and long.startswith(short):
        alike = max(alike, _SHORTENED)
    return alike * _BOTH_KNOWN if rarity.known(one) and rarity.known(other) else alike


def _compact(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how alike the names are without blanks, if these are what differs; else 0."""
    from rapidfuzz.distance import OSA

    if len(one) == len(other):
        return 0.0
    return OSA.normalized_similarity("".join(one), "".join(other), score_cutoff=0.9)


def _has_digit(word: str) -> bool:
    return any(letter.isdigit() for letter in word)


def _digits(words: Sequence[str]) -> str:
    return "".join(sorted(letter for word in words for letter in word if letter.isdigit()))
