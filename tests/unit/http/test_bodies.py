"""Bodies are read up to a limit of decoded bytes, however they are compressed and cut into pieces."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presync.http.bodies import BodyError, read_body

MOST = 3 << 20


class Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def read(pieces: Sequence[bytes], encoding: str = "gzip", most: int = MOST) -> bytes:
    response = httpx.Response(200, headers={"content-encoding": encoding}, stream=Pieces(pieces))
    return asyncio.run(read_body(response, most))


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(ends)]


@given(
    members=st.lists(st.binary(max_size=2000), min_size=1, max_size=3),
    places=st.lists(st.integers(0, 10_000), max_size=5),
)
def test_any_members_in_any_pieces_read_back(members: list[bytes], places: list[int]) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    assert read(cut(packed, places)) == b"".join(members)


@given(places=st.lists(st.integers(0, 10_000), max_size=5), kept=st.integers(0, 10_000))
def test_a_part_of_a_body_is_never_taken_for_the_whole(places: list[int], kept: int) -> None:
    packed = gzip.compress(bytes(range(256)) * 8)
    part = packed[: 1 + kept % (len(packed) - 1)]
    with pytest.raises(BodyError, match="half-way") as raised:
        read(cut(part, places))
    assert raised.value.again


@pytest.mark.parametrize("size", [MOST - 1, MOST])
def test_up_to_the_limit(size: int) -> None:
    assert len(read([gzip.compress(bytes(size))])) == size


def test_a_bomb_ends_at_the_limit() -> None:
    with pytest.raises(BodyError, match="larger than 3 MB") as raised:
        read([gzip.compress(bytes(64 << 20))])
    assert not raised.value.again


def test_plain_bodies_are_limited_too() -> None:
    assert read([b"abc"], "identity", most=3) == b"abc"
    with pytest.raises(BodyError, match="larger than 0 KB"):
        read([b"ab", b"cd"], "", most=3)


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "gzip,br"])
def test_an_encoding_that_was_not_asked_for(encoding: str) -> None:
    with pytest.raises(BodyError, match="not asked for"):
        read([b"x"], encoding)


def test_damaged_compression_may_be_asked_for_again() -> None:
    with pytest.raises(BodyError, match="damaged") as raised:
        read([b"no gzip at all"])
    assert raised.value.again
