"""The names that Visma Business gives to the tables and columns Presync reads, and which of them may differ.

Facts and their sources: `docs/reference/visma-business.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

GROUP_FIELDS: Final = ("Gr", *(f"Gr{number}" for number in range(2, 13)))
_STAMPS: Final = ("ChDt", "ChTm")
_DATES: Final = (*_STAMPS, "CreDt")
_UNIT: Final = ("RNo", "Nm", *GROUP_FIELDS, *_DATES)
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "Actor": ("ActNo", "Nm", "CustNo", "EmpNo", "DelToAct", "BsNo", "MailAd", *GROUP_FIELDS, *_DATES),
    "Prod": ("ProdNo", "Descr", *GROUP_FIELDS, *_DATES),
    **{f"R{number}": _UNIT for number in range(1, 13)},
}
SERIES_COLUMNS: Final = ("AcCl", "AcIntProc", *_STAMPS)
VOUCHER_COLUMNS: Final = ("Nm", "FstVoNo", "NxtVoNo", "LstVoNo", *_STAMPS)


def unknown_names(
    known: Mapping[str, Collection[str]], tables: Iterable[str], columns: Mapping[str, Iterable[str]]
) -> list[str]:
    """Return a sentence for each table and column that is given another name but is never read."""
    faults = [
        f"no table {name} is read; {_known(name, known)}"
        for name in dict.fromkeys([*tables, *columns])
        if name not in known
    ]
    faults += [
        f"no column {column} of {table} is read; {_known(column, known[table])}"
        for table, names in columns.items()
        if table in known
        for column in names
        if column not in known[table]
    ]
    return faults


def _known(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"{near[0]} is" if near else f"these are: {', '.join(known)}"
