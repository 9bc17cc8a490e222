"""Data Docs in a real browser: complete without a network, and a tab of the DAG run in the Airflow UI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from presync.report.build import build_report
from presync.report.wording import SUITES
from tests import report_samples as samples
from tests.airflow_server import AirflowServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    store, verdict = samples.error_run(root, "earlier", started_at="2026-11-22T04:16:00+00:00")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.blocked_run(root)
    build_report(samples.tenant(), store, verdict)
    return root


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(30_000)
    yield page
    page.close()


def test_data_docs_open_from_a_folder_and_ask_nobody(page: Page, data: Path) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    index = (data / "reports/nordlys/latest/index.html").as_uri()

    page.goto(index)
    assert page.title() == "Blocked – Nordlys Rådgivning AS – Presync"
    assert page.locator("#verdict").inner_text().startswith("✕ Blocked")
    page.get_by_role("link", name="No code mismatch").click()
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
    assert complaints == []


def test_the_filter_helps_and_nothing_needs_it(browser: Browser, data: Path) -> None:
    address = (data / "reports/nordlys/latest/suites/customers.html").as_uri()
    rows = "#code_mismatch tbody tr"
    with browser.new_context() as scripted:
        page = scripted.new_page()
        page.goto(address)
        page.get_by_label("Show only rows with").fill("Elektro 17 ")
        assert page.locator(rows).filter(visible=True).count() == 1
    with browser.new_context(java_script_enabled=False) as plain:
        page = plain.new_page()
        page.goto(address)
        assert page.locator(rows).filter(visible=True).count() == 20
        assert page.locator("input").count() == 0


def test_a_page_fits_a_phone_and_paper(browser: Browser, data: Path) -> None:
    with browser.new_context(viewport={"width": 380, "height": 800}) as phone:
        page = phone.new_page()
        page.goto((data / "reports/nordlys/latest/suites/customers.html").as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 380
        page.emulate_media(media="print")
        assert page.locator("nav.trail").is_hidden()


def test_the_report_is_a_tab_of_the_dag_run(
    browser: Browser, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = AirflowServer(tmp_path_factory.mktemp("airflow"), str(data), "simple")
    try:
        server.trigger("presync__nordlys", samples.RUN)
        with browser.new_context(viewport={"width": 1400, "height": 1000}) as context:
            context.set_default_timeout(30_000)
            hosts: set[str] = set()
            complaints: list[str] = []
            cookie = {"name": "_token", "value": server.token("viewer"), "url": server.url}
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(f"{server.url}/dags/presync__nordlys/runs/{samples.RUN.replace('+', '%2B')}")
            page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
            page.get_by_role("link", name="Presync report").click()
            frame = page.frame_locator("iframe")
            frame.locator("#verdict").wait_for()
            assert frame.locator("#verdict").inner_text().startswith("✕ Blocked")
            frame.get_by_role("link", name="No code mismatch").click()
            frame.get_by_text("The first 20 of 45 findings").wait_for()
            # the frame may run our own script, and only that
            frame.get_by_label("Show only rows with").fill("Elektro 17 ")
            assert frame.locator("#code_mismatch tbody tr").filter(visible=True).count() == 1
            with page.expect_download() as download:
                frame.get_by_role("link", name="findings.csv").first.click()
            assert download.value.suggested_filename.endswith("-findings.csv")
            page.screenshot(path=str(data / "tab.png"))
            assert hosts - {""} == {urlsplit(server.url).netloc}
            assert not [text for text in complaints if "Content Security Policy" in text]
    finally:
        server.stop()
