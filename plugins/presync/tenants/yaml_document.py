"""YAML files read as models; what is wrong with one is reported with file, line and field, all at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from presync.errors import TenantFileError
from presync.tenants.bounded_file import UnreadableFileError, read_bounded
from presync.tenants.yaml_values import Document, Limits, Location, YamlFaultError, parse

Model = TypeVar("Model", bound=BaseModel)
_MOST_FAULTS: Final = 20
_MOST_SHOWN: Final = 120


def load_document(path: Path, model: type[Model], form: str, limits: Limits | None = None) -> Model:
    """Read a YAML 1.2 file as a model; `form` describes the mapping, for a message.

    Raises TenantFileError that names the file, line and field, the reason and the way out; all of a file's
    faults at once (the first twenty). Nothing that a file can hold raises anything else.
    """
    document = read_mapping(path, form, limits)
    return validated(path, document, model, document.value)


def read_mapping(path: Path, form: str, limits: Limits | None = None) -> Document:
    """Read a YAML 1.2 file that holds a mapping. Raises TenantFileError about anything else."""
    document = read_document(path, limits or Limits())
    if not isinstance(document.value, dict):
        raise refusal(path, [(1, "file", f"the file must be a mapping {form}")])
    return document


def validated(path: Path, document: Document, model: type[Model], values: dict[str, Any]) -> Model:
    """Return `values` as a model; `document` says on which line of the file each of them is."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = _without_union_noise(error, model, values)
        raise refusal(path, [(document.line(at), _field(at), reason) for at, reason in faults]) from None


def read_document(path: Path, limits: Limits) -> Document:
    """Read a YAML 1.2 file. Raises TenantFileError about what cannot be read, or not within the limits."""
    try:
        return parse(read_bounded(path, limits.size), limits)
    except UnreadableFileError as error:
        raise refusal(path, [(1, "file", str(error))]) from None
    except YamlFaultError as error:
        raise refusal(path, [(error.line, _field(error.location), error.reason)]) from None


def line_of(path: Path, *places: Location) -> int:
    """Return the line of the first of these places that a file has, or 1."""
    try:
        lines = read_document(path, Limits()).lines
    except TenantFileError:  # it has changed since
        return 1
    return next((lines[place] for place in places if place in lines), 1)


def refusal(path: Path, faults: Iterable[tuple[int, str, str]]) -> TenantFileError:
    """Return the error about a file's faults: line, field, and reason with the way out."""
    lines = [f"{path}:{line}: {field}: {reason}" for line, field, reason in faults]
    more = len(lines) - _MOST_FAULTS
    lines = lines[:_MOST_FAULTS] + ([f"{path}:1: file: … and {more} more faults"] if more > 0 else [])
    return TenantFileError("\n".join(map(printable, lines)), source=printable(path.name))


def printable(text: str) -> str:
    """Return a text that any page and database takes: what cannot be printed becomes an escape.

    >>> printable("a" + chr(0) + "b")
    'a\\\\x00b'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


_PASSWORD: Final = re.compile(r"(?<=://)[^/@\s]*(?=@)")
_UNION_TAGS = re.compile(
    r"^(literal\[.*\]|Except|CustomerSeries|WebhookStart|DagStart|int|str|constrained-.*|function-after.*)$"
)


def _without_union_noise(
    error: ValidationError, model: type[BaseModel], value: Any
) -> list[tuple[Location, str]]:
    """Return one fault per field: pydantic reports every arm of a union on its own."""
    faults: dict[Location, list[str]] = {}
    for item in error.errors(include_url=False):
        faults.setdefault(_place(item["loc"], value), []).append(_reason(dict(item), model))
    above = {loc[:length] for loc in faults for length in range(len(loc))}
    return [(loc, _joined(list(dict.fromkeys(faults[loc])))) for loc in faults if loc not in above]


def _place(location: Location, value: Any) -> Location:
    """Return where in the file a fault is: pydantic's names of a union's arms are no fields of it."""
    place: list[str | int] = []
    for part in location:
        inside = (
            part in value if isinstance(value, dict) else isinstance(value, list) and isinstance(part, int)
        )
        if inside or not _UNION_TAGS.match(str(part)):
            place.append(part)
            value = value[part] if inside else None
    return tuple(place)


def _joined(reasons: list[str]) -> str:
    """Say once what the reasons have in common: 'x' is not accepted: input should be 'all' or a mapping."""
    common, found, _ = reasons[0].partition("input should be ")
    return " or ".join([reasons[0], *(r.removeprefix(common + found) for r in reasons[1:])])


def _near(field: str, model: type[BaseModel]) -> str:
    near = difflib.get_close_matches(field, sorted(_field_names(model) - {field}), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


@cache
def _field_names(model: type[BaseModel]) -> frozenset[str]:
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return frozenset(name for part in parts for name in part.get("properties", {}))


def _reason(item: dict[str, Any], model: type[BaseModel]) -> str:
    kind, value = item["type"], item.get("input")
    if kind == "missing":
        return "this field is missing; add it"
    if kind == "extra_forbidden":
        near = _near(str(item["loc"][-1]), model)
        return f"this field is not known{near}; check its spelling and indentation, or remove it"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"{_shown(value)} is not accepted: input should be a mapping, {{name: value}}"
    if kind == "value_error":
        return str(item["msg"]).removeprefix("Value error, ")
    if kind == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return f"without quotes this is the number {_shown(value)}, not what is written; put it in quotes"
    return f"{_shown(value)} is not accepted: {item['msg'][:1].lower()}{item['msg'][1:]}"


def _shown(value: Any) -> str:
    """Return a value as a message quotes it: bounded, and without the password of an address."""
    text = _PASSWORD.sub("***", repr(value))
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _field(location: Location) -> str:
    return ".".join(str(part) or "''" for part in location) or "file"
