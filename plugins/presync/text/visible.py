"""What cannot be seen, made visible: for values of others that a message or a page shows."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u00ad\u034f\u17b4\u17b5") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))  # variation selectors
)
_IN_NUMBERS: Final = re.compile("(?<=[0-9])\u00a0(?=[0-9]{3})")


def visible(text: object) -> str:
    r"""Return a value's text with every character that a reader cannot see written as `<U+200B>`.

    Control, format and unassigned characters, half an emoji, line breaks, blanks other than the usual one,
    and usual ones at the ends or beside another one. What can be seen stays as it is.

    >>> visible("X100\u200b"), visible("A\nB"), visible(" 7"), visible("Åse Lie"), visible("\ud83d")
    ('X100<U+200B>', 'A<U+000A>B', '<U+0020>7', 'Åse Lie', '<U+D83D>')
    """
    shown = str(text)
    if shown.isascii() and shown.isprintable() and shown == shown.strip() and "  " not in shown:
        return shown
    return "".join(
        f"<U+{ord(character):04X}>" if _is_hidden(shown, place) else character
        for place, character in enumerate(shown)
    )


def _is_hidden(text: str, place: int) -> bool:
    character = text[place]
    if character == " ":
        return place in {0, len(text) - 1} or text[place - 1] == " "
    category = unicodedata.category(character)
    return category in _HIDDEN or category == "Zs" or character in _FILLERS


def visible_within(text: str) -> str:
    r"""Return a sentence, or a value among others, with what a reader cannot see written as `<U+200B>`.

    Blanks, line breaks, and what divides thousands in our own numbers stay as they are.

    >>> visible_within("change X100\u200b to X100"), visible_within("a  b \n"), visible_within("1\xa0234")
    ('change X100<U+200B> to X100', 'a  b \n', '1\xa0234')
    """
    if is_all_seen(text):
        return text
    kept = _IN_NUMBERS.sub(" ", text).replace("\r\n", "\n\n")
    return "".join(
        f"<U+{ord(character):04X}>" if character not in " \n\t" and _is_unseen(character) else original
        for character, original in zip(kept, text, strict=True)
    )


def is_all_seen(text: str) -> bool:
    """Tell whether a reader sees every character of a text, also of one that is put together from several."""
    return text.isprintable() and (text.isascii() or _FILLERS.isdisjoint(text))


def _is_unseen(character: str) -> bool:
    return not character.isprintable() or character in _FILLERS
