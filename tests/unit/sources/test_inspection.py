"""What a look at a source says: only an error means that the check cannot run."""

from __future__ import annotations

import pytest

from presync.sources.inspection import SKEW, Level, Line, skew_line, summary


@pytest.mark.parametrize(
    ("levels", "fine"),
    [([], True), (["ok", "warning", "blocks"], True), (["ok", "error"], False), (["error"], False)],
)
def test_all_went_well(levels: list[Level], fine: bool) -> None:
    went_well, text = summary(Line(level, f"about {level}") for level in levels)
    assert went_well is fine
    assert text == "; ".join("about ok" if level == "ok" else f"{level}: about {level}" for level in levels)


@pytest.mark.parametrize(
    ("seconds", "level", "said"),
    [
        (0, "ok", "agrees"),
        (SKEW, "ok", "agrees"),
        (-SKEW, "ok", "agrees"),
        (SKEW + 1, "warning", "61 seconds ahead of"),
        (-3600, "warning", "3600 seconds behind"),
    ],
)
def test_clocks(seconds: float, level: str, said: str) -> None:
    line = skew_line("Severa", seconds)
    assert (line.level, said in line.text) == (level, True)
