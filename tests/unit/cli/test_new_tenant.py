"""`presync init` on the command line: wrong usage, and files that it refuses to write before any look."""

from __future__ import annotations

from pathlib import Path

import pytest

from presync.cli.main import ERROR, WRONG_USAGE, main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    (tmp_path / "old.yaml").write_text("tenant: old\ntitle: Old\n")
    return tmp_path


@pytest.mark.parametrize(
    "arguments", [[], ["Nordlys"], ["nord lys"], ["../x"], ["-"], ["a" * 51], ["x", "y"]]
)
def test_wrong_usage(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["init", *arguments])
    assert ended.value.code == WRONG_USAGE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["old"], "is there already"),
        (["x", "--output", "nowhere/x.yaml"], "there is no such folder"),
        (["x", "--output", "x.txt"], "name it x.yaml"),
        (["x", "--output", "x.exceptions.yaml"], "name it x.yaml"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    arguments: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert main(["init", *arguments]) == ERROR
    printed = capsys.readouterr()
    assert said in printed.err
    assert "there is no tenant" not in printed.err
    assert printed.out == ""
    assert sorted(folder.iterdir()) == before


def test_a_single_tenant_file_is_no_folder_to_write_into(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_TENANTS", str(folder / "old.yaml"))
    assert main(["init", "x"]) == ERROR
    assert "`--output`" in capsys.readouterr().err
