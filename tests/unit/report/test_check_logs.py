"""Logs of `presync check`: the newest stay; of a company with masked names, none of earlier checks."""

from __future__ import annotations

import os
import time
from pathlib import Path

from presync.report.check_logs import remove_logs_of, remove_old_logs


def write(folder: Path, file: str, day: int, process: int = 1) -> str:
    name = f"check-{file}-202611{day:02}T041500-{process}.log"
    (folder / name).write_text("Kari")
    os.utime(folder / name, (day * 86400, day * 86400))
    return name


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_of_each_file_stay_and_so_do_those_of_the_last_day(tmp_path: Path) -> None:
    old = [write(tmp_path, "nordlys", day) for day in range(1, 6)]
    other = write(tmp_path, "nordlys-2", 1)
    (tmp_path / "init-nordlys.log").write_text("")
    assert remove_old_logs(3, now=3 * 86400.0, logs=tmp_path) == 1
    assert remove_old_logs(3, logs=tmp_path) == 1
    assert names(tmp_path) == sorted([*old[2:], other, "init-nordlys.log"])
    young = write(tmp_path, "nordlys", 9)
    os.utime(tmp_path / young, (time.time(), time.time()))
    assert remove_old_logs(0, logs=tmp_path) == 3
    assert names(tmp_path) == sorted([young, other, "init-nordlys.log"])


def test_a_company_with_masked_names_keeps_only_the_log_that_is_being_written(tmp_path: Path) -> None:
    write(tmp_path, "nordlys", 1)
    kept = [write(tmp_path, "nordlys", 2, os.getpid()), write(tmp_path, "nordlys-2", 1)]
    assert remove_logs_of("nordlys", logs=tmp_path) == 1
    assert names(tmp_path) == sorted(kept)
    assert remove_logs_of("nobody", logs=tmp_path / "missing") == 0
