"""Similar names without comparing: those of which a few deleted letters leave the same text.

Deleting up to `DELETIONS` letters of every name, in every way, and looking for equal rests finds every pair
of names that differ by that much, and only those: the work grows with the names and with what is found, not
with the pairs there are. A wrong, a missing or an additional letter, or two neighbours that changed places,
cost each name at most one deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Keys = npt.NDArray[np.uint64]
    Numbers = npt.NDArray[np.int64]
    Systems = npt.NDArray[np.uint8]

# Which systems have a name.
BUSINESS: Final = 1
SEVERA: Final = 2
DELETIONS: Final = 2
# Longer names have too many ways to lose two letters (1,128 at 48): they lose one.
LONGEST: Final = 48
# Rests held at a time: eight bytes each, and about as much again while they are sorted.
PORTION: Final = 16_000_000
_CHUNK: Final = 1_000_000
_BASE: Final = 0x9E3779B97F4A7C15  # odd, so it has an inverse among 64-bit numbers
_INVERSE: Final = pow(_BASE, -1, 1 << 64)


# A signature counts the ten most frequent letters up to three; the others share 17 places, up to two each.
_FREQUENT: Final = "eanrstilok"
_OTHERS: Final = 17


class Names:
    """Names of one length: their numbers, which systems have them, and the hashes of their beginnings."""

    def __init__(self, numbers: Numbers, texts: list[str], systems: Systems, length: int) -> None:
        import numpy as np

        self.numbers = numbers
        self.systems = systems
        self.length = length
        # a row per place and a column per name: numpy works through long rows several times faster
        letters = np.array(texts, dtype=f"<U{length}").view(np.uint32).reshape(len(texts), length).T
        self.signatures = _signatures(letters)
        powers = np.array([pow(_BASE, n, 1 << 64) for n in range(length)], dtype=np.uint64)
        # the square keeps letters that lie side by side in the alphabet from cancelling each other out
        values = (letters.astype(np.uint64, order="C") + np.uint64(1)) ** np.uint64(2) * powers[:, None]
        beginnings = np.cumsum(values, axis=0, dtype=np.uint64)
        self._whole = beginnings[-1]
        before = np.concatenate([np.zeros((1, len(texts)), np.uint64), beginnings[:-1]])
        # the hash of the text without its letter at n is steps[n] + whole / base
        self._steps = before - beginnings * np.uint64(_INVERSE)

    def __len__(self) -> int:
        return len(self.numbers)

    def rests(self, deleted: int, start: int, stop: int) -> Keys:
        """Return the hashes of what is left of each name in [start, stop): a column per name."""
        import numpy as np

        inverse = np.uint64(_INVERSE)
        whole: Keys = self._whole[None, start:stop]
        steps: Keys = self._steps[:, start:stop]
        if deleted == 0:
            return whole.copy()
        whole = whole * inverse
        if deleted == 1:
            return steps + whole
        second = (steps + whole) * inverse
        rests = np.empty((_ways(self.length, deleted), stop - start), np.uint64)
        row = 0
        for first in range(self.length - 1):
            end = row + self.length - 1 - first
            np.add(steps[first], second[first + 1 :], out=rests[row:end])
            row = end
        return rests


def _signatures(letters: npt.NDArray[np.uint32]) -> Keys:
    """Return 64 bits per name that say which letters it has, and how many of each up to three.

    Two names differ by at least as many letters as their signatures differ in bits.
    """
    import numpy as np

    places = (letters % _OTHERS + len(_FREQUENT)).astype(np.uint8)
    for place, letter in enumerate(_FREQUENT):
        places[letters == ord(letter)] = place
    signatures = np.zeros(letters.shape[1], np.uint64)
    bit = 0
    for place in range(len(_FREQUENT) + _OTHERS):
        held = np.count_nonzero(places == place, axis=0)
        for least in range(1, 4 if place < len(_FREQUENT) else 3):
            signatures |= (held >= least).astype(np.uint64) << np.uint64(bit)
            bit += 1
    return signatures


def can_be_similar(one: int, other: int, rest: int, floor: float) -> bool:
    """Say whether names of these lengths that have `rest` letters in common are similar enough."""
    return 200 * rest >= floor * (one + other)


def similar_pairs(
    lengths: list[int], load: Callable[[int], Names], floor: float
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield numbers of names that leave the same rest, of Visma Business and of Severa; some more than once.

    `load` is asked for the names of each length once, the shortest first. Rests are compared by their hashes:
    once in some ten million pairs two different ones have the same.
    """
    loaded: dict[int, Names] = {}
    for rest in range(1, max(lengths, default=0) + 1):
        loaded.pop(rest - 1, None)
        wanted = [length for length in lengths if rest <= length <= rest + DELETIONS]
        loaded |= {length: load(length) for length in wanted if length not in loaded}
        parts = [
            (loaded[length], length - rest)
            for length in wanted
            if (length - rest < DELETIONS or length <= LONGEST) and can_be_similar(length, rest, rest, floor)
        ]
        if parts:
            yield from _pairs_of_rest(parts, rest, floor)


def _pairs_of_rest(
    parts: list[tuple[Names, int]], rest: int, floor: float
) -> Iterator[tuple[Numbers, Numbers]]:
    import numpy as np

    numbers = np.concatenate([names.numbers for names, _ in parts])
    systems = np.concatenate([names.systems for names, _ in parts])
    lengths = np.repeat([names.length for names, _ in parts], [len(names) for names, _ in parts])
    bits = len(numbers).bit_length()
    count = sum(len(names) * _ways(names.length, deleted) for names, deleted in parts)
    portions = -(-count // PORTION)
    for portion in range(portions):
        keys = np.concatenate(list(_packed(parts, bits, portion, portions)))
        for one, other in _equal(keys, bits):
            enough = 200 * rest >= floor * (lengths[one] + lengths[other])
            for business, severa in ((one, other), (other, one)):
                kept = enough & (systems[business] & BUSINESS > 0) & (systems[severa] & SEVERA > 0)
                yield numbers[business[kept]], numbers[severa[kept]]


def _ways(length: int, deleted: int) -> int:
    return (1, length, length * (length - 1) // 2)[deleted]


def _packed(parts: list[tuple[Names, int]], bits: int, portion: int, portions: int) -> Iterator[Keys]:
    """Yield hashes of the portion, each with the position of its name in its last bits."""
    import numpy as np

    offset = 0
    for names, deleted in parts:
        ways = _ways(names.length, deleted)
        step = max(1, _CHUNK // ways)
        for start in range(0, len(names), step):
            stop = min(len(names), start + step)
            packed = names.rests(deleted, start, stop)
            chosen = portions > 1 and (packed >> np.uint64(40)) % np.uint64(portions) == np.uint64(portion)
            packed &= ~np.uint64((1 << bits) - 1)
            packed |= np.arange(offset + start, offset + stop, dtype=np.uint64)
            yield packed[chosen] if portions > 1 else packed.ravel()
        offset += len(names)


def _equal(keys: Keys, bits: int) -> Iterator[tuple[Any, Any]]:
    """Yield the positions of every two different names that share a hash."""
    import numpy as np

    keys.sort()
    shared = np.zeros(len(keys), dtype=bool)
    shared[1:] = (keys[1:] ^ keys[:-1]) >> np.uint64(bits) == 0
    shared[:-1] |= shared[1:]
    kept = keys[shared]
    kept = kept[np.diff(kept, prepend=~kept[:1]) != 0]  # a name may leave the same rest in several ways
    hashes = kept >> np.uint64(bits)
    positions = (kept & np.uint64((1 << bits) - 1)).astype(np.int64)
    first = np.arange(len(kept))
    distance = 1
    while len(first):
        first = first[: np.searchsorted(first, len(kept) - distance)]
        first = first[hashes[first] == hashes[first + distance]]
        if len(first):
            yield positions[first], positions[first + distance]
        distance += 1
