"""Names as they are compared beyond their keys: without legal forms, and in their folded forms.

The definitions are `docs/rules.md`, *Words*: "name key" and "folded forms". `sql/keys.sql` computes the same
for plain Latin text without single letters, and hands every other key to the functions here.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_FORMS: Final = (
    "oy oyj ab abp ay ky tmi osk ry rf hb kb publ as asa ans da enk nuf sa aps ivs ltd limited inc llc plc "
    "gmbh bv nv ou oü osakeyhtiö osakeyhtio aktiebolag aktiebolaget aksjeselskap aktieselskab aktieselskabet "
    "anpartsselskab anpartsselskabet kommanditbolag handelsbolag iks sia uab"
)
_AT_THE_END: Final = _FORMS.split()
_OF_WORDS: Final = ("ek för", "ekonomisk förening", "sp z o o", "sp zoo")
_ONLY_LETTERS: Final = ("ks", "ps", "is")
_AT_THE_START: Final = ("oy", "ab", "as")


def _spelled(forms: tuple[str, ...] | list[str]) -> set[tuple[str, ...]]:
    """Return forms of one word as single letters: `a s`, `g m b h`."""
    return {tuple(form) for form in forms}


END: Final = frozenset(
    {(form,) for form in _AT_THE_END}
    | {tuple(form.split()) for form in _OF_WORDS}
    | _spelled(_AT_THE_END)
    | _spelled(_ONLY_LETTERS)
)
START: Final = frozenset({(form,) for form in _AT_THE_START} | _spelled(_AT_THE_START))
_LONGEST_END: Final = max(map(len, END))
_LONGEST_START: Final = max(map(len, START))
# SQL can drop these: forms that are not single letters
WHOLE_FORMS: Final = [form for form in (*_AT_THE_END, *_OF_WORDS) if " o " not in form]

_ALWAYS: Final = {"æ": "ae", "ß": "ss", "đ": "d", "ł": "l", "ð": "d", "þ": "th"}
FIRST: Final = str.maketrans({**_ALWAYS, "å": "aa", "ä": "ae", "ø": "oe", "ö": "oe", "ü": "ue"})
SECOND: Final = str.maketrans({**_ALWAYS, "ø": "o"})


def without_legal_form(key: str) -> str:
    """Return a customer's name key without legal forms; at least one word is left.

    >>> without_legal_form("nordfjord a s"), without_legal_form("oy ab"), without_legal_form("as x gmbh ltd")
    ('nordfjord', 'oy', 'x')
    """
    words = tuple(key.split(" "))
    while drop := next((n for n in range(min(_LONGEST_END, len(words) - 1), 0, -1) if words[-n:] in END), 0):
        words = words[:-drop]
    while drop := next(
        (n for n in range(min(_LONGEST_START, len(words) - 1), 0, -1) if words[:n] in START), 0
    ):
        words = words[drop:]
    return " ".join(words)


def folded_forms(key: str) -> tuple[str, str]:
    """Return both folded forms of a name key.

    >>> folded_forms("østergaard"), folded_forms("nærbø")
    (('oestergaard', 'ostergaard'), ('naerboe', 'naerbo'))
    """
    return _without_marks(key.translate(FIRST)), _without_marks(key.translate(SECOND))


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(
        character for character in decomposed if not unicodedata.category(character).startswith("M")
    )
