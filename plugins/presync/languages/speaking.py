"""Which language is spoken: English unless `speaking` says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

LANGUAGES: Final[Mapping[str, str]] = {
    "en": "English",
    "nb": "Norsk",
    "sv": "Svenska",
    "fi": "Suomi",
    "da": "Dansk",
}
"""Every language by its code, as its speakers call it; one folder here for each but English."""

PSEUDO: Final = "qps"
"""A language for tests: every text in brackets and half as long again, so that a forgotten one is seen."""

FOLDER: Final = Path(__file__).parent
_spoken: ContextVar[str] = ContextVar("spoken", default="en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate into this language until the block ends; one without a catalogue is a KeyError."""
    if language not in LANGUAGES and language != PSEUDO:
        raise KeyError(language)
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """Return the code of the language that is being spoken."""
    return _spoken.get()
