"""The catalogues as files: `<language>/presync.po`, one for each language but English.

`python -m presync.languages.catalogues` brings all of them up to date with the texts in the code and the
suites: what is new is there without a translation, what is gone is removed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from presync.languages.messages import empty, template
from presync.languages.speaking import FOLDER, LANGUAGES

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog


_HELD: Final = re.compile(r"%\(\w+\)s|\{[^{}]*\}|</?\w+[^>]*>|<|>")


def held(text: str) -> list[str]:
    """Return what a translation must hold as well: placeholders and marks."""
    return sorted(_HELD.findall(text))


def path_of(language: str) -> Path:
    """Return where a language's catalogue is."""
    return FOLDER / language / "presync.po"


def read(language: str) -> Catalog:
    """Return a language's catalogue; an empty one if there is none yet."""
    from babel.messages.pofile import read_po

    path = path_of(language)
    if not path.is_file():
        return empty(language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def write(language: str, catalogue: Catalog) -> None:
    """Write a catalogue: every text with where it is from, in the order of the English texts."""
    from babel.messages.pofile import write_po

    path = path_of(language)
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as sink:
        write_po(sink, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)


def updated(language: str) -> Catalog:
    """Return a language's catalogue with exactly the texts that there are now."""
    old, new = read(language), template(language)
    for message in new:
        known = old.get(message.id) if message.id else None
        if known is not None and known.id == message.id:
            message.string = known.string
            message.flags |= known.flags
    return new


if __name__ == "__main__":
    for each in LANGUAGES:
        if each != "en":
            write(each, updated(each))
