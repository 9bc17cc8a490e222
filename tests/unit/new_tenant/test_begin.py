"""Where the file is put: at once, and never over another one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from presync.errors import ConfigurationError
from presync.new_tenant.begin import Request, write

TEXT = "tenant: nordlys\ntitle: Nordlys\nstart: manual\n"


@pytest.mark.parametrize("links", [True, False])
def test_a_folder_that_knows_no_links_holds_a_file_too(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    request = Request("nordlys", tmp_path / "nordlys.yaml")
    write(request, TEXT)
    assert request.output.read_text() == TEXT
    request.output.write_text("answers")
    with pytest.raises(ConfigurationError, match="has appeared meanwhile"):
        write(request, TEXT)
    assert request.output.read_text() == "answers"
    assert list(tmp_path.iterdir()) == [request.output]
