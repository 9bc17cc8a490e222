"""SQL Server's types on the wire (MS-TDS 2.2.5.4, 2.2.5.5) and in the catalogue."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

FINNISH_SWEDISH: Final = bytes.fromhex("0b04d00000")  # Finnish_Swedish_CI_AS, code page 1252
_INTEGER_SIZES: Final = {"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
_DIGITS: Final = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
_ODBC: Final = {
    "tinyint": -6, "smallint": 5, "int": 4, "bigint": -5, "bit": -7, "decimal": 3, "float": 6,
    "varchar": 12, "nvarchar": -9,
}  # fmt: skip
_SYNONYMS: Final = {
    "integer": "int",
    "numeric": "decimal",
    "text": "nvarchar",
    "": "nvarchar",
    "real": "float",
}
_SIGNED: Final = {"smallint", "int", "bigint"}
_DECLARED = re.compile(r"\s*([A-Za-z]*)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?")


@dataclass(frozen=True)
class SqlType:
    """A type: `size` in characters for text, digits for decimal; bytes follow from these."""

    name: str
    size: int = 0
    scale: int = 0

    @property
    def odbc(self) -> int:
        """ODBC's number for the type."""
        return _ODBC[self.name]

    @property
    def precision(self) -> int:
        """Digits or characters, as the catalogue says."""
        return _DIGITS.get(self.name) or {"bit": 1, "float": 53}.get(self.name) or self.size

    @property
    def length(self) -> int:
        """Bytes, as the catalogue says."""
        if self.name == "nvarchar":
            return 2 * self.size
        if self.name == "decimal":
            return self.size + 2
        return _INTEGER_SIZES.get(self.name) or {"bit": 1, "float": 8}.get(self.name) or self.size

    def info(self) -> bytes:
        """TYPE_INFO: the nullable form of the type."""
        if self.name in _INTEGER_SIZES:
            return bytes([0x26, _INTEGER_SIZES[self.name]])
        if self.name == "bit":
            return b"\x68\x01"
        if self.name == "float":
            return b"\x6d\x08"
        if self.name == "decimal":
            return bytes([0x6A, self._decimal_bytes() + 1, self.size, self.scale])
        code = 0xA7 if self.name == "varchar" else 0xE7
        return struct.pack("<BH", code, self.length) + FINNISH_SWEDISH

    def encode(self, value: Any) -> bytes:
        """Return a value as it stands in a row; None is NULL."""
        if self.name in {"varchar", "nvarchar"}:
            if value is None:
                return b"\xff\xff"
            text = str(value)
            content = (
                text.encode("utf-16-le") if self.name == "nvarchar" else text.encode("cp1252", "replace")
            )
            content = content[: self.length]
            return struct.pack("<H", len(content)) + content
        if value is None:
            return b"\0"
        if self.name == "decimal":
            return self._decimal(Decimal(str(value)))
        size = self.length
        if self.name == "float":
            return bytes([size]) + struct.pack("<d", float(value))
        return bytes([size]) + int(value).to_bytes(size, "little", signed=self.name in _SIGNED)

    def _decimal_bytes(self) -> int:
        return 4 if self.size <= 9 else 8 if self.size <= 19 else 12 if self.size <= 28 else 16

    def _decimal(self, value: Decimal) -> bytes:
        magnitude = int(abs(value).scaleb(self.scale).to_integral_value())
        size = self._decimal_bytes()
        return bytes([size + 1, value >= 0]) + magnitude.to_bytes(size, "little")


INT: Final = SqlType("int")
BIGINT: Final = SqlType("bigint")
SMALLINT: Final = SqlType("smallint")
NAME: Final = SqlType("nvarchar", 128)


def declared(text: str) -> SqlType:
    """Return the type that a column of the SQLite file behind the server was declared with.

    >>> declared("VARCHAR(80)")
    SqlType(name='varchar', size=80, scale=0)
    """
    match = _DECLARED.match(text or "")
    name, size, scale = match.groups() if match else ("", None, None)
    name = _SYNONYMS.get(name.lower(), name.lower())
    if name == "decimal":
        return SqlType(name, int(size or 18), int(scale or 0))
    if name in {"varchar", "nvarchar"}:
        return SqlType(name, int(size or 4000))
    return SqlType(name)


def read_parameter(content: bytes, at: int) -> tuple[Any, int]:
    """Return the value of a parameter of a remote call, and where the next one begins."""
    code = content[at]
    if code in {0x26, 0x68, 0x6D, 0x6F, 0x6E}:  # INTN, BITN, FLTN, DATETIMN, MONEYN
        size = content[at + 2]
        raw = content[at + 3 : at + 3 + size]
        value = (
            struct.unpack("<d", raw)[0]
            if code == 0x6D and size == 8
            else int.from_bytes(raw, "little", signed=True)
        )
        return (value if size else None), at + 3 + size
    if code in {0x30, 0x34, 0x38, 0x7F, 0x32}:  # fixed lengths
        size = {0x30: 1, 0x34: 2, 0x38: 4, 0x7F: 8, 0x32: 1}[code]
        return int.from_bytes(content[at + 1 : at + 1 + size], "little", signed=True), at + 1 + size
    if code in {0x6A, 0x6C}:
        scale, size = content[at + 3], content[at + 4]
        raw = content[at + 5 : at + 5 + size]
        return (_decimal(raw, scale) if size else None), at + 5 + size
    if code in {0xA7, 0xAF, 0xE7, 0xEF}:
        return _read_text(content, at, "utf-16-le" if code in {0xE7, 0xEF} else "cp1252")
    if code in {0x63, 0x23}:  # NTEXT, TEXT
        size = struct.unpack_from("<i", content, at + 10)[0]
        encoding = "utf-16-le" if code == 0x63 else "cp1252"
        end = at + 14 + max(size, 0)
        return (content[at + 14 : end].decode(encoding) if size >= 0 else None), end
    raise ValueError(f"parameter type {code:#x} is not known to this server")


def _decimal(raw: bytes, scale: int) -> Decimal:
    value = Decimal(int.from_bytes(raw[1:], "little")).scaleb(-scale)
    return value if raw[0] else -value


def _read_text(content: bytes, at: int, encoding: str) -> tuple[str | None, int]:
    largest = struct.unpack_from("<H", content, at + 1)[0]
    at += 8
    if largest != 0xFFFF:
        size = struct.unpack_from("<H", content, at)[0]
        if size == 0xFFFF:
            return None, at + 2
        return content[at + 2 : at + 2 + size].decode(encoding), at + 2 + size
    total = struct.unpack_from("<Q", content, at)[0]
    at += 8
    if total == 0xFFFFFFFFFFFFFFFF:
        return None, at
    parts = b""
    while size := struct.unpack_from("<I", content, at)[0]:
        parts += content[at + 4 : at + 4 + size]
        at += 4 + size
    return parts.decode(encoding), at + 4
