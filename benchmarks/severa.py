"""Reading Severa over HTTP from the stand-in, against what the rate limit allows and a bare loop."""

from __future__ import annotations

import asyncio
import json
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Observer

# how the records of a company spread over its registers, in thousandths
_SHARES: Final = {
    "customers": 300,
    "invoices": 300,
    "projects": 200,
    "salescases": 100,
    "users": 20,
    "products": 60,
    "worktypes": 10,
    "travelexpensetypes": 5,
    "businessunits": 5,
}
_OTHER_FIELDS: Final = {
    "isInternal": False,
    "email": "post@example.test",
    "headquarterAddress": {
        "addressline": "Storgata 1",
        "postalCode": "0155",
        "city": "Oslo",
        "country": "NO",
    },
    "createdDateTime": "2024-01-02T03:04:05Z",
    "keywords": [],
}


def write(folder: Path, records: int, registers: dict[str, int] | None = None) -> None:
    """Write an organisation of so many records; each row has fields that Presync does not read."""
    folder.mkdir(parents=True, exist_ok=True)
    for register, share in (registers or _SHARES).items():
        with (folder / f"{register}.json").open("w") as file:
            file.writelines(_lines(register, max(1, records * share // 1000)))
    settings = {
        "nextCustomerNumber": 9_000_000,
        "nextInvoiceNumber": 9_000_000,
        "nextProjectNumber": 9_000_000,
        "uniqueIdentifierForProductsAndWorktypes": False,
    }
    (folder / "organizationsettings.json").write_text(json.dumps(settings))


def _lines(register: str, rows: int) -> Iterator[str]:
    for number in range(rows):
        row = {
            "guid": f"{zlib.crc32(register.encode()):08x}-0000-4000-8000-{number:012d}",
            "name": f"Nordre {register} {number} AS",
            "firstName": "Kari",
            "lastName": f"Nordmann {number}",
            "number": number + 1,
            "code": str(number),
            "isActive": True,
            "isClosed": False,
            **_OTHER_FIELDS,
        }
        yield ("[" if number == 0 else ",\n") + json.dumps(row)
    yield "]"


def staged(observer: Observer, api: str, limited: bool) -> dict[str, int]:
    """Extract as a run does, with the rate limit or without; return rows and requests."""
    _import_everything()
    from presync.sources.severa.client import PATIENCE, SeveraAccess
    from presync.sources.severa.extract import read_organization
    from presync.sources.severa.rate_limit import RateLimit
    from presync.staging.extract import ExtractWriter

    observer.ready()
    with tempfile.TemporaryDirectory() as scratch:
        writer = ExtractWriter(Path(scratch), "severa", tenant="benchmark", run_id="benchmark")
        access = SeveraAccess(api, "benchmark", "a secret")
        limit = RateLimit() if limited else RateLimit(10_000, 0.001)
        seen = asyncio.run(read_organization(access, writer, PATIENCE, limit))
        rows = sum(writer.finish(seen).rows.values())
    return {"rows": rows, "requests": seen["requests"], "refusals": seen["refusals"]}


def bare(observer: Observer, api: str) -> dict[str, int]:
    """Page through the same registers with nothing but httpx and orjson; throw the rows away."""
    import httpx
    import orjson

    from presync.sources.severa.registers import REGISTERS

    observer.ready()
    rows = requests = 0
    with httpx.Client(base_url=api) as http:
        login = {"client_id": "benchmark", "client_secret": "a secret"}
        token = orjson.loads(http.post("/v1/token", json=login).content)["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        for register in REGISTERS:
            query: dict[str, Any] | None = {"rowCount": 1000}
            first = 0
            while query:
                answer = http.get(f"/v1/{register.route}", params=query)
                page = orjson.loads(answer.content)
                rows, requests, first = rows + len(page), requests + 1, first + len(page)
                if register.paging == "rows":
                    query = {"rowCount": 1000, "firstRow": first} if page else None
                else:
                    following = answer.headers.get("NextPageToken")
                    query = {"rowCount": 1000, "pageToken": following} if following else None
    return {"rows": rows, "requests": requests + 2}


def _import_everything() -> None:
    import httpx  # noqa: F401
    import numpy as np  # noqa: F401
    import pyarrow.parquet

    from presync.sources.severa import extract  # noqa: F401

    with tempfile.TemporaryDirectory() as scratch:
        table = pyarrow.table({"code": ["1"]})
        pyarrow.parquet.write_table(table, Path(scratch) / "first.parquet", compression="zstd")
