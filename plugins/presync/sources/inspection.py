"""What a look at a source finds, line by line, for a person at a customer's desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["ok", "warning", "blocks", "error"]
LEVELS: Final[tuple[Level, ...]] = ("ok", "warning", "blocks", "error")
SKEW: Final = 60  # seconds that clocks may differ without a remark


@dataclass(frozen=True)
class Line:
    """One thing looked at.

    warning: worth correcting, the check runs all the same; blocks: the check runs, and its verdict will be
    `blocked`; error: the check cannot run.
    """

    level: Level
    text: str

    def __str__(self) -> str:
        return f"{self.level:<8} {self.text}"


def summary(lines: Iterable[Line]) -> tuple[bool, str]:
    """Return whether nothing is an error, and all lines as one text; what is fine is not marked as such."""
    found = list(lines)
    marked = (line.text if line.level == "ok" else f"{line.level}: {line.text}" for line in found)
    return all(line.level != "error" for line in found), "; ".join(marked)


def skew_line(system: str, seconds: float) -> Line:
    """Say how far a system's clock is from this machine's; positive: it is ahead."""
    if abs(seconds) <= SKEW:
        return Line("ok", f"the clock of {system} agrees with this machine's")
    side = "ahead of" if seconds > 0 else "behind"
    return Line(
        "warning",
        f"the clock of {system} is {abs(seconds):.0f} seconds {side} this machine's: what changed while it "
        "was read may be overlooked, and tokens may expire early. Set the clocks (NTP).",
    )
