"""Where in a page the JSON is wrong: which row, its guid and its field, but never the value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from presync.text.visible import visible

_LONGEST_GUID: Final = 64


def row_named(page: int | None, row: int, guid: object) -> str:
    """Return the words that name a row (counted from 0) of a page (from 1)."""
    name = "unknown" if guid is None else visible(str(guid)[:_LONGEST_GUID]) or "empty"
    return f"row {row + 1} of {f'page {page}' if page else 'a page'} (guid {name})"


def ends_half_way(body: bytes) -> bool:
    """Tell whether a body that seems to be cut off is: one that ends with half a character looks alike."""
    try:
        json.loads(body.decode("utf-8", "surrogateescape"))
    except RecursionError:
        return False
    except ValueError:
        return True
    return False


def invalid_json(body: bytes, reason: str, page: int | None) -> str:
    """Return what is wrong with a body that the strict decoder refuses.

    Half a character (a lone surrogate) and bytes that are not UTF-8 are found in their row and field; of
    anything else the last row before it is named.
    """
    text = body.decode("utf-8", "surrogateescape")
    try:
        found = json.loads(text)
    except RecursionError:
        return "its values are nested too deeply for any answer of the API"
    except ValueError:
        return f"it is not valid JSON ({_position(reason)}){_after(text, page)}"
    for row, value in enumerate(found if isinstance(found, list) else [found]):
        for field in _broken(value, ""):
            guid = value.get("guid") if isinstance(value, dict) else None
            where = f"{row_named(page, row, guid)}, " if isinstance(found, list) else ""
            return (
                f"{where}field {field} holds half a character, such as a cut emoji, or bytes that "
                "are not valid UTF-8"
            )
    return f"it is not valid JSON ({_position(reason)})"


def _position(reason: str) -> str:
    found = re.search(r"byte (\d+)", reason)
    return (
        f"at byte {found[1]}"
        if found
        else "its text is not valid UTF-8"
        if "UTF-8" in reason
        else "malformed"
    )


def _broken(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            yield path or "without a name"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _broken(name, path) if name.isascii() is False else ()
            yield from _broken(inner, f"{path}.{visible(name[:40])}" if path else visible(name[:40]))
    elif isinstance(value, list):
        for inner in value:
            yield from _broken(inner, path)


def _after(text: str, page: int | None) -> str:
    """Return the last row that is whole, if the body is an array."""
    decoder, place, rows, guid = json.JSONDecoder(), text.find("[") + 1, 0, None
    if not text.lstrip().startswith("["):
        return ""
    try:
        while True:
            place += len(text[place : place + 200]) - len(text[place : place + 200].lstrip(" \t\r\n,"))
            value, place = decoder.raw_decode(text, place)
            rows, guid = rows + 1, value.get("guid") if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        pass
    return f" after {row_named(page, rows - 1, guid)}" if rows else f" in {row_named(page, 0, None)}"
