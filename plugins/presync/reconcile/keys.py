"""The keys under which names and codes of both systems are compared (definitions: `docs/rules.md`, *Words*).

The SQL macros of `sql/keys.sql` compute the same keys for plain Latin text at full speed and hand every
other text to the functions here, which are the definition.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from presync.reconcile.business_ids import written_ids
from presync.reconcile.names import WHOLE_FORMS, folded_forms, without_legal_form
from presync.staging.sql import sql

if TYPE_CHECKING:
    import duckdb

# DuckDB evaluates the annotations of functions it is given, so these cannot name pyarrow, which is not
# imported at module level.
ArrowArray = Any


class _WordCharacters(dict[int, str]):
    """A table for `str.translate`: letters, marks and decimal digits stay, all else becomes a blank."""

    def __missing__(self, codepoint: int) -> str:
        character = chr(codepoint)
        category = unicodedata.category(character)
        kept = character if category[0] in "LM" or category == "Nd" else " "
        self[codepoint] = kept
        return kept


_WORD_CHARACTERS = _WordCharacters()


def code_text(text: str) -> str:
    """Return a code as it is compared with lengths and ranges: trimmed.

    >>> code_text(" A1 ")
    'A1'
    """
    return text.strip()


def code_key(text: str) -> str:
    """Return a code's key: trimmed and case-folded.

    >>> code_key(" Straße "), code_key("007")
    ('strasse', '007')
    """
    return text.strip().casefold()


def name_key(text: str) -> str:
    """Return a name's key: NFKC, case-folded, letters, marks and digits only, blanks collapsed.

    >>> name_key("  ＡＢＣ-Møller & Sønn ")
    'abc møller sønn'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.translate(_WORD_CHARACTERS).split())


_ADDRESS = re.compile(r'[^\s<>;,()"]+')


def addresses(text: str) -> list[str]:
    """Return the e-mail addresses in a text, case-folded and without `mailto:`, each once.

    >>> addresses("Kari <KARI@x.no>; mailto:kari@x.no, kari.no")
    ['kari@x.no']
    """
    found = _ADDRESS.findall(text.casefold().replace("mailto:", ""))
    return list(dict.fromkeys(run for run in found if "@" in run[1:-1]))


_FUNCTIONS: dict[str, Callable[[str], str]] = {
    "other_code_text": code_text,
    "other_code_key": code_key,
    "other_name_key": name_key,
    "other_without_legal_form": without_legal_form,
    "other_folded_first": lambda key: folded_forms(key)[0],
    "other_folded_second": lambda key: folded_forms(key)[1],
    "other_addresses": lambda text: " ".join(addresses(text)),
}


def register(connection: duckdb.DuckDBPyConnection, country: str | None = None) -> None:
    """Make the functions known to SQL: `other_…` for what plain SQL cannot compute, `token_sort_ratio(a, b)`
    (0 to 100, rapidfuzz's), and `business_id_text(t)` for customers of a tenant in `country`."""
    # DuckDB's stubs know neither its own SQL type names nor "arrow"
    create: Any = connection.create_function
    for name, function in _FUNCTIONS.items():
        create(name, _vectorised(function), ["VARCHAR"], "VARCHAR", type="arrow")
    create("business_id_text", _business_id_texts(country), ["VARCHAR"], "VARCHAR", type="arrow")
    create(
        "token_sort_ratio",
        token_sort_ratios,
        ["VARCHAR", "VARCHAR"],
        "DOUBLE",
        type="arrow",
    )


def unregister(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget the functions again: DuckDB complains on exit about those it still holds."""
    for name in (*_FUNCTIONS, "business_id_text", "token_sort_ratio"):
        connection.remove_function(name)


def _vectorised(function: Callable[[str], str]) -> Callable[[ArrowArray], ArrowArray]:
    def apply(texts: ArrowArray) -> ArrowArray:
        import pyarrow as pa

        return pa.array(
            [None if text is None else function(text) for text in texts.to_pylist()], type=pa.string()
        )

    return apply


def _business_id_texts(country: str | None) -> Callable[[ArrowArray], ArrowArray]:
    def apply(texts: ArrowArray) -> ArrowArray:
        # DuckDB takes no NULL from a function: an empty text says that there is no id
        return written_ids(texts.combine_chunks(), country)

    return apply


def token_sort_ratios(left: ArrowArray, right: ArrowArray) -> ArrowArray:
    """Return rapidfuzz's `token_sort_ratio` of each pair of name keys, as doubles."""
    import numpy as np
    import pyarrow as pa
    from rapidfuzz import fuzz, process

    scores = process.cpdist(
        left.to_pylist(), right.to_pylist(), scorer=fuzz.token_sort_ratio, dtype=np.float64
    )
    return pa.array(scores, type=pa.float64())


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros of `sql/keys.sql` over the functions that `register` has made known."""
    connection.execute(sql("reconcile", "keys").replace("{legal_forms}", "|".join(WHOLE_FORMS)))
