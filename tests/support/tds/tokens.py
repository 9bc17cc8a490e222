"""What a server's answer is made of (MS-TDS 2.2.7)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from tests.support.tds.types import FINNISH_SWEDISH, INT, SqlType

SERVER: Final = "DOUBLE"
VERSION: Final = (16, 0, 4105)
_MORE, _ERROR, _COUNT, _ATTENTION = 0x01, 0x02, 0x10, 0x20
_DONE, _DONE_PROCEDURE, _DONE_IN_PROCEDURE = 0xFD, 0xFE, 0xFF


def _short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _long(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def _token(code: int, content: bytes) -> bytes:
    return struct.pack("<BH", code, len(content)) + content


def login_ack(tds_version: int) -> bytes:
    """LOGINACK: the login is accepted, in this version of the protocol."""
    major, minor, build = VERSION
    program = struct.pack(">BBH", major, minor, build)
    return _token(0xAD, b"\x01" + struct.pack(">I", tds_version) + _short("Microsoft SQL Server") + program)


def environment(kind: int, new: str, old: str = "") -> bytes:
    """ENVCHANGE of a text: 1 database, 2 language, 4 packet size."""
    return _token(0xE3, bytes([kind]) + _short(new) + _short(old))


def collation() -> bytes:
    """ENVCHANGE of the collation."""
    return _token(0xE3, b"\x07" + bytes([len(FINNISH_SWEDISH)]) + FINNISH_SWEDISH + b"\0")


def transaction(kind: int, descriptor: int) -> bytes:
    """ENVCHANGE of a transaction: 8 begun, 9 committed, 10 rolled back."""
    value = b"\x08" + descriptor.to_bytes(8, "little")
    return _token(0xE3, bytes([kind]) + (value + b"\0" if kind == 8 else b"\0" + value))


def message(number: int, text: str, *, severity: int = 0, state: int = 1, procedure: str = "") -> bytes:
    """INFO, or from severity 11 on ERROR."""
    head = struct.pack("<IBB", number, state, severity)
    tail = _long(text) + _short(SERVER) + _short(procedure) + struct.pack("<I", 1)
    return _token(0xAA if severity > 10 else 0xAB, head + tail)


def columns(names: Sequence[str], types: Sequence[SqlType]) -> bytes:
    """COLMETADATA: what the rows that follow hold."""
    content = struct.pack("<BH", 0x81, len(names))
    for name, kind in zip(names, types, strict=True):
        content += struct.pack("<IH", 0, 0x0009) + kind.info() + _short(name)
    return content


def row(types: Sequence[SqlType], values: Sequence[Any]) -> bytes:
    """ROW: one row."""
    return b"\xd1" + b"".join(kind.encode(value) for kind, value in zip(types, values, strict=True))


def done(
    rows: int | None = None, *, failed: bool = False, procedure: bool = False, inside: bool = False
) -> bytes:
    """DONE: the end of a statement (`inside` a procedure: others follow) or of a `procedure`."""
    code = _DONE_IN_PROCEDURE if inside else _DONE_PROCEDURE if procedure else _DONE
    status = (_ERROR if failed else 0) | (_COUNT if rows is not None else 0) | (_MORE if inside else 0)
    return struct.pack("<BHHQ", code, status, 0xC1, rows or 0)


def attention_done() -> bytes:
    """DONE that confirms a cancellation."""
    return struct.pack("<BHHQ", _DONE, _ATTENTION, 0, 0)


def return_status(value: int = 0) -> bytes:
    """RETURNSTATUS: what a procedure returned."""
    return struct.pack("<Bi", 0x79, value)


def return_integer(ordinal: int, name: str, value: int) -> bytes:
    """RETURNVALUE of an integer output parameter, such as the handle of a prepared statement."""
    head = struct.pack("<BH", 0xAC, ordinal) + _short(name) + b"\x01" + struct.pack("<IH", 0, 0)
    return head + INT.info() + INT.encode(value)
