"""The verdict and the gate: each way in which a run can be less than checked must shut it.

Covers: gate/approval.py, verdict/conclude.py, verdict/evidence.py, verdict/model.py.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from presync.control.models import Certificate
from presync.errors import NotReadyError
from presync.fixes.counter_texts import CounterTexts
from presync.fixes.model import CounterProposal
from presync.gate.certificate import issue_certificate
from presync.gate.gate import check_gate
from presync.gate.question import question
from presync.rules.catalogue import SUITES
from presync.staging.store import RunStore
from presync.tenants.entities import ENTITIES
from presync.verdict.conclude import conclude
from tests.support.published_run import RULES_VERSION, RUN_ID, TENANT, PublishedRun, expectation

Spoil = Callable[[PublishedRun], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sound")
    PublishedRun.sound(root)
    return root


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> PublishedRun:
    shutil.copytree(sound, tmp_path / "data")
    return PublishedRun(RunStore(TENANT.tenant, RUN_ID, root=str(tmp_path / "data")))


def test_a_sound_run_without_findings_is_ready(run: PublishedRun) -> None:
    verdict = conclude(TENANT, run.store)
    assert (verdict.status, verdict.errors) == ("ready", ())
    check_gate(verdict, run.store, "report")


def test_verdict_json_has_the_documented_form(run: PublishedRun) -> None:
    run.suite("customers", findings=[("code_mismatch", "critical"), ("name_differs", "warning")])
    values = json.loads(json.dumps(conclude(TENANT, run.store).as_dict()))
    assert list(values) == [
        "tenant",
        "run_id",
        "status",
        "started_at",
        "finished_at",
        "rules_version",
        "made_by",
        "suites",
        "counts",
        "errors",
        "deviations",
        "not_compared",
    ]
    assert (values["tenant"], values["run_id"], values["rules_version"]) == ("nordlys", RUN_ID, RULES_VERSION)
    assert [suite["suite"] for suite in values["suites"]] == list(SUITES)
    assert values["suites"][5] == {
        "suite": "customers",
        "status": "failed",
        "critical": 1,
        "warning": 1,
        "waived": 0,
    }
    assert values["counts"]["projects"] == {"business": 5, "severa": 4, "excluded": 1, "pairs": 3}
    assert list(values["counts"]) == list(ENTITIES)
    assert values["started_at"] <= values["finished_at"]
    assert values["started_at"].endswith("+00:00")


def test_warnings_do_not_block(run: PublishedRun) -> None:
    run.suite("customers", findings=[("name_differs", "warning")] * 3)
    verdict = conclude(TENANT, run.store)
    assert (verdict.status, verdict.critical, verdict.warning) == ("ready", 0, 3)


def test_one_critical_finding_blocks(run: PublishedRun) -> None:
    run.suite("projects", findings=[("code_mismatch", "critical")])
    verdict = conclude(TENANT, run.store)
    assert (verdict.status, verdict.critical, verdict.errors) == ("blocked", 1, ())


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_must_have_a_result(run: PublishedRun, suite: str) -> None:
    run.store.withdraw(f"results/{suite}")
    verdict = conclude(TENANT, run.store)
    assert verdict.status == "error"
    assert [s.suite for s in verdict.suites if s.status == "error"] == [suite]
    assert [problem.source for problem in verdict.errors] == [suite]


def _lose_a_row(run: PublishedRun) -> None:
    values = json.loads((run.store.fetch("severa") / "manifest.json").read_text())
    values["rows"]["customers"] = 7
    run.rewrite("severa", "manifest.json", json.dumps(values))


def _extract_of_another_release(run: PublishedRun) -> None:
    values = json.loads((run.store.fetch("severa") / "manifest.json").read_text())
    values["made_by"]["code"] = "0.0.9-abc"
    run.rewrite("severa", "manifest.json", json.dumps(values))


def _spoil_error(run: PublishedRun) -> None:
    run.error("reconcile")
    run.rewrite("errors/reconcile", "error.json", "{")


def _database(statement: str) -> Spoil:
    return lambda run: run.database(statement)


def _suite(**changes: object) -> Spoil:
    return lambda run: run.suite("customers", **changes)  # type: ignore[arg-type]


def _copy_findings(run: PublishedRun) -> None:
    run.suite("projects", findings=[("code_mismatch", "critical")])
    source, target = (run.store.fetch(f"results/{suite}") for suite in ("projects", "customers"))
    shutil.copy(source / "findings.parquet", target)


SPOILT: dict[str, tuple[str, Spoil]] = {
    "a task's error": ("severa", lambda run: run.error("extract_severa")),
    "the report's error": ("report", lambda run: run.error("report")),
    "an error that cannot be read": ("reconcile", _spoil_error),
    "no extract": ("severa", lambda run: run.store.withdraw("severa")),
    "no manifest": ("severa", lambda run: run.remove("severa", "manifest.json")),
    "an empty manifest": ("severa", lambda run: run.rewrite("severa", "manifest.json", "")),
    "a table too few": ("severa", lambda run: run.remove("severa", "customers.parquet")),
    "a broken table": ("severa", lambda run: run.rewrite("severa", "customers.parquet", "x")),
    "a row too few": ("severa", _lose_a_row),
    "an extract newer than the database": ("reconcile", lambda run: run.extract("severa")),
    "another run's extract": ("severa", lambda run: run.extract("severa", run_id="other")),
    "another tenant's extract": ("severa", lambda run: run.extract("severa", tenant="other")),
    "another tenant file": ("severa", lambda run: run.extract("severa", fingerprint="0" * 64)),
    "no database": ("database", lambda run: run.store.withdraw("database")),
    "no database file": ("reconcile", lambda run: run.remove("database", "staging.duckdb")),
    "a broken database": ("reconcile", lambda run: run.rewrite("database", "staging.duckdb", "x")),
    "nothing said of what is on record": (
        "reconcile",
        lambda run: run.remove("database", "exceptions.json"),
    ),
    "no build": ("reconcile", _database("DELETE FROM checks.build")),
    "two builds": (
        "reconcile",
        _database("INSERT INTO checks.build SELECT * REPLACE ('b2' AS build_id) FROM checks.build"),
    ),
    "a nameless build": ("reconcile", _database("UPDATE checks.build SET build_id = NULL")),
    "a newer build": ("customers", _database("UPDATE checks.build SET build_id = 'b2'")),
    "no fingerprints": ("reconcile", _database("DROP TABLE checks.fingerprints")),
    "a fingerprint too few": (
        "reconcile",
        _database("DELETE FROM checks.fingerprints WHERE table_name = 'customers'"),
    ),
    "no counts": ("reconcile", _database("DROP TABLE checks.counts")),
    "an entity not counted": ("reconcile", _database("DELETE FROM checks.counts WHERE entity = 'projects'")),
    "an entity counted twice": (
        "reconcile",
        _database("INSERT INTO checks.counts SELECT * FROM checks.counts LIMIT 1"),
    ),
    "one extract too few": ("reconcile", _database("DELETE FROM checks.extracts WHERE system = 'severa'")),
    "one extract twice": (
        "reconcile",
        _database("INSERT INTO checks.extracts SELECT * FROM checks.extracts"),
    ),
    "a database of another run": ("reconcile", _database("UPDATE checks.extracts SET run_id = 'other'")),
    "no result file": ("customers", lambda run: run.remove("results/customers", "result.json")),
    "a result cut off": (
        "customers",
        lambda run: run.rewrite("results/customers", "result.json", '{"suite":'),
    ),
    "no status": ("customers", _suite(status=None)),
    "an unknown status": ("customers", _suite(status="ok")),
    "status error": ("customers", _suite(status="error")),
    "errors beside passed": ("customers", _suite(errors=[{"source": "customers", "message": "raised"}])),
    "another suite's result": ("customers", _suite(suite="projects")),
    "no expectations": ("customers", _suite(expectations=[])),
    "an expectation that raised": ("customers", _suite(expectations=[expectation(error="raised")])),
    "nothing said to be examined": ("customers", _suite(expectations=[expectation(examined=None)])),
    "another build": ("customers", _suite(build_id="b0")),
    "an empty build": ("customers", _suite(build_id="")),
    "other rules": ("presync", _suite(rules_version="2-def")),
    "an extract of another release": ("presync", _extract_of_another_release),
    "a database of another release": ("presync", _database("UPDATE checks.build SET code = '0.0.9-abc'")),
    "a database under other settings": ("presync", _database("UPDATE checks.build SET settings = ''")),
    "a database of no release": ("presync", _database("UPDATE checks.build SET code = NULL")),
    "a database for another tenant file": (
        "reconcile",
        _database("UPDATE checks.build SET tenant_file = 'x'"),
    ),
    "a suite judged by another release": ("presync", _suite(made_by={"code": "0.0.9-abc", "settings": ""})),
    "a suite that names no release": ("presync", _suite(made_by=None)),
    "a negative count": ("customers", _suite(critical=-1)),
    "a count as text": ("customers", _suite(critical="0")),
    "critical findings kept quiet": (
        "customers",
        _suite(findings=[("code_mismatch", "critical")], status="passed", critical=0),
    ),
    "critical findings called passed": (
        "customers",
        _suite(findings=[("code_mismatch", "critical")], status="passed"),
    ),
    "findings that are not listed": ("customers", _suite(status="failed", critical=2)),
    "warnings that are not listed": ("customers", _suite(warning=1)),
    "another suite's findings": ("customers", _copy_findings),
    "findings of a rule that is not stated": (
        "customers",
        _suite(findings=[("name_differs", "warning")], expectations=[expectation()]),
    ),
    "a finding of no known severity": ("customers", _suite(findings=[("name_differs", "note")], warning=0)),
    "no findings file": ("customers", lambda run: run.remove("results/customers", "findings.parquet")),
    "a broken findings file": (
        "customers",
        lambda run: run.rewrite("results/customers", "findings.parquet", "x"),
    ),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_what_cannot_be_followed_back_is_an_error(run: PublishedRun, fault: str) -> None:
    source, spoil = SPOILT[fault]
    spoil(run)
    verdict = conclude(TENANT, run.store)
    assert verdict.status == "error"
    assert source in {problem.source for problem in verdict.errors}
    assert all(problem.message for problem in verdict.errors)
    with pytest.raises(NotReadyError):
        check_gate(verdict, run.store, "report")
    with pytest.raises(NotReadyError):
        issue_certificate(TENANT, verdict)


def test_findings_with_names_are_not_told_once_the_tenant_masks_them(tmp_path: Path) -> None:
    tenant = TENANT.model_copy(update={"privacy": "masked"})
    run = PublishedRun.sound(tmp_path, tenant=tenant)
    run.suite("customers", findings=[("code_mismatch", "critical")])
    with pytest.raises(NotReadyError, match=r"1 critical finding.* not shown here") as refused:
        check_gate(conclude(tenant, run.store), run.store, "report")
    assert "code_mismatch number 1" not in refused.value.message

    run.database("ALTER TABLE checks.build ADD COLUMN names_masked BOOLEAN DEFAULT true")
    with pytest.raises(NotReadyError, match="code_mismatch number 1"):
        check_gate(conclude(tenant, run.store), run.store, "report")


def test_a_run_that_published_nothing_is_an_error(run: PublishedRun) -> None:
    shutil.rmtree(run.store.url)
    verdict = conclude(TENANT, run.store)
    assert verdict.status == "error"
    assert [suite.status for suite in verdict.suites] == ["error"] * 7
    assert {counts.business for counts in verdict.counts.values()} == {0}
    assert [problem.source for problem in verdict.errors] == ["visma_business", "severa", "presync"]


def test_the_cause_comes_first_and_its_consequences_in_one_line(run: PublishedRun) -> None:
    for name in ("severa", "database", *(f"results/{suite}" for suite in SUITES)):
        run.store.withdraw(name)
    run.error("extract_severa", "the credentials were refused")
    first, second = conclude(TENANT, run.store).errors
    assert first.message == "the credentials were refused"
    assert second.message.startswith(
        "because of that, not checked in this run: Severa, how the two fit together, customer "
    )


def test_errors_of_the_tasks_after_the_verdict_do_not_count(run: PublishedRun) -> None:
    run.error("gate")
    run.error("start_integration")
    assert conclude(TENANT, run.store).status == "ready"


def test_a_foreign_error_does_not_leak_its_text(run: PublishedRun) -> None:
    run.rewrite("database", "staging.duckdb", "PWD=secret")
    errors = conclude(TENANT, run.store).errors
    assert "secret" not in str(errors)


def test_the_gate_says_what_to_change(run: PublishedRun) -> None:
    run.suite("customers", findings=[("code_mismatch", "critical")] * 5 + [("code_missing", "critical")])
    run.suite("projects", findings=[("name_differs", "warning")])
    with pytest.raises(NotReadyError) as refusal:
        check_gate(conclude(TENANT, run.store), run.store, "https://airflow/report")
    lines = refusal.value.message.splitlines()
    assert "6 critical finding(s)" in lines[0]
    assert lines[1] == "- customers: The same in both systems, under different numbers (code_mismatch): 5"
    assert lines[2] == "    code_mismatch number 1. Fix: Mend 1."
    assert lines[5] == "    … and 2 more"
    assert lines[6] == "- customers: The same in both systems, without a number in Severa (code_missing): 1"
    assert lines[-1] == "Report: https://airflow/report"
    assert "name_differs" not in refusal.value.message


def test_the_gate_names_the_counter_that_the_report_proposes(run: PublishedRun) -> None:
    run.suite(
        "customer_numbering", findings=[("series_overlap", "critical"), ("next_number_taken", "critical")]
    )
    counters = CounterTexts({"customer_numbering": CounterProposal(10_003, None)}, {})
    with pytest.raises(NotReadyError) as refusal:
        check_gate(conclude(TENANT, run.store), run.store, "r", counters)
    assert refusal.value.message.count("set the counter to 10003; no ceiling is needed") == 2
    assert "Mend" not in refusal.value.message.partition("\n")[2]


def test_the_gate_names_errors_and_findings_together(run: PublishedRun) -> None:
    run.suite("customers", findings=[("code_mismatch", "critical")])
    run.error("projects", "the suite file is empty")
    with pytest.raises(NotReadyError) as refusal:
        check_gate(conclude(TENANT, run.store), run.store, "r")
    assert "- projects: the suite file is empty" in refusal.value.message
    assert "The same in both systems, under different numbers (code_mismatch): 1" in refusal.value.message


def test_unreadable_findings_do_not_hide_that_the_gate_is_shut(run: PublishedRun) -> None:
    run.suite("customers", findings=[("code_mismatch", "critical")])
    verdict = conclude(TENANT, run.store)
    run.remove("results/customers", "findings.parquet")
    with pytest.raises(NotReadyError, match="customers: 1 critical"):
        check_gate(verdict, run.store, "r")


def test_only_the_tenant_itself_gets_the_certificate(
    run: PublishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    verdict = conclude(TENANT, run.store)
    certificate: Certificate = issue_certificate(TENANT, verdict)
    assert (certificate.build_id, certificate.fingerprint) == ("b1", TENANT.fingerprint)
    assert issue_certificate(TENANT, verdict).id == certificate.id
    other = TENANT.model_copy(update={"tenant": "other"})
    with pytest.raises(NotReadyError):
        issue_certificate(other, verdict)


def _deviating(run: PublishedRun) -> None:
    change = {"what": "severity", "release": "critical", "here": "warning"}
    deviation = {"suite": "customers", "rule": "code_conflict", "changes": [change]}
    run.suite("customers", deviations=[deviation])


def test_a_deviation_from_the_release_is_in_verdict_certificate_trail_and_question(
    run: PublishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: dict[str, object] = {}
    monkeypatch.setattr("presync.control.runs.record_certificate", lambda **values: recorded.update(values))
    _deviating(run)
    verdict = conclude(TENANT, run.store)
    assert verdict.status == "ready"
    assert verdict.as_dict()["deviations"][0]["rule"] == "code_conflict"
    issue_certificate(TENANT, verdict)
    says = "customers, code_conflict: severity is warning, in the release critical"
    bound = recorded["bound"]
    assert isinstance(bound, dict)
    assert bound["deviations"] == verdict.as_dict()["deviations"]
    assert (
        bound["rests_on"]
        == recorded["relied_on"]
        == [
            "Visma Business and Severa did not say which company it is, so whether both connections lead to "
            "one company was not compared",
            f"not the release's rule: {says}",
        ]
    )
    asked = question(TENANT, bound, None, {}).replace("\\", "")
    assert says in asked
    assert "nothing critical stands." not in asked
