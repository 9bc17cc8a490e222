"""Every text is translated into every language, with the same placeholders and marks; nothing is stale.

Covers: languages/catalogues.py, languages/messages.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from presync.languages.catalogues import held, read, updated
from presync.languages.messages import PACKAGE, template
from presync.languages.speaking import LANGUAGES
from presync.tenants.shared import Shared

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def faults(catalogue: Any) -> Iterator[str]:
    for message in catalogue:
        if not message.id:
            continue
        ids, strings = message.id, message.string
        pairs = (
            [(ids, strings)] if isinstance(ids, str) else [(ids[min(n, 1)], s) for n, s in enumerate(strings)]
        )
        for text, said in pairs:
            if not said:
                yield f"missing: {text}"
            elif held(text) != held(said) and not (message.pluralizable and held(ids[1]) == held(said)):
                yield f"placeholders differ: {text} → {said}"
        if message.fuzzy:
            yield f"fuzzy: {ids}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_nothing_is_stale(language: str) -> None:
    catalogue = read(language)
    assert list(faults(catalogue)) == []
    ids = {message.id for message in catalogue if message.id}
    assert ids == {message.id for message in template(language) if message.id}, (
        "python -m presync.languages.catalogues"
    )
    assert catalogue.obsolete == {}


def called() -> Iterator[tuple[str, str]]:
    """Every text that Python says or marks; also within an f-string, where Babel does not look."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"tr", "trn", "marked"}:
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    yield str(text.value), path.name


def test_every_text_that_is_said_is_in_the_catalogues() -> None:
    known = {
        text for message in template() for text in (message.id[:1] if message.pluralizable else [message.id])
    }
    assert {text: where for text, where in called() if text not in known} == {}


def test_what_is_wrong_with_a_catalogue_is_seen() -> None:
    catalogue = updated(TRANSLATED[0])
    texts = [message for message in catalogue if isinstance(message.id, str) and "%(time)s" in message.id]
    texts[0].string, texts[1].string = "", "uten tid"
    texts[2].flags.add("fuzzy")
    kinds = {fault.partition(":")[0] for fault in faults(catalogue)}
    assert kinds == {"missing", "placeholders differ", "fuzzy"}


def test_the_tenant_file_knows_the_same_languages() -> None:
    assert set(get_args(Shared.model_fields["language"].annotation)) >= set(LANGUAGES)
