"""Texts of a run's data, said again in the language that is spoken.

They are stored in English, as a template with values. The template is found again by its words, and its
translation is filled with the same values; values in Presync's own words are translated, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from string import Formatter

from presync.languages.speaking import spoken
from presync.languages.texts import English, tr

Values = Mapping[str, Sequence[str] | Callable[[str], str]]


def said_again(text: str, templates: Sequence[str], values: Values | None = None) -> str:
    """Return a stored text in the language that is spoken, or marked as `English` where no template fits.

    `templates` hold `{name}` for a value; the first that fits counts. `values`: by name, templates of values
    that are Presync's own words, or what says such a value.

    >>> said_again("record 7 is new", ["record {number} is new"])
    'record 7 is new'
    """
    if not text or spoken() == "en":
        return text
    for template in templates:
        if found := _pattern(template).fullmatch(text):
            told = {
                name: _value(value, (values or {}).get(name, ())) for name, value in found.groupdict().items()
            }
            return tr(template).format(**told)
    return English(text)


def _value(value: str, words: Sequence[str] | Callable[[str], str]) -> str:
    if callable(words):
        return words(value)
    for template in words:
        if found := _pattern(template).fullmatch(value):
            return tr(template).format(**found.groupdict())
    return value


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), flags=re.DOTALL)
