"""Every fault that the stand-in can do, at every route it can strike, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from presync.sources.severa.registers import REGISTERS, SETTINGS

Outcome = Literal["same", "error", "either"]
Fault = Mapping[str, Any]

PAGING: Final = {register.route: register.paging for register in REGISTERS}
ROUTES: Final = ("token", SETTINGS, *PAGING)
ROWS: Final = 7
ROWS_PER_PAGE: Final = 3


@dataclass(frozen=True, eq=False)
class Case:
    """Faults at a route, and their outcome: the same content as without them, or an error."""

    name: str
    route: str
    faults: tuple[Fault, ...]
    outcome: Outcome

    @property
    def edits(self) -> bool:
        """Whether the register itself changes, so that "the same content" is that of afterwards."""
        return any(fault["kind"] in {"removed", "inserted", "changed", "moved"} for fault in self.faults)


def rows(route: str) -> list[dict[str, Any]]:
    """The rows of a register: enough for three pages."""
    return [
        {"guid": f"{route}-{n}", "name": f"Name {n}", "firstName": "Åse", "lastName": f"Lie {n}", "number": n}
        for n in range(ROWS)
    ]


def sampled() -> list[Case]:
    """Return the usual run's cases: each fault at a quarter of the registers, in turn; all elsewhere."""
    by_fault: dict[str, list[Case]] = {}
    chosen = []
    for case in cases():
        if case.route in PAGING:
            by_fault.setdefault(case.name, []).append(case)
        else:
            chosen.append(case)
    for turn, alike in enumerate(by_fault.values()):
        chosen += alike[turn % min(4, len(alike)) :: 4]
    return chosen


def cases() -> Iterator[Case]:
    """Give every case."""
    for route in ROUTES:
        yield from _answers(route)
        yield from _bodies(route)
        yield from _connections(route)
    for route in PAGING:
        yield from _pages(route)
        yield from _edits(route)


PASSING: Final[Mapping[str, Fault]] = {
    "429": {"status": 429, "body": "text"},
    "429 retry now": {"status": 429, "body": "text", "retry_after": "0"},
    "429 retry at": {"status": 429, "body": "text", "retry_after": "Mon, 01 Jan 2024 00:00:00 GMT"},
    "408": {"status": 408, "body": "empty"},
    "500": {"status": 500, "body": "json"},
    "502": {"status": 502, "body": "html"},
    "503": {"status": 503, "body": "text"},
    "504": {"status": 504, "body": "empty"},
}
LASTING: Final[Mapping[str, Fault]] = {
    "400": {"status": 400},
    "403": {"status": 403},
    "404": {"status": 404, "body": "empty"},
    "410": {"status": 410, "body": "html"},
    "204": {"status": 204, "body": "empty"},
    "206": {"status": 206, "body": "json"},
    "418": {"status": 418, "body": "text"},
}


def _answers(route: str) -> Iterator[Case]:
    for name, settings in PASSING.items():
        yield from _at_times(name, route, {"kind": "status", **settings})
    yield Case("503 come back in an hour", route, (_late(route),), "error")
    for name, settings in LASTING.items():
        yield _case(name, route, {"kind": "status", **settings, "after": _middle(route)}, "error")
    unauthorised = {"kind": "status", "status": 401}
    yield _case("401", route, unauthorised, "error")
    yield _case("401 once", route, {**unauthorised, "first": 1}, "error" if route == "token" else "same")
    for status in (301, 302, 307):
        elsewhere = {"kind": "redirect", "location": "http://127.0.0.1:9/", "status": status}
        yield _case(f"redirect {status}", route, elsewhere, "error")


def _late(route: str) -> Fault:
    return {"kind": "status", "status": 503, "body": "text", "retry_after": "3600", "route": route}


def _bodies(route: str) -> Iterator[Case]:
    yield from _at_times("truncated", route, {"kind": "truncate"})
    yield from _at_times("truncated at once", route, {"kind": "truncate", "bytes": 0})
    texts = {
        "login page": "<html>Log in</html>",
        "null": "null",
        "text": '"x"',
        "nested": "[[]]",
        "numbers": "[7]",
    }
    texts |= {"nameless": '[{"guid": "x"}]', "no guid": '[{"name": "x"}]', "two values": "[] []"}
    for name, text in texts.items():
        if name != "nameless" or route != "invoices":  # an invoice has no name
            yield _case(name, route, {"kind": "body", "text": text, "after": _middle(route)}, "error")
    for kind in ("text/html", "application/json; charset=utf-16"):
        yield _case(f"type {kind}", route, {"kind": "content_type", "value": kind}, "error")
    if route not in PAGING:
        yield _case("array instead of object", route, {"kind": "body", "text": "[]"}, "error")
        return
    yield _case("object instead of array", route, {"kind": "body", "text": "{}"}, "error")
    for after in (0, 1, 2):
        empty = {"kind": "body", "text": "[]", "after": after, "first": 1}
        yield _case(f"empty once after {after}", route, empty, "same")


def _connections(route: str) -> Iterator[Case]:
    for how in ("reset", "close"):
        yield from _at_times(f"connection {how}", route, {"kind": "break", "how": how})
        yield from _at_times(f"connection {how} at once", route, {"kind": "break", "how": how, "bytes": 0})
    yield from _at_times("hanging", route, {"kind": "hang"})
    yield from _at_times("hanging half-way", route, {"kind": "hang", "in_body": True})
    yield _case("503 twice", route, {"kind": "status", "status": 503, "first": 2}, "same")
    yield _case("slow", route, {"kind": "slow", "seconds": 0.02}, "same")


def _pages(route: str) -> Iterator[Case]:
    yield _case("single rows", route, {"kind": "short_pages", "rows": 1}, "same")
    yield _case("pairs", route, {"kind": "short_pages", "rows": 2}, "same")
    yield _case("pairs at first", route, {"kind": "short_pages", "rows": 2, "first": 2}, "same")
    for repeated in (1, 2):
        yield _case(f"{repeated} repeated", route, {"kind": "repeated_rows", "rows": repeated}, "same")
        once = {"kind": "repeated_rows", "rows": repeated, "after": 1, "first": 1}
        yield _case(f"{repeated} repeated once", route, once, "same")
    yield _case("no order", route, {"kind": "unstable_order"}, "either")
    yield _case("no order once", route, {"kind": "unstable_order", "after": 1, "first": 1}, "either")
    if PAGING[route] == "rows":
        yield _case("first page for ever", route, {"kind": "ignore_first_row"}, "error")
        yield _case("first page again", route, {"kind": "ignore_first_row", "after": 1, "first": 1}, "same")
        return
    yield _case("stuck", route, {"kind": "stuck_token"}, "error")
    yield _case("stuck once", route, {"kind": "stuck_token", "after": 1, "first": 1}, "either")
    yield _case("endless", route, {"kind": "endless_pages"}, "error")
    for after in (0, 1):
        lost = {"kind": "lost_token", "after": after, "first": 1}
        yield _case(f"token lost after {after}", route, lost, "same")


def _edits(route: str) -> Iterator[Case]:
    row = {**rows(route)[0], "guid": f"{route}-new"}
    for after in (1, 2):
        for place in (0, ROWS_PER_PAGE, ROWS - 1):
            guid = f"{route}-{place}"
            removed = {"kind": "removed", "guid": guid, "after": after}
            inserted = {"kind": "inserted", "row": row, "to": place, "after": after}
            yield _case(f"{place} removed after {after}", route, removed, "same")
            yield _case(f"created at {place} after {after}", route, inserted, "same")
            yield _case(f"{place} edited after {after}", route, _edited(guid, after), "same")
            both = [{**fault, "route": route} for fault in (removed, {**inserted, "to": ROWS - 1})]
            yield Case(f"{place} removed, one created, after {after}", route, tuple(both), "same")
        for place, to in ((0, ROWS - 1), (ROWS - 1, 0), (ROWS_PER_PAGE, 1)):
            moved = {"kind": "moved", "guid": f"{route}-{place}", "to": to, "after": after}
            yield _case(f"{place} moved to {to} after {after}", route, moved, "same")


def _edited(guid: str, after: int) -> Fault:
    fields = {"number": 99, "name": "Another", "firstName": "Another"}
    return {"kind": "changed", "guid": guid, "fields": fields, "after": after}


def _at_times(name: str, route: str, fault: Fault) -> Iterator[Case]:
    after = (0, _middle(route))[len(name) % 2]
    yield _case(f"{name} once", route, {**fault, "after": after, "first": 1}, "same")
    yield _case(f"{name} for ever", route, {**fault, "after": _middle(route)}, "error")


def _middle(route: str) -> int:
    """How many requests to let pass, so that a fault strikes when a register is half read."""
    return 1 if route in PAGING else 0


def _case(name: str, route: str, fault: Fault, outcome: Outcome) -> Case:
    return Case(name, route, ({**fault, "route": route},), outcome)
