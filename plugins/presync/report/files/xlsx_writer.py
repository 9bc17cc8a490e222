"""A minimal writer of Office Open XML spreadsheets in which every cell is a text (ECMA-376, part 1, 18.3)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self
from xml.sax.saxutils import escape

MAXIMUM_ROWS: Final = 1_048_576
LONGEST: Final = 32_767  # characters of a cell, as UTF-16 counts them; a file with more is said to be damaged
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# styles: 1 text, so that `007` typed into a cell stays `007`; 2 the same, bold; 3 text in lines; 4 title
_OPEN = '<c s="1" t="inlineStr"><is><t>'
_EMPTY = '<c s="1"/>'
_CLOSE = "</t></is></c>"
# XML 1.0 has no place for these; one of them separates the cells of a row until the row is escaped
_SEPARATOR = "\x1f"
# a text that begins or ends with white space, or holds a line break
_PADDED = re.compile(r"<t>(?=\s|[^<]*(?:\s</t>|[\t\r\n]))")
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Spreadsheet:
    """A table, written row by row in constant memory, with a header that stays in sight and filters.

    Before it is a sheet with the rows of `about`: what the table is, and what to do with it. Rows past the
    format's limit are left out, and the last row says so: all of them are in the file `rest`.
    """

    def __init__(
        self,
        path: Path,
        title: str,
        header: Sequence[str],
        *,
        about: Sequence[tuple[str, str]] = (),
        widths: Sequence[int] = (),
        rest: str = "",
        most: int = MAXIMUM_ROWS,
    ) -> None:
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._width = len(header)
        self._rows = 0
        self._most = most
        self._rest = rest or f"{path.stem}.csv"
        # the first row that may have no place: the last one, or what is said instead of it
        self._held: Sequence[str] | None = None
        self._left_out = 0
        for name, text in _parts(title, about).items():
            self._archive.writestr(name, _HEAD + text)
        self._sheet: IO[bytes] = self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write((_HEAD + _sheet_start(widths or [22] * self._width, selected=not about)).encode())
        self._rows += 1
        self._sheet.write(self._line(tuple(header)).replace('s="1"', 's="2"').encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held is not None:
            self._append([self._last_row(self._held)])
        self._sheet.write(f'</sheetData><autoFilter ref="A1:{_column(self._width)}{self._rows}"/>'.encode())
        self._sheet.write(b"</worksheet>")
        self._sheet.close()
        self._archive.close()

    def write(self, rows: Sequence[Sequence[str]]) -> None:
        """Append rows of as many cells as the header has."""
        room = self._most - 1 - self._rows
        if len(rows) <= room:
            self._append(rows)
            return
        self._append(rows[: max(0, room)])
        over = list(rows[max(0, room) :])
        if over and self._held is None:
            self._held = over.pop(0)
        self._left_out += len(over)

    def _append(self, rows: Sequence[Sequence[str]]) -> None:
        self._rows += len(rows)
        self._sheet.write("".join(map(self._line, rows)).encode())

    def _last_row(self, held: Sequence[str]) -> Sequence[str]:
        if not self._left_out:
            return held
        said = f"{self._left_out + 1} more rows have no place in a spreadsheet: all are in {self._rest}"
        return (said, *[""] * (self._width - 1))

    def _line(self, row: Sequence[str]) -> str:
        joined = "".join(row)
        plain = joined.isprintable()
        cells = row if plain else [NOT_XML.sub("\ufffd", cell) for cell in row]
        if len(joined) > LONGEST // 2:
            cells = [fitting(cell) for cell in cells]
        text = escape(_SEPARATOR.join(cells)).replace(_SEPARATOR, _CLOSE + _OPEN)
        line = f"<row>{_OPEN}{text}{_CLOSE}</row>".replace(_OPEN + _CLOSE, _EMPTY)
        if plain and "<t> " not in line and " </t>" not in line:
            return line
        return _PADDED.sub('<t xml:space="preserve">', line)


def fitting(cell: str) -> str:
    """Return as much of a text as a cell may hold; an ellipsis stands for the rest."""
    units = cell.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST:
        return cell
    return units[: 2 * LONGEST - 2].decode("utf-16-le", "ignore") + "…"


def _column(number: int) -> str:
    return chr(ord("A") + number - 1)


def _sheet_start(widths: Sequence[int], *, selected: bool) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" style="1" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    tab = ' tabSelected="1"' if selected else ""
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{tab} workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


def _about_sheet(rows: Sequence[tuple[str, str]]) -> str:
    lines = "".join(
        f"<row>{_cell(left, 2 if place else 4)}{_cell(right, 3)}</row>"
        for place, (left, right) in enumerate(rows)
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" showGridLines="0" '
        'workbookViewId="0"/></sheetViews><cols><col min="1" max="1" width="22" customWidth="1"/>'
        f'<col min="2" max="2" width="90" customWidth="1"/></cols><sheetData>{lines}</sheetData></worksheet>'
    )


def _cell(text: str, style: int) -> str:
    if not text:
        return "<c/>"
    inner = escape(fitting(NOT_XML.sub("\ufffd", text)))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{inner}</t></is></c>'


_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="16"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" '
    'applyAlignment="1"><alignment vertical="top"/></xf>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
    'applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def _parts(title: str, about: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return every part of the archive but the table, which is the last sheet."""
    package = "http://schemas.openxmlformats.org/package/2006"
    table, first = ("sheet1", escape(title)), ("about", "Presync")
    sheets = [first, table] if about else [table]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/{part}.xml" ContentType="{_CONTENT_TYPE}.worksheet+xml"/>'
            for part, _ in sheets
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{place}" r:id="rId{place}"/>'
            for place, (_, name) in enumerate(sheets, start=1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{place}" Type="{_RELATION}/worksheet" Target="worksheets/{part}.xml"/>'
            for place, (part, _) in enumerate(sheets, start=1)
        )
        + f'<Relationship Id="rId{len(sheets) + 1}" Type="{_RELATION}/styles" Target="styles.xml"/>'
        "</Relationships>",
        "xl/styles.xml": _STYLES,
    }
    if about:
        parts["xl/worksheets/about.xml"] = _about_sheet(about)
    return parts
