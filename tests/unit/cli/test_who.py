"""Who gives a command is the process's user: what the environment or the caller says is only a claim."""

from __future__ import annotations

import os
import pwd
import socket

import pytest

from presync.cli.who import given_by


def test_without_a_name_it_is_the_operating_systems_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(variable, "somebody-else")
    who = given_by(None)
    assert (who.kind, who.name) == ("system", f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}")


def test_a_typed_name_keeps_the_account_it_was_typed_from() -> None:
    who = given_by("Kari")
    assert (who.name, who.kind) == ("Kari", "typed")
    assert who.account == given_by(None).name


def test_a_user_that_the_system_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert given_by(None).name.startswith("uid 4000000@")
