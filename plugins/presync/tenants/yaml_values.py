"""YAML 1.2 text to plain values with the line of each, within bounds that hold while it is being parsed.

libyaml parses (through PyYAML), YAML 1.2's core schema gives the values: `NO`, `yes`, `12:30` are texts.
Refused although YAML has it: tags, several documents, keys that are not text, and numbers with leading zeros,
because `007` would silently become 7. Why it is done this way: `docs/adr/0011-yaml-within-bounds.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

Location = tuple[str | int, ...]
_PARSER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_CORE: Final[tuple[tuple[re.Pattern[str], Any], ...]] = (
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"true|True|TRUE|false|False|FALSE"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]+"), int),
    (re.compile(r"0o[0-7]+"), lambda text: int(text[2:], 8)),
    (re.compile(r"0x[0-9a-fA-F]+"), lambda text: int(text[2:], 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda _: float("nan")),
)
_LEADING_ZERO: Final = re.compile(r"[-+]?0[0-9]+")
_NUMBER_DIGITS: Final = 40


@dataclass(frozen=True)
class Limits:
    """What a file may hold: bytes, levels of nesting, and values with those that aliases repeat."""

    size: int = 64 * 1024
    depth: int = 12
    values: int = 5_000
    key: int = 200


class YamlFaultError(Exception):
    """A text that is not read: `line` counts from 1, `reason` says why and the way out."""

    def __init__(self, line: int, reason: str, location: Location = ()) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.location = location


@dataclass
class Document:
    """A text's values, and the line of each by its location: keys and positions from the top."""

    value: Any = None
    lines: dict[Location, int] = field(default_factory=dict)

    def line(self, location: Location) -> int:
        """Return the line of a value, or of what it should be in."""
        for length in range(len(location), 0, -1):
            if found := self.lines.get(location[:length]):
                return found
        return 1


def parse(content: bytes, limits: Limits) -> Document:
    """Parse the content of a file. Raises YamlFaultError about the first thing that is wrong with it."""
    return _Composer(_events(_text(content)), limits).document()


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlFaultError(line, "the file is not UTF-8; save it as UTF-8") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise YamlFaultError(
            line, f"this line holds the unprintable character U+{ord(found[0]):04X}; remove it"
        )
    return text


def _events(text: str) -> Iterator[Any]:
    """Yield libyaml's events one by one, so that nothing is parsed beyond a fault."""
    try:
        yield from yaml.parse(text, Loader=_PARSER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context)
        way_out = "check indentation, colons and quotes around this line"
        if mark and _is_tab(text, mark):
            way_out = "that is a tab: indent with blanks"
        # at the end of a text libyaml counts a line too many
        line = min(mark.line, text.count("\n")) + 1 if mark else 1
        raise YamlFaultError(line, f"this is not valid YAML: {problem}; {way_out}") from None
    except yaml.YAMLError:
        raise YamlFaultError(1, "this is not valid YAML; check it with any YAML checker") from None


def _is_tab(text: str, mark: Any) -> bool:
    line = "".join(text.split("\n")[mark.line : mark.line + 1])
    return line[mark.column : mark.column + 1] == "\t" or "\t" in line[: len(line) - len(line.lstrip())]


class _Composer:
    """Makes values of events, counting what it makes."""

    def __init__(self, events: Iterator[Any], limits: Limits) -> None:
        self.events = events
        self.limits = limits
        self.count = 0
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.found = Document()

    def document(self) -> Document:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._refuse_other_version(event)
                self.found.value = self._value(next(self.events), ())
            elif isinstance(event, yaml.DocumentEndEvent):
                self._refuse_second(next(self.events))
        return self.found

    def _refuse_other_version(self, event: Any) -> None:
        if event.version not in (None, (1, 2)):
            raise YamlFaultError(_line(event), "this is read as YAML 1.2 only; remove the %YAML line")

    def _refuse_second(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            raise YamlFaultError(
                _line(event), "a second document begins here (`---`); one file is one document"
            )

    def _value(self, event: Any, location: Location) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, location)
        self._add(1, event)
        if len(location) > self.limits.depth:
            raise YamlFaultError(
                _line(event),
                f"this is nested more than {self.limits.depth} levels deep; write it flat",
                location,
            )
        if event.tag and event.tag != "!":
            reason = "tags (!, !!) are not read here; write the value without it"
            raise YamlFaultError(_line(event), reason, location)
        began = self.count
        if event.anchor:
            self.anchors[event.anchor] = None
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event, location)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(location)
        else:
            value = self._mapping(location)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.count - began + 1)
        return value

    def _alias(self, event: Any, location: Location) -> Any:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            raise YamlFaultError(
                _line(event),
                "this alias (*) names no anchor (&) that ends above it; write the value itself",
                location,
            )
        value, size = anchored
        self._add(size, event)
        return value

    def _add(self, number: int, event: Any) -> None:
        self.count += number
        if self.count > self.limits.values:
            raise YamlFaultError(
                _line(event),
                f"the file holds more than {self.limits.values:,} values, aliases counted wherever they are "
                "used; remove what does not belong in it",
            )

    def _sequence(self, location: Location) -> list[Any]:
        values: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            place = (*location, len(values))
            self.found.lines[place] = _line(event)
            values.append(self._value(event, place))
        return values

    def _mapping(self, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event)
            if key in values:
                raise YamlFaultError(
                    _line(event), "this appears twice; remove one of the two", (*location, key)
                )
            place = (*location, key)
            self.found.lines[place] = _line(event)
            values[key] = self._value(next(self.events), place)
        return values

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.tag not in (None, "!"):
            raise YamlFaultError(_line(event), "the name of a field must be a plain text; check this line")
        text: str = event.value
        if not text and event.style in (None, ""):
            raise YamlFaultError(_line(event), "the name of a field is missing before this colon; write it")
        if len(text) > self.limits.key:
            raise YamlFaultError(
                _line(event),
                f"the name of this field has more than {self.limits.key} characters; check the line",
            )
        if found := _UNPRINTABLE.search(text):
            raise YamlFaultError(
                _line(event),
                f"the name of this field holds U+{ord(found[0]):04X}, which cannot be seen; remove it",
            )
        self._add(1, event)
        return text


def _scalar(event: Any, location: Location) -> Any:
    text: str = event.value
    if event.style not in (None, "") or event.tag == "!":
        return text
    if _LEADING_ZERO.fullmatch(text):
        raise YamlFaultError(
            _line(event),
            f"the number {text[:_NUMBER_DIGITS]} would lose its leading zeros; put it in quotes if it is a "
            "text, or write it without them",
            location,
        )
    for pattern, make in _CORE:
        if pattern.fullmatch(text):
            if len(text) > _NUMBER_DIGITS:
                raise YamlFaultError(
                    _line(event),
                    f"this number has {len(text)} characters; put it in quotes if it is a text",
                    location,
                )
            return make(text)
    return text


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1
