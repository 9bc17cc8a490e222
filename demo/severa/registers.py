"""The registers: how each route pages and filters, which scope opens it, and its rows on disk."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from demo.severa.faults import CHANGED


@dataclass(frozen=True)
class Register:
    """A route that answers with an array."""

    paging: Literal["token", "rows"]
    scope: str
    filters: Mapping[str, str]
    """Query parameter → the row's field that it is compared with."""
    all_by_default: bool = False


_IS_ACTIVE = {"isActive": "isActive"}
_ACTIVE = {"active": "isActive"}
_IS_CLOSED = {"isClosed": "isClosed"}

REGISTERS: Final[Mapping[str, Register]] = {
    "customers": Register("token", "customers:read", _IS_ACTIVE),
    "projects": Register("token", "projects:read", _IS_CLOSED),
    "salescases": Register("token", "projects:read", {}),
    "invoices": Register("token", "invoices:read", {}),
    "users": Register("token", "users:read", _IS_ACTIVE),
    "products": Register("token", "settings:read", _IS_ACTIVE),
    "businessunits": Register("rows", "organization:read", _ACTIVE),
    "worktypes": Register("rows", "settings:read", _ACTIVE),
    "travelexpensetypes": Register("rows", "settings:read", _ACTIVE, all_by_default=True),
    "overtimes": Register("rows", "settings:read", _ACTIVE, all_by_default=True),
    "costcenters": Register("rows", "settings:read", _ACTIVE),
    "invoicestatuses": Register("rows", "invoices:read", {}),
}
OBJECTS: Final[Mapping[str, str]] = {
    "organizationsettings": "settings:read",
    "organizationdetails": "organization:read",
}


class Stamp(msgspec.Struct, frozen=True):
    """The part of a row that says which it is and when it was changed."""

    guid: str = ""
    changed: str | None = msgspec.field(default=None, name=CHANGED)


_STAMP: Final = msgspec.json.Decoder(Stamp)


class DataFolder:
    """The JSON files of one organisation, read again whenever one has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[tuple[int, int], list[msgspec.Raw]]] = {}
        self._seen: dict[str, dict[str, datetime]] = {}

    def rows(self, register: str) -> list[msgspec.Raw]:
        """Return a register's rows, unparsed; none if it has no file."""
        path = self._folder / f"{register}.json"
        try:
            stat = path.stat()
        except FileNotFoundError:
            return []
        version = (stat.st_mtime_ns, stat.st_size)
        if register not in self._read or self._read[register][0] != version:
            rows = msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])
            if register in self._read:
                self._note_changes(register, rows)
            self._read[register] = (version, rows)
        return self._read[register][1]

    def seen_changes(self, register: str) -> Mapping[str, datetime]:
        """Return when the rows were seen to change, by guid, as far as they did while this server ran."""
        return self._seen.get(register, {})

    def _note_changes(self, register: str, rows: Sequence[msgspec.Raw]) -> None:
        before = {bytes(raw) for raw in self._read[register][1]}
        changed = {_STAMP.decode(raw).guid for raw in rows if bytes(raw) not in before}
        self._seen.setdefault(register, {}).update(dict.fromkeys(changed, datetime.now(UTC)))

    def object(self, name: str) -> bytes | None:
        """Return the organisation's settings or details as they are on disk, or None without a file."""
        path = self._folder / f"{name}.json"
        return path.read_bytes() if path.is_file() else None

    def row(self, register: str, guid: str) -> bytes | None:
        """Return the row with a guid, or None; a sales case is found as a project, too."""
        for name in (register, "salescases") if register == "projects" else (register,):
            for raw in self.rows(name):
                if guid.encode() in bytes(raw) and _fields(raw).get("guid") == guid:
                    return bytes(raw)
        return None


def with_flag(rows: Sequence[msgspec.Raw], field: str, wanted: bool) -> list[msgspec.Raw]:
    """Return the rows whose flag is `wanted`; one that is not there counts as active and open."""
    absent = field != "isClosed"

    def value(raw: msgspec.Raw) -> object:
        found = _fields(raw).get(field)
        return absent if found is None else found

    return [raw for raw in rows if value(raw) is wanted]


def with_values(rows: Sequence[msgspec.Raw], field: str, wanted: Sequence[str]) -> list[msgspec.Raw]:
    """Return the rows whose field is one of the texts `wanted`."""
    return [raw for raw in rows if str(_fields(raw).get(field)) in wanted]


def changed_since(
    rows: Sequence[msgspec.Raw], moment: datetime, seen: Mapping[str, datetime]
) -> list[msgspec.Raw]:
    """Return the rows changed at `moment` or later: as they say, or else as they were `seen` to (by guid)."""

    def kept(raw: msgspec.Raw) -> bool:
        stamp = _STAMP.decode(raw)
        changed = parse_moment(stamp.changed) if stamp.changed else seen.get(stamp.guid)
        return changed is not None and changed >= moment

    return [raw for raw in rows if kept(raw)]


def parse_moment(text: str) -> datetime:
    """Return a date and time; one without a zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def page_token(register: str, start: int, lap: int) -> str:
    """Return an opaque `pageToken` for the page that begins at row `start`."""
    return base64.urlsafe_b64encode(f"{register}:{start}:{lap}".encode()).decode()


def read_page_token(token: str, register: str) -> tuple[int, int]:
    """Return start and lap of a `pageToken`. Raises ValueError for one that this register never issued."""
    try:
        owner, start, lap = base64.urlsafe_b64decode(token.encode()).decode().split(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("not a page token") from error
    if owner != register:
        raise ValueError("a page token of another register")
    return int(start), int(lap)


def _fields(raw: msgspec.Raw) -> dict[str, object]:
    value = msgspec.json.decode(raw)
    return value if isinstance(value, dict) else {}
