"""A report speaks the tenant's language, beside each page are all the others, no English is left in them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from presync.languages.speaking import LANGUAGES, PSEUDO
from presync.report.build import build_report
from presync.report.decision import show_open
from tests.support import report_samples as samples

# what is the same in every language: names, codes, files, numbers, and what programs read
_SAME = re.compile(r"Visma Business|Severa|Presync|[\W\d_]+|\w+\.(csv|xlsx|json)")


class Untranslated(HTMLParser):
    """Collects texts that did not come from a catalogue: outside of ⟦ ⟧, no data, not marked as English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[bool] = []
        self._depth = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "link", "input", "br"}:
            values = dict(attrs)
            data = tag in {"script", "style", "code"} or ("lang" in values and tag != "html")
            data = data or values.get("class") in {"machine", "code", "facts"} or "data-of" in values
            self._open.append(data)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        outside = ""
        for character in data:
            self._depth += (character == "⟦") - (character == "⟧")
            outside += character if not self._depth and character != "⟧" else ""
        outside = outside.replace(samples.tenant().title, "")
        if outside.strip() and not any(self._open) and _SAME.sub("", outside):
            self.found.append(outside.strip())


@pytest.mark.parametrize("run", [samples.blocked_run, samples.error_run, samples.ready_run])
def test_no_english_is_left(tmp_path: Path, run: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presync.report.pages.render.LANGUAGES", {**LANGUAGES, PSEUDO: "Pseudo"})
    store, verdict = run(tmp_path)
    report = Path(build_report(samples.tenant(), store, verdict, samples.memory()))
    pages = sorted(report.rglob(f"*.{PSEUDO}.html"))
    assert len(pages) >= 11
    left = {page.name: Untranslated(page.read_text(encoding="utf-8")).found for page in pages}
    data = {samples.tenant().title, *LANGUAGES.values(), "Pseudo"}
    data |= {"Change the customer's number in Severa to 10900."}  # of no suite, so it is data
    assert {name: set(found) - data for name, found in left.items() if set(found) - data} == {}


def test_a_report_is_in_the_tenants_language_and_can_be_switched(tmp_path: Path) -> None:
    store, verdict = samples.ready_run(tmp_path)
    tenant = samples.tenant().model_copy(update={"language": "nb"})
    report = Path(build_report(tenant, store, verdict))
    for page in ("index", "preview", "questions", "rules", "suites/customers"):
        own = (report / f"{page}.html").read_text(encoding="utf-8")
        english = (report / f"{page}.en.html").read_text(encoding="utf-8")
        name = page.rpartition("/")[2]
        assert '<html lang="nb">' in own
        assert f'<a href="{name}.en.html" hreflang="en" lang="en">English</a>' in own
        assert '<html lang="en">' in english
        assert f'<a href="{name}.html" hreflang="nb" lang="nb">Norsk</a>' in english
    links = re.findall(r'href="([a-z/_.]+\.html)', (report / "index.en.html").read_text(encoding="utf-8"))
    assert {"suites/customers.en.html", "rules.en.html", "questions.en.html"} <= set(links)
    assert all((report / link).is_file() for link in links)


def test_opening_the_gate_is_said_in_every_language(tmp_path: Path) -> None:
    store, verdict = samples.ready_run(tmp_path)
    report = Path(build_report(samples.tenant(), store, verdict))
    show_open(store, None)
    assert "Integrasjonen er ikke startet ennå." in (report / "index.nb.html").read_text(encoding="utf-8")
    assert "Klar til" in (report / "index.nb.html").read_text(encoding="utf-8")
    assert "Ready until" in (report / "index.html").read_text(encoding="utf-8")
