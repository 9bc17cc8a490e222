"""How many critical findings each of the last runs had, drawn as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from presync.languages.cldr import moment, number
from presync.languages.texts import tr
from presync.report.published import Published

MOST: Final = 12
_HIGHEST: Final = 70
_WIDTH: Final = 700


@dataclass(frozen=True)
class TrendBar:
    """One run; a run that could not be checked counts nothing, which is not zero."""

    status: str
    when: str
    text: str
    start: int
    width: int
    height: int

    @property
    def spoken(self) -> str:
        """What the bar shows, for those who cannot see it."""
        unchecked = tr("could not be checked")
        return f"{moment(self.when)} {unchecked if self.status == 'error' else self.text}"


def trend(verdict: Mapping[str, Any], earlier: Sequence[Published]) -> list[TrendBar]:
    """Return a bar for this run and those that began before it, oldest first; `earlier` is newest first."""
    began = str(verdict["started_at"])
    before = [run for run in earlier if run.started_at <= began][: MOST - 1]
    status = verdict["status"] if verdict["status"] in {"ready", "blocked"} else "error"
    critical = sum(suite.get("critical") or 0 for suite in verdict["suites"])
    runs = [(run.status, run.finished_at, run.critical) for run in reversed(before)]
    runs.append((status, str(verdict["finished_at"]), critical))
    most = max((count for state, _, count in runs if state != "error"), default=0)
    step = min(80, _WIDTH // len(runs))
    return [
        TrendBar(
            state,
            when,
            "?" if state == "error" else number(count),
            step * place,
            max(4, min(60, step - 8)),
            _height(state, count, most),
        )
        for place, (state, when, count) in enumerate(runs)
    ]


def _height(state: str, count: int, most: int) -> int:
    """Return how high a bar is: none of nothing, but never so low that it cannot be seen."""
    if state == "error" or not count:
        return 2
    return max(4, count * _HIGHEST // most)
