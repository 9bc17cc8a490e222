"""Results and errors that statements and procedures have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.tds.types import SqlType


class SqlError(Exception):
    """An error of the server: number, severity, text, and what of the answer goes `before` it."""

    def __init__(self, number: int, text: str, severity: int = 16, *, before: bytes = b"") -> None:
        super().__init__(text)
        self.before = before
        self.number, self.text, self.severity = number, text, severity


@dataclass
class Result:
    """One result set; `name` is the table or procedure it comes from. Without columns it has no rows.

    `adds_up`: it only counts or adds up a table's rows.
    """

    name: str = ""
    columns: Sequence[str] = ()
    types: Sequence[SqlType] = ()
    rows: Iterable[Sequence[Any]] = field(default_factory=list)
    adds_up: bool = False
