"""Remote procedure calls (MS-TDS 2.2.6.6): which procedure, with which arguments."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

from tests.support.tds.types import read_parameter

_NUMBERED: Final = {
    1: "sp_cursor", 2: "sp_cursoropen", 3: "sp_cursorprepare", 4: "sp_cursorexecute", 5: "sp_cursorprepexec",
    6: "sp_cursorunprepare", 7: "sp_cursorfetch", 8: "sp_cursoroption", 9: "sp_cursorclose",
    10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec", 15: "sp_unprepare",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A procedure's name in lower case, the database named before it, and its arguments with their names."""

    procedure: str
    database: str
    arguments: list[tuple[str, Any]]


def headers_end(content: bytes) -> int:
    """Return where the headers of a request end (MS-TDS 2.2.5.3)."""
    return int(struct.unpack_from("<I", content)[0])


def parse_call(content: bytes) -> Call:
    """Return the one call of a message."""
    at = headers_end(content)
    length = struct.unpack_from("<H", content, at)[0]
    at += 2
    if length == 0xFFFF:
        name = _NUMBERED[struct.unpack_from("<H", content, at)[0]]
        at += 2
    else:
        name = content[at : at + 2 * length].decode("utf-16-le")
        at += 2 * length
    at += 2
    arguments = []
    while at < len(content) and content[at] not in {0x80, 0xFF}:
        size = content[at]
        argument = content[at + 1 : at + 1 + 2 * size].decode("utf-16-le")
        at += 2 + 2 * size
        value, at = read_parameter(content, at)
        arguments.append((argument, value))
    parts = [part.strip('[]"') for part in name.split(".")]
    return Call(parts[-1].lower(), parts[-3] if len(parts) == 3 else "", arguments)
