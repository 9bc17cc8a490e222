"""What a reading of a register showed, in a few bytes: two readings are alike if their signatures are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from presync.sources.severa.registers import Row

if TYPE_CHECKING:
    from presync.sources.severa.seen_rows import Digests


@dataclass(frozen=True)
class Signature:
    """What a reading showed: how many rows on how many pages, digests of their order and of their content."""

    rows: int
    pages: int
    order: str
    content: str

    def alike(self, other: Signature) -> bool:
        """Tell whether both showed the same rows with the same content in the same order."""
        return (self.rows, self.order, self.content) == (other.rows, other.order, other.content)


class Signing:
    """Makes the signature of a reading, page by page."""

    def __init__(self) -> None:
        self.rows = self._pages = 0
        self._order = hashlib.blake2b(digest_size=16)
        self._content = hashlib.blake2b(digest_size=16)

    def add(self, rows: Sequence[Row], digests: Digests) -> None:
        """Take in a page; where one page ends and the next begins makes no difference."""
        self.rows += len(rows)
        self._pages += 1
        self._order.update(digests.tobytes())
        if rows:
            self._content.update(msgspec.json.encode(rows)[1:-1])
            self._content.update(b",")

    def signature(self) -> Signature:
        """Return what was shown so far."""
        return Signature(self.rows, self._pages, self._order.hexdigest(), self._content.hexdigest())
