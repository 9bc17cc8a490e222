"""Finds texts that no catalogue translated: the pseudo-language puts every translated one in ⟦ ⟧."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from presync.languages.speaking import PSEUDO

# what is the same in every language: names, codes, files, numbers, and what programs read
_SAME = re.compile(r"Visma Business|Severa|Presync|[\W\d_]+|\w+\.(csv|xlsx|json)")
# headers of cells in which Presync says something
_SAID = re.compile("⟦(Why|Differs|What is wrong|How to fix it|Stands)")
_EMPTY = frozenset({"meta", "link", "input", "br"})


class _Parser(HTMLParser):
    """Collects texts and labels that are no data and not marked as English."""

    def __init__(self, page: str, data: tuple[str, ...]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._data = data
        self._open: list[bool] = []
        self._depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        data = tag in {"script", "style", "code"} or values.get("lang") not in {None, PSEUDO}
        data = data or values.get("class") in {"machine", "code", "facts"}
        # names and people's own words; what Presync says about them is none
        data = data or (values.get("dir") == "auto" and not _SAID.search(values.get("data-of") or ""))
        if tag not in _EMPTY:
            self._open.append(data)
        if not (data or any(self._open)):
            self._take(values.get("aria-label") or "", _outside(values.get("aria-label") or "", 0)[0])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        # a translated text can hold elements: it goes on in the next data
        outside, self._depth = _outside(data, self._depth)
        if not any(self._open):
            self._take(data, outside)

    def _take(self, text: str, outside: str) -> None:
        for each in self._data:
            outside = outside.replace(each, "")
        if _SAME.sub("", outside):
            self.found.append(text.strip())


def untranslated(text: str, *data: str) -> list[str]:
    """Return the parts of a page, or the text without marks, that stayed English; `data` may."""
    return _Parser(text, data).found


def _outside(text: str, depth: int) -> tuple[str, int]:
    """Return what is outside of ⟦ ⟧, which may hold one another, and how deep the text ends."""
    outside = ""
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        outside += character if not depth and character != "⟧" else ""
    return outside, depth
