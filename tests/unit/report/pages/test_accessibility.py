"""What every reader needs of the pages: headings in order, names for pictures and fields, enough contrast."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from presync.report.build import build_report
from presync.report.pages.render import TEMPLATES
from presync.report.wording import SUITES
from tests.support import report_samples as samples

PAGES = (
    *("index.html", "preview.html", "questions.html", "rules.html"),
    *(f"suites/{suite}.html" for suite in SUITES),
)
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
_BOTH = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", STYLE)
COLOURS = {
    "light": {name: light for name, light, _ in _BOTH},
    "dark": {name: dark for name, _, dark in _BOTH},
}


class Outline(HTMLParser):
    """Collects the levels of headings, and what has no name of its own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.nameless: list[str] = []
        self.language = ""
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "html":
            self.language = values.get("lang") or ""
        if (tag == "svg" and not (values.get("role") == "img" and values.get("aria-label"))) or (
            tag == "img" and "alt" not in values
        ):
            self.nameless.append(tag)
        if tag == "th" and values.get("scope") not in {"col", "row"}:
            self.nameless.append(tag)
        if identifier := values.get("id"):
            self.ids.append(identifier)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    store, verdict = samples.error_run(root, "earlier", started_at="2026-11-22T04:16:00+00:00")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.blocked_run(root)
    return Path(build_report(samples.tenant(), store, verdict))


@pytest.mark.parametrize("page", PAGES)
def test_headings_are_in_order_and_everything_has_a_name(report: Path, page: str) -> None:
    outline = Outline((report / page).read_text(encoding="utf-8"))
    assert outline.language == "en"
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    steps = zip(outline.levels, outline.levels[1:], strict=False)
    assert [step for step in steps if step[1] > step[0] + 1] == []
    assert outline.nameless == []
    assert len(outline.ids) == len(set(outline.ids))


def test_the_first_page_draws_what_it_tells(report: Path) -> None:
    page = (report / "index.html").read_text(encoding="utf-8")
    assert page.count('class="bar"') == 5
    assert 'class="line"' in page
    spoken = "2026-11-23 04:17 UTC could not be checked, 2026-11-23 04:17 UTC 47"
    assert f'aria-label="Critical findings, run by run, the newest last: {spoken}"' in page


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "ground"),
        ("ink", "paper"),
        ("soft", "ground"),
        ("soft", "paper"),
        ("link", "ground"),
        ("link", "paper"),
        ("good", "good-ground"),
        ("bad", "bad-ground"),
        ("open", "open-ground"),
        ("note", "note-ground"),
    ],
)
@pytest.mark.parametrize("scheme", COLOURS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, scheme: str) -> None:
    assert contrast(COLOURS[scheme][text], COLOURS[scheme][ground]) >= 4.5


@pytest.mark.parametrize("scheme", COLOURS)
def test_drawings_can_be_seen_on_paper(scheme: str) -> None:
    fills = dict(re.findall(r"\.([okv]-\w+) { fill: var\(--([\w-]+)\)", STYLE))
    assert {"o-link", "o-blocked", "k-severa", "v-ready"} <= set(fills)
    colours = COLOURS[scheme]
    assert [name for name, fill in fills.items() if contrast(colours[fill], colours["paper"]) < 3] == []


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
