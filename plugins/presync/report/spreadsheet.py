"""A minimal writer of Office Open XML spreadsheets in which every cell is a text (ECMA-376, part 1, 18.3)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from xml.sax.saxutils import escape

MAXIMUM_ROWS: Final = 1_048_576
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPEN = '<c t="inlineStr"><is><t xml:space="preserve">'
_CLOSE = "</t></is></c>"
# XML 1.0 has no place for these; one of them separates the cells of a row until the row is escaped
_SEPARATOR = "\x1f"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Spreadsheet:
    """One sheet, written row by row in constant memory; rows past the format's limit are left out."""

    def __init__(self, path: Path, title: str, header: Sequence[str]) -> None:
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._width = len(header)
        self._rows = 0
        for name, text in _parts(title).items():
            self._archive.writestr(name, _HEAD + text)
        self._sheet: IO[bytes] = self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write((_HEAD + _sheet_start(self._width)).encode())
        self.write([tuple(header)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sheet.write(f'</sheetData><autoFilter ref="A1:{_column(self._width)}{self._rows}"/>'.encode())
        self._sheet.write(b"</worksheet>")
        self._sheet.close()
        self._archive.close()

    def write(self, rows: Iterable[Sequence[str]]) -> None:
        """Append rows of as many cells as the header has."""
        lines = []
        for row in rows:
            if self._rows == MAXIMUM_ROWS:
                break
            self._rows += 1
            lines.append(self._line(row))
        self._sheet.write("".join(lines).encode())

    def _line(self, row: Sequence[str]) -> str:
        text = _SEPARATOR.join(row)
        if text.count(_SEPARATOR) != self._width - 1 or len(_NOT_XML.findall(text)) != self._width - 1:
            text = _SEPARATOR.join(_NOT_XML.sub("\ufffd", cell) for cell in row)
        cells = escape(text).replace(_SEPARATOR, _CLOSE + _OPEN)
        return f"<row>{_OPEN}{cells}{_CLOSE}</row>"


def _column(number: int) -> str:
    return chr(ord("A") + number - 1)


def _sheet_start(width: int) -> str:
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{width}" width="22" customWidth="1"/></cols><sheetData>'
    )


def _parts(title: str) -> dict[str, str]:
    package = "http://schemas.openxmlformats.org/package/2006"
    return {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_CONTENT_TYPE}.worksheet+xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>'
        f'<sheet name="{escape(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
    }
