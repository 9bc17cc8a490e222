"""The control database on SQLite and PostgreSQL: migrations, and several processes at the same time.

Covers: control/identity.py, control/migrations/env.py, control/models/decisions.py,
control/models/fleet.py, control/models/journal.py, control/models/reading.py, control/models/starts.py,
control/models/trail.py, control/models/verdicts.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from presync.control.database import HEAD, VERSION_TABLE, migration_config, schema_version, transaction
from presync.control.models import Base
from presync.errors import ConfigurationError
from tests.support.patience import PATIENCE

HOME = Path(__file__).parents[3]


def run_python(code: str, processes: int = 1) -> Sequence[str]:
    """Run code in several processes at the same time, with this process's environment."""
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=HOME, text=True, stdout=subprocess.PIPE)
        for _ in range(processes)
    ]
    outputs = [process.communicate(timeout=PATIENCE)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0] * processes
    return outputs


def test_the_first_use_makes_what_the_models_say(fresh_control_database: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with transaction() as session:
        connection = session.connection()
        assert schema_version(connection) == HEAD
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_newest_migration(control_database: str) -> None:
    from alembic.script import ScriptDirectory

    with transaction() as session:
        script = ScriptDirectory.from_config(migration_config(session.connection()))
    assert script.get_heads() == [HEAD]


def test_the_schema_can_be_taken_down_and_made_again(fresh_control_database: str) -> None:
    from alembic import command

    with transaction() as session:
        command.downgrade(migration_config(session.connection()), "base")
    with transaction() as session:
        assert schema_version(session.connection()) == HEAD
        assert session.execute(text("SELECT count(*) FROM starts")).scalar() == 0


def test_a_schema_of_a_newer_program_is_left_alone(fresh_control_database: str) -> None:
    with transaction() as session:
        session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="9999") as refusal, transaction():
        pass
    assert "newer Presync" in refusal.value.message


def test_processes_that_use_it_first_at_the_same_time_all_succeed(fresh_control_database: str) -> None:
    code = (
        "from presync.control.extracts import fallen\n"
        "from presync.control.starts import find_start\n"
        "print(find_start('nordlys'))"
    )
    assert run_python(code, processes=3) == ["None"] * 3


def test_a_current_schema_is_found_without_importing_alembic(control_database: str) -> None:
    with transaction():
        pass
    code = (
        "import sys\n"
        "from presync.control.starts import find_start\n"
        "find_start('nordlys')\n"
        "print('alembic' in sys.modules, 'airflow' in sys.modules)"
    )
    assert run_python(code) == ["False False"]


INSERT = (
    "INSERT INTO accepted_empty (tenant, system, table_name, accepted_at, who) "
    "VALUES ('a', 'severa', 'users', '2026-01-01', 'me')"
)


def inserted() -> int:
    with transaction() as session:
        return int(session.execute(text("SELECT count(*) FROM accepted_empty")).scalar_one())


def test_a_transaction_that_fails_leaves_nothing(control_database: str) -> None:
    def insert_and_fail() -> None:
        with transaction() as session:
            session.execute(text(INSERT))
            raise KeyError("no reason")

    with pytest.raises(KeyError):
        insert_and_fail()
    assert inserted() == 0


def test_writers_at_the_same_time_wait_for_each_other(control_database: str) -> None:
    code = (
        "from presync.control.database import transaction\n"
        "from sqlalchemy import text\n"
        "for _ in range(10):\n"
        "    with transaction() as session:\n"
        f'        session.execute(text("{INSERT}"))\n'
    )
    run_python(code, processes=3)
    assert inserted() == 30


def test_a_forked_process_has_its_own_connection(control_database: str) -> None:
    from presync.control.starts import find_start

    find_start("nordlys")
    child = os.fork()
    if child == 0:
        code = 1
        try:
            find_start("nordlys")
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert find_start("nordlys") is None


def test_thirty_extracts_of_one_credential_wait_for_each_other(control_database: str) -> None:
    """None is told that the database is locked, and nobody's share is lost."""
    from presync.control.request_shares import SlotClaim, renew_share

    def use_it(number: int) -> None:
        for _ in range(3):
            renew_share(SlotClaim("severa", f"extract {number}", 10, 0, 10, lease=timedelta(hours=1)))

    inserted()  # the schema is there
    results = [os.waitpid(child, 0)[1] for child in [_forked(use_it, number) for number in range(30)]]
    assert results == [0] * 30
    with transaction() as session:
        shares, slots = session.execute(text("SELECT count(*), sum(slots) FROM request_shares")).one()
    assert shares == 30
    assert 0 < slots <= 10


def _forked(work: Callable[[int], None], number: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(number)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child
