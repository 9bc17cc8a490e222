"""Reading a register that moves while it is read: whole, or an error; each guid once.

Covers: sources/severa/registers.py, sources/severa/reading_digest.py.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from presync.errors import SourceDataError, SourceUnavailableError
from presync.sources.severa.client import Patience, SeveraAccess, SeveraClient
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.register_reader import RegisterReader
from presync.sources.severa.registers import REGISTERS
from presync.staging.extract import ExtractWriter
from tests.support.scripted_http import Scripted

UNITS = next(register for register in REGISTERS if register.route == "businessunits")
CUSTOMERS = next(register for register in REGISTERS if register.route == "customers")
Row = dict[str, Any]


def row(number: int, **changes: Any) -> Row:
    return {"guid": f"guid-{number}", "name": f"Unit {number}", "isActive": True, **changes}


def read(pages: Callable[[int], Sequence[Row]], folder: Path) -> tuple[list[Row], RegisterReader]:
    """Read business units from a server whose page for a `firstRow` is `pages(first)`."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "token"})
        return httpx.Response(200, json=list(pages(int(request.url.params["firstRow"]))))

    return asyncio.run(_read(answer, folder))


async def _read(
    answer: Callable[[httpx.Request], httpx.Response], folder: Path, register: Any = UNITS
) -> tuple[list[Row], RegisterReader]:
    import pyarrow.parquet as pq

    access, limit = SeveraAccess("https://severa.test/rest-api", "id", "secret"), RateLimit(100, 0.001)
    transport = Scripted(answer)
    async with SeveraClient(access, Patience(tries=1), limit, transport=transport) as client:
        reader = RegisterReader(client, register)
        await reader.stage(ExtractWriter(folder, "severa", tenant="t", run_id="r"))
    return pq.read_table(folder / f"{register.route}.parquet").to_pylist(), reader


def guids(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(row["guid"] for row in rows)


def test_a_quiet_register_is_read_once_and_skimmed_once(tmp_path: Path) -> None:
    rows = [row(n) for n in range(7)]
    staged, reader = read(lambda first: rows[first : first + 3], tmp_path)
    assert guids(staged) == guids(rows)
    assert (reader.readings, reader.duplicates, reader.differing) == (2, 0, 0)
    assert reader.seen() == {"rows": 7, "pages": 8, "readings": 2, "proof": "read twice alike"}


def test_an_empty_register_is_an_empty_table(tmp_path: Path) -> None:
    staged, reader = read(lambda _: [], tmp_path)
    assert staged == []
    assert (reader.readings, reader.proof) == (2, "read twice alike")


def test_of_rows_with_one_guid_the_first_is_kept_and_the_difference_noted(tmp_path: Path) -> None:
    rows = [row(1, code="first"), row(2), row(1, code="second"), row(2)]
    staged, reader = read(lambda first: rows[first : first + 2], tmp_path)
    assert [(r["guid"], r["code"]) for r in staged] == [("guid-1", "first"), ("guid-2", None)]
    assert (reader.duplicates, reader.differing) == (2, 1)
    assert (reader.readings, reader.proof) == (2, "read twice alike")


def test_a_row_pushed_out_of_sight_by_a_moving_one_is_found(tmp_path: Path) -> None:
    orders = [[1, 2, 3, 4], [4, 1, 2, 3]]  # 4 moves to the front: page two shows 2 again, 4 never
    requests = iter(range(100))

    def pages(first: int) -> list[Row]:
        order = orders[0] if next(requests) == 0 else orders[1]
        return [row(n) for n in order[first : first + 2]]

    staged, reader = read(pages, tmp_path)
    assert guids(staged) == guids([row(n) for n in range(1, 5)])
    assert reader.doubts == ["rows came, went or moved"]
    assert (reader.readings, reader.duplicates) == (3, 0)
    assert reader.proof == "every row of an earlier reading came again"


@pytest.mark.parametrize("seed", range(20))
def test_rows_in_a_new_order_for_each_request_are_all_found(seed: int, tmp_path: Path) -> None:
    dice, rows = random.Random(seed), [row(n) for n in range(40)]

    def pages(first: int) -> list[Row]:
        return dice.sample(rows, len(rows))[first : first + 15]

    try:
        staged, _ = read(pages, tmp_path)
    except SourceUnavailableError:
        return  # an error is an honest answer, a missing row is not
    assert guids(staged) == guids(rows)


def test_a_register_that_never_holds_still_is_an_error(tmp_path: Path) -> None:
    numbers = iter(range(10_000))

    def pages(first: int) -> list[Row]:
        return [] if first else [row(next(numbers))] * 40

    with pytest.raises(SourceUnavailableError, match="keeps changing"):
        read(pages, tmp_path)


def test_a_server_that_ignores_first_row_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceDataError, match="does not end"):
        read(lambda _: [row(1), row(2)], tmp_path)


def test_tokens_that_lead_nowhere_new_for_ever_are_an_error(tmp_path: Path) -> None:
    numbers = iter(range(10_000))

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "token"})
        return httpx.Response(200, json=[row(1)], headers={"NextPageToken": f"t{next(numbers)}"})

    with pytest.raises(SourceDataError, match="no row that was not read before"):
        asyncio.run(_read(answer, tmp_path, CUSTOMERS))


def test_empty_pages_with_a_token_are_not_the_end(tmp_path: Path) -> None:
    script = {"": ([row(1)], "a"), "a": ([], "b"), "b": ([row(2)], "")}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "token"})
        rows, following = script[request.url.params.get("pageToken", "")]
        return httpx.Response(200, content=json.dumps(rows), headers={"NextPageToken": following})

    staged, _ = asyncio.run(_read(answer, tmp_path, CUSTOMERS))
    assert guids(staged) == ["guid-1", "guid-2"]


@pytest.mark.parametrize("tokens", [True, False])
def test_a_register_that_is_one_page_must_lead_on_when_half_of_it_is_asked_for(
    tmp_path: Path, tokens: bool
) -> None:
    rows = [row(n) for n in range(100)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "token"})
        size = int(request.url.params["rowCount"])
        lead = {"NextPageToken": "more"} if tokens and size < len(rows) else {}
        return httpx.Response(200, json=rows[:size], headers=lead)

    if tokens:
        staged, _ = asyncio.run(_read(answer, tmp_path, CUSTOMERS))
        assert len(staged) == 100
    else:
        with pytest.raises(SourceDataError, match="without the header NextPageToken"):
            asyncio.run(_read(answer, tmp_path, CUSTOMERS))


def test_many_rows_are_written_in_several_batches(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    rows = [row(n) for n in range(40_000)]
    staged, _ = read(lambda first: rows[first : first + 10_000], tmp_path)
    assert len(staged) == 40_000
    assert pq.ParquetFile(tmp_path / "businessunits.parquet").num_row_groups > 1
