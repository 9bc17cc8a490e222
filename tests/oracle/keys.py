"""What records are compared by: code key, name key and its folded forms, e-mail."""

from __future__ import annotations

import re
import unicodedata

_FORMS = """
    oy oyj ab abp ay ky tmi osk ry rf hb kb publ as asa ans da enk nuf sa aps ivs ltd limited inc llc plc
    gmbh bv nv ou oü osakeyhtiö osakeyhtio aktiebolag aktiebolaget aksjeselskap aktieselskab aktieselskabet
    anpartsselskab anpartsselskabet kommanditbolag handelsbolag iks sia uab
"""
_LONGER_FORMS = ("ek för", "ekonomisk förening", "sp z o o", "sp zoo")
_ONLY_AS_LETTERS = ("ks", "ps", "is")
_AT_THE_START = ("oy", "ab", "as")

_LETTERS = str.maketrans({"æ": "ae", "ß": "ss", "đ": "d", "ł": "l", "ð": "d", "þ": "th"})
_TWO_VOWELS = str.maketrans({"å": "aa", "ä": "ae", "ø": "oe", "ö": "oe", "ü": "ue"})
_ONE_VOWEL = str.maketrans({"ø": "o"})


def _spelled(form: str) -> tuple[str, ...]:
    return tuple(form)


LEGAL_FORMS_AT_THE_END: frozenset[tuple[str, ...]] = frozenset(
    [(form,) for form in _FORMS.split()]
    + [_spelled(form) for form in _FORMS.split()]
    + [tuple(form.split()) for form in _LONGER_FORMS]
    + [_spelled(form) for form in _ONLY_AS_LETTERS]
)
LEGAL_FORMS_AT_THE_START: frozenset[tuple[str, ...]] = frozenset(
    [(form,) for form in _AT_THE_START] + [_spelled(form) for form in _AT_THE_START]
)


def trimmed(text: str | None) -> str:
    """Return text without white space (Unicode's) around it; null is empty."""
    return (text or "").strip()


def code_key(code: str | None) -> str | None:
    """Return the key of a code, or None where there is no code."""
    key = trimmed(code).casefold()
    return None if key in {"", "0"} else key


def is_plain_decimal(code: str, highest: int | None = None) -> bool:
    """Tell whether a trimmed code is a decimal without leading zero from 1 to `highest` (None: no limit)."""
    return re.fullmatch("[1-9][0-9]*", code) is not None and (highest is None or int(code) <= highest)


def name_key(name: str | None) -> str:
    """Return the key of a name; empty if nothing is left."""
    folded = unicodedata.normalize("NFKC", name or "").casefold()
    return " ".join("".join(c if _counts(c) else " " for c in folded).split())


def _counts(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def customer_name_key(name: str | None) -> str:
    """Return the key of a customer's name: without legal forms, as long as a word is left."""
    words = tuple(name_key(name).split())
    while (shorter := _without_form_at_the_end(words)) != words:
        words = shorter
    while (shorter := _without_form_at_the_start(words)) != words:
        words = shorter
    return " ".join(words)


def _without_form_at_the_end(words: tuple[str, ...]) -> tuple[str, ...]:
    for length in range(len(words) - 1, 0, -1):
        if words[-length:] in LEGAL_FORMS_AT_THE_END:
            return words[:-length]
    return words


def _without_form_at_the_start(words: tuple[str, ...]) -> tuple[str, ...]:
    for length in range(len(words) - 1, 0, -1):
        if words[:length] in LEGAL_FORMS_AT_THE_START:
            return words[length:]
    return words


def folded_forms(key: str) -> set[str]:
    """Return the two folded forms of a name key, which may be one."""
    plain = key.translate(_LETTERS)
    return {_without_marks(plain.translate(vowels)) for vowels in (_TWO_VOWELS, _ONE_VOWEL)}


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if unicodedata.category(c)[0] != "M")


def addresses(text: str | None) -> set[str]:
    """Return the different addresses in an e-mail text."""
    runs = re.split(r"""[\s<>;,()"]+""", (text or "").casefold().replace("mailto:", ""))
    return {run for run in runs if "@" in run[1:-1]}


def email_key(text: str | None) -> str | None:
    """Return the address of an e-mail text, or None if it has none or several different ones."""
    different = addresses(text)
    return different.pop() if len(different) == 1 else None
