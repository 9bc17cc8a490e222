"""The texts that are to be translated, found in the code, the templates and the suites.

| from | which |
|---|---|
| Python below `presync/` | arguments of `tr`, `trn`, `marked` and `marked_forms` |
| the report's templates | `_(…)` and `ngettext(…)` |
| `expectations/*.json` | problem, title, why, message and fix of every statement |
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from presync import settings

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

PACKAGE: Final = Path(__file__).parents[1]
_FORMS: Final = (1, 2)
_KEYWORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("tr", "marked", "_")),
    **dict.fromkeys(("trn", "marked_forms", "ngettext"), _FORMS),
}
# the pages that only operators see, inside Airflow, are in English
_ENGLISH: Final = ("company", "company_forms", "message", "tenants", "fleet")
RULE_TEXTS: Final = ("problem", "title", "why", "message", "fix")


def template(language: str | None = None) -> Catalog:
    """Return every text with where it is from, and no translation; `language` decides the plural forms."""
    catalogue = empty(language)
    for path, texts in _found():
        for text, note in texts:
            catalogue.add(text, locations=[(path, 0)], auto_comments=[note] if note else [])
    return catalogue


def empty(language: str | None) -> Catalog:
    """Return a catalogue without texts. Its dates never change, so that only texts make a difference."""
    from babel.messages.catalog import Catalog

    began = datetime(2026, 1, 1, tzinfo=UTC)
    return Catalog(
        locale=language, project="Presync", charset="utf-8", creation_date=began, revision_date=began
    )


def _found() -> Iterator[tuple[str, list[tuple[Any, str]]]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), _extracted(path, "python")
    for path in sorted((PACKAGE / "report/pages/templates").glob("*.html")):
        if path.name.partition(".")[0] not in _ENGLISH:
            yield path.relative_to(PACKAGE).as_posix(), _extracted(path, "jinja2.ext:babel_extract")
    for path in sorted(settings.expectations_folder().glob("*.json")):
        yield f"expectations/{path.name}", list(_rule_texts(path))


def _extracted(path: Path, method: str) -> list[tuple[Any, str]]:
    from babel.messages.extract import extract

    with path.open("rb") as source:
        options = {"silent": "false", "trimmed": "true"} if method.startswith("jinja") else {}
        found = extract(method, source, keywords=_KEYWORDS, options=options)
        return [(text, "") for _, text, _, _ in found if text]


def _rule_texts(path: Path) -> Iterator[tuple[str, str]]:
    for entry in json.loads(path.read_text(encoding="utf-8"))["expectations"]:
        meta = entry["meta"]
        for key in RULE_TEXTS:
            text = entry["description"] if key == "description" else meta.get(key)
            if text:
                yield text, f"{key} of rule {meta['rule']}"
