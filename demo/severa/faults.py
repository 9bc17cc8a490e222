"""The ways in which the stand-in misbehaves on request.

A fault is a small struct that the configuration file names by `kind`. It says which requests it concerns
(`route`, `after`, `first`) and changes either the window of rows that a page is cut from (`reshape`) or the
finished answer (`alter`). To add one: write the class, and add it to `AnyFault`.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec

from demo.severa.answer import Answer, as_text, empty, error

CHANGED: Final = "lastUpdatedDateTime"


@dataclass
class Window:
    """The rows of a register and the part of them that a page shows: `size` rows from `start`."""

    rows: Sequence[msgspec.Raw]
    start: int
    size: int
    repeat: int = 0
    """Rows before `start` that are shown once more."""
    stuck: bool = False
    """The next page is this page again."""
    endless: bool = False
    """After the last row comes the first."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base: concerns requests of `client` by `method` to `route` (`*`: all), not the first `after`, then
    `first`.

    Of these, only every `every`-th.
    """

    client: str = "*"
    method: str = "*"
    route: str = "*"
    after: int = 0
    first: int | None = None
    every: int = 1

    def edit(self, rows: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
        """Return what the register holds while the fault strikes, before it is filtered and paged."""
        return rows

    def reshape(self, window: Window) -> None:
        """Change what a page of a register will show."""

    def alter(self, answer: Answer) -> Answer:
        """Return what shall be sent instead of `answer`."""
        return answer


class Status(Fault, frozen=True, tag="status"):
    """Another status, with a body as JSON, HTML, plain text or none."""

    status: int = 503
    body: Literal["json", "html", "text", "empty"] = "json"
    type: str | None = None
    retry_after: str | None = None

    def alter(self, answer: Answer) -> Answer:
        known = self.status in set(HTTPStatus)
        phrase = HTTPStatus(self.status).phrase if known else "Status"
        made = {
            "json": lambda: error(self.status, phrase, kind=self.type),
            "html": lambda: as_text(f"<html><h1>{phrase}</h1></html>", self.status, "text/html"),
            "text": lambda: as_text(phrase, self.status),
            "empty": lambda: empty(self.status),
        }[self.body]()
        extra = {"retry-after": self.retry_after} if self.retry_after is not None else {}
        return replace(made, headers={**made.headers, **extra})


class Redirect(Fault, frozen=True, tag="redirect"):
    """A redirection to another address."""

    location: str
    status: int = 302

    def alter(self, answer: Answer) -> Answer:
        return Answer(self.status, b"", {"location": self.location})


class Body(Fault, frozen=True, tag="body"):
    """Status 200 with a body that is not what was asked for."""

    text: str
    content_type: str = "application/json"

    def alter(self, answer: Answer) -> Answer:
        return replace(
            answer, status=200, body=self.text.encode(), headers={"content-type": self.content_type}
        )


class ContentType(Fault, frozen=True, tag="content_type"):
    """The right body under another type."""

    value: str

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, headers={**answer.headers, "content-type": self.value})


class Oversized(Fault, frozen=True, tag="oversized"):
    """The right body behind a great many blanks."""

    megabytes: int = 128

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, body=b" " * (self.megabytes << 20) + answer.body)


class Truncate(Fault, frozen=True, tag="truncate"):
    """A whole answer by HTTP's rules whose JSON ends half-way (or after `bytes`)."""

    bytes: int | None = None

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, body=answer.body[: _half(answer, self.bytes)])


class Break(Fault, frozen=True, tag="break"):
    """The connection ends in mid-body: closed, or reset."""

    how: Literal["close", "reset"] = "reset"
    bytes: int | None = None

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, ending=self.how, cut=_half(answer, self.bytes))


class Hang(Fault, frozen=True, tag="hang"):
    """No answer at all, or (`in_body`) one that stops half-way, with the connection kept open."""

    in_body: bool = False

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, ending="hang", cut=_half(answer, None) if self.in_body else None)


class Drip(Fault, frozen=True, tag="drip"):
    """An answer whose headers (or, `interim`, whose answers 102) go on and on, one every moment."""

    interim: bool = False

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, ending="interim" if self.interim else "drip")


class Packed(Fault, frozen=True, tag="packed"):
    """The right body behind a great many blanks, packed with gzip so many times."""

    megabytes: int = 128
    layers: int = 1

    def alter(self, answer: Answer) -> Answer:
        body = b" " * (self.megabytes << 20) + answer.body
        for _ in range(self.layers):
            body = gzip.compress(body, 1)
        coding = ", ".join(["gzip"] * self.layers)
        return replace(answer, body=body, headers={**answer.headers, "content-encoding": coding})


class WithoutField(Fault, frozen=True, tag="without_field"):
    """Rows (or the one object) without one of their fields, or (`null`) with null in it."""

    field: str
    null: bool = False

    def alter(self, answer: Answer) -> Answer:
        found = msgspec.json.decode(answer.body)
        for row in found if isinstance(found, list) else [found]:
            row.pop(self.field, None)
            row.update({self.field: None} if self.null else {})
        return replace(answer, body=msgspec.json.encode(found))


class OtherToken(Fault, frozen=True, tag="other_token"):
    """A login's answer that differs harmlessly: status 201, numbers as text, keys in other letters."""

    status: int = 201
    numbers_as_text: bool = True
    upper_case: bool = True

    def alter(self, answer: Answer) -> Answer:
        found = msgspec.json.decode(answer.body)
        if self.numbers_as_text:
            found = {key: str(value) for key, value in found.items()}
        if self.upper_case:
            found = {key.upper(): value for key, value in found.items()}
        return replace(answer, status=self.status, body=msgspec.json.encode(found))


class Slow(Fault, frozen=True, tag="slow"):
    """An answer that is late by `seconds`."""

    seconds: float

    def alter(self, answer: Answer) -> Answer:
        return replace(answer, delay=answer.delay + self.seconds)


class ShortPages(Fault, frozen=True, tag="short_pages"):
    """Pages of at most `rows` rows, whatever was asked for."""

    rows: int = 1

    def reshape(self, window: Window) -> None:
        window.size = min(window.size, self.rows)


class RepeatedRows(Fault, frozen=True, tag="repeated_rows"):
    """Every page begins with the last `rows` rows of the page before."""

    rows: int = 1

    def reshape(self, window: Window) -> None:
        window.repeat = self.rows


class UnstableOrder(Fault, frozen=True, tag="unstable_order"):
    """Another order of the rows for every request, so that rows move between pages.

    The orders are the same for every start of the stand-in: the n-th request to a route is answered in the
    order that `seed + n` gives.
    """

    seed: int = 0

    def reshape(self, window: Window) -> None:
        window.rows = random.Random(self.seed).sample(window.rows, len(window.rows))


class IgnoreFirstRow(Fault, frozen=True, tag="ignore_first_row"):
    """Every page is the first."""

    def reshape(self, window: Window) -> None:
        window.start = 0


class StuckToken(Fault, frozen=True, tag="stuck_token"):
    """`NextPageToken` leads to the same page again."""

    def reshape(self, window: Window) -> None:
        window.stuck = True


class LostToken(Fault, frozen=True, tag="lost_token"):
    """A page that says it is the last one."""

    def alter(self, answer: Answer) -> Answer:
        kept = {name: value for name, value in answer.headers.items() if name != "NextPageToken"}
        return replace(answer, headers=kept)


class EndlessPages(Fault, frozen=True, tag="endless_pages"):
    """Always one more `NextPageToken`, and after the last row the first again."""

    def reshape(self, window: Window) -> None:
        window.endless = True


class Edit(Fault, frozen=True, kw_only=True):
    """Base of those that change a register while it is read: from the first request they strike on."""

    stamp: str = ""
    """When the change was made (`lastUpdatedDateTime`); left out: when it first strikes."""


class Removed(Edit, frozen=True, tag="removed"):
    """The row with `guid` is deleted."""

    guid: str

    def edit(self, rows: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
        return [raw for raw in rows if _guid(raw) != self.guid]


class Inserted(Edit, frozen=True, tag="inserted"):
    """`row` is created and listed at place `to`."""

    row: dict[str, Any]
    to: int = 0

    def edit(self, rows: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
        made = msgspec.Raw(msgspec.json.encode({CHANGED: self.stamp, **self.row}))
        return [*rows[: self.to], made, *rows[self.to :]]


class Changed(Edit, frozen=True, tag="changed"):
    """The row with `guid` is edited: it has other `fields`."""

    guid: str
    fields: dict[str, Any]

    def edit(self, rows: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
        return [self._edited(raw) if _guid(raw) == self.guid else raw for raw in rows]

    def _edited(self, raw: msgspec.Raw) -> msgspec.Raw:
        row = {**msgspec.json.decode(raw), CHANGED: self.stamp, **self.fields}
        return msgspec.Raw(msgspec.json.encode(row))


class Moved(Edit, frozen=True, tag="moved"):
    """The row with `guid` is listed at place `to`, though nothing in it has changed."""

    guid: str
    to: int = 0

    def edit(self, rows: Sequence[msgspec.Raw]) -> Sequence[msgspec.Raw]:
        mine = [raw for raw in rows if _guid(raw) == self.guid]
        rest = [raw for raw in rows if _guid(raw) != self.guid]
        return [*rest[: self.to], *mine, *rest[self.to :]]


AnyFault = (
    Status
    | Redirect
    | Body
    | ContentType
    | Oversized
    | Truncate
    | Break
    | Hang
    | Drip
    | Packed
    | WithoutField
    | OtherToken
    | Slow
    | ShortPages
    | RepeatedRows
    | UnstableOrder
    | IgnoreFirstRow
    | StuckToken
    | LostToken
    | EndlessPages
    | Removed
    | Inserted
    | Changed
    | Moved
)


def _guid(raw: msgspec.Raw) -> object:
    return msgspec.json.decode(raw).get("guid")


def _half(answer: Answer, wanted: int | None) -> int:
    return len(answer.body) // 2 if wanted is None else wanted
