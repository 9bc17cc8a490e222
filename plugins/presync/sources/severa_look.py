"""The second look: did a register move while it was read?

Rows that are deleted or created between two pages shift those behind them: a page can then begin too late and
a row is never seen, though nothing in the pages shows it. After the last page, two small requests tell:
the last page must still be what it was, and nothing may have changed since the reading began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from presync.sources.severa_client import SeveraClient
from presync.sources.severa_models import Row
from presync.sources.severa_paging import NEXT, ROWS_PER_PAGE

_ROUNDING: Final = timedelta(seconds=1)


@dataclass
class Trail:
    """What a reading leaves to look back at; `began` is on the server's clock."""

    pages: int = 0
    filled: int = 0
    began: datetime | None = None
    first_guids: Sequence[str] = ()
    last_query: Mapping[str, str] = field(default_factory=dict)
    last_rows: Sequence[Row] = ()
    leads_on: bool = False

    def add(
        self, query: Mapping[str, str], rows: Sequence[Row], headers: Mapping[str, str], took: float
    ) -> None:
        """Take note of a page that was asked for `took` seconds ago."""
        self.pages += 1
        if self.pages == 1:
            self.began = _server_time(headers, took)
            self.first_guids = [row.guid for row in rows]
        if rows:
            self.filled += 1
            self.last_query, self.last_rows, self.leads_on = query, rows, bool(headers.get(NEXT))


async def moved(client: SeveraClient, route: str, trail: Trail, decoder: msgspec.json.Decoder[Any]) -> str:
    """Return what shows that a register moved while it was read, or why nobody can tell; else ""."""
    if trail.pages == 1 or not trail.filled:
        return ""  # a single answer has no seams
    rows, headers = await client.get(route, trail.last_query, decoder)
    if list(rows) != list(trail.last_rows) or bool(headers.get(NEXT)) != trail.leads_on:
        return "the last page is another now"
    return "" if trail.filled == 1 else await _changes(client, route, trail, decoder)


async def _changes(client: SeveraClient, route: str, trail: Trail, decoder: msgspec.json.Decoder[Any]) -> str:
    if trail.began is None:
        return "the server does not tell the time, so what has changed since cannot be asked for"
    query = {"changedSince": f"{trail.began:%Y-%m-%dT%H:%M:%SZ}", "rowCount": str(ROWS_PER_PAGE)}
    answer = await client.get_if_understood(route, query, decoder)
    if answer is None:
        return "the server does not understand changedSince"
    changed = [row.guid for row in answer[0]]
    if changed == list(trail.first_guids):
        return "the server ignores changedSince"
    return f"{len(changed)} rows changed meanwhile" if changed else ""


def _server_time(headers: Mapping[str, str], took: float) -> datetime | None:
    """Return a moment on the server's clock that was certainly before it made this answer."""
    try:
        moment = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - timedelta(seconds=took) - _ROUNDING).astimezone(UTC)
