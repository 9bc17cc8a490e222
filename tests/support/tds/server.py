"""The server: accepts connections, one thread for each."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.tds.conversation import Conversation
from tests.support.tds.faults import Faults
from tests.support.tds.login import Login


@dataclass
class Policy:
    """Who may log in, and what the databases allow."""

    users: Mapping[str, str] = field(default_factory=lambda: {"reader": "Correct horse 7"})
    may_write: bool = False
    snapshot: bool = True
    snapshot_refused: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    require_tls: bool = False
    case_sensitive: bool = False  # the databases' collation


class TdsServer:
    """A context manager; `log` holds every statement and call, `logins` who logged in.

    `on_statement` is called with each statement before it runs, so that a test can move the data.
    """

    def __init__(self, databases: Mapping[str, Path], policy: Policy | None = None) -> None:
        self.databases = dict(databases)
        self.policy = policy or Policy()
        self.faults = Faults()
        self.log: list[str] = []
        self.logins: list[Login] = []
        self.failures: list[BaseException] = []
        self.on_statement: Callable[[str], None] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="tds-server", daemon=True)
        self.stopping = threading.Event()
        self.hanging = threading.Event()
        self.frozen = threading.Event()  # connections are accepted, and nothing is answered any more
        self.freezes_at = ""  # a part of the call at which that begins; "" for none
        self.released = threading.Event()  # a client cancelled, or left, while the server was hanging

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            connection.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            Conversation(self, connection).run()
        except BaseException as error:
            self.failures.append(error)
        finally:
            self._open.discard(connection)
            connection.close()
