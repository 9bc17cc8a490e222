"""A person's word on record: given by file and by command, in force for a run, withdrawn, and never lost.

Covers: decisions/model.py, decisions/file.py, decisions/answers.py, decisions/in_force.py,
decisions/file_faults.py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from presync.cli.main import ERROR, FINE, main
from presync.control.audit import audit_trail
from presync.control.database import transaction
from presync.control.findings import SeenFinding, record_findings
from presync.decisions.answers import decided_answers
from presync.decisions.file import refuse_pair_against_file
from presync.decisions.in_force import exceptions_in_force, read_snapshot
from presync.decisions.longest import longest
from presync.decisions.model import ConfirmedPair, GivenAnswer, names_digest
from presync.decisions.record import confirm_pair, decide, given_pairs, given_waivers, unconfirm_pair
from presync.errors import ConfigurationError, TenantFileError
from presync.tenants.answers import with_answers
from presync.tenants.model import Tenant, load_tenant
from tests.support.control_databases import owner_url

pytestmark = pytest.mark.usefixtures("control_database")

SOON = longest() - timedelta(days=1)
NOW = datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
FILE = "tenant: nordlys\ntitle: Nordlys\ntransfer:\n  customers: all\n"
PAIR = ConfirmedPair("customers", "10", "guid-a", True, names_digest("Lund AS", "Lund"), "asked them", "Kari")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    (tmp_path / "nordlys.yaml").write_text(FILE)
    return tmp_path


def tenant(folder: Path) -> Tenant:
    return load_tenant(folder / "nordlys.yaml")


def standing(finding_id: str, rule: str = "code_conflict", *, waivable: bool = True) -> None:
    """Let a finding stand in the newest run."""
    found = SeenFinding(finding_id, "customers", rule, "critical", values_digest="v1", waivable=waivable)
    record_findings("nordlys", "run1", NOW, [found])


def waive(finding_id: str, until: str = str(longest())) -> int:
    return main(["waive", "nordlys", finding_id, "--reason", "agreed", "--by", "Kari", "--until", until])


def test_a_waiver_by_command_is_for_the_values_of_the_newest_run(folder: Path) -> None:
    standing("f1")
    assert waive("f1") == FINE
    (waiver,) = exceptions_in_force(tenant(folder), {}).waivers
    assert (waiver.finding_id, waiver.rule, waiver.values_digest, waiver.by) == (
        "f1",
        "code_conflict",
        "v1",
        "Kari",
    )
    assert waive("f1", str(SOON)) == FINE
    assert [each.until for each in given_waivers("nordlys")] == [SOON]
    assert main(["unwaive", "nordlys", "f1", "--by", "Ola"]) == FINE
    assert given_waivers("nordlys") == []
    assert [entry.what for entry in audit_trail("nordlys")] == ["waive", "waive", "unwaive"]


def test_what_is_typed_may_be_sloppy_and_what_is_kept_is_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standing("f1")
    forged = "ok\n2026-11-23 04:15:00 UTC  Ola: start: state confirmed"
    said = ["--reason", forged, "--by", " Kari\n Nordmann ", "--until", f" {SOON} "]
    assert main(["waive", str(folder / "nordlys.yaml"), " F1 ", *said]) == FINE
    [waiver] = given_waivers("nordlys")
    assert (waiver.finding_id, waiver.by) == ("f1", "Kari Nordmann")
    capsys.readouterr()
    assert main(["audit", "nordlys"]) == FINE
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["unwaive", "Nordlys", "F1", "--by", "Ola"]) == FINE
    assert main(["decide", "nordlys", "Projects", " ALL ", "--by", "Kari"]) == FINE
    assert decided_answers(tenant(folder)) == {"projects": "all"}
    confirm_pair("nordlys", PAIR)
    assert main(["unconfirm-pair", "nordlys", "customers", " 10 ", "GUID-A", "--by", "Kari"]) == FINE
    assert given_pairs("nordlys") == []


@pytest.mark.parametrize(
    "command",
    [
        ["waive", "nordlys", "f1", "--reason", "x", "--until", str(SOON), "--by", " "],
        ["waive", "nordlys", "f1", "--reason", " ", "--until", str(SOON), "--by", "Kari"],
        ["decide", "nordlys", "projects", "all", "--by", ""],
        ["unwaive", "nordlys", "f1", "--by", ""],
    ],
    ids=" ".join,
)
def test_nobody_and_no_reason_are_not_recorded(
    folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    standing("f1")
    assert main(command) == ERROR
    assert "nothing was recorded: say" in capsys.readouterr().err
    assert audit_trail("nordlys") == []


def test_what_cannot_be_waived(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standing("f1")
    assert waive("f2") == ERROR
    assert "no standing finding" in capsys.readouterr().err
    assert waive("f1", "2020-01-01") == ERROR
    assert "passed" in capsys.readouterr().err
    record_findings("nordlys", "run2", NOW + timedelta(days=1), [])
    assert waive("f1") == ERROR
    standing("f3", "series_unknown", waivable=False)
    assert waive("f3") == ERROR
    assert main(["unwaive", "nordlys", "f1", "--by", "Kari"]) == ERROR
    assert given_waivers("nordlys") == []


def test_an_answer_by_command_counts_where_the_file_is_silent(folder: Path) -> None:
    assert main(["decide", "nordlys", "employees", "except:Gr3=1", "--by", "Kari"]) == FINE
    decided = decided_answers(tenant(folder))
    answered = with_answers(tenant(folder), decided)
    exclusion = answered.transfer.exclusion("employees")
    assert decided == {"employees": "except:Gr3=1"}
    assert exclusion is not None
    assert (exclusion.field, exclusion.value) == ("Gr3", 1)
    assert answered.transfer.customers == "all"
    assert answered.transfer.projects is None
    assert main(["decide", "nordlys", "employees", "withdraw", "--by", "Kari"]) == FINE
    assert decided_answers(tenant(folder)) == {}


def test_file_and_command_may_agree_but_not_contradict(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decide", "nordlys", "customers", "all", "--by", "Kari"]) == FINE
    assert main(["decide", "nordlys", "customers", "none", "--by", "Kari"]) == ERROR
    told = capsys.readouterr().err
    assert "nothing was recorded" in told
    assert "answered twice" in told
    assert "withdraw" not in told  # there would be nothing to withdraw
    (folder / "nordlys.yaml").write_text(FILE.replace("all", "none"))
    with pytest.raises(ConfigurationError, match="answered twice"):
        decided_answers(tenant(folder))


@pytest.mark.parametrize("answer", ["some", "except", "except:Gr5", "except:Name=1", "except:Gr5=x", ""])
def test_what_is_no_answer(folder: Path, answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", "nordlys", "projects", answer, "--by", "Kari"]) == ERROR
    assert "is not an answer" in capsys.readouterr().err


def test_answers_of_tenants_that_nobody_knows(folder: Path) -> None:
    assert main(["decide", "nobody", "projects", "all", "--by", "Kari"]) == ERROR
    with pytest.raises(ConfigurationError, match="nothing to take back"):
        decide("nordlys", "projects", "withdraw", by="Kari")


def test_a_pair_is_confirmed_once_and_withdrawn(folder: Path) -> None:
    confirm_pair("nordlys", PAIR)
    confirm_pair("nordlys", PAIR)
    assert given_pairs("nordlys") == [PAIR]
    unconfirm_pair("nordlys", PAIR)
    assert given_pairs("nordlys") == []
    with pytest.raises(ConfigurationError, match="nothing is recorded"):
        unconfirm_pair("nordlys", PAIR)


def test_a_record_is_not_the_same_as_two(folder: Path) -> None:
    confirm_pair("nordlys", PAIR)
    for second in (
        replace(PAIR, business_code="11", by="Ola"),
        replace(PAIR, severa_guid="guid-b", by="Ola"),
    ):
        with pytest.raises(ConfigurationError, match=r"Kari \(command\) says .* and Ola"):
            confirm_pair("nordlys", second)
    confirm_pair("nordlys", replace(PAIR, business_code="11", same=False))
    assert len(given_pairs("nordlys")) == 2, "what was refused left nothing behind"
    (folder / "nordlys.exceptions.yaml").write_text(
        EXCEPTIONS.replace("SAME", "true").replace('"10"', '"12"'), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match=r"one record cannot be linked to two"):
        exceptions_in_force(tenant(folder), {})


def test_several_work_types_may_be_one_product(folder: Path) -> None:
    product = replace(PAIR, entity="products")
    confirm_pair("nordlys", product)
    confirm_pair("nordlys", replace(product, severa_guid="guid-b"))
    with pytest.raises(ConfigurationError, match="cannot be linked to two"):
        confirm_pair("nordlys", replace(product, business_code="11"))
    assert len(exceptions_in_force(tenant(folder), {}).pairs) == 2


def test_a_pair_cannot_be_confirmed_without_a_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "confirm-pair",
        "nordlys",
        "customers",
        "10",
        "guid-a",
        "--same",
        "--reason",
        "x",
        "--by",
        "Kari",
    ]
    assert main(words) == ERROR
    told = capsys.readouterr().err
    assert "nothing was recorded" in told
    assert "run the tenant first" in told


EXCEPTIONS = f"""
answers:
  - {{entity: employees, answer: {{except: {{field: Gr3, value: 1}}}}, by: Kari, on: 2026-11-20}}
waivers:
  - finding: f1
    rule: code_conflict
    values: v1
    reason: agreed with the customer
    by: Kari
    until: {SOON}
confirmed_pairs:
  - entity: customers
    business_code: "10"
    business_name: Lund AS
    severa_guid: guid-a
    severa_name: Lund
    same: SAME
    reason: asked them
    by: Ola
"""


def test_the_file_says_the_same_as_the_commands(folder: Path) -> None:
    (folder / "nordlys.exceptions.yaml").write_text(EXCEPTIONS.replace("SAME", "true"))
    decided = decided_answers(tenant(folder))
    assert decided == {"employees": "except:Gr3=1"}
    in_force = exceptions_in_force(tenant(folder), decided)
    assert in_force.answers == (
        GivenAnswer("employees", "except:Gr3=1", "Kari", date(2026, 11, 20), "file", "file"),
    )
    assert [(w.finding_id, w.values_digest, w.source) for w in in_force.waivers] == [("f1", "v1", "file")]
    assert in_force.pairs[0].names_digest == PAIR.names_digest
    snapshot = folder / "snapshot"
    snapshot.mkdir()
    (snapshot / "exceptions.json").write_text(json.dumps(in_force.as_dict()))
    assert read_snapshot(snapshot).fingerprint == in_force.fingerprint


def test_who_answered_by_command_is_on_record(folder: Path) -> None:
    assert main(["decide", "nordlys", "employees", "none", "--by", "Kari"]) == FINE
    [given] = exceptions_in_force(tenant(folder), {"employees": "none"}).answers
    assert (given.answer, given.by, given.source) == ("none", "Kari", "command")
    assert exceptions_in_force(tenant(folder), {}).answers == (), "given after the run had read them"


def test_no_question_is_answered_in_two_ways(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "nordlys.exceptions.yaml"
    other = "answers: [{entity: employees, answer: all, by: Kari, on: 2026-11-20}]"
    file.write_text(other)
    assert main(["decide", "nordlys", "employees", "none", "--by", "Ola"]) == ERROR
    assert "because nordlys.exceptions.yaml says 'all' already" in capsys.readouterr().err
    assert decided_answers(tenant(folder)) == {"employees": "all"}, "nothing was recorded"
    file.unlink()
    assert main(["decide", "nordlys", "employees", "none", "--by", "Ola"]) == FINE
    file.write_text(other)
    with pytest.raises(ConfigurationError, match=r"answered twice: 'all' by Kari .* and 'none' by Ola"):
        decided_answers(tenant(folder))
    file.write_text("answers: [{entity: customers, answer: none, by: Kari, on: 2026-11-20}]")
    with pytest.raises(ConfigurationError, match=r"take the answer out of nordlys\.exceptions\.yaml"):
        decided_answers(tenant(folder))
    assert main(["validate", str(folder / "nordlys.yaml")]) == ERROR
    assert "answered twice" in capsys.readouterr().out


def test_file_and_command_may_not_contradict_about_a_pair(folder: Path) -> None:
    (folder / "nordlys.exceptions.yaml").write_text(EXCEPTIONS.replace("SAME", "false"))
    with pytest.raises(ConfigurationError, match="Nobody can tell who is right"):
        refuse_pair_against_file("nordlys", PAIR)
    confirm_pair("nordlys", PAIR)
    with pytest.raises(ConfigurationError, match="Nobody can tell who is right"):
        exceptions_in_force(tenant(folder), {})


@pytest.mark.parametrize(
    "broken",
    [
        "- x",
        "waivers: [{finding: f1}]",
        "waived: []",
        "waivers: [",
        "waivers: 1",
        "answers: [{entity: customers, answer: all, by: Kari}]",
    ],
)
def test_a_broken_file_is_an_error_and_no_tenant(folder: Path, broken: str) -> None:
    (folder / "nordlys.exceptions.yaml").write_text(broken)
    with pytest.raises(TenantFileError, match=r"nordlys\.exceptions\.yaml"):
        exceptions_in_force(tenant(folder), {})
    assert main(["validate", str(folder / "nordlys.yaml")]) == ERROR


@pytest.mark.parametrize("kind", ["yml", "link"])
def test_a_file_that_would_be_passed_over_is_an_error(folder: Path, kind: str) -> None:
    if kind == "yml":
        (folder / "nordlys.exceptions.yml").write_text(EXCEPTIONS.replace("SAME", "false"))
    else:
        (folder / "nordlys.exceptions.yaml").symlink_to(folder / "not-mounted.yaml")
    with pytest.raises(TenantFileError, match="would not count"):
        exceptions_in_force(tenant(folder), {})


def test_beside_a_tenant_file_that_is_a_link(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (folder / "nordlys.yaml").rename(elsewhere / "nordlys-2.yaml")
    (folder / "nordlys.yaml").symlink_to(elsewhere / "nordlys-2.yaml")
    (folder / "nordlys.exceptions.yaml").write_text(EXCEPTIONS.replace("SAME", "false"))
    monkeypatch.setenv("PRESYNC_TENANTS", str(folder / "nordlys.yaml"))
    assert len(exceptions_in_force(tenant(folder), {}).pairs) == 1


_PAST_THE_ROWS = {
    "postgresql": "TRUNCATE audit",
    "sqlite": "INSERT OR REPLACE INTO audit (id, tenant, at, who, what, detail) "
    "SELECT id, tenant, at, 'nobody', what, detail FROM audit",
}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit", ""],
    ids=["update", "delete", "replace"],
)
def test_the_audit_trail_cannot_be_changed(statement: str, control_database: str) -> None:
    confirm_pair("nordlys", PAIR)
    statement = statement or _PAST_THE_ROWS["sqlite" if "sqlite" in control_database else "postgresql"]
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction(owner_url(control_database)) as session,
    ):
        session.execute(text(statement))
    assert [(entry.who, entry.what) for entry in audit_trail("nordlys")] == [("Kari", "confirm-pair")]


@pytest.mark.parametrize(("days", "far"), [(None, 91), ("7", 8), ("400", 401)])
def test_no_waiver_holds_for_ever(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    days: str | None,
    far: int,
) -> None:
    if days:
        monkeypatch.setenv("PRESYNC_WAIVER_DAYS", days)
    standing("f1")
    today = datetime.now(UTC).date()
    file = folder / "nordlys.exceptions.yaml"
    for until in (str(today + timedelta(days=far)), "9999-12-31"):
        assert waive("f1", until) == ERROR
        assert f"at most {days or 90} days (PRESYNC_WAIVER_DAYS)" in capsys.readouterr().err
        file.write_text(EXCEPTIONS.replace("SAME", "true").replace(str(SOON), until))
        with pytest.raises(TenantFileError, match="too far ahead") as fault:
            exceptions_in_force(tenant(folder), {})
        assert "exceptions.yaml:10: waivers" in fault.value.message
        assert main(["validate"]) == ERROR
    file.unlink()
    assert waive("f1", str(today + timedelta(days=far - 1))) == FINE
    assert [each.until for each in given_waivers("nordlys")] == [today + timedelta(days=far - 1)]
