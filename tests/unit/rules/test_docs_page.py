"""`docs/rules.md` says what the suites say."""

from __future__ import annotations

from presync.rules.docs_page import BEGIN, page, rendered


def test_the_page_is_current() -> None:
    text = page().read_text(encoding="utf-8")
    assert BEGIN in text
    assert text == rendered(text), "run `make rules`"
