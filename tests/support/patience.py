"""How long a test waits for another process: long enough for a machine at a tenth of the usual speed."""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 300.0
