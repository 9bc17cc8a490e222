"""`presync translations`: a language's texts as a spreadsheet for a native reader, and back again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync.cli.exit_codes import FINE, WrongUsageError
from presync.errors import ConfigurationError
from presync.languages.catalogues import held, path_of, updated, write
from presync.languages.speaking import LANGUAGES
from presync.report.files.edited_tables import read_rows
from presync.report.files.xlsx_writer import Spreadsheet

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

COLUMNS: Final = ("id", "form", "english", "translation", "context", "seen_on", "picture")
_WIDTHS: Final = (16, 8, 70, 70, 44, 22, 14)
_FORMS: Final = ("one", "other")
PAGES: Final[Mapping[str, str]] = {
    "index": r"templates/(index|base|parts|banner|fixes|heading|drawings)\.html|report/wording\.py"
    r"|pages/(number_line|trend|work_list)\.py",
    "preview": r"templates/preview\.html|pages/preview\.py|report/reason_words\.py",
    "questions": r"templates/questions\.html|pages/questions\.py",
    "rules": r"templates/rules\.html|pages/rules\.py|expectations/",
    "suite": r"templates/suite\.html|report/finding_words\.py|expectations/",
}
"""Each kind of page, which has a picture of its name, and the files whose texts it shows."""
_ELSEWHERE: Final[Mapping[str, str]] = {
    "notifications": r"notices/|fleet/stage\.py",
    "question before a start": r"gate/|airflow/tasks\.py",
    "spreadsheets": r"report/files/",
}


@dataclass(frozen=True)
class Text:
    """One form of a text: the catalogue's message id, which form of it, and its translation."""

    message: Any
    form: str
    english: str
    said: str
    context: str
    seen_on: str
    picture: str

    @property
    def row(self) -> tuple[str, ...]:
        """The text as a row of the spreadsheet."""
        ids = self.message if isinstance(self.message, str) else "\x1f".join(self.message)
        digest = hashlib.sha256(ids.encode()).hexdigest()[:12]
        return (digest, self.form, self.english, self.said, self.context, self.seen_on, self.picture)


def export(language: str, path: Path) -> int:
    """Write a language's texts into a spreadsheet, a row for each form."""
    _require(language, path)
    texts = list(_texts(updated(language)))
    with Spreadsheet(path, LANGUAGES[language], COLUMNS, widths=_WIDTHS) as sheet:
        sheet.write([text.row for text in texts])
    print(f"{path}: {len(texts)} texts; correct the column translation and nothing else")
    return FINE


def take(language: str, path: Path) -> int:
    """Read such a spreadsheet back: all of it, or nothing, and each refused row is named."""
    _require(language, path)
    catalogue = updated(language)
    known = {text.row[:2]: text for text in _texts(catalogue)}
    changed, refused = _read(read_rows(path, COLUMNS), known)
    if refused:
        raise ConfigurationError(
            f"{path}: nothing was taken over, because of {len(refused)} rows:\n" + "\n".join(refused)
        )
    for text in changed:
        message = catalogue.get(text.message)
        if message is not None:
            message.string = _with(message.string, text)
    write(language, catalogue)
    print(f"{path_of(language)}: {len(changed)} translations changed")
    return FINE


def _read(
    rows: Sequence[tuple[str, ...]], known: Mapping[tuple[str, ...], Text]
) -> tuple[list[Text], list[str]]:
    changed: list[Text] = []
    refused: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows, start=2):
        text, said = known.get(row[:2]), row[3]
        why = _fault(text, row, again=row[:2] in seen)
        seen.add(row[:2])
        if why or text is None:
            refused.append(f"row {number}: {why}: {row[2]}")
        elif said != text.said:
            changed.append(replace(text, said=said))
    return changed, refused


def _fault(text: Text | None, row: tuple[str, ...], *, again: bool) -> str:
    if text is None or row[2] != text.english:
        return "there is no such text any more, or its English was changed; export again"
    if again:
        return "the same text a second time"
    if not row[3].strip():
        return "the translation is empty"
    if held(row[3]) != held(row[2]):
        missing = ", ".join(dict.fromkeys(held(row[2]))) or "none"
        return f"other placeholders or marks than the English has ({missing})"
    return ""


def _texts(catalogue: Catalog) -> Iterator[Text]:
    for message in catalogue:
        if not message.id:
            continue
        places = [str(path) for path, _ in message.locations]
        pages = [page for page, files in PAGES.items() if re.search(files, "\n".join(places))]
        others = [other for other, files in _ELSEWHERE.items() if re.search(files, "\n".join(places))]
        context = "; ".join([*message.auto_comments, *places])
        seen = ", ".join([*(f"{page}.html" for page in pages), *others]), f"{pages[0]}.png" if pages else ""
        if isinstance(message.id, str):
            yield Text(message.id, "", message.id, str(message.string or ""), context, *seen)
            continue
        for form, english, said in zip(_FORMS, message.id, message.string or (), strict=True):
            yield Text(message.id, form, english, said or "", context, *seen)


def _with(said: Any, text: Text) -> Any:
    if not text.form:
        return text.said
    forms = list(said)
    forms[_FORMS.index(text.form)] = text.said
    return tuple(forms)


def _require(language: str, path: Path) -> None:
    if language == "en" or language not in LANGUAGES:
        raise WrongUsageError(f"{language!r} is not one of {', '.join(sorted(set(LANGUAGES) - {'en'}))}")
    if path.suffix != ".xlsx":
        raise WrongUsageError(f"{path} must end with .xlsx")
