"""Packets of the protocol (MS-TDS 2.2.3): a message is cut into packets with a header of 8 bytes."""

from __future__ import annotations

import socket
import ssl
import struct
from typing import Final

BATCH: Final = 0x01
RPC: Final = 0x03
ANSWER: Final = 0x04
ATTENTION: Final = 0x06
TRANSACTION: Final = 0x0E
LOGIN: Final = 0x10
PRELOGIN: Final = 0x12

_HEADER = struct.Struct(">BBHHBB")
_LAST = 0x01


class HungUpError(Exception):
    """The client closed the connection."""


class Wire:
    """One connection's packets; `secure` wraps everything that follows in TLS."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._tls: ssl.SSLObject | None = None
        self._from_client = ssl.MemoryBIO()
        self._to_client = ssl.MemoryBIO()
        self.packet_size = 4096
        self._number = 0

    def receive(self) -> tuple[int, bytes]:
        """Return the next message's type and content. Raises HungUpError."""
        parts = []
        while True:
            kind, status, length, _, _, _ = _HEADER.unpack(self._take(_HEADER.size))
            parts.append(self._take(length - _HEADER.size))
            if status & _LAST:
                return kind, b"".join(parts)

    def send(self, content: bytes, *, last: bool = True) -> bytes:
        """Send full packets of an answer; return what is left for the next, which is nothing for the last."""
        room = self.packet_size - _HEADER.size
        while len(content) > room or (last and content):
            self._put(ANSWER, content[:room], last=last and len(content) <= room)
            content = content[room:]
        return content

    def flush(self, content: bytes) -> None:
        """Send what there is of an answer although the packet is not full."""
        if content:
            self._put(ANSWER, content, last=False)

    def cut(self) -> None:
        """End the connection as a lost network does: without a word (a reset)."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def secure(self, context: ssl.SSLContext) -> None:
        """Shake hands for TLS; its records travel inside of PRELOGIN packets until that is done."""
        tls = context.wrap_bio(self._from_client, self._to_client, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._send_handshake()
                _, content = self.receive()
                self._from_client.write(content)
        self._send_handshake()
        self._tls = tls

    def plain(self) -> None:
        """Go back to plain packets, where only the login was to be encrypted."""
        self._tls = None

    def _send_handshake(self) -> None:
        if content := self._to_client.read():
            self._put(PRELOGIN, content, last=True)

    def _put(self, kind: int, content: bytes, *, last: bool) -> None:
        self._number = (self._number + 1) % 256
        size = len(content) + _HEADER.size
        packet = _HEADER.pack(kind, _LAST if last else 0, size, 53, self._number, 0) + content
        if self._tls:
            self._tls.write(packet)
            packet = self._to_client.read()
        try:
            self._socket.sendall(packet)
        except OSError as error:
            raise HungUpError from error

    def _take(self, size: int) -> bytes:
        content = b""
        while len(content) < size:
            content += self._some(size - len(content))
        return content

    def _some(self, size: int) -> bytes:
        if not self._tls:
            return self._read(size)
        while True:
            try:
                if content := self._tls.read(size):
                    return content
                raise HungUpError
            except ssl.SSLWantReadError:
                self._from_client.write(self._read(65536))
            except ssl.SSLError as error:
                raise HungUpError from error

    def _read(self, size: int) -> bytes:
        try:
            content = self._socket.recv(size)
        except OSError as error:
            raise HungUpError from error
        if not content:
            raise HungUpError
        return content
