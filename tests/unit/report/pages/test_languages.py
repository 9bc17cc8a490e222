"""A report speaks the tenant's language, beside each page are all the others, no English is left in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from presync.languages.speaking import PSEUDO
from presync.report.build import build_report
from presync.report.decision import show_open
from tests.support import report_samples as samples
from tests.support.untranslated import untranslated


@pytest.mark.parametrize("run", [samples.blocked_run, samples.error_run, samples.ready_run])
def test_no_english_is_left(tmp_path: Path, run: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presync.report.pages.render.LANGUAGES", {"en": "English", PSEUDO: "⟦Pseudo⟧"})
    store, verdict = run(tmp_path)
    report = Path(build_report(samples.tenant(), store, verdict, samples.memory()))
    pages = sorted(report.rglob(f"*.{PSEUDO}.html"))
    assert len(pages) >= 11
    # the last one is of no suite, so it is data
    data = (samples.tenant().title, "English", "Change the customer's number in Severa to 10900.")
    left = {page.name: untranslated(page.read_text(encoding="utf-8"), *data) for page in pages}
    assert {name: found for name, found in left.items() if found} == {}


@pytest.mark.usefixtures("every_language")
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


@pytest.mark.usefixtures("every_language")
def test_opening_the_gate_is_said_in_every_language(tmp_path: Path) -> None:
    store, verdict = samples.ready_run(tmp_path)
    report = Path(build_report(samples.tenant(), store, verdict))
    show_open(store, None)
    assert "Integrasjonen er ikke startet ennå." in (report / "index.nb.html").read_text(encoding="utf-8")
    assert "Klar til" in (report / "index.nb.html").read_text(encoding="utf-8")
    assert "Ready until" in (report / "index.html").read_text(encoding="utf-8")
