"""What is warmed up is not worked out again (a whole worker: `integration/airflow/test_preload.py`)."""

from __future__ import annotations

import pytest

from presync.airflow.warm import warm_up
from presync.languages.speaking import LANGUAGES
from presync.languages.texts import translations
from presync.report.pages.render import TEMPLATES, _environment


def test_pages_and_texts_are_made_ready_once(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = dict(warm_up())
    for name in ("texts", "pages"):
        steps[name]()

    def again(*_: object, **__: object) -> None:
        raise AssertionError("made ready again")

    monkeypatch.setattr(_environment(), "compile", again)
    monkeypatch.setattr("babel.messages.pofile.read_po", again)
    for file in TEMPLATES.glob("*.html"):
        _environment().get_template(file.name)
    for language in LANGUAGES:
        translations(language)
