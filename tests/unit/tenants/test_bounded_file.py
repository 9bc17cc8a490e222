"""Only regular files of a bounded size are read, and nothing is waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from presync.tenants.bounded_file import UnreadableFileError, read_bounded


def _make(path: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "dangling link":
        path.symlink_to(path.with_name("nothing"))
    elif kind == "circle of links":
        path.symlink_to(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind == "20 MB":
        with path.open("wb") as file:
            file.truncate(20 * 1024 * 1024)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("pipe", "a named pipe"),
        ("folder", "a folder"),
        ("device", "a device"),
        ("dangling link", "a link that leads nowhere"),
        ("circle of links", "cannot be read (Too many levels of symbolic links)"),
        ("socket", "a socket"),
        ("20 MB", "more than 1,024 bytes"),
        ("none", "is not there"),
    ],
)
def test_anything_else_is_refused_with_a_way_out(
    tmp_path: Path, kind: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    _make(Path("x.yaml"), kind)
    with pytest.raises(UnreadableFileError) as caught:
        read_bounded(Path("x.yaml"), 1024)
    assert said in str(caught.value)
    assert ";" in str(caught.value) or ", or" in str(caught.value)


def test_a_file_may_have_exactly_the_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a" * 10)
    assert read_bounded(path, 10) == b"a" * 10
    with pytest.raises(UnreadableFileError):
        read_bounded(path, 9)


def test_a_pseudo_file_that_says_it_is_empty_is_bounded(tmp_path: Path) -> None:
    assert read_bounded(Path("/proc/self/stat"), 4096)
    with pytest.raises(UnreadableFileError, match="more than 4 bytes"):
        read_bounded(Path("/proc/self/stat"), 4)
