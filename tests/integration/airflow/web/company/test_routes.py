"""The company page in a real API server: what people may do there, who may, and what is refused.

Covers: airflow/web/runs.py, airflow/web/company/runs.py, airflow/web/company/view.py,
airflow/web/company/told.py, airflow/web/company/actions.py,
decisions/give.py, decisions/known_records.py,
verdict/asked_systems.py.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from presync.control.audit import audit_trail
from presync.control.database import transaction
from presync.control.models import RefusedTable, Start
from presync.control.starts import find_start
from presync.control.who import Who
from presync.decisions import record
from presync.decisions.record import given_answers, given_pairs, given_waivers
from presync.rehearsal.kept import rehearse
from presync.report.files.fix_files import BY_HAND
from tests.support import report_samples as samples
from tests.support.airflow_server import AirflowServer
from tests.support.company_page import (
    BEGAN,
    FOUND,
    GROUP,
    PAGE,
    QUESTION,
    SOON,
    plain,
    seal,
    send,
    shown,
    waiver_of,
)

PAIR = {
    "entity": "customers",
    "business_code": "10003",
    "severa_guid": "00000000-0000-0000-0000-000000000003",
    "reason": "asked them",
}


def test_the_page_shows_what_stands_and_what_can_be_done(editor: httpx.Client) -> None:
    answer = editor.get(PAGE)
    assert answer.status_code == 200
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"
    text = plain(answer.text)
    assert "Nordlys Rådgivning AS" in text
    assert "35 findings, 31 of them critical" in text
    assert "Customer 'Fjellheim Elektro 1' is 10001 in Visma Business and 20001 in Severa." in text
    assert FOUND[1].severa_guid in text
    assert "Page 1 of 2" in text
    assert "visma_business__nordlys Missing" in text
    # the question, first in age and severity, is answered and never waived
    found = plain(editor.get(PAGE, params={"rule": "decision_missing"}).text)
    assert "Answer the question" in found
    assert "give a waiver" not in found


def test_a_waiver_is_given_and_withdrawn_by_who_is_signed_in(editor: httpx.Client) -> None:
    told = shown(editor, send(editor, "waive", waiver_of(0) | {"by": "Somebody Else", "who": "Else"}))
    assert f"code_mismatch {FOUND[0].finding_id} is waived through {SOON}" in told
    assert "agreed with Kari" in told
    assert [(w.finding_id, w.by) for w in given_waivers("nordlys")] == [(FOUND[0].finding_id, "editor")]
    entry = audit_trail("nordlys")[-1]
    assert (entry.what, entry.who, entry.who_kind) == ("waive", "editor", "airflow")
    assert "is withdrawn" in shown(editor, send(editor, "unwaive", {"finding": FOUND[0].finding_id}))
    assert given_waivers("nordlys") == []


def test_a_question_is_answered_and_the_answer_withdrawn(editor: httpx.Client) -> None:
    form = {"entity": "products", "answer": "except", "field": "Gr5", "value": "1"}
    assert "The answer for products is: except:Gr5=1" in shown(editor, send(editor, "answer", form))
    assert [(a.answer, a.by) for a in given_answers("nordlys")] == [("except:Gr5=1", "editor")]
    assert "is withdrawn" in shown(editor, send(editor, "answer", {**form, "answer": "withdraw"}))
    assert given_answers("nordlys") == []


def test_a_pair_is_separated_confirmed_and_taken_back(editor: httpx.Client) -> None:
    told = shown(editor, send(editor, "pair", PAIR | {"said": "different"}))
    assert "10003 “Fjellheim Elektro 3 AS”" in told
    shown(editor, send(editor, "pair", PAIR | {"said": "same"}))
    assert [(p.business_code, p.same, p.by) for p in given_pairs("nordlys")] == [("10003", True, "editor")]
    shown(editor, send(editor, "unpair", PAIR))
    assert given_pairs("nordlys") == []


@pytest.mark.parametrize(
    ("action", "form", "says"),
    [
        ("waive", waiver_of(1) | {"reason": " "}, "say why it may stand"),
        ("waive", waiver_of(1) | {"until": "2020-01-01"}, "has passed"),
        ("waive", waiver_of(1) | {"until": "2999-12-31"}, "is too far ahead"),
        ("waive", waiver_of(1) | {"until": "soon"}, "is not a day"),
        ("waive", waiver_of(1) | {"finding": QUESTION.finding_id}, "cannot be waived"),
        ("waive", waiver_of(1) | {"finding": "nothing"}, "no standing finding"),
        ("unwaive", {"finding": FOUND[1].finding_id}, "no waiver of finding"),
        ("answer", {"entity": "products", "answer": "perhaps"}, "is not an answer"),
        ("answer", {"entity": "customers", "answer": "none"}, "would be answered twice"),
        ("answer", {"entity": "suppliers", "answer": "none"}, "is not one of"),
        ("pair", PAIR | {"said": "same", "business_code": "77"}, "has no records of customers '77'"),
        ("pair", PAIR | {"said": "same", "reason": ""}, "say how you know"),
        ("pair", PAIR, "whether the two are the same is missing"),
        ("unpair", PAIR, "nothing is recorded by command"),
        ("accept-change", {"table": "severa.customers"}, "there is nothing to accept"),
        ("settle-start", {"arrived": "confirm"}, "there is nothing to settle"),
        ("accept-systems", {"reason": "asked"}, "nothing was recorded"),
        ("withdraw-systems", {}, "there is nothing to withdraw"),
        ("apply", {"do": "apply"}, "who may trigger presync_apply__nordlys"),
    ],
)
def test_what_the_command_refuses_is_refused_in_its_words(
    server: AirflowServer, editor: httpx.Client, action: str, form: dict[str, str], says: str
) -> None:
    file = server.tenants / "nordlys.yaml"
    before, entries = file.read_text("utf-8"), len(audit_trail("nordlys"))
    if "customers" in form.get("entity", "") and action == "answer":
        file.write_text(before + "transfer: {customers: all}\n", "utf-8")
    try:
        answer = send(editor, action, form)
    finally:
        file.write_text(before, "utf-8")
    assert (answer.status_code, says in plain(answer.text)) == (409, True), plain(answer.text)[:600]
    assert len(audit_trail("nordlys")) == entries


def upload(client: httpx.Client, **rows: dict[str, str]) -> httpx.Response:
    """Send by_hand.csv with these rows, by the number of the finding."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, BY_HAND, restval="")
    writer.writeheader()
    for number, filled in rows.items():
        found = FOUND[int(number.removeprefix("n"))]
        writer.writerow({name: getattr(found, name, "") for name in BY_HAND} | filled)
    origin = {"Origin": f"http://{client.base_url.netloc.decode()}"}
    files = {"file": ("by_hand.csv", sink.getvalue().encode(), "text/csv")}
    return client.post(f"{PAGE}/by-hand", data={"page": seal(client)}, files=files, headers=origin)


def test_a_lost_column_is_accepted(editor: httpx.Client) -> None:
    with transaction() as session:
        of = {"tenant": "nordlys", "run_id": "r0", "system": "severa", "recorded_at": BEGAN}
        session.merge(RefusedTable(**of, table="customers", rows=40, fallen=False))
        session.merge(RefusedTable(**of, table="customers.number", rows=0, fallen=True))
    assert "severa.customers.number" in editor.get(PAGE).text
    told = shown(editor, send(editor, "accept-change", {"table": "severa.customers.number"}))
    assert "The next extract of severa may find less in customers.number" in told
    assert [(e.what, e.who) for e in audit_trail("nordlys")][-1] == ("accept-change", "editor")


def test_a_database_that_has_forgotten_the_company_is_accepted(editor: httpx.Client) -> None:
    # the report is older than this control database, as after a loss
    assert "Does this control database know the company?" in plain(editor.get(PAGE).text)
    assert "started or not" in plain(send(editor, "accept-database", {}).text)
    told = shown(editor, send(editor, "accept-database", {"integration": "not-started"}))
    assert "This control database is the right one" in told
    assert "Does this control database know the company?" not in told
    entry = audit_trail("nordlys")[-1]
    assert (entry.what, entry.who, entry.detail["started"]) == ("accept-database", "editor", False)
    refused = send(editor, "accept-database", {"integration": "started"})
    assert (refused.status_code, "there is nothing to accept" in plain(refused.text)) == (409, True)


@pytest.mark.parametrize(("arrived", "state"), [("confirm", "confirmed"), ("reset", "reset")])
def test_an_uncertain_start_is_settled(editor: httpx.Client, arrived: str, state: str) -> None:
    start = Start(
        tenant="nordlys", run_id=samples.RUN, certificate_id="c", idempotency_key="k", kind="webhook",
        state="unknown", attempt="a", requested_at=BEGAN, who="webhook", detail="no answer",
    )  # fmt: skip
    with transaction() as session:
        session.add(start)
    try:
        assert "Nobody knows whether the integration was started" in plain(editor.get(PAGE).text)
        assert send(editor, "settle-start", {}).status_code == 409
        shown(editor, send(editor, "settle-start", {"arrived": arrived}))
        settled = find_start("nordlys")
        assert settled is not None
        assert (settled.state, settled.who) == (state, "editor")
    finally:
        with transaction() as session:
            session.execute(delete(Start).where(Start.tenant == "nordlys"))


def test_the_file_is_shown_without_what_people_wrote_beside_it(
    server: AirflowServer, editor: httpx.Client
) -> None:
    file = server.tenants / "nordlys.yaml"
    before = file.read_text("utf-8")
    file.write_text(before + "country: NO  # the password is hunter2\n", "utf-8")
    try:
        page = editor.get(PAGE).text
        file.write_text("tenant: nordlys\npassword: hunter2\n", "utf-8")
        broken = editor.get(PAGE).text
    finally:
        file.write_text(before, "utf-8")
    assert "country: &#39;NO&#39;" in page or "country: NO" in page
    assert "hunter2" not in page + broken
    assert "The tenant file cannot be shown" in broken


def test_one_answer_settles_a_whole_group(editor: httpx.Client) -> None:
    assert "Who is who among 2 customers" in plain(editor.get(PAGE).text)
    form: dict[str, Any] = {"entity": "customers", "reason": "asked", "code": ["10031", "10032"]}
    half = send(editor, "branches", form | {"partner": [GROUP[1].severa_guid, ""]})
    assert (half.status_code, given_pairs("nordlys")) == (409, [])
    told = shown(editor, send(editor, "branches", form | {"partner": [GROUP[1].severa_guid, "none"]}))
    assert "1 the same, 3 different" in told
    for pair in given_pairs("nordlys"):
        record.unconfirm_pair("nordlys", pair)


def test_a_filled_in_file_is_recorded_whole_or_not_at_all(editor: httpx.Client) -> None:
    stands = {"answer": "stands", "until": SOON, "why": "agreed"}
    refused = upload(editor, n7=stands, n8=stands | {"until": "never"})
    assert refused.status_code == 409
    assert f"row 3 ({FOUND[8].finding_id}): 'never' in the column until is not a day" in plain(refused.text)
    assert given_waivers("nordlys") == []
    told = shown(editor, upload(editor, n7=stands, n8=stands))
    assert "0 the same, 0 different, 2 may stand" in told
    assert {waiver.by for waiver in given_waivers("nordlys")} == {"editor"}
    assert "no file was chosen" in plain(send(editor, "by-hand", {}).text)


def test_who_may_not_edit_the_dag_may_not_decide(on_record: None, clients: dict[str, httpx.Client]) -> None:
    entries = len(audit_trail("nordlys"))
    page = plain(clients["reader"].get(PAGE).text)
    assert "Deciding is for those who may edit this company's DAG" in page
    assert "give a waiver" not in page
    for user, status in {"reader": 403, "stranger": 403, "nobody": 401}.items():
        client = clients[user]
        # even with a page that was made for somebody who may
        assert send(client, "waive", waiver_of(2), page=seal(clients["editor"])).status_code == status
    assert clients["stranger"].get(PAGE).status_code == 403
    # one DAG's editor decides nothing about another company
    fjord = PAGE.replace("nordlys", "fjord")
    other = clients["editor"].post(f"{fjord}/waive", data=waiver_of(2) | {"page": seal(clients["editor"])})
    assert other.status_code == 403
    assert len(audit_trail("nordlys")) == entries


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
        {"Referer": "https://evil.example/"},
    ],
)
def test_a_form_from_another_site_does_nothing(editor: httpx.Client, headers: dict[str, str]) -> None:
    entries = len(audit_trail("nordlys"))
    answer = send(editor, "waive", waiver_of(3), headers=headers)
    assert (answer.status_code, "sent from another site" in answer.text) == (403, True)
    assert len(audit_trail("nordlys")) == entries


def test_a_form_without_our_seal_does_nothing(editor: httpx.Client, clients: dict[str, httpx.Client]) -> None:
    entries, sealed = len(audit_trail("nordlys")), seal(editor)
    for page in ("", "e30.00", sealed[:-1] + ("0" if sealed[-1] != "0" else "1"), seal(clients["admin"])):
        assert send(editor, "waive", waiver_of(4), page=page).status_code == 403
    assert len(audit_trail("nordlys")) == entries


def test_a_page_that_is_outdated_decides_nothing(server: AirflowServer, editor: httpx.Client) -> None:
    old = seal(editor)
    record.decide("nordlys", "departments", "all", by=Who("Ola"))
    answer = send(editor, "waive", waiver_of(5), page=old)
    assert (answer.status_code, "something has changed since this page" in plain(answer.text)) == (409, True)
    old = seal(editor)
    file = server.tenants / "nordlys.yaml"
    text = file.read_text("utf-8")
    file.write_text(text + "country: NO\n", "utf-8")
    assert send(editor, "waive", waiver_of(5), page=old).status_code == 409
    file.write_text(text, "utf-8")
    assert send(editor, "waive", waiver_of(5), page=old).status_code == 303


def test_nobody_can_make_the_page_say_something(
    editor: httpx.Client, clients: dict[str, httpx.Client]
) -> None:
    answer = send(editor, "waive", waiver_of(6))
    address = answer.headers["location"]
    assert "is waived through" in editor.get(address).text
    assert "is waived through" not in clients["admin"].get(address).text
    assert "forged" not in editor.get(PAGE, params={"said": "Zm9yZ2Vk.forged"}).text
    # what is in force is not asked for again where a page is only reloaded
    assert editor.get(address).status_code == 200


def test_a_check_and_a_rehearsal_are_started_once(
    editor: httpx.Client, clients: dict[str, httpx.Client]
) -> None:
    dag, rehearsal = "/api/v2/dags/presync__nordlys", "/api/v2/dags/presync_rehearsal"
    for run in clients["admin"].get(f"{dag}/dagRuns?state=queued&state=running").json()["dag_runs"]:
        clients["admin"].patch(f"{dag}/dagRuns/{run['dag_run_id']}", json={"state": "failed"})
    assert "The company will be checked" in shown(editor, send(editor, "check", {}))
    run = clients["admin"].get(f"{dag}/dagRuns?order_by=-run_after").json()["dag_runs"][0]
    assert (run["conf"], run["triggering_user_name"]) == ({"start": False}, "editor")
    again = send(editor, "check", {})
    assert (again.status_code, "a run is under way already" in plain(again.text)) == (409, True)
    clients["admin"].patch(f"{dag}/dagRuns/{run['dag_run_id']}", json={"state": "failed"})

    assert "The corrections will be rehearsed" in shown(editor, send(editor, "rehearse", {}))
    assert "A rehearsal is under way" in plain(editor.get(PAGE).text)
    assert send(editor, "rehearse", {}).status_code == 409
    (asked,) = clients["admin"].get(f"{rehearsal}/dagRuns").json()["dag_runs"]
    assert (asked["conf"], asked["triggering_user_name"]) == ({"tenant": "nordlys"}, "editor")
    clients["admin"].patch(f"{rehearsal}/dagRuns/{asked['dag_run_id']}", json={"state": "failed"})
    assert "The last rehearsal did not finish" in plain(editor.get(PAGE).text)
    rehearse(samples.tenant(), asked["dag_run_id"])
    told = plain(editor.get(PAGE).text)
    assert "there is nothing to rehearse with" in told
    assert "did not finish" not in told
    for action in ("check", "rehearse"):
        assert send(clients["reader"], action, {}, page=seal(editor)).status_code == 403


def test_another_method_or_action_is_refused(editor: httpx.Client) -> None:
    assert editor.get(f"{PAGE}/waive").status_code == 405
    assert send(editor, "start-it", {}).status_code == 404
