"""An ops lead's morning: 200 companies, and nothing but a browser.

A running Airflow checks, corrects and starts Havn (`support/running_fleet.py`); the lead only uses its pages.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from presync.control.audit import audit_trail
from presync.control.starts import find_start
from tests.support.accessibility import complaints
from tests.support.airflow_server import RunningAirflow
from tests.support.browsers import signed_in
from tests.support.patience import PATIENCE
from tests.support.running_fleet import HAVN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page, ViewportSize

SOON = datetime.now(UTC).date() + timedelta(days=30)
COMPANY = f"/presync/dags/presync__{HAVN}/company"
WIDE: ViewportSize = {"width": 1400, "height": 1000}
NARROW: ViewportSize = {"width": 390, "height": 844}


def test_an_ops_leads_morning_needs_no_shell(
    airflow: RunningAirflow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_DATA", airflow.data)
    with signed_in(browser, airflow, "admin", viewport=WIDE) as page:
        _press(_find_who_is_blocked_longest(page, airflow), "Check again", "The company will be checked.")
        _look_at_all_companies(page, airflow)
        _load_until(page, f"{airflow.url}{COMPANY}", "6 findings, 6 of them critical")
        _decide(page)
        _check_what_was_decided(page, airflow)
        _rehearse(page, airflow)
        _correct(page, airflow)
        _start(page, airflow)
    start = find_start(HAVN)
    assert start is not None
    assert (start.state, start.who) == ("confirmed", "admin")
    done = [entry.what for entry in audit_trail(HAVN) if entry.who_kind == "airflow"]
    assert done == ["decide", "decide", "waive", "confirm-pair", "apply", "apply", "start", "start"]
    _a_viewer_may_not(airflow)


def _find_who_is_blocked_longest(page: Page, airflow: RunningAirflow) -> FrameLocator:
    """Go from Airflow's home page by the company's row to the tab *Company* of its DAG."""
    page.goto(airflow.url)
    page.get_by_role("link", name="Blocked").click()
    first = page.frame_locator("iframe").get_by_role("row").nth(1)
    text = first.inner_text()
    assert "Havn Eiendom AS" in text
    assert "Blocked 40 days" in text
    assert "Customers: The same in both systems, under different numbers (1)" in text
    assert page.url.endswith("?stage=blocked")
    first.get_by_title("The DAG in Airflow").click()
    page.wait_for_url(f"**/dags/presync__{HAVN}")
    page.get_by_role("link", name="Company", exact=True).click()
    return page.frame_locator("iframe")


def _look_at_all_companies(page: Page, airflow: RunningAirflow) -> None:
    """Look at the pages of all companies, wide and as on a phone, while the check runs."""
    for address in ("/presync/", "/presync/causes"):
        page.goto(f"{airflow.url}{address}")
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
            assert complaints(page) == []
    page.goto(f"{airflow.url}/presync/?stage=blocked")
    page.get_by_role("link", name="Critical").click()
    counts = [int(text) for text in page.locator("td.number strong").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) > 1
    page.set_viewport_size(WIDE)


def _decide(page: Page) -> None:
    assert complaints(page) == []
    for entity in ("products", "projects"):
        question = page.locator(f"#q-{entity}")
        question.get_by_label("all", exact=True).check()
        question.get_by_role("button").click()
        page.get_by_text(f"The answer for {entity} is: all").wait_for()
    unit = page.locator("article", has_text="Administrasjon")
    unit.get_by_text("Let it stand: give a waiver").click()
    waiver = unit.get_by_role("form", name="Waive")
    waiver.get_by_label("Reason").fill("one unit; asked Kari")
    waiver.get_by_label("Until").fill(f"{SOON}")
    waiver.get_by_role("button").click()
    page.get_by_text(f"is waived through {SOON}").wait_for()
    inn = page.locator("article", has_text="Gjestgiveriet")
    inn.get_by_text("Say whether the two are the same").click()
    pair = inn.get_by_role("form", name="Say whether")
    pair.get_by_label("the same", exact=True).check()
    pair.get_by_label("Reason").fill("called them")
    pair.get_by_role("button").click()
    page.get_by_text("are the same, as long as").wait_for()


def _check_what_was_decided(page: Page, airflow: RunningAirflow) -> None:
    _press(page, "Check again", "The company will be checked.")
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme="dark")
    assert complaints(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    _load_until(page, f"{airflow.url}{COMPANY}", "2 findings, 2 of them critical")


def _rehearse(page: Page, airflow: RunningAirflow) -> None:
    _press(page, "Rehearse the corrections", "The corrections will be rehearsed.")
    _load_until(page, f"{airflow.url}{COMPANY}", "The rehearsal of")
    assert page.locator("#runs summary", has_text="The rehearsal of").inner_text().endswith(": Ready")


def _correct(page: Page, airflow: RunningAirflow) -> None:
    page.get_by_text("Write the corrections to Severa").click()
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_role("status").get_by_text("A plan is being made.").wait_for()
    _approve(page, airflow, "Write to the Severa of Havn Eiendom AS", "number 555 → 10004")


def _start(page: Page, airflow: RunningAirflow) -> None:
    _load_until(page, f"{airflow.url}{COMPANY}", "Ready until")
    _press(page, "Check, then start", "a person is asked to approve the start")
    _approve(
        page, airflow, "Start the integration of Havn Eiendom AS now", "admin (signed in): one unit; asked"
    )
    _load_until(page, f"{airflow.url}/presync/?q={HAVN}", "Started")


def _press(page: Page | FrameLocator, button: str, said: str) -> None:
    """Press a button that starts a run; a person presses again while the last run is not quite over."""
    deadline = time.monotonic() + PATIENCE
    while True:
        page.get_by_role("button", name=button).click()
        answer = page.locator(".banner").first
        answer.wait_for()
        if said in answer.inner_text():
            return
        assert re.search("a run is under way already|has changed since this page", answer.inner_text())
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _approve(page: Page, airflow: RunningAirflow, subject: str, says: str) -> None:
    """Approve what waits under *Required Actions*, which says what it is about."""
    airflow.await_question()
    page.goto(f"{airflow.url}/required_actions?response_received=false")
    page.get_by_role("link", name=subject).click()
    page.get_by_text(says).wait_for()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Response received").wait_for()


def _load_until(page: Page, address: str, text: str) -> None:
    """Load a page again until it says something, as a person does."""
    deadline = time.monotonic() + PATIENCE
    page.goto(address)
    while not page.get_by_text(text).first.is_visible():
        if time.monotonic() > deadline:
            pytest.fail(f"{text!r} is not on {page.url}: {page.inner_text('body')[:2000]}")
        page.wait_for_timeout(500)
        page.goto(address)


def _a_viewer_may_not(airflow: RunningAirflow) -> None:
    with airflow.client("viewer") as viewer:
        assert "Deciding is for those who may edit" in viewer.get(COMPANY).text
        refused = viewer.post(f"{COMPANY}/waive", data={"page": ""}, headers={"Origin": airflow.url})
        assert refused.status_code == httpx.codes.FORBIDDEN
