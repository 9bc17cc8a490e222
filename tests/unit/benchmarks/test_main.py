"""The run of all sections: one that cannot be measured is named, and the others are measured all the same."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import __main__ as bench

KEPT = ("severa", "tenant_run")


def test_a_section_that_fails_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured: list[str] = []

    def fails(_: Any) -> None:
        measured.append("severa")
        raise RuntimeError("no such server")

    monkeypatch.setattr(
        bench, "SECTIONS", {"severa": fails, "tenant_run": lambda _: measured.append("tenant_run")}
    )
    assert bench.main(["--only", ",".join(KEPT), "--sizes", "100", "--no-save"]) == 1
    said = capsys.readouterr()
    assert measured == [*KEPT]
    assert "**The section severa ended with an error (RuntimeError).**" in said.out
    assert "ended with an error: severa" in said.err
