"""Free codes for departments, products and employees (customers and projects get numbers of a range)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from presync.fixes.model import HIGHEST
from presync.reconcile.keys import code_key

_LONGEST: Final = 40
_ZEROS: Final = re.compile("0+([1-9][0-9]*)")


class FreeCodes:
    """Hands out codes that nobody uses; `keys` are the code keys in use in either system."""

    def __init__(self, keys: Collection[str], key_kind: str) -> None:
        self._used = set(keys)
        self._following: dict[str, int] = {}  # thousands may have one code: each goes on after the last one
        self._textual = key_kind == "text40"
        numbers = [int(key) for key in self._used if re.fullmatch("[1-9][0-9]{0,9}", key)]
        self._next = max((number for number in numbers if number <= HIGHEST), default=0) + 1

    def take(self, code: str) -> str | None:
        """Return a free code to replace `code`, as like it as possible; None: there is none."""
        found = self._like_text(code.strip()) if self._textual else self._like_number(code.strip())
        if found is not None:
            self._used.add(code_key(found))
        return found

    def _like_text(self, code: str) -> str:
        number = self._following.get(code_key(code), 2)
        while True:
            suffix = f"-{number}"
            candidate = code[: _LONGEST - len(suffix)] + suffix
            number += 1
            if code_key(candidate) not in self._used:
                self._following[code_key(code)] = number
                return candidate

    def _like_number(self, code: str) -> str | None:
        zeros = _ZEROS.fullmatch(code)
        if zeros and int(zeros[1]) <= HIGHEST and zeros[1] not in self._used:
            return zeros[1]
        if self._next > HIGHEST:
            self._next = 1
        for number in range(self._next, HIGHEST + 1):
            if str(number) not in self._used:
                self._next = number + 1
                return str(number)
        return None
