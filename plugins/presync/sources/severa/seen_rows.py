"""Which rows have been met: exactly, and in a few megabytes however many there are.

A filter in memory tells at once that a row is certainly new, as nearly all are. The few that it is not sure
of are put aside until they are compared with what is on disk: 24 bytes a row, a digest of the guid and a hash
of the content.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from presync.sources.severa.registers import Row

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Digests = npt.NDArray[np.uint64]

_SMALLEST_BITS: Final = 1 << 18
_LARGEST_BITS: Final = 1 << 23
_BITS_PER_ROW: Final = 20
_PROBES: Final = 6
_MOST_DOUBTFUL: Final = 20_000
_RECORD: Final = [("first", "<u8"), ("second", "<u8"), ("content", "<i8")]
_ROWS_PER_COMPARISON: Final = 50_000
_RECORDS_AT_ONCE: Final = 8_192


class Filter:
    """A Bloom filter that grows by 2 to 3 bytes a row; one new row in 5,000 looks known."""

    def __init__(self) -> None:
        self._parts: list[npt.NDArray[np.uint8]] = []
        self._room = 0

    def add(self, digests: Digests) -> list[bool]:
        """Take in the digests (n × 2); return for each whether it was certainly not there before."""
        import numpy as np

        if not len(digests):
            return []
        steps = np.arange(_PROBES, dtype=np.uint64)
        probes = digests[:, :1] + steps * (digests[:, 1:] | np.uint64(1))
        bits = np.left_shift(np.uint8(1), (probes & np.uint64(7)).astype(np.uint8))
        known = np.zeros(len(digests), dtype=bool)
        for part in self._parts:
            known |= ((part[_places(probes, part)] & bits) != 0).all(axis=1)
        if self._room < len(digests):
            self._grow(len(digests))
        self._room -= len(digests)
        np.bitwise_or.at(self._parts[-1], _places(probes, self._parts[-1]).ravel(), bits.ravel())
        fresh: list[bool] = (~known).tolist()
        return fresh

    def _grow(self, rows: int) -> None:
        import numpy as np

        size = min(2 * 8 * len(self._parts[-1]), _LARGEST_BITS) if self._parts else _SMALLEST_BITS
        while size < rows * _BITS_PER_ROW:
            size *= 2
        self._parts.append(np.zeros(size >> 3, dtype=np.uint8))
        self._room = size // _BITS_PER_ROW


def _places(probes: Digests, part: npt.NDArray[np.uint8]) -> npt.NDArray[np.intp]:
    """Return the bytes of a part that the probes are about (its size is a power of two)."""
    import numpy as np

    return ((probes >> np.uint64(3)) & np.uint64(len(part) - 1)).astype(np.intp)


class Ledger:
    """Keeps each guid's first row and counts the others; a context manager (it holds a scratch file)."""

    def __init__(self) -> None:
        self.count = 0
        self.duplicates = 0
        self.differing = 0
        self._filter = Filter()
        self._doubtful: list[tuple[Row, tuple[int, int]]] = []
        self._file = tempfile.TemporaryFile(prefix="presync-severa-")  # noqa: SIM115 (closed by __exit__)

    def __enter__(self) -> Ledger:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        self._file.close()

    def sift(self, rows: Sequence[Row], digests: Digests) -> tuple[list[Row], int]:
        """Return the rows to keep now, and how many of these are certainly new.

        The others were put aside earlier. A row that comes twice on a page is new once.
        """
        fresh = self._filter.add(digests)
        met: set[str] = set()
        new: list[int] = []
        for place, row in enumerate(rows):
            if fresh[place] and row.guid not in met:
                met.add(row.guid)
                new.append(place)
            else:
                first, second = digests[place].tolist()
                self._doubtful.append((row, (first, second)))
        accepted = [rows[place] for place in new]
        self._write(accepted, digests[new])
        settled = self.settle() if len(self._doubtful) > _MOST_DOUBTFUL else []
        return accepted + settled, len(accepted)

    def settle(self) -> list[Row]:
        """Compare what was put aside with what is known; return the rows that are new after all."""
        import numpy as np

        known = self._find({digest for _, digest in self._doubtful})
        new: list[Row] = []
        keys: list[tuple[int, int]] = []
        for row, digest in self._doubtful:
            content = known.get(digest)
            if content is None:
                known[digest] = hash(row)
                new.append(row)
                keys.append(digest)
            else:
                self.duplicates += 1
                self.differing += content != hash(row)
        self._doubtful.clear()
        self._write(new, np.array(keys, dtype=np.uint64).reshape(-1, 2))
        return new

    def holds(self, other: Ledger) -> bool:
        """Tell whether each guid that `other` has is here as well. Neither may have rows put aside."""
        import numpy as np

        parts = 1 + max(self.count, other.count) // _ROWS_PER_COMPARISON
        for part in range(parts):
            mine, theirs = self._part(part, parts), other._part(part, parts)
            if len(np.union1d(mine, theirs)) != len(mine):
                return False
        return True

    def _part(self, part: int, parts: int) -> npt.NDArray[Any]:
        """Return one of `parts` portions of all guids, divided by their digests."""
        import numpy as np

        self._file.seek(0)
        found = []
        while block := self._file.read(_RECORDS_AT_ONCE * 24):
            records: Any = np.frombuffer(block, dtype=_RECORD)
            chosen = records[records["first"] % np.uint64(parts) == part]
            found.append(chosen[["first", "second"]].astype(_RECORD[:2]))
        self._file.seek(0, 2)
        return np.concatenate(found) if found else np.empty(0, dtype=_RECORD[:2])

    def _write(self, rows: Sequence[Row], digests: Digests) -> None:
        import numpy as np

        records = np.empty(len(rows), dtype=_RECORD)
        records["first"], records["second"] = digests[:, 0], digests[:, 1]
        records["content"] = [hash(row) for row in rows]
        self._file.write(records.tobytes())
        self.count += len(rows)

    def _find(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """Return the content's hash of each wanted digest that is on disk."""
        import numpy as np

        found: dict[tuple[int, int], int] = {}
        firsts = np.array([first for first, _ in wanted], dtype=np.uint64)
        self._file.seek(0)
        while wanted and (part := self._file.read(_RECORDS_AT_ONCE * 24)):
            records: Any = np.frombuffer(part, dtype=_RECORD)
            for first, second, content in records[np.isin(records["first"], firsts)].tolist():
                if (first, second) in wanted:
                    found[first, second] = content
        self._file.seek(0, 2)
        return found


def digest(guids: Sequence[str]) -> Digests:
    """Return 128 bits for each guid (n × 2), the same in every process."""
    import numpy as np

    parts = [
        hashlib.blake2b(guid.encode("utf-8", "surrogatepass"), digest_size=16).digest() for guid in guids
    ]
    return np.frombuffer(b"".join(parts), dtype="<u8").reshape(-1, 2)
