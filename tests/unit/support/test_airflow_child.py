"""Functions in a child: what they return, and every way in which they may not return."""

from __future__ import annotations

import os
import time

import pytest

from tests.support.airflow_child import ChildError, DeadlineError, within


def test_a_result_comes_back_with_what_was_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_OF_THIS_TEST", "told")
    assert within(300, os.getenv, "PRESYNC_OF_THIS_TEST") == "told"
    within(300, print, "hello")
    assert "hello" in capsys.readouterr().out


def test_an_error_comes_back_with_its_traceback() -> None:
    with pytest.raises(ChildError, match="ZeroDivisionError"):
        within(300, divmod, 1, 0)


def test_what_dies_or_hangs_is_ended_and_the_next_call_gets_a_new_child() -> None:
    with pytest.raises(ChildError, match="died with status 7"):
        within(300, os._exit, 7)
    hanging = within(300, os.getpid)
    with pytest.raises(DeadlineError, match=r"not ended after 0\.1 s"):
        within(0.1, time.sleep, 3600)
    assert within(300, os.getpid) != hanging
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)
