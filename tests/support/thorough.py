"""The usual run tries a sample of the largest sets of cases; `make test THOROUGH=1` tries all of them."""

from __future__ import annotations

import os
from typing import Final

THOROUGH: Final = os.environ.get("THOROUGH", "") not in {"", "0"}


def examples(usual: int) -> int:
    """Return how many random examples a costly test takes: a thorough run takes eight times as many."""
    return 8 * usual if THOROUGH else usual
