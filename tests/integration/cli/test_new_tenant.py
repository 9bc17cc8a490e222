"""`presync init` as a command: at a terminal it asks, without one it says what is missing."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from demo.severa.process import SeveraProcess, start_severa
from presync.tenants.model import load_tenant
from tests.support.patience import PATIENCE
from tests.support.severa_server import NO_LIMIT, write_severa
from tests.support.tds.drivers import FREETDS, PASSWORD, USER
from tests.support.tds.reading import ROWS, TYPED
from tests.support.tds.server import TdsServer
from tests.support.visma_business import write_sqlite

SECRET = "Sjøhest!under7vann"


@pytest.fixture
def severa(tmp_path: Path) -> Iterator[SeveraProcess]:
    folder = write_severa(tmp_path / "severa", organizationdetails={"name": "Nordlys AS", "vatNumber": None})
    with start_severa(folder, {**NO_LIMIT, "clients": {"a-client": {"secret": SECRET}}}) as server:
        yield server


@pytest.fixture
def company(tmp_path: Path) -> Iterator[TdsServer]:
    with TdsServer({"F0001": write_sqlite(tmp_path / "F0001.db", TYPED, **ROWS)}) as server:
        yield server


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Presync's own folder, kept between the tests: the first one prepares Airflow's metadata in it."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def environment(tmp_path: Path, data: Path) -> dict[str, str]:
    (tmp_path / "tenants").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PRESYNC"))}
    return kept | {"PRESYNC_DATA": str(data), "PRESYNC_TENANTS": str(tmp_path / "tenants")}


class Typist:
    """Answers the command's questions at a pseudo-terminal; `screen` is everything that was shown."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "presync.cli.main", *arguments],
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.screen = ""
        self._answered = 0

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, then type a line."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(question, self.screen[self._answered :])):
            if time.monotonic() > deadline or not self._more():
                pytest.fail(f"{question!r} was never asked:\n{self.screen}")
        self._answered += found.end()
        os.write(self._master, f"{text}\n".encode())

    def end(self) -> int:
        """Wait for the command to end and return its exit code."""
        while self._more():
            pass
        os.close(self._master)
        return self._process.wait(PATIENCE)

    def _more(self) -> bool:
        if not select.select([self._master], [], [], PATIENCE)[0]:
            return False
        with suppress(OSError):  # how Linux says that the other side is closed
            part = os.read(self._master, 65536)
            self.screen += part.decode(errors="replace")
            return bool(part)
        return False


def secrets_left(folder: Path, *shown: str) -> list[str]:
    """Return where a secret can be read: files under the folder, or what was shown."""
    texts = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    texts |= {f"screen {position}": text.encode() for position, text in enumerate(shown)}
    parts = [b"under7vann", PASSWORD.encode()]  # without the letter that JSON may escape
    return [place for place, content in texts.items() if any(part in content for part in parts)]


def test_a_new_user_answers_and_no_secret_is_left_anywhere(
    severa: SeveraProcess, company: TdsServer, environment: dict[str, str], data: Path, tmp_path: Path
) -> None:
    typist = Typist(["init", "nordlys"], environment)
    typist.answer(r"no connection visma_business__nordlys\.[\s\S]*id of another connection.*: ", "nowhere")
    typist.answer(r"no connection nowhere either[\s\S]*id of another connection.*: ", "")
    typist.answer(r"ODBC driver.*: ", FREETDS)
    typist.answer(r"server: ", "127.0.0.1")
    typist.answer(r"port.*: ", str(company.port))
    typist.answer(r"database.*: ", "F0001")
    typist.answer(r"login.*: ", USER)
    typist.answer(r"password.*: ", PASSWORD)
    typist.answer(r"further ODBC keywords.*: ", "TDS_Version=7.4")
    typist.answer(r"no connection severa__nordlys\.[\s\S]*id of another connection.*: ", "")
    typist.answer(r"address of the API \[https://api\.severa.*\]: ", severa.api)
    typist.answer(r"client id: ", "a-client")
    typist.answer(r"client secret.*: ", SECRET)
    assert typist.end() == 0, typist.screen
    found = load_tenant(tmp_path / "tenants" / "nordlys.yaml")
    assert (found.title, found.visma_business.database) == ("Nordlys AS", "F0001")
    assert found.visma_business.connection is None
    exports = re.findall(r"export AIRFLOW_CONN_(\w+)='(.*)'", typist.screen)
    assert [name for name, _ in exports] == ["VISMA_BUSINESS__NORDLYS", "SEVERA__NORDLYS"]
    assert all('"password": "…"' in values for _, values in exports)
    assert "presync check" in typist.screen
    assert list((data / "logs").iterdir())
    for kept in (tmp_path / "severa", tmp_path / "tenants", data):
        assert secrets_left(kept, typist.screen) == []


def test_a_refused_password_is_not_shown_either(
    company: TdsServer, environment: dict[str, str], data: Path, tmp_path: Path
) -> None:
    environment["AIRFLOW_CONN_SEVERA__NORDLYS"] = '{"conn_type": "http", "host": "http://127.0.0.1:1"}'
    typist = Typist(["init", "nordlys"], environment)
    for question, text in (
        (r"id of another connection.*: ", ""),
        (r"ODBC driver.*: ", FREETDS),
        (r"server: ", "127.0.0.1"),
        (r"port.*: ", str(company.port)),
        (r"database.*: ", "F0001"),
        (r"login.*: ", USER),
        (r"password.*: ", SECRET),
        (r"further ODBC keywords.*: ", ""),
    ):
        typist.answer(question, text)
    assert typist.end() == 2
    assert "nothing was written" in typist.screen
    assert "refused the login" in " ".join(typist.screen.split())
    assert secrets_left(data, typist.screen) == []
    assert list((tmp_path / "tenants").iterdir()) == []


def test_leaving_at_a_question_writes_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    typist = Typist(["init", "nordlys"], environment)
    typist.answer(r"id of another connection.*: ", "\x04")
    assert typist.end() == 2
    assert "nothing was written" in typist.screen
    assert list((tmp_path / "tenants").iterdir()) == []


def test_without_a_terminal_what_is_missing_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "presync.cli.main", "init", "nordlys", "--severa", "elsewhere"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    for said in ("visma_business__nordlys (Visma Business)", "elsewhere (Severa)", "AIRFLOW_CONN_ELSEWHERE"):
        assert said in done.stderr
    assert list((tmp_path / "tenants").iterdir()) == []
