"""Severa's two ways of paging, and the guards against one that never ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from presync.errors import SourceDataError
from presync.sources.severa.registers import Register

ROWS_PER_PAGE: Final = 1000
_NEXT: Final = "NextPageToken"
_MOST_ROWS: Final = 20_000_000
_MOST_PAGES_WITHOUT_NEWS: Final = 25


class Paginator(Protocol):
    """Says what to ask for: `query` for the page to come; `turn` tells whether there is one more."""

    query: Mapping[str, str]

    def turn(self, headers: Mapping[str, str], received: int) -> bool:
        """Take note of a page's headers and how many rows it had."""
        ...


class ByToken:
    """`pageToken`: the answer's header leads on, however short the page was.

    >>> pages = ByToken("customers")
    >>> pages.turn({"NextPageToken": "abc"}, 0), pages.query["pageToken"]
    (True, 'abc')
    >>> pages.turn({"NextPageToken": ""}, 7)
    False
    """

    def __init__(self, route: str) -> None:
        self._route = route
        self._seen: set[str] = set()
        self.query: Mapping[str, str] = {"rowCount": str(ROWS_PER_PAGE)}

    def turn(self, headers: Mapping[str, str], received: int) -> bool:
        """Take the next token. Raises SourceDataError for one that has been followed already."""
        token = headers.get(_NEXT, "")
        if not token:
            return False
        if token in self._seen:
            raise _endless(self._route, f"its header {_NEXT} leads back to a page that was read already")
        self._seen.add(token)
        self.query = {"rowCount": str(ROWS_PER_PAGE), "pageToken": token}
        return True


class ByFirstRow:
    """`firstRow`: go on behind the rows received, until a page is empty.

    >>> pages = ByFirstRow("worktypes")
    >>> pages.turn({}, 20), pages.query["firstRow"]
    (True, '20')
    >>> pages.turn({}, 0)
    False
    """

    def __init__(self, route: str) -> None:
        self._route = route
        self._first = 0
        self.query: Mapping[str, str] = {"rowCount": str(ROWS_PER_PAGE), "firstRow": "0"}

    def turn(self, headers: Mapping[str, str], received: int) -> bool:
        """Advance by the rows received."""
        self._first += received
        self.query = {"rowCount": str(ROWS_PER_PAGE), "firstRow": str(self._first)}
        return received > 0


def paginator(register: Register) -> Paginator:
    """Return a fresh paginator for one reading of a register."""
    return ByToken(register.route) if register.paging == "token" else ByFirstRow(register.route)


class EndGuard:
    """Ends a reading that brings nothing new any more, or more than any company has."""

    def __init__(self, route: str) -> None:
        self._route = route
        self._rows = 0
        self._without_news = 0

    def page(self, received: int, new: int) -> None:
        """Count a page with `new` rows not met earlier in this reading. Raises SourceDataError."""
        self._rows += received
        self._without_news = 0 if new else self._without_news + 1
        if self._without_news > _MOST_PAGES_WITHOUT_NEWS:
            raise _endless(
                self._route,
                f"{self._without_news} pages one after another held no row that was not read before",
            )
        if self._rows > _MOST_ROWS:
            raise _endless(self._route, f"it has gone on for more than {_MOST_ROWS:,} rows")


def _endless(route: str, reason: str) -> SourceDataError:
    return SourceDataError(
        f"Severa's paging of /v1/{route} does not end: {reason}. The register cannot be read completely, so "
        "nothing of this extract is used. Report this to Severa's support together with the route.",
        source="severa",
    )
