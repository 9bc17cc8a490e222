"""Reports in one language, unless a test asks for all of them: pages in another one have the same marks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from presync.languages.speaking import LANGUAGES

_WRITTEN = "presync.report.pages.render.LANGUAGES"


@pytest.fixture(scope="module", autouse=True)
def english_only() -> Iterator[None]:
    """Write the pages of reports in English alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_WRITTEN, {"en": LANGUAGES["en"]})
        yield


@pytest.fixture
def every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write them in every language, as the product does."""
    monkeypatch.setattr(_WRITTEN, LANGUAGES)
