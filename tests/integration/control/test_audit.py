"""The audit trail is a chain: what is changed, removed or put in is seen."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from presync.cli.main import ERROR, FINE, main
from presync.control.audit import (
    audit_trail,
    has_entry,
    newest_entry,
    newest_entry_id,
    unless_changed,
    verify_trail,
    write_audit,
)
from presync.control.database import transaction
from presync.control.models import AuditEntry
from presync.control.who import Who
from presync.errors import OutdatedError
from tests.support.control_databases import owner_url

pytestmark = pytest.mark.usefixtures("control_database")
GUARDS = ("audit_no_update", "audit_no_delete", "audit_no_replace")
ENTRY = "INSERT INTO audit (tenant, at, who, what, detail) VALUES ('a', '2026-01-01', 'Eve', 'start', '{}')"


def write(count: int = 4) -> None:
    for number in range(count):
        with transaction() as session:
            write_audit(
                session, "ab"[number % 2], Who("Kari Ås", "airflow"), "waive", {"n": number, "å": [1.5]}
            )


def tampered(session: Session, statement: str) -> None:
    """Change the trail as somebody who owns its table could."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        session.execute(text(statement))
        session.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
        return
    guards = session.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
    ).all()
    for name, _ in guards:
        session.execute(text(f"DROP TRIGGER {name}"))
    session.execute(text(statement))
    for _, sql in guards:
        session.execute(text(sql))


def test_a_trail_that_nobody_touched_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    write()
    found = verify_trail()
    assert (found.entries, found.faults) == (4, ())
    first, *rest = [entry for tenant in "ab" for entry in audit_trail(tenant)]
    assert first.before == ""
    assert {entry.before for entry in rest} < {entry.digest for entry in [first, *rest]}
    assert main(["audit", "--verify"]) == FINE
    assert found.newest in capsys.readouterr().out
    assert newest_entry("b") == found.newest
    assert has_entry(found.newest)
    assert not has_entry("0" * 64)


def middle(session: Session) -> int:
    return sorted(session.query(AuditEntry.id).all())[1][0]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE audit SET who = 'Eve' WHERE id = {id}", "was changed"),
        ("UPDATE audit SET at = '2001-01-01' WHERE id = {id}", "was changed"),
        ("UPDATE audit SET who_kind = NULL WHERE id = {id}", "was changed"),
        ("UPDATE audit SET detail = '{{}}' WHERE id = {id}", "was changed"),
        ("UPDATE audit SET digest = NULL WHERE id = {id}", "not part of the chain"),
        ("UPDATE audit SET digest = before WHERE id = {id}", "was changed"),
        ("DELETE FROM audit WHERE id = {id}", "removed"),
        (ENTRY.replace("{}", "{{}}"), "not part of the chain"),
    ],
)
def test_what_was_tampered_with_is_seen(
    statement: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write()
    with transaction(owner_url(os.environ["PRESYNC_DATABASE_URL"])) as session:
        tampered(session, statement.format(id=middle(session)))
    assert said in " ".join(verify_trail().faults)
    assert main(["audit", "--verify"]) == ERROR
    assert said in capsys.readouterr().out


def test_entries_from_before_the_chain_are_its_first_link() -> None:
    with transaction() as session:
        session.execute(text(ENTRY))
        session.execute(text(ENTRY))
    write(2)
    assert verify_trail().faults == ()
    with transaction(owner_url(os.environ["PRESYNC_DATABASE_URL"])) as session:
        oldest = min(session.query(AuditEntry.id).all())[0]
        tampered(session, f"UPDATE audit SET who = 'Kari' WHERE id = {oldest}")
    assert "removed, changed" in " ".join(verify_trail().faults)


def test_writers_at_the_same_time_make_one_chain() -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write(3), range(4)))
    found = verify_trail()
    assert (found.entries, found.faults) == (12, ())


@pytest.mark.parametrize("typed", [True, False])
def test_the_trail_says_how_sure_who_is(
    typed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_TENANTS", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "somebody-else")
    (tmp_path / "a.yaml").write_text("tenant: a\ntitle: A\n")
    assert main(["decide", "a", "customers", "all", *(["--by", "Kari"] if typed else [])]) == FINE
    (entry,) = audit_trail("a")
    assert entry.who_kind == ("typed" if typed else "system")
    assert "somebody-else" not in f"{entry.who} {entry.detail}"
    assert ("account" in entry.detail) is typed
    capsys.readouterr()
    assert main(["audit", "a"]) == FINE
    said = "Kari (name as typed): decide: " if typed else " (operating-system user): decide: "
    assert said in capsys.readouterr().out


def test_of_two_people_who_decide_on_one_state_one_is_refused(control_database: str) -> None:
    with transaction() as session:
        write_audit(session, "nordlys", Who("Kari"), "decide", {})
        seen = newest_entry_id(session, "nordlys")
    with unless_changed("nordlys", seen), transaction() as session:
        write_audit(session, "fjord", Who("Ola"), "decide", {})  # another company's changes nothing
        write_audit(session, "nordlys", Who("Ola"), "decide", {})
        write_audit(session, "nordlys", Who("Ola"), "decide", {})  # what Ola added is no surprise to Ola

    def by_kari() -> None:
        with unless_changed("nordlys", seen), transaction() as session:
            write_audit(session, "fjord", Who("Kari"), "decide", {})
            write_audit(session, "nordlys", Who("Kari"), "decide", {})

    with pytest.raises(OutdatedError):
        by_kari()
    assert [entry.who for entry in audit_trail("nordlys")] == ["Kari", "Ola", "Ola"]
    assert [entry.who for entry in audit_trail("fjord")] == ["Ola"]  # the whole transaction is refused
