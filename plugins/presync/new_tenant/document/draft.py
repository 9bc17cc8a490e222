"""The text of a tenant file as it grows: settings, what was found, and numbered questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from presync.tenants.visma_business import NAME_IN_SQL

WIDTH: Final = 110
_PLAIN: Final = re.compile(r"[^\W_](?:[\w .&()/-]*[\w.)])?")
_IDENTIFIER: Final = re.compile(NAME_IN_SQL)
_CLIPPED: Final = 80

# who can answer a question that is left open
ANYBODY: Final = "anybody"
COMPANY: Final = "the company"
ACCOUNTANT: Final = "the company's accountant"
INTEGRATOR: Final = "whoever sets up the integration"
OWNER: Final = "whoever knows this installation of Visma Business"
ADMINISTRATOR: Final = "whoever administers Severa"
NUMBERING: Final = "whoever sets Severa's counters, with the company's accountant"


@dataclass(frozen=True)
class Open:
    """A question left open: `who` can answer it; `technical`: a further look may, no decision is needed."""

    number: int
    who: str
    question: str
    technical: bool = False


@dataclass
class Draft:
    """Lines of the file, and the same for a summary: what was found or suggested, and what is open."""

    lines: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    questions: list[Open] = field(default_factory=list)

    def blank(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def say(self, text: str, depth: int = 0, within: int = 0) -> None:
        """Add a comment in as many lines as it needs; one `within` commented settings stays a comment."""
        start = "  " * depth + "# " + ("  " * within + "# " if within else "")
        self.lines += [
            start + line for line in wrap(printable(text), WIDTH - len(start), break_long_words=False)
        ]

    def table(self, rows: Iterable[Iterable[str]], depth: int = 0) -> None:
        """Add a table as comments."""
        cells = [[printable(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.lines.append("  " * depth + f"#   {line}".rstrip())

    def found(self, text: str, depth: int = 0, within: int = 0) -> None:
        """Add what was read in a system."""
        self.listed.append(printable(text))
        self.say(f"found: {text}", depth, within)

    def suggest(self, text: str, depth: int = 0) -> None:
        """Add a guess with its reason."""
        self.listed.append(f"suggested: {printable(text)}")
        self.say(f"suggested: {text}", depth)

    def ask(
        self, who: str, question: str, depth: int = 0, within: int = 0, *, technical: bool = False
    ) -> None:
        """Add a numbered question."""
        number = len(self.questions) + 1
        self.questions.append(Open(number, who, printable(question), technical))
        self.say(f"OPEN {number} ({who}): {question}", depth, within)

    def put(self, setting: str, depth: int = 0) -> None:
        """Add a setting."""
        self.lines.append("  " * depth + setting)

    def leave(self, setting: str, depth: int = 0, within: int = 0) -> None:
        """Add a setting that counts once somebody takes its `# ` away; `within` commented settings."""
        self.lines.append("  " * depth + "# " + "  " * within + setting)

    def block(self, name: str, write: Callable[[], None]) -> None:
        """Add a block of settings; one that stays without any is a comment, or it would be read as null."""
        begin = len(self.lines)
        self.put(f"{name}:")
        write()
        if all(not line.strip() or line.lstrip().startswith("#") for line in self.lines[begin + 1 :]):
            self.lines[begin] = f"# {name}:"

    @property
    def text(self) -> str:
        """The file's content."""
        return "\n".join(self.lines) + "\n"


def printable(text: str) -> str:
    """Return a text on one line, without anything that is not printed: it could end a comment.

    >>> printable("a\\nb\\x00c\\u2028d")
    'a b c d'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clipped(text: str) -> str:
    """Return a name from a system for use in a comment."""
    line = printable(text)
    return line if len(line) <= _CLIPPED else line[: _CLIPPED - 1] + "…"


def scalar(text: str) -> str:
    """Return a text as YAML: plain where that is read as the same text, else in double quotes.

    >>> scalar("NO"), scalar("Saimaa Digi Oy"), scalar("007"), scalar('a: "b" #c'), scalar("null")
    ('NO', 'Saimaa Digi Oy', '"007"', '"a: \\\\"b\\\\" #c"', '"null"')
    """
    if _PLAIN.fullmatch(text) and text.isprintable() and _read(text) == text:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _read(text: str) -> object:
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return None


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if "\ud800" <= character <= "\udfff":  # half a character, which no file can hold
        return "\ufffd"
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def writable(*names: str) -> bool:
    """Tell whether a tenant file can hold these names of tables and columns."""
    return all(_IDENTIFIER.fullmatch(name) and len(name) <= 128 for name in names)


def mapping(**values: str) -> str:
    """Return a mapping on one line; left out is what is empty.

    >>> mapping(table="R2", customer="")
    '{table: R2}'
    """
    return "{" + ", ".join(f"{name}: {scalar(value)}" for name, value in values.items() if value) + "}"


def listed(names: Iterable[str], nothing: str = "none") -> str:
    """Return names as people list them."""
    return ", ".join(names) or nothing


def counted(number: int | None, one: str, many: str = "") -> str:
    """Return a count with its noun, or that it is not known.

    >>> counted(1, "row"), counted(1200, "row"), counted(None, "row")
    ('1 row', '1,200 rows', 'an unknown number of rows')
    """
    several = many or f"{one}s"
    if number is None:
        return f"an unknown number of {several}"
    return f"{number:,} {one if number == 1 else several}"
