"""The files of one organisation as they are written to: one field of one row at a time, all or nothing."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from demo.severa.faults import CHANGED

COUNTERS: Final = {"customers": "CustomerNumber", "projects": "ProjectNumber"}


class WritableFolder:
    """Writes the JSON files of one organisation; whatever it changes gets a new time stamp."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, route: str, guid: str) -> tuple[str, dict[str, Any]] | None:
        """Return the register that holds a row, and the row; a sales case is written as a project."""
        for register in (route, "salescases") if route == "projects" else (route,):
            for row in self.rows(register):
                if row.get("guid") == guid:
                    return register, row
        return None

    def rows(self, register: str) -> list[dict[str, Any]]:
        """Return a register's rows."""
        path = self._folder / f"{register}.json"
        return msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]]) if path.is_file() else []

    def settings(self) -> dict[str, Any]:
        """Return the organisation's settings."""
        path = self._folder / "organizationsettings.json"
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.is_file() else {}

    def change(
        self, register: str, guid: str, fields: Mapping[str, Any], *, stamped: bool = True
    ) -> dict[str, Any] | None:
        """Change a row, in both registers where it is a won sale; return it as it is then."""
        changed = None
        pair = ("projects", "salescases")
        for name in pair if register in pair else (register,):
            rows = self.rows(name)
            for row in rows:
                if row.get("guid") == guid:
                    row.update({**fields, CHANGED: _stamp(row)} if stamped else fields)
                    changed = changed or row
                    self._write(name, rows)
        return changed

    def renumber_customer_of_projects(self, guid: str, fields: Mapping[str, Any], *, stamped: bool) -> None:
        """Let the projects and sales cases of a customer name its new number."""
        for name in ("projects", "salescases"):
            rows, found = self.rows(name), False
            for row in rows:
                customer = row.get("customer")
                if isinstance(customer, dict) and customer.get("guid") == guid:
                    row["customer"] = {**customer, **fields}
                    row.update({CHANGED: _stamp(row)} if stamped else {})
                    found = True
            if found:
                self._write(name, rows)

    def create_customer(self, name: str) -> None:
        """Create a customer, who gets the next number."""
        settings, rows = self.settings(), self.rows("customers")
        number = settings.get("nextCustomerNumber") or 1
        made = {"guid": str(uuid.uuid4()), "name": name, "number": number, "isActive": True}
        self._write("customers", [*rows, {**made, CHANGED: _stamp({})}])
        self._write("organizationsettings", {**settings, "nextCustomerNumber": number + 1})

    def count_past(self, register: str, number: int) -> None:
        """Move a register's counter behind a number."""
        settings, name = self.settings(), f"next{COUNTERS[register]}"
        if (settings.get(name) or 0) <= number:
            self._write("organizationsettings", {**settings, name: number + 1})

    def next_number(self, register: str) -> int | None:
        """Take the next number of a register's counter."""
        settings, name = self.settings(), f"next{COUNTERS[register]}"
        number: int | None = settings.get(name)
        if number is not None:
            self._write("organizationsettings", {**settings, name: number + 1})
        return number

    def _write(self, name: str, content: Any) -> None:
        path = self._folder / f"{name}.json"
        draft = path.with_suffix(".draft")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
        os.replace(draft, path)  # noqa: PTH105 - says more plainly what happens


def _stamp(row: Mapping[str, Any]) -> str:
    """Return a time stamp that differs from the row's present one."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return now if now != row.get(CHANGED) else f"{now[:-6]}1+00:00"
