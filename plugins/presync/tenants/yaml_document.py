"""YAML files read as models; what is wrong with one is told with file, line and field, all of it at once."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from presync.errors import TenantFileError

Document = TypeVar("Document", bound=BaseModel)


def load_document(path: Path, model: type[Document], form: str) -> Document:
    """Read a YAML 1.2 file as a model; `form` describes the mapping, for a message.

    Raises TenantFileError that names the file, line and field, the reason and the way out; all of a file's
    faults at once.
    """
    document = _parse(path)
    if not isinstance(document, CommentedMap):
        raise TenantFileError(f"{path}:1: the file must be a mapping {form}", source=path.name)
    try:
        return model.model_validate(_plain(document))
    except ValidationError as error:
        faults = _without_union_noise(error, model)
        lines = [f"{path}:{_line(document, loc)}: {_field(loc)}: {reason}" for loc, reason in faults]
        raise TenantFileError("\n".join(lines), source=path.name) from None


def _parse(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TenantFileError(
            f"{path}:1: the file cannot be read ({error}); save it as UTF-8 where Airflow may read it",
            source=path.name,
        ) from error
    try:
        return YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise TenantFileError(
            f"{path}:{line}: this is not valid YAML: {error.problem or error.context}; {_way_out(error)}",
            source=path.name,
        ) from error
    except YAMLError as error:
        raise TenantFileError(f"{path}:1: this is not valid YAML: {error}", source=path.name) from error


def _way_out(error: MarkedYAMLError) -> str:
    if isinstance(error, DuplicateKeyError):
        return "remove one of the two"
    if r"'\t'" in str(error.problem):
        return "that is a tab: indent with blanks"
    return "check indentation, colons and quotes around this line"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return bool(value)
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


_UNION_TAGS = re.compile(
    r"^(literal\[.*\]|Except|CustomerSeries|WebhookStart|DagStart|int|str|constrained-.*)$"
)


def _without_union_noise(
    error: ValidationError, model: type[BaseModel]
) -> list[tuple[tuple[str | int, ...], str]]:
    """Return one fault per field: pydantic reports every arm of a union on its own."""
    faults: dict[tuple[str | int, ...], list[str]] = {}
    for item in error.errors(include_url=False):
        location = tuple(part for part in item["loc"] if not _UNION_TAGS.match(str(part)))
        faults.setdefault(location, []).append(_reason(dict(item), model))
    deepest = [
        loc for loc in faults if not any(other != loc and other[: len(loc)] == loc for other in faults)
    ]
    return [(loc, _joined(list(dict.fromkeys(faults[loc])))) for loc in deepest]


def _joined(reasons: list[str]) -> str:
    """Say once what the reasons have in common: 'x' is not accepted: input should be 'all' or a mapping."""
    common, found, _ = reasons[0].partition("input should be ")
    return " or ".join([reasons[0], *(r.removeprefix(common + found) for r in reasons[1:])])


def _near(field: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    known = {name for part in parts for name in part.get("properties", {})} - {field}
    near = difflib.get_close_matches(field, sorted(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _reason(item: dict[str, Any], model: type[BaseModel]) -> str:
    kind, value = item["type"], item.get("input")
    if kind == "missing":
        return "this field is missing; add it"
    if kind == "extra_forbidden":
        near = _near(str(item["loc"][-1]), model)
        return f"this field is not known{near}; check its spelling and indentation, or remove it"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return f"{value!r} is not accepted: input should be a mapping, {{name: value}}"
    if kind == "value_error":
        return str(item["msg"]).removeprefix("Value error, ")
    if kind == "string_type" and isinstance(value, int | float):
        return f"without quotes this is the number {value!r}, not what is written; put it in quotes"
    return f"{value!r} is not accepted: {item['msg'][:1].lower()}{item['msg'][1:]}"


def _field(location: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in location) or "file"


def _line(document: Any, location: tuple[str | int, ...]) -> int:
    line, node = 1, document
    for part in location:
        try:
            if isinstance(node, CommentedMap) and part in node:
                line = node.lc.key(part)[0] + 1
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(part)[0] + 1
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return line
