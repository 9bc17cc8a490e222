"""The command line: exit codes, and what is printed where.

Covers: cli/terminal.py, cli/exit_codes.py, cli/history.py, cli/commands.py,
cli/command_line.py, cli/decision_commands.py, cli/validate.py,
cli/decisions.py, cli/arguments.py, cli/migrate.py, cli/show.py.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from presync import settings
from presync.cli.check import Outcome, _show, summary
from presync.cli.main import BLOCKED, ERROR, FINE, WRONG_USAGE, main
from presync.cli.tenant_argument import tenant_file, tenant_name, tenant_of
from presync.cli.terminal import progress
from presync.errors import ConfigurationError
from tests.support.patience import PATIENCE

GOOD = "tenant: good\ntitle: Good\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    monkeypatch.setenv("PRESYNC_DATA", str(tmp_path / "data"))
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


def test_exit_codes_differ() -> None:
    assert (FINE, BLOCKED, ERROR, WRONG_USAGE) == (0, 1, 2, 64)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["check"],
        ["check", "--fast", "x.yaml"],
        ["check", "no-such-file.yaml"],
        ["check", "no-such-file.yaml", "--json"],
        ["check", "."],
        ["doctor"],
        ["doctor", "no-such-file.yaml"],
        ["validate", "no-such-file.yaml"],
        ["start", "nordlys", "--by", "Kari"],
        ["start", "nordlys", "--confirm", "--reset", "--by", "Kari"],
        ["accept-change", "nordlys", "--by", "Kari"],
        ["diff"],
        ["waive", "nordlys", "f1", "--by", "Kari", "--until", "2999-01-01"],
        ["waive", "nordlys", "f1", "--by", "Kari", "--reason", "known", "--until", "tomorrow"],
        ["decide", "nordlys", "cats", "all", "--by", "Kari"],
        ["confirm-pair", "nordlys", "customers", "1", "a", "--by", "Kari", "--reason", "known"],
    ],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(str(ended.code))

    printed = capsys.readouterr()
    assert code == WRONG_USAGE
    assert printed.out == ""
    assert "presync" in printed.err


def test_show_prints_what_is_in_force_and_where_it_comes_from(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESYNC_RETRIES", "7")
    (folder / "defaults.yaml").write_text("owner: Ada\n")
    main(["decide", "good", "customers", "none", "--by", "Kari"])
    capsys.readouterr()

    assert main(["show", "good"]) == FINE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"tenant: good  # {folder / 'good.yaml'}:1"
    assert f"owner: Ada  # {folder / 'defaults.yaml'}:1" in lines
    assert "retries: 7  # PRESYNC_RETRIES" in lines
    assert "severa.connection: severa__good  # the tenant's name" in lines
    assert any(line.startswith("transfer.customers: none  # on record: Kari, ") for line in lines)
    assert main(["show", "good", "--json"]) == FINE
    assert json.loads(capsys.readouterr().out)["language"] == {"value": "en", "origin": "Presync's default"}


def test_validate_names_a_broken_defaults_file_once_and_every_company_that_it_stops(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = folder / "defaults.yaml"
    shared.write_text("retries: x\n")

    for arguments in (["validate"], ["validate", str(shared)], ["show", "good"]):
        assert main(arguments) == ERROR, arguments
    printed = capsys.readouterr()
    own = f"{shared}:1: retries: 'x' is not accepted: input should be a valid integer"
    assert printed.out.splitlines().count(own) == 2
    assert f"{folder / 'good.yaml'}:1: file: the file of what all companies share is refused" in printed.err
    assert "there is no tenant" not in printed.err
    shared.write_text("retries: 3\n")
    assert main(["validate", str(shared)]) == FINE


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "check" in capsys.readouterr().out


def test_validate_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == FINE
    assert "good.yaml: fine: good" in capsys.readouterr().out


def test_validate_names_every_fault_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text("tenant: bad\ntitle: B\nstart: maybe\nschedul: x\n")

    assert main(["validate"]) == ERROR

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [f"{folder}/bad.yaml:3", "start"],
        [f"{folder}/bad.yaml:4", "schedul"],
        [f"{folder}/good.yaml", "fine"],
    ]


def test_validate_given_files_only(folder: Path) -> None:
    (folder / "bad.yaml").write_text("tenant: bad\n")

    assert main(["validate", str(folder / "good.yaml")]) == FINE
    assert main(["validate", str(folder / "good.yaml"), str(folder / "bad.yaml")]) == ERROR


def test_validate_of_nothing_is_not_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    assert main(["validate"]) == ERROR
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path / "none"))
    assert main(["validate"]) == ERROR


def test_validate_needs_no_airflow(folder: Path) -> None:
    code = "import sys; from presync.cli.main import main; main(['validate'])"
    code += "; sys.exit('airflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert done.returncode == 0, done.stderr


def test_a_broken_tenant_file_is_an_error_in_json_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = folder / "bad.yaml"
    bad.write_text("tenant: bad\n")

    assert main(["check", str(bad), "--json"]) == ERROR
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["status"] == "error"
    assert {entry["status"] for entry in verdict["suites"]} == {"error"}
    assert "bad.yaml:1: title" in verdict["errors"][0]["message"]

    assert main(["check", str(bad)]) == ERROR
    assert "bad.yaml:1: title" in capsys.readouterr().out


def test_a_waiver_that_holds_no_longer_is_told() -> None:
    states = {"f1": "in force", "f2": "lapsed: it ended on 2026-11-01", "f3": "no such finding in this run"}
    waivers = [
        {"finding_id": f, "rule": "code_conflict", "by": "Kari", "state": s} for f, s in states.items()
    ]
    verdict = {"tenant": "good", "status": "blocked", "suites": [], "errors": []}
    told = list(summary(Outcome({**verdict, "exceptions": {"waivers": waivers}}, None)))
    assert told[1:] == ["  waiver of code_conflict f2 by Kari: lapsed: it ended on 2026-11-01"]
    assert list(summary(Outcome(verdict, None))) == ["good: BLOCKED"]


@pytest.mark.parametrize("start", ["manual", "{dag: other}", "{webhook: w, approval: required}"])
def test_only_a_webhook_can_be_called_from_here(
    folder: Path, capsys: pytest.CaptureFixture[str], start: str
) -> None:
    file = folder / "good.yaml"
    file.write_text(f"{GOOD}start: {start}\n")

    assert main(["check", str(file), "--start"]) == ERROR
    assert "not started by a webhook" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["good", " Good ", "good.yaml", "FOLDER/good.yaml"])
def test_a_tenant_is_named_or_given_as_a_file(
    folder: Path, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    typed = typed.replace("FOLDER", str(folder))
    assert tenant_name(typed) == "good"
    assert tenant_of(typed).title == "Good"
    assert Path(str(tenant_file(typed))).samefile(folder / "good.yaml")
    monkeypatch.setenv("PRESYNC_TENANTS", str(folder / "good.yaml"))
    assert tenant_file("good") == folder / "good.yaml"
    assert tenant_file("other") is None


@pytest.mark.parametrize("typed", ["nobody", "nobody.yaml", "folder/nobody", ""])
def test_a_tenant_without_a_file(folder: Path, typed: str) -> None:
    assert tenant_file(typed) is None
    with pytest.raises(ConfigurationError, match="Check the name"):
        tenant_of(typed)


def test_a_slip_in_a_name_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "godo"]) == ERROR
    told = capsys.readouterr().err
    assert "there is no tenant 'godo'" in told
    assert "Did you mean 'good'?" in told
    assert f"{folder}/data/control.db" in told
    assert main(["diff", str(folder / "good.yaml")]) == ERROR
    told = capsys.readouterr().err
    assert "no run of tenant 'good' is recorded" in told
    assert "there is no tenant" not in told
    assert main(["audit", "missing.yaml"]) == ERROR
    assert "there is no such tenant file" in capsys.readouterr().err


def test_nothing_is_said_to_be_looked_up_in_a_file_of_object_storage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_DATA", "s3://bucket/presync")
    assert main(["audit", "nobody"]) == ERROR
    told = capsys.readouterr().err
    assert "names no control database" in told
    assert "looked up in" not in told


@pytest.mark.parametrize(("command", "code"), [("check", WRONG_USAGE), ("simulate", ERROR)])
def test_who_is_unknown_is_told_once(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, code: int
) -> None:
    assert main([command, "godo"]) == code
    told = capsys.readouterr().err
    assert told.count(str(folder)) == 1
    assert told.endswith("Did you mean 'good'?\n")


def test_a_file_that_is_kept_elsewhere_is_no_unknown_tenant(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "other.yaml"
    other.write_text("tenant: other\ntitle: Other\n")

    assert main(["simulate", str(other)]) == ERROR

    told = capsys.readouterr().err
    assert "there is no tenant" not in told
    assert f"{folder}/data/control.db" in told


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_data_that_are_no_folder_are_named(
    folder: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_DATA", str(folder / "good.yaml"))
    assert main([command, "good"]) == ERROR
    told = "".join(capsys.readouterr())
    assert "cannot be written (Not a directory)" in told
    assert "PRESYNC_DATA must be a folder" in told


@pytest.mark.parametrize("name", ["PRESYNC_KEEP_RUNS", "PRESYNC_RETRIES", "PRESYNC_CERTIFICATE_HOURS"])
@pytest.mark.parametrize("text", ["many", "nan", "inf", "1,5", "-1", "1e300"])
def test_a_setting_that_is_no_number_is_named(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = getattr(settings, name.removeprefix("PRESYNC_").lower())
    monkeypatch.setenv(name, text)
    with pytest.raises(ConfigurationError, match=f"{name} is '{text}', which is not a"):
        read()


def test_a_setting_that_is_no_number_is_told_before_the_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_CERTIFICATE_HOURS", "a day")
    assert main(["check", "good"]) == ERROR
    assert "PRESYNC_CERTIFICATE_HOURS is 'a day', which is not a number" in capsys.readouterr().out


def test_what_only_a_person_may_settle(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == FINE
    assert main(["start", "good", "--confirm", "--by", "Kari"]) == ERROR
    assert "no start" in capsys.readouterr().err
    assert main(["accept-change", "good", "severa.customers", "--by", "Kari"]) == ERROR
    assert "nothing to accept" in capsys.readouterr().err
    assert main(["accept-change", "good", "severa.cats", "--by", "Kari"]) == ERROR
    assert "severa.customers" in capsys.readouterr().err


def test_a_fault_of_presync_itself_does_not_look_like_a_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("somewhere")

    monkeypatch.setattr("presync.cli.history.audit_trail", broken)
    assert main(["audit", "nordlys"]) == ERROR
    told = capsys.readouterr().err
    assert "ZeroDivisionError\n" in told
    assert told.endswith("presync: this is a fault of Presync; nothing was concluded\n")


def test_a_finding_of_very_many_numbers_is_summed_up(tmp_path: Path) -> None:
    message = "12345, " * 30_000
    columns = ("finding_id", "severity", "suite", "rule", "message", "fix")
    with (tmp_path / "findings.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([columns, ("1", "critical", "s", "series_overlap", message, "Change it.")])
    told = list(
        summary(Outcome({"tenant": "good", "status": "blocked", "suites": [], "errors": []}, tmp_path))
    )
    assert told[1].startswith("  s: series_overlap (1), e.g. 12345, ")


def test_a_code_may_begin_with_a_dash(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ["--same", "--reason", "known", "--by", "Kari"]
    code = main(["confirm-pair", "good", "customers", "-7", "g", *said])
    assert code == ERROR, "understood, but there is no run"
    assert "no run of it has been recorded" in capsys.readouterr().err


def test_the_shell_completes_tenants_without_reading_their_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.yaml").write_text("[")
    (folder / "good.exceptions.yaml").write_text("[")
    monkeypatch.setenv("_PRESYNC_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "presync check ")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        main([])
    assert capsys.readouterr().out.split() == ["broken", "good"]


def test_a_terminal_gets_tables_and_a_program_plain_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = {"suite": "customers", "status": "failed", "critical": 2, "warning": 0}
    errors = [{"source": "x", "message": "\x1b[2J[red]"}]
    verdict = {"tenant": "good", "status": "blocked", "suites": [suite], "errors": errors}
    outcome = Outcome(verdict, None)
    _show(outcome)
    assert capsys.readouterr().out.splitlines() == list(summary(outcome))
    monkeypatch.setattr("presync.cli.terminal.person", lambda: True)
    _show(outcome)
    shown = capsys.readouterr().out
    assert "good: BLOCKED" in shown
    assert "critical" in shown
    assert "┃" in shown
    assert "\x1b" not in shown, "what a system holds must not steer a terminal"
    assert "[red]" in shown


def test_progress_is_for_people_only(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("checking", 3) as step:
        assert step is None
    main_end, terminal_end = os.openpty()
    with os.fdopen(terminal_end, "w") as stderr, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        with progress("checking good", 1) as step:
            assert step is not None
            step("reconcile", "success")
    shown = b""
    with os.fdopen(main_end, "rb", buffering=0) as sight, contextlib.suppress(OSError):
        while part := sight.read(65536):  # Linux ends a terminal that nobody writes to any more with EIO
            shown += part
    assert b"checking good: reconcile success" in shown
    assert capsys.readouterr().out == ""
