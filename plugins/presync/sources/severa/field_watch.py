"""Fields that the API always sends: one that is missing everywhere is something that was not checked.

A single null is legal almost everywhere. But where a field is gone from every row, the rules that ask for
it would find nothing wrong, whatever is wrong. Of fewer than twenty rows nothing is
concluded. Which fields are always sent: docs/reference/severa.md ("Models").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from presync.errors import SourceDataError
from presync.sources.severa.registers import SETTINGS, Invoice, OrganizationSettings

ENOUGH_ROWS: Final = 20
_ALWAYS: Final[Mapping[str, tuple[str, str]]] = {
    "customers": ("is_active", "isActive"),
    "users": ("is_active", "isActive"),
    "businessunits": ("is_active", "isActive"),
    "worktypes": ("is_active", "isActive"),
    "projects": ("is_closed", "isClosed"),
}


class FieldWatch:
    """Looks at every row of a register that is read, and says at the end whether a field is missing."""

    def __init__(self, route: str) -> None:
        self._route = route
        self._flagged = self._numbered = self._finalised = False

    def add(self, rows: Sequence[Any]) -> None:
        """Take in a page."""
        if self._route in _ALWAYS:
            column = _ALWAYS[self._route][0]
            self._flagged = self._flagged or any(getattr(row, column) is not None for row in rows)
        if self._route == "invoices":
            self._numbered = self._numbered or any(row.number is not None for row in rows)
            self._finalised = self._finalised or any(_is_finalised(row) for row in rows)

    def require(self, rows: int) -> None:
        """Raise SourceDataError if none of the register's rows had a field that the API always sends."""
        if self._route in _ALWAYS and rows >= ENOUGH_ROWS and not self._flagged:
            raise _missing(self._route, _ALWAYS[self._route][1], f"in all {rows} rows")
        if self._finalised and not self._numbered:
            raise _missing(self._route, "number", f"in all {rows} invoices, sent and paid ones too")


def require_settings(settings: OrganizationSettings) -> None:
    """Raise SourceDataError if the settings lack the field on which a rule about product codes depends.

    Counters that are missing are staged as null: a rule reports each of them.
    """
    if settings.unique_product_codes is None:
        raise _missing(SETTINGS, "uniqueIdentifierForProductsAndWorktypes", "in the organisation's settings")


def _is_finalised(invoice: Invoice) -> bool:
    status = invoice.status
    return status is not None and bool(status.is_sent or status.is_waiting_payment or status.is_paid)


def _missing(route: str, field: str, where: str) -> SourceDataError:
    return SourceDataError(
        f"Severa's answer for /v1/{route} lacks the field {field} {where}, though the API always sends it. "
        "What depends on it could not be checked, so nothing of this extract is used. Report this to "
        "Severa's support, and check whether something between here and Severa changes answers.",
        source="severa",
    )
