"""An ops lead's morning: 200 companies, one of them real, and nothing but a browser.

A running Airflow (scheduler, API server, the product's own DAGs) checks the company against the stand-in
Severa and a Visma Business in SQLite, as at night; then everything is done on Airflow's pages.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.severa.process import start_severa
from demo.world import WRITER_SCOPES
from presync.control.audit import audit_trail
from presync.control.companies import Judgement
from presync.control.database import now
from presync.control.starts import find_start
from tests.support import tiny_company
from tests.support.accessibility import complaints
from tests.support.airflow_server import RunningAirflow
from tests.support.browsers import chromium, signed_in
from tests.support.generated_fleet import give_past, judged, write_files
from tests.support.patience import PATIENCE
from tests.support.tenant_run import SECRET

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HAVN = "havn"
SOON = datetime.now(UTC).date() + timedelta(days=30)
MANY = 199
TENANT = """\
tenant: havn
title: Havn Eiendom AS
country: NO
owner: Kari
visma_business:
  customer_series: {table: AcInt, first: FrNo, last: ToNo}
  invoice_series: [1]
  invoices: {table: CustTr, number: InvoNo}
severa:
  customer_number_ceiling: 99999
  invoice_number_ceiling: 99999
  project_number_ceiling: 99999
  apply: true
transfer: {departments: all, employees: all, customers: all}
start: manual
"""
BUSINESS = """
INSERT INTO Actor VALUES (4, 'Kroa ved Fjorden', 10003, 0, 0, '', '', 0, 0);
INSERT INTO Actor VALUES (5, 'Vestby Elektro AS', 10004, 0, 0, '', '', 0, 0);
INSERT INTO R1 VALUES (20, 'Drift', 0);
"""
SEVERA = (
    {"guid": "c3", "name": "Gjestgiveriet Lunde", "number": 10003},
    {"guid": "c4", "name": "Vestby Elektro", "number": 555},
)
ADMINISTRATION = {"guid": "b2", "name": "Administrasjon", "code": "20", "isActive": True}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAirflow]:
    root = tmp_path_factory.mktemp("morning")
    (root / "airflow/tenants").mkdir(parents=True)
    _build_havn(root / HAVN)
    client = {"secret": SECRET, "data": f"{HAVN}/severa"}
    clients = {"reads": client, "writes": {**client, "scopes": WRITER_SCOPES}}
    with ExitStack() as stack:
        severa = stack.enter_context(start_severa(root, {"clients": clients}))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("PRESYNC_DATA", str(root / "data"))
        tenants = root / "airflow/tenants"
        stages = write_files(tenants, MANY)
        (tenants / f"{HAVN}.yaml").write_text(TENANT, "utf-8")
        connections = {
            f"VISMA_BUSINESS__{HAVN.upper()}": {
                "conn_type": "odbc",
                "extra": {"driver": "SQLite3", "odbc": {"Database": str(root / HAVN / "visma_business.db")}},
            }
        } | {
            name: {"conn_type": "http", "host": severa.api, "login": login, "password": SECRET}
            for name, login in (("SEVERA__HAVN", "reads"), ("SEVERA_WRITE__HAVN", "writes"))
        }
        told = {f"AIRFLOW_CONN_{name}": json.dumps(said) for name, said in connections.items()}
        server = RunningAirflow(root / "airflow", str(root / "data"), **told)
        stack.callback(server.stop)
        server.unpause(f"presync__{HAVN}")
        server.unpause(f"presync_apply__{HAVN}")
        server.trigger(f"presync__{HAVN}", "night")
        give_past(tenants, stages)
        judged(
            HAVN,
            "before",
            Judgement("before", "blocked", "", 0, {"customers/code_mismatch": [1, 0]}, {"either": 1}),
            now() - timedelta(days=40),
        )
        server.await_run(f"presync__{HAVN}", "night")
        yield server


def _build_havn(folder: Path) -> None:
    tiny_company.build(folder)
    tiny_company.execute(folder, BUSINESS)
    customers = [*tiny_company.register("customers"), *SEVERA]
    tiny_company.write_register(folder, "customers", customers)
    units = [*tiny_company.register("businessunits"), ADMINISTRATION]
    tiny_company.write_register(folder, "businessunits", units)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_an_ops_leads_morning_needs_no_shell(
    airflow: RunningAirflow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_DATA", airflow.data)
    with signed_in(browser, airflow, "admin", viewport={"width": 1400, "height": 1000}) as page:
        _who_is_blocked_longest(page, airflow)
        _decide(page)
        _check_again(page)
        _rehearse(page)
        _correct(page, airflow)
        _start(page, airflow)
    start = find_start(HAVN)
    assert start is not None
    assert (start.state, start.who) == ("confirmed", "admin")
    done = [entry.what for entry in audit_trail(HAVN) if entry.who_kind == "airflow"]
    assert done == ["decide", "decide", "waive", "confirm-pair", "apply", "apply", "start", "start"]


def _who_is_blocked_longest(page: Page, airflow: RunningAirflow) -> None:
    page.goto(airflow.url)
    page.get_by_role("link", name="Blocked").click()
    first = page.frame_locator("iframe").get_by_role("row").nth(1)
    assert "Havn Eiendom AS" in first.inner_text()
    assert "Blocked 40 days" in first.inner_text()
    assert (
        "A number in use lies where the other system hands out numbers (1), and 5 more" in first.inner_text()
    )
    page.goto(f"{airflow.url}/presync/?stage=blocked")
    assert complaints(page) == []
    page.get_by_role("link", name="Havn Eiendom AS").click()
    page.get_by_text("6 findings, 6 of them critical").wait_for()
    assert complaints(page) == []


def _decide(page: Page) -> None:
    for entity in ("products", "projects"):
        question = page.locator(f"#q-{entity}")
        question.get_by_label("all", exact=True).check()
        question.get_by_role("button").click()
        page.get_by_text(f"The answer for {entity} is: all").wait_for()
    drift = page.locator("article", has_text="Administrasjon")
    drift.get_by_text("Let it stand: give a waiver").click()
    drift.get_by_role("form", name="Waive").get_by_label("Reason").fill("one unit; asked Kari")
    drift.get_by_role("form", name="Waive").get_by_label("Until").fill(f"{SOON}")
    drift.get_by_role("button", name="Give the waiver").click()
    page.get_by_text(f"is waived through {SOON}").wait_for()
    inn = page.locator("article", has_text="Gjestgiveriet")
    inn.get_by_text("Say whether the two are the same").click()
    inn.get_by_label("the same", exact=True).check()
    inn.get_by_role("form", name="Say whether").get_by_label("Reason").fill("called them")
    inn.get_by_role("button", name="Put on record").click()
    page.get_by_text("are the same, as long as").wait_for()
    assert complaints(page) == []


def _check_again(page: Page) -> None:
    _press(page, "Check again", "The company will be checked.")
    _load_until(page, "2 findings, 2 of them critical")


def _rehearse(page: Page) -> None:
    _press(page, "Rehearse the corrections", "The corrections will be rehearsed.")
    _load_until(page, "The rehearsal of")
    assert page.locator("#runs summary", has_text="The rehearsal of").inner_text().endswith(": Ready")


def _correct(page: Page, airflow: RunningAirflow) -> None:
    page.get_by_text("Write the corrections to Severa").click()
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_role("status").get_by_text("A plan is being made.").wait_for()
    _approve(page, airflow, "Write to Severa of Havn Eiendom AS", "number 555 → 10004")


def _start(page: Page, airflow: RunningAirflow) -> None:
    page.goto(f"{airflow.url}/presync/dags/presync__havn/company")
    _load_until(page, "Ready until")
    _press(page, "Check, then start", "a person is asked to approve the start")
    _approve(page, airflow, "Start the integration of Havn Eiendom AS now", "one unit; asked Kari")
    page.goto(f"{airflow.url}/presync/?q=havn")
    _load_until(page, "Started")
    assert complaints(page) == []


def _press(page: Page, button: str, said: str) -> None:
    """Press a button that starts a run; a person presses again while the last one is not quite over."""
    deadline = time.monotonic() + PATIENCE
    while True:
        page.get_by_role("button", name=button).click()
        answer = page.locator(".banner")
        answer.wait_for()
        if said in answer.inner_text():
            return
        assert "a run is under way already" in answer.inner_text()
        assert time.monotonic() < deadline
        page.wait_for_timeout(400)


def _approve(page: Page, airflow: RunningAirflow, subject: str, says: str) -> None:
    """Approve what waits under *Required Actions*, which says what it is about."""
    page.goto(f"{airflow.url}/required_actions?response_received=false")
    link = page.get_by_role("link", name=subject)
    deadline = time.monotonic() + PATIENCE
    while link.count() == 0 and time.monotonic() < deadline:
        page.wait_for_timeout(1000)
        page.reload(wait_until="networkidle")
    link.click()
    page.get_by_text(says).wait_for()
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Response received").wait_for()


def _load_until(page: Page, text: str) -> None:
    """Load the page again until it says something, as a person does."""
    deadline = time.monotonic() + PATIENCE
    while not page.get_by_text(text).first.is_visible():
        if time.monotonic() > deadline:
            pytest.fail(f"{text!r} is not on {page.url}: {page.inner_text('body')[:2000]}")
        page.wait_for_timeout(400)
        page.goto(page.url.partition("?said")[0])
