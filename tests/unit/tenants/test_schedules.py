"""A schedule is one that Airflow can follow: it comes, again and again."""

from __future__ import annotations

import pytest

from presync.tenants.schedules import PRESETS, spread, usable_schedule


@pytest.mark.parametrize("schedule", [*PRESETS, "0 6 * * 1-5", "*/15 * * * *", "0 0 29 2 *", "5 4 * jan SUN"])
def test_can_be_followed(schedule: str) -> None:
    assert usable_schedule(schedule) == schedule


@pytest.mark.parametrize(
    "schedule",
    [
        "0 0 30 2 *",
        "@continuous",
        "@once",
        "hourly",
        "",
        "0 6 * *",
        "0 6 * * * *",
        "61 * * * *",
        "R * * * *",
        "H H * * *",
        "0 6 * * 1-5\n",
        "0  6 * * *",
    ],
)
def test_never_comes_or_is_none(schedule: str) -> None:
    with pytest.raises(ValueError, match="write a cron expression of five fields"):
        usable_schedule(schedule)


def test_a_long_one_is_not_even_tried() -> None:
    with pytest.raises(ValueError, match="more than 100 characters"):
        usable_schedule(",".join(["1"] * 60) + " * * * *")


def test_presets_are_spread_over_the_night_and_written_times_are_kept() -> None:
    times = [spread("@daily", f"tenant-{number}") for number in range(1000)]
    assert max(times.count(time) for time in times) < 20  # of 360 minutes
    assert len({time.split()[1] for time in times}) == 6
    assert times == [spread("@daily", f"tenant-{number}") for number in range(1000)]
    for preset in PRESETS:
        assert usable_schedule(spread(preset, "nordlys")) != preset
    assert spread("0 0 * * *", "nordlys") == "0 0 * * *"
