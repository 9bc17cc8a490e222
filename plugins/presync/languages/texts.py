"""Texts in the language that is spoken.

A text in the code is its own message id. `tr` and `trn` translate it where it is shown; a table of texts is
`Words`, which translates what is looked up in it. `marked` only says that a text is one to translate.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from presync.languages.cldr import number
from presync.languages.speaking import FOLDER, PSEUDO, spoken


class English(str):
    """A text of the run's data that has no translation: a page says that it is English."""

    __slots__ = ()


def marked(text: str) -> str:
    """Return a text that is translated later, where it is shown."""
    return text


def marked_forms(one: str, many: str) -> tuple[str, str]:
    """Return the two forms of a text that is translated later, by `trn`."""
    return one, many


def tr(text: str, **values: object) -> str:
    """Return a text in the language spoken; `%(name)s` stands for a value, if there are any."""
    said = translations(spoken()).gettext(text) if text else ""
    return said % values if values else said


def trn(one: str, many: str, count: int, **values: object) -> str:
    """Return the form of a text that goes with a count, which is `%(n)s` in it."""
    return translations(spoken()).ngettext(one, many, count) % {"n": number(count), **values}


class Words(Mapping[str, str]):
    """A table of texts, each in the language that is spoken when it is looked up."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, key: str) -> str:
        return tr(self._texts[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return a language's catalogue, ready for gettext; English needs none."""
    if language == PSEUDO:
        return _Pseudo()
    if language == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (FOLDER / language / "presync.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}{' ēē' * (len(message) // 6 + 1)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def jinja_gettext() -> tuple[Any, Any]:
    """Return gettext and ngettext for templates: they translate into what is spoken at the time."""
    return (
        lambda text: translations(spoken()).gettext(text),
        lambda one, many, count: translations(spoken()).ngettext(one, many, count),
    )
