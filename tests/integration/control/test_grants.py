"""The role that Presync runs as owns nothing, as the production stack makes it."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from presync.cli.exit_codes import FINE
from presync.cli.main import main
from presync.control.audit import write_audit
from presync.control.database import VERSION_TABLE, transaction
from presync.control.grants import grant_to
from presync.control.models import Base
from presync.errors import ConfigurationError, SourceUnavailableError
from presync.settings import HOME
from tests.support.control_databases import owner_url
from tests.support.postgres import Postgres


@pytest.fixture
def run_as(run_time_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", run_time_url)
    return run_time_url


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "DROP TABLE starts",
        "DELETE FROM starts",
        "DELETE FROM waivers",
        "UPDATE this_database SET id = 'other'",
        f"UPDATE {VERSION_TABLE} SET version_num = '0001'",
        "CREATE TABLE mine (id integer)",
        "CREATE SCHEMA mine",
        "CREATE OR REPLACE FUNCTION presync_audit_guard() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NEW; END'",
        "SET ROLE presync_owner",
    ],
)
def test_it_may_not_change_what_it_must_not(run_as: str, statement: str) -> None:
    with pytest.raises(SourceUnavailableError, match="42501"), transaction() as session:
        session.execute(text(statement))


def test_it_owns_nothing_at_all(run_as: str) -> None:
    owned = """
        SELECT count(*) FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
        WHERE deptype = 'o' AND rolname = 'presync_run'
    """
    with transaction() as session:
        assert session.scalar(text("SELECT current_user")) == "presync_run"
        assert session.scalar(text(owned)) == 0
        rights = "SELECT NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls) FROM pg_roles"
        assert session.scalar(text(f"{rights} WHERE rolname = current_user")) is True


def test_granting_again_takes_back_what_was_given_by_hand(
    run_as: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", owner_url(run_as))
    may = "SELECT has_table_privilege('presync_run', 'audit', 'UPDATE')"
    with transaction() as session:
        session.execute(text("GRANT ALL ON audit TO presync_run"))
        assert session.scalar(text(may)) is True

    assert main(["migrate", "--run-as", "presync_run"]) == FINE

    assert "owns nothing" in capsys.readouterr().out
    with transaction() as session:
        assert session.scalar(text(may)) is False
        for table in Base.metadata.tables:
            readable = text(f"SELECT has_table_privilege('presync_run', '{table}', 'SELECT, INSERT')")
            assert session.scalar(readable) is True


@pytest.mark.parametrize(
    ("role", "said"),
    [("presync_owner", "is the owner"), ("presync", "a superuser"), ("nobody-known", "has no role")],
)
def test_a_role_that_owns_the_tables_is_refused(
    run_as: str, monkeypatch: pytest.MonkeyPatch, role: str, said: str
) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", owner_url(run_as))
    with pytest.raises(ConfigurationError, match=said):
        grant_to(role)


def test_sqlite_has_no_roles(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path}/control.db")
    with pytest.raises(ConfigurationError, match="has no roles"):
        grant_to("presync_run")


def test_a_database_from_before_the_roles_is_handed_over_as_documented(
    run_as: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"control_{uuid.uuid4().hex}"
    with transaction(postgres.url(name)):
        pass  # its tables belong to the superuser now
    page = (HOME / "docs" / "operating.md").read_text()
    statements = page.split("```sql\n")[1].split("```")[0].replace("DATABASE presync ", f"DATABASE {name} ")
    with postgres.connect_to(name) as connection:
        connection.execute(statements)

    running = run_as.removesuffix("presync") + name
    monkeypatch.setenv("PRESYNC_DATABASE_URL", owner_url(running))
    assert main(["migrate", "--run-as", "presync_run"]) == FINE

    monkeypatch.setenv("PRESYNC_DATABASE_URL", running)
    with transaction() as session:
        write_audit(session, "nordlys", "Kari", "waive", {})
    with pytest.raises(SourceUnavailableError, match="42501"), transaction() as session:
        session.execute(text("DELETE FROM audit"))
