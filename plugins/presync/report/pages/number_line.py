"""Number series drawn on a line: who hands out what, where two meet, where Severa could count instead.

The line is no scale: the same step leads from each number that matters to the next, so that a series of ten
numbers is seen beside one of two billion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presync.languages.cldr import number
from presync.languages.texts import Words, marked, tr
from presync.preview import Series
from presync.report.wording import SUITES, series_title

LEFT: Final = 290
RIGHT: Final = 985
ROW: Final = 34
MOST: Final = 14
_OWNERS: Final = Words(
    {"visma_business": "Visma Business", "severa": "Severa", "proposal": marked("Proposal")}
)


@dataclass(frozen=True)
class Row:
    """A series as a bar of the drawing; places are in units of its view box, 1000 wide."""

    kind: str
    owner: str
    label: str
    numbers: str
    start: int
    end: int
    top: int


@dataclass(frozen=True)
class Tick:
    """A number on the line."""

    place: int
    text: str
    low: bool


@dataclass(frozen=True)
class NumberLine:
    """The drawing of a suite's series; `left_out` series had no room."""

    title: str
    rows: tuple[Row, ...]
    shared: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    left_out: int

    @property
    def axis(self) -> int:
        """Where the line is."""
        return ROW * len(self.rows) + 6

    @property
    def height(self) -> int:
        """How high the drawing is."""
        return self.axis + 44

    @property
    def spoken(self) -> str:
        """What it shows, for those who cannot see it."""
        told = [f"{row.owner}, {row.label}: {row.numbers}" for row in self.rows]
        told += [tr("shared by both systems %(numbers)s", numbers=row.numbers) for row in self.shared]
        return f"{self.title}. {'; '.join(told)}"


def number_lines(series: Sequence[Series]) -> list[NumberLine]:
    """Return a drawing for each suite that has series of both systems."""
    lines = []
    for suite, title in SUITES.items():
        own = [each for each in series if each.suite == suite]
        if {"visma_business", "severa"} <= {each.kind for each in own}:
            lines.append(_line(title, own))
    return lines


def _line(title: str, series: list[Series]) -> NumberLine:
    bars = [each for each in series if each.kind != "shared"]
    # the proposal is last in the list and must not be what is left out
    drawn = bars if len(bars) <= MOST else [*bars[: MOST - 1], bars[-1]]
    shared = [each for each in series if each.kind == "shared"][:MOST]
    marks = sorted({mark for each in (*drawn, *shared) for mark in _ends(each)})
    step = (RIGHT - LEFT) / max(1, len(marks))
    places = {mark: round(LEFT + step * place) for place, mark in enumerate(marks)}
    rows = tuple(_row(each, places, ROW * place + 2) for place, each in enumerate(drawn))
    ticks = tuple(Tick(place, number(mark), bool(i % 2)) for i, (mark, place) in enumerate(places.items()))
    bands = tuple(_row(each, places, 0) for each in shared)
    return NumberLine(title, rows, bands, ticks, len(bars) - len(drawn))


def _ends(series: Series) -> tuple[int, ...]:
    """Return where a series begins, and the first number after it."""
    return (series.first,) if series.last is None else (series.first, series.last + 1)


def _row(series: Series, places: dict[int, int], top: int) -> Row:
    end = RIGHT if series.last is None else places[series.last + 1]
    first = number(series.first)
    numbers = tr("%(n)s and up", n=first) if series.last is None else f"{first} – {number(series.last)}"
    owner = _OWNERS[series.kind] if series.kind in _OWNERS else tr("Both")
    return Row(series.kind, owner, series_title(series.label), numbers, places[series.first], end, top)
