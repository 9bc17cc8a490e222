"""Data Docs in a real browser: complete without a network, and a tab of the DAG run in the Airflow UI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from presync.cli.translations import PAGES
from presync.languages.speaking import LANGUAGES, PSEUDO
from presync.report.build import build_report
from presync.report.wording import SUITES, problem_title
from tests.support import report_samples as samples
from tests.support.accessibility import complaints
from tests.support.airflow_server import RunningAirflow
from tests.support.browsers import signed_in
from tests.support.pictures import take_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

MISMATCH = problem_title("code_mismatch", "")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(30_000)
    yield page
    page.close()


def test_data_docs_open_from_a_folder_and_ask_nobody(page: Page, reports: Path) -> None:
    asked: list[str] = []
    complained: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complained.append(message.text))
    page.on("pageerror", lambda error: complained.append(str(error)))
    index = (reports / "reports/nordlys/latest/index.html").as_uri()

    page.goto(index)
    assert page.title() == "Blocked – Nordlys Rådgivning AS – Presync"
    assert page.locator("#verdict").inner_text().startswith("✕ Blocked")
    page.get_by_role("link", name=MISMATCH).click()
    assert page.url.endswith("/suites/customers.html#code_mismatch")
    assert page.get_by_text("<script>document.title='owned'</script>").first.is_visible()
    page.get_by_role("link", name="Nordlys Rådgivning AS").click()
    page.get_by_role("row").filter(has_text="Could not be checked").get_by_role("link").click()
    assert page.url.endswith("/earlier/index.html")
    for suite in SUITES:
        page.goto(index.replace("index.html", f"suites/{suite}.html"))

    assert "owned" not in page.title()
    assert {urlsplit(url).scheme for url in asked} <= {"file", "data"}
    assert len([url for url in asked if url.startswith("file:")]) >= 3 + len(SUITES)
    assert complained == []


SPELLED = {
    "Ålesund Båt AS": "ålesund Aalesund alesund A\u030alesund BÅT baat",
    "Aabenraa Auto ApS": "Åbenrå aabenraa abenra",
    "Sørensen & Sønner": "sørensen Soerensen sorensen SÖRENSEN",
    "Gröna Soedra": "södra sødra gröna grona groena",
    "Mäkinen Oy": "makinen maekinen MÄKINEN Mækinen",
    "Ærøskøbing (1+1)": "aeroskobing Ærøskøbing äröskö (1+1)",
    "André Muller": "andre ANDRÉ müller",
}
"""Names, and what people type to find them."""


def test_the_filter_helps_and_nothing_needs_it(browser: Browser, reports: Path) -> None:
    address = (reports / "reports/nordlys/latest/suites/customers.html").as_uri()
    rows = "#code_mismatch tbody tr"
    with browser.new_context() as scripted:
        page = scripted.new_page()
        page.goto(address)
        page.get_by_label("Show only rows with").fill("Elektro 17 ")
        assert page.locator(rows).filter(visible=True).count() == 1
        page.get_by_label("Show only rows with").fill("Elektro 41 ")  # not among the 20 that are shown
        assert page.locator(rows).filter(visible=True).inner_text().startswith("10041")
        assert page.locator("output").inner_text() == "1 / 45"
        page.get_by_label("Show only rows with").fill("")
        assert page.locator(rows).filter(visible=True).count() == 20
        page.reload()
        names = "names => names.forEach((name, n) => document.querySelectorAll('%s')[n].textContent = name)"
        page.evaluate(names % rows, list(SPELLED))
        for typed, found in ((typed, name) for name, wanted in SPELLED.items() for typed in wanted.split()):
            page.get_by_label("Show only rows with").fill(typed)
            assert page.locator(rows).filter(visible=True).all_inner_texts() == [found], typed
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(address)
        assert page.locator(rows).filter(visible=True).count() == 20
        assert page.locator("input").count() == 0


def test_a_page_fits_a_phone_and_paper(browser: Browser, reports: Path) -> None:
    with browser.new_context(viewport={"width": 390, "height": 800}) as phone:
        page = phone.new_page()
        page.goto((reports / "reports/nordlys/latest/suites/customers.html").as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        page.emulate_media(media="print")
        assert page.locator("nav.trail").is_hidden()


def test_the_report_is_a_tab_of_the_dag_run(browser: Browser, airflow: RunningAirflow) -> None:
    airflow.trigger("presync__nordlys", samples.RUN)
    hosts: set[str] = set()
    complained: list[str] = []
    with signed_in(browser, airflow, viewport={"width": 1400, "height": 1000}) as page:
        page.on("console", lambda message: complained.append(message.text))
        page.goto(f"{airflow.url}/dags/presync__nordlys/runs/{samples.RUN.replace('+', '%2B')}")
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.get_by_role("link", name="Presync report").click()
        frame = page.frame_locator("iframe")
        frame.locator("#verdict").wait_for()
        assert frame.locator("#verdict").inner_text().startswith("✕ Blocked")
        _assert_it_follows_airflows_theme(page, frame)
        frame.get_by_role("link", name=MISMATCH).click()
        frame.get_by_text("The first 20 of 45 findings").wait_for()
        # the frame may run our own script, and only that
        frame.get_by_label("Show only rows with").fill("Elektro 17 ")
        assert frame.locator("#code_mismatch tbody tr").filter(visible=True).count() == 1
        with page.expect_download() as download:
            frame.get_by_role("link", name="findings.csv").first.click()
        assert download.value.suggested_filename.endswith("-findings.csv")
    assert hosts - {""} == {urlsplit(airflow.url).netloc}
    assert not [text for text in complained if "Content Security Policy" in text]


def _assert_it_follows_airflows_theme(page: Page, frame: FrameLocator) -> None:
    for theme in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.className = theme; }", theme)
        frame.locator(f"html.{theme}").wait_for(state="attached")
        assert frame.locator("html").evaluate("e => getComputedStyle(e).colorScheme") == theme


def test_every_kind_of_page_can_be_read_by_everybody(page: Page, reports: Path) -> None:
    nordlys = reports / "reports/nordlys"
    # another language has the same marks, so its first page is enough
    every = sorted((nordlys / "latest").rglob("*.html"))
    blocked = [file for file in every if file.stem.count(".") == 0 or file.stem.startswith("index.")]
    assert len(blocked) >= 3 + len(SUITES) + len(LANGUAGES) - 1
    assert "Probably there already" in (nordlys / "latest/preview.html").read_text(encoding="utf-8")
    short = ("index.html", "preview.html", "questions.html", "suites/products.html")
    for file in [*blocked, *(nordlys / run / name for run in ("ready", "earlier") for name in short)]:
        page.goto(file.as_uri())
        assert page.locator("html").get_attribute("lang") == (
            file.suffixes[0][1:] if file.suffixes[1:] else "en"
        )
        assert complaints(page) == []


@pytest.mark.parametrize(
    "name", ["index.html", "preview.html", "questions.html", "rules.html", "suites/customers.html"]
)
def test_narrow_dark_and_printed_pages_can_be_read_too(page: Page, reports: Path, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    page.goto((reports / "reports/nordlys/latest" / name).as_uri())
    assert complaints(page) == []
    # WCAG 1.4.10: nothing but tables and drawings, which scroll by themselves, is wider than 320 pixels
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")
    assert complaints(page) == []


def test_a_reader_of_a_translation_gets_a_picture_of_each_kind_of_page(
    browser: Browser, reports: Path, tmp_path: Path
) -> None:
    pictures = take_pictures(browser, reports / "reports/nordlys/latest", "nb", tmp_path / "nb")
    assert [picture.stem for picture in pictures] == [*PAGES]
    assert all(picture.stat().st_size > 10_000 for picture in pictures)


def test_pages_hold_texts_that_are_longer_by_half(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("presync.report.pages.render.LANGUAGES", {**LANGUAGES, PSEUDO: "Pseudo"})
    store, verdict = samples.blocked_run(tmp_path)
    report = Path(build_report(samples.tenant(), store, verdict, samples.memory()))
    for name in ("index", "preview", "questions", "rules", "suites/customers"):
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto((report / f"{name}.{PSEUDO}.html").as_uri())
        assert "⟦" in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 794, "height": 1123})  # A4
        assert page.evaluate("document.documentElement.scrollWidth") <= 794, name


def test_the_pages_inside_airflow_can_be_read_by_everybody(browser: Browser, airflow: RunningAirflow) -> None:
    runs = f"{airflow.url}/presync/dags/presync__nordlys/runs"
    addresses = {
        f"{airflow.url}/presync/": "Companies",
        f"{airflow.url}/presync/causes": "Causes",
        f"{airflow.url}/presync/history": "History",
        f"{runs}/latest/index.html": "Nordlys Rådgivning AS",
        f"{runs}/nothing/index.html": "There is no such run",
        f"{airflow.url}/presync/dags/payroll/": "There is no such report",
    }
    with signed_in(browser, airflow) as page:
        for address, heading in addresses.items():
            page.goto(address)
            assert page.get_by_role("heading", level=1).inner_text() == heading
            assert complaints(page) == []


def test_the_keyboard_reaches_everything_and_is_seen(page: Page, reports: Path) -> None:
    page.goto((reports / "reports/nordlys/latest/suites/customers.html").as_uri())
    reachable = page.locator("a:visible, summary:visible, input:visible, .scroll:visible").count()
    focused = "[document.activeElement.matches('a, summary, input, .scroll'), {}]"
    seen = focused.format("getComputedStyle(document.activeElement).outlineStyle")
    for place in range(reachable):
        page.keyboard.press("Tab")
        assert page.evaluate(seen) == [True, "solid"], place
    page.reload()
    page.keyboard.press("Tab")
    box = page.get_by_role("link", name="Skip to the content").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"
