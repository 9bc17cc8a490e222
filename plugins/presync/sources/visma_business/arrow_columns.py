"""Columns of fetched rows as Arrow arrays: exact, and refused where exactness would be lost.

A column is converted as a whole, which costs little; only where it does not hold the expected type
throughout is it converted value by value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from presync.staging.tables import Kind

if TYPE_CHECKING:
    import pyarrow as pa

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_ISO_DATE = re.compile(r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LARGEST = 2**63 - 1
_EXACT_IN_FLOAT = 2**53


class UnusableValueError(ValueError):
    """A value that the staged column cannot hold unchanged."""

    def __init__(self, value: object, wanted: str) -> None:
        super().__init__(f"{repr(value)[:80]}, which is not {wanted}")


def as_array(values: Sequence[Any], kind: Kind) -> pa.Array:
    """Return one fetched column as an Arrow array of the staged kind; NULL stays NULL.

    Integers become decimal text in a text column. Raises UnusableValueError on a fraction, a number beyond
    64 bits, or anything that is neither text nor number.
    """
    import pyarrow as pa

    wanted = pa.string() if kind == "text" else pa.int64()
    try:
        array = pa.array(values)  # of the type that it finds: told one, Arrow cuts 1.5 to 1
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        array = None  # of several types, or beyond 64 bits
    if array is not None and (array.type == wanted or array.type in (pa.null(), pa.int64())):
        return array if array.type == wanted else array.cast(wanted)
    if array is not None and pa.types.is_decimal(array.type):
        try:
            return array.cast(pa.decimal256(76, 0)).cast(wanted)
        except pa.ArrowException:
            pass  # a fraction, or beyond 64 bits: value by value, to name it
    if kind == "text":
        return pa.array(_converted(values, _text), pa.string())
    return pa.array(_converted(values, _integer), pa.int64())


def as_dates(values: Sequence[Any]) -> pa.Array:
    """Return dates as numbers yyyymmdd, whether the source has such numbers, SQL's dates or texts.

    What is neither becomes NULL: such dates only help people, and nobody's run may fail for them. Numbers are
    kept as they are, also those that are no date.
    """
    import pyarrow as pa

    try:
        array = pa.array(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        array = None
    if array is not None and array.type == pa.int64():
        return array
    return pa.array(_converted(values, _date), pa.int64())


def _date(value: object) -> int | None:
    if isinstance(value, date):  # a datetime is one too
        return value.year * 10_000 + value.month * 100 + value.day
    if isinstance(value, str) and (found := _ISO_DATE.match(value)):
        return int("".join(found.groups()))
    try:
        return _integer(value)
    except UnusableValueError:
        return None


def _converted(values: Sequence[Any], convert: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]


def _text(value: object) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnusableValueError(value, "valid Unicode text") from None
        return value
    return str(_whole(value, "text or a whole number"))


def _integer(value: object) -> int | None:
    wanted = "a whole number of at most 64 bits"
    if isinstance(value, str):
        text = value.strip()
        if not text:  # Visma Business' empty, as good as NULL
            return None
        if not _INTEGER.fullmatch(text):
            raise UnusableValueError(value, wanted)
        number = int(text)
    else:
        number = _whole(value, wanted)
    if not -_LARGEST - 1 <= number <= _LARGEST:
        raise UnusableValueError(value, wanted)
    return number


def _whole(value: object, wanted: str) -> int:
    """Return a number's whole value; a float only as far as it is exact."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_IN_FLOAT:
        return int(value)
    raise UnusableValueError(value, wanted)
