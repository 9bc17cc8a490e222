"""Data Docs in a real browser: complete without a network, and a tab of the DAG run in the Airflow UI."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from presync.cli.translations import PAGES
from presync.control.audit import audit_trail
from presync.control.companies import Judgement, record_judged, sync_companies
from presync.control.database import now, transaction
from presync.control.findings import SeenFinding, record_findings
from presync.control.runs import record_run
from presync.languages.speaking import LANGUAGES, PSEUDO
from presync.report.build import build_report
from presync.report.wording import SUITES, problem_title
from presync.tenants.model import Tenant
from tests.support import report_samples as samples
from tests.support.accessibility import complaints
from tests.support.airflow_server import AirflowServer
from tests.support.browsers import chromium, signed_in
from tests.support.pictures import take_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

MISMATCH = problem_title("code_mismatch", "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    store, verdict = samples.ready_run(root, "ready", started_at="2026-11-21T04:16:00+00:00")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.error_run(root, "earlier", started_at="2026-11-22T04:16:00+00:00")
    build_report(samples.tenant(), store, verdict)
    store, verdict = samples.blocked_run(root)
    build_report(samples.tenant(), store, verdict, samples.memory())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESYNC_DATA", str(root))
        sync_companies([Tenant(tenant=name, title=name) for name in ("nordlys", "fjord")], {}, 0)
        rules = {"customers/code_mismatch": [7, 0]}
        with transaction() as session:
            for run in ("earlier", "newest"):
                found = Judgement(run, "blocked", "", 2, rules, {"either": 7})
                record_judged(session, "nordlys", found, now())
    return root


@pytest.fixture(scope="module")
def airflow(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    """The pages inside Airflow's API server."""
    server = AirflowServer(tmp_path_factory.mktemp("airflow"), str(data), "simple")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(30_000)
    yield page
    page.close()


def test_data_docs_open_from_a_folder_and_ask_nobody(page: Page, data: Path) -> None:
    asked: list[str] = []
    complained: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complained.append(message.text))
    page.on("pageerror", lambda error: complained.append(str(error)))
    index = (data / "reports/nordlys/latest/index.html").as_uri()

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


def test_the_filter_helps_and_nothing_needs_it(browser: Browser, data: Path) -> None:
    address = (data / "reports/nordlys/latest/suites/customers.html").as_uri()
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


def test_a_page_fits_a_phone_and_paper(browser: Browser, data: Path) -> None:
    with browser.new_context(viewport={"width": 390, "height": 800}) as phone:
        page = phone.new_page()
        page.goto((data / "reports/nordlys/latest/suites/customers.html").as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        page.emulate_media(media="print")
        assert page.locator("nav.trail").is_hidden()


def test_the_report_is_a_tab_of_the_dag_run(browser: Browser, airflow: AirflowServer) -> None:
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


def test_every_kind_of_page_can_be_read_by_everybody(page: Page, data: Path) -> None:
    reports = data / "reports/nordlys"
    # another language has the same marks, so its first page is enough
    every = sorted((reports / "latest").rglob("*.html"))
    blocked = [file for file in every if file.stem.count(".") == 0 or file.stem.startswith("index.")]
    assert len(blocked) >= 3 + len(SUITES) + len(LANGUAGES) - 1
    assert "Probably there already" in (reports / "latest/preview.html").read_text(encoding="utf-8")
    short = ("index.html", "preview.html", "questions.html", "suites/products.html")
    for file in [*blocked, *(reports / run / name for run in ("ready", "earlier") for name in short)]:
        page.goto(file.as_uri())
        assert page.locator("html").get_attribute("lang") == (
            file.suffixes[0][1:] if file.suffixes[1:] else "en"
        )
        assert complaints(page) == []


@pytest.mark.parametrize(
    "name", ["index.html", "preview.html", "questions.html", "rules.html", "suites/customers.html"]
)
def test_narrow_dark_and_printed_pages_can_be_read_too(page: Page, data: Path, name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    page.goto((data / "reports/nordlys/latest" / name).as_uri())
    assert complaints(page) == []
    # WCAG 1.4.10: nothing but tables and drawings, which scroll by themselves, is wider than 320 pixels
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    page.emulate_media(media="print")
    assert complaints(page) == []


def test_a_reader_of_a_translation_gets_a_picture_of_each_kind_of_page(
    browser: Browser, data: Path, tmp_path: Path
) -> None:
    pictures = take_pictures(browser, data / "reports/nordlys/latest", "nb", tmp_path / "nb")
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


def test_the_pages_inside_airflow_can_be_read_by_everybody(browser: Browser, airflow: AirflowServer) -> None:
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


def test_airflows_home_page_leads_to_the_companies_of_a_stage(
    browser: Browser, airflow: AirflowServer
) -> None:
    with signed_in(browser, airflow) as page:
        page.goto(airflow.url)
        page.get_by_role("link", name="Blocked").click()
        inside = page.frame_locator("iframe")
        row = inside.get_by_role("row", name="nordlys")
        assert "Blocked" in row.inner_text()
        assert inside.get_by_role("row", name="fjord").count() == 0
        assert page.url.endswith("?stage=blocked")
        row.get_by_title("The DAG in Airflow").click()
        page.wait_for_url("**/dags/presync__nordlys")


def test_the_keyboard_reaches_everything_and_is_seen(page: Page, data: Path) -> None:
    page.goto((data / "reports/nordlys/latest/suites/customers.html").as_uri())
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


def test_people_decide_on_the_company_page(
    browser: Browser, airflow: AirflowServer, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_DATA", str(data))
    found = [
        SeenFinding(
            row["finding_id"], row["suite"], row["rule"], row["severity"], row["business_code"],
            row["severa_guid"], row["severa_code"], values_digest="v", waivable=True,
        )
        for row in (samples.finding(number, "customers", "code_mismatch") for number in range(3))
    ]  # fmt: skip
    began = datetime(2026, 11, 23, 4, 16, tzinfo=UTC)
    record_run(
        tenant="nordlys", run_id=samples.RUN, status="blocked", started_at=began, finished_at=began,
        rules_version="1", build_id="b1", critical=3, warning=0, counts={},
    )  # fmt: skip
    record_findings("nordlys", samples.RUN, began, found)
    until = datetime.now(UTC).date() + timedelta(days=30)
    with signed_in(browser, airflow, "admin", viewport={"width": 1400, "height": 1000}) as page:
        page.goto(f"{airflow.url}/dags/presync__nordlys")
        page.get_by_role("link", name="Company", exact=True).click()
        frame = page.frame_locator("iframe")

        first = frame.locator(f"#f-{found[0].finding_id}")
        first.get_by_text("Let it stand: give a waiver").click()
        waiver = first.get_by_role("form", name="Waive")
        waiver.get_by_label("Reason").fill("agreed with accounting")
        waiver.get_by_label("Until").fill(f"{until}")
        waiver.get_by_role("button").click()
        frame.get_by_text(f"is waived through {until}").wait_for()

        second = frame.locator(f"#f-{found[1].finding_id}")
        second.get_by_text("Say whether the two are the same").click()
        pair = second.get_by_role("form", name="Say whether")
        pair.get_by_label("the same", exact=True).check()
        pair.get_by_label("Reason").fill("asked them")
        pair.get_by_role("button").click()
        frame.get_by_text("are the same, as long as").wait_for()

        question = frame.locator("#q-projects")
        question.get_by_label("none").check()
        question.get_by_role("button").click()
        frame.get_by_text("The answer for projects is: none").wait_for()

        page.goto(f"{airflow.url}/presync/dags/presync__nordlys/company")
        assert complaints(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        page.emulate_media(color_scheme="dark")
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.get_by_role("link", name="The report of this run").click()
        page.get_by_role("link", name="The company’s page").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Nordlys Rådgivning AS"
    with httpx.Client(base_url=airflow.url, cookies={"_token": airflow.token("viewer")}) as viewer:
        address, origin = "/presync/dags/presync__nordlys/company", {"Origin": airflow.url}
        assert "Deciding is for those who may edit" in viewer.get(address).text
        assert viewer.post(f"{address}/waive", data={"page": ""}, headers=origin).status_code == 403
    trail = [(entry.what, entry.who, entry.who_kind) for entry in audit_trail("nordlys")[-3:]]
    assert trail == [(what, "admin", "airflow") for what in ("waive", "confirm-pair", "decide")]
