"""From a query to one page of a register, in both paging styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from demo.severa.answer import Answer, as_json, error
from demo.severa.config import Config
from demo.severa.faults import Fault, Window
from demo.severa.registers import (
    Register,
    changed_since,
    page_token,
    parse_moment,
    read_page_token,
    with_flag,
    with_values,
)

Query = Mapping[str, str]


class ParameterError(Exception):
    """A query parameter that cannot be used."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def page(
    name: str,
    register: Register,
    rows: Sequence[msgspec.Raw],
    query: Query,
    *,
    config: Config,
    faults: Sequence[Fault],
    seen: Mapping[str, datetime],
) -> Answer:
    """Return the page that `query` asks for, as `faults` bend it; `seen`: see `changed_since`."""
    try:
        for change in faults:
            rows = change.edit(rows)
        rows = _filtered(rows, register, query, seen)
        start, lap = _start(name, register, query)
        window = Window(rows, start, _size(register, query, config, len(rows)))
    except ParameterError as wrong:
        return error(400, str(wrong), parameter=wrong.name)
    for bend in faults:
        bend.reshape(window)
    shown = window.rows[max(0, window.start - window.repeat) : window.start + window.size]
    headers = _next(name, window, lap) if register.paging == "token" else {}
    return as_json(b"[" + b",".join(bytes(raw) for raw in shown) + b"]", headers=headers)


def _next(name: str, window: Window, lap: int) -> dict[str, str]:
    following = window.start if window.stuck else window.start + window.size
    if following >= len(window.rows):
        if not window.endless:
            return {}
        following, lap = 0, lap + 1
    return {"NextPageToken": page_token(name, following, lap)}


def _start(name: str, register: Register, query: Query) -> tuple[int, int]:
    if register.paging == "rows":
        return _number(query, "firstRow", 0, least=0), 0
    token = query.get("pageToken")
    if not token:
        return 0, 0
    try:
        return read_page_token(token, name)
    except ValueError as fault:
        raise ParameterError("pageToken", str(fault)) from fault


def _size(register: Register, query: Query, config: Config, rows: int) -> int:
    if register.all_by_default and "rowCount" not in query:
        return max(rows, 1)
    return min(_number(query, "rowCount", config.default_rows, least=1), config.most_rows)


def _number(query: Query, name: str, default: int, *, least: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least:
        raise ParameterError(name, f"{name} must be a whole number, at least {least}")
    return int(text)


def _filtered(
    rows: Sequence[msgspec.Raw], register: Register, query: Query, seen: Mapping[str, datetime]
) -> Sequence[msgspec.Raw]:
    for parameter, field in register.filters.items():
        text = query.get(parameter)
        if text is None:
            continue
        if text.lower() not in {"true", "false"}:
            raise ParameterError(parameter, f"{parameter} must be true or false")
        rows = with_flag(rows, field, text.lower() == "true")
    for parameter, field in (("numbers", "number"), ("code", "code")):
        if parameter in query:
            rows = with_values(rows, field, query[parameter].split(","))
    since = query.get("changedSince")
    if since is None:
        return rows
    try:
        return changed_since(rows, parse_moment(since), seen)
    except ValueError as fault:
        raise ParameterError("changedSince", "changedSince must be a date and time") from fault
