"""Reading an answer's body: never more than a limit, counted in decoded bytes while they are decoded."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

import httpx

_GZIP: Final = {"gzip", "x-gzip"}
_AT_ONCE: Final = 1 << 20


class BodyError(Exception):
    """A body that cannot be read; `again` if another request may bring a better one."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


async def read_body(response: httpx.Response, most: int) -> bytes:
    """Return the decoded body of a streamed answer.

    Raises BodyError for more than `most` decoded bytes, another encoding than the one layer of gzip that was
    asked for, and a compression that is damaged or ends half-way.
    """
    named = [part.strip().lower() for part in response.headers.get("content-encoding", "").split(",")]
    layers = [part for part in named if part not in {"", "identity"}]
    if len(layers) > 1 or not set(layers) <= _GZIP:
        raise BodyError("it is encoded in a way that was not asked for (only gzip, once, was)")
    decoder = _Gunzip() if layers else None
    parts, size = [], 0
    async for raw in response.aiter_raw():
        for part in decoder.feed(raw) if decoder else (raw,):
            size += len(part)
            if size > most:
                raise BodyError(f"it is larger than {_size(most)}: no answer of this kind can be")
            parts.append(part)
    if decoder and decoder.unfinished:
        raise BodyError("the answer's compression ends half-way", again=True)
    return b"".join(parts)


class _Gunzip:
    """Decodes gzip, also of several members, a megabyte at a time."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._begun = False

    @property
    def unfinished(self) -> bool:
        return self._begun and not self._inner.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            more = bool(data)
            while more:
                if self._inner.eof:
                    self._inner = zlib.decompressobj(wbits=31)
                self._begun = True
                part = self._inner.decompress(data, _AT_ONCE)
                yield part
                data = self._inner.unconsumed_tail or self._inner.unused_data
                # a part as large as it may be: there can be more inside, even where all input is taken
                more = bool(data) or (len(part) == _AT_ONCE and not self._inner.eof)
        except zlib.error:
            raise BodyError("the answer's compression is damaged", again=True) from None


def _size(count: int) -> str:
    return f"{count >> 20} MB" if count >= 1 << 20 else f"{count >> 10} KB"
