"""The results as tables: printed, and kept under `benchmarks/results/`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Cost

RESULTS: Final = Path(__file__).parent / "results"


@dataclass
class Report:
    """Sections of Markdown, and the same numbers as JSON."""

    title: str
    lines: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    def section(self, title: str, remark: str) -> None:
        """Begin a section."""
        self._add(["", f"## {title}", "", remark])

    def say(self, text: str) -> None:
        """Add a paragraph."""
        self._add(["", text])

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Add a table; numbers are written as `number` does."""
        cells = [list(header), *([number(cell) for cell in row] for row in rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
        marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        padded = [
            [
                cell.ljust(width) if n == 0 else cell.rjust(width)
                for n, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            for row in [cells[0], marks, *cells[1:]]
        ]
        self._add(["", *(f"| {' | '.join(row)} |" for row in padded)])

    def save(self, name: str) -> Path:
        """Write `<name>.md` and `<name>.json`; return the first."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.md"
        path.write_text("\n".join([f"# {self.title}", *self.lines, ""]), encoding="utf-8")
        path.with_suffix(".json").write_text(json.dumps(self.numbers, indent=1, default=vars) + "\n")
        return path

    def _add(self, lines: list[str]) -> None:
        self.lines += lines
        print("\n".join(lines), flush=True)


def number(value: object) -> str:
    """Return a cell's text: floats with as many digits as tell something.

    >>> number(0.1234), number(12.34), number(123.4), number(1000)
    ('0.12', '12.3', '123', '1,000')
    """
    if isinstance(value, float):
        return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def cost_rows(parts: Mapping[str, Cost]) -> list[tuple[str, float, float]]:
    """Return a row for each part: name, CPU seconds, wall seconds."""
    return [(name, cost.cpu, cost.wall) for name, cost in parts.items()]
