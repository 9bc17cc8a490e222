"""What a client says before it may ask anything: PRELOGIN (MS-TDS 2.2.6.5) and LOGIN7 (2.2.6.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

ENCRYPT_OFF: Final = 0
ENCRYPT_ON: Final = 1
ENCRYPT_NOT_SUPPORTED: Final = 2
ENCRYPT_REQUIRED: Final = 3

_VERSION, _ENCRYPTION, _INSTANCE, _THREAD, _MARS, _END = 0, 1, 2, 3, 4, 255
_READ_ONLY_INTENT = 0x20


@dataclass(frozen=True)
class Login:
    """Who logs in to what, as LOGIN7 says."""

    tds_version: int
    packet_size: int
    user: str
    password: str
    application: str
    server: str
    database: str
    read_only: bool
    trusted: bool


def asked_encryption(content: bytes) -> int:
    """Return what the client wants encrypted; a client that does not say cannot encrypt."""
    for token, value in _options(content):
        if token == _ENCRYPTION:
            return value[0]
    return ENCRYPT_NOT_SUPPORTED


def asked_instance(content: bytes) -> str:
    """Return the instance name that the client expects; a server of another name says so."""
    for token, value in _options(content):
        if token == _INSTANCE:
            return value.rstrip(b"\0").decode("ascii", "replace")
    return ""


def prelogin_answer(encryption: int) -> bytes:
    """Return the server's side of PRELOGIN: version 16.0, one request at a time."""
    options = [
        (_VERSION, struct.pack(">BBHH", 16, 0, 4105, 0)),
        (_ENCRYPTION, bytes([encryption])),
        (_INSTANCE, b"\0"),
        (_THREAD, b""),
        (_MARS, b"\0"),
    ]
    offset = 5 * len(options) + 1
    head, body = b"", b""
    for token, value in options:
        head += struct.pack(">BHH", token, offset + len(body), len(value))
        body += value
    return head + bytes([_END]) + body


def parse_login(content: bytes) -> Login:
    """Return what LOGIN7 says."""
    version, packet_size = struct.unpack_from("<II", content, 4)
    type_flags, option_flags = content[26], content[25]
    host, user, password, application, server, _, _, _, database = (
        _text(content, 36 + 4 * number) for number in range(9)
    )
    del host
    return Login(
        tds_version=version,
        packet_size=packet_size,
        user=user.decode("utf-16-le"),
        password=bytes(((b ^ 0xA5) >> 4) | (((b ^ 0xA5) << 4) & 0xF0) for b in password).decode("utf-16-le"),
        application=application.decode("utf-16-le"),
        server=server.decode("utf-16-le"),
        database=database.decode("utf-16-le"),
        read_only=bool(type_flags & _READ_ONLY_INTENT),
        trusted=bool(option_flags & 0x80),
    )


def _text(content: bytes, at: int) -> bytes:
    offset, length = struct.unpack_from("<HH", content, at)
    return content[offset : offset + 2 * length]


def _options(content: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while content[at] != _END:
        token, offset, length = struct.unpack_from(">BHH", content, at)
        found.append((token, content[offset : offset + length]))
        at += 5
    return found
