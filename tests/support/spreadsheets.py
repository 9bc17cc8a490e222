"""Reads back the spreadsheets that reports offer."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

_CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_xml(path: Path) -> str:
    """Return the only sheet as it is stored; every part of the archive must be whole and well-formed."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))  # noqa: S314 - our own
        return archive.read("xl/worksheets/sheet1.xml").decode()


def read_sheet(path: Path) -> list[list[str]]:
    """Return the cells row by row; each is a text or empty, and none is computed."""
    tree = ElementTree.fromstring(sheet_xml(path))  # noqa: S314 - our own
    assert not list(tree.iter(f"{_CELL}f"))
    assert {cell.get("t") for cell in tree.iter(f"{_CELL}c") if len(cell)} == {"inlineStr"}
    return [[cell.findtext(f"{_CELL}is/{_CELL}t") or "" for cell in row] for row in tree.iter(f"{_CELL}row")]
