"""One client's conversation with the server, from PRELOGIN to the end."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.support.tds import catalogue, login, tokens, wire
from tests.support.tds.answers import Result, SqlError
from tests.support.tds.database import Databases
from tests.support.tds.faults import Fault
from tests.support.tds.rpc import headers_end, parse_call
from tests.support.tds.statements import Session

if TYPE_CHECKING:
    from tests.support.tds.server import TdsServer

_PORTION = 16_384
_BEGIN_ANOTHER = 0x01
_ENDS_THE_CONNECTION = 20


class _EndError(Exception):
    """The server ends the connection."""


class _CancelledError(Exception):
    """The client cancelled the statement."""


class Conversation:
    """Answers one connection until either side ends it."""

    def __init__(self, server: TdsServer, connection: socket.socket) -> None:
        self._server = server
        self._socket = connection
        self._wire = wire.Wire(connection)
        self._session: Session
        self._prepared: dict[int, str] = {}
        self._descriptor = 0

    def run(self) -> None:
        """Serve until the connection ends."""
        with suppress(wire.HungUpError, _EndError):
            if self._server.frozen.is_set():
                self._hang(deaf=True)
            if self._log_in():
                while True:
                    self._answer(*self._wire.receive())

    def _log_in(self) -> bool:
        _, content = self._wire.receive()
        asked, policy = login.asked_encryption(content), self._server.policy
        encryption = login.ENCRYPT_NOT_SUPPORTED
        if policy.tls and asked != login.ENCRYPT_NOT_SUPPORTED:
            encryption = login.ENCRYPT_REQUIRED if policy.require_tls else asked
        self._wire.send(login.prelogin_answer(encryption))
        if encryption != login.ENCRYPT_NOT_SUPPORTED and policy.tls:
            self._wire.secure(policy.tls)
        kind, content = self._wire.receive()
        if kind != wire.LOGIN:
            raise _EndError
        if encryption == login.ENCRYPT_OFF:
            self._wire.plain()
        who = login.parse_login(content)
        self._server.logins.append(who)
        refusal = self._refusal(who)
        if refusal:
            self._wire.send(refusal + tokens.done(failed=True))
            return False
        self._welcome(who)
        return True

    def _refusal(self, who: login.Login) -> bytes:
        policy, databases = self._server.policy, {name.lower() for name in self._server.databases}
        if refused := self._server.faults.refuses_login():
            number, severity, text = refused
            return tokens.message(number, text, severity=severity)
        if policy.users.get(who.user) != who.password:
            return tokens.message(18456, f"Login failed for user '{who.user}'.", severity=14)
        if who.database and who.database.lower() not in databases:
            text = f'Cannot open database "{who.database}" requested by the login. The login failed.'
            return tokens.message(4060, text, severity=11) + tokens.message(
                18456, f"Login failed for user '{who.user}'.", severity=14
            )
        return b""

    def _welcome(self, who: login.Login) -> None:
        policy = self._server.policy
        databases = Databases(
            self._server.databases,
            who.database or next(iter(self._server.databases)),
            case_sensitive=policy.case_sensitive,
        )
        allowed = [n for n in databases.names() if policy.snapshot and n not in policy.snapshot_refused]
        self._session = Session(databases, who.user, may_write=policy.may_write, snapshot=allowed)
        size = who.packet_size or 4096
        version = min(who.tds_version, 0x74000004)
        self._wire.send(
            tokens.environment(1, databases.current, "master")
            + tokens.message(5701, f"Changed database context to '{databases.current}'.")
            + tokens.collation()
            + tokens.environment(2, "us_english")
            + tokens.message(5703, "Changed language setting to us_english.")
            + tokens.login_ack(version)
            + tokens.environment(4, str(size), "4096")
            + tokens.done()
        )
        self._wire.packet_size = size

    def _answer(self, kind: int, content: bytes) -> None:
        try:
            if kind == wire.BATCH:
                text = content[headers_end(content) :].decode("utf-16-le")
                self._batch(text)
            elif kind == wire.RPC:
                self._call(content)
            elif kind == wire.TRANSACTION:
                self._transaction(content)
            elif kind == wire.ATTENTION:
                self._wire.send(tokens.attention_done())
            else:
                raise _EndError
        except _CancelledError:
            self._wire.send(tokens.attention_done())

    def _batch(self, text: str) -> None:
        self._note(text)
        try:
            procedure = text.split(None, 2)
            if procedure and procedure[0].lower() in {"exec", "execute"}:
                raise SqlError(2812, f"Could not find stored procedure '{procedure[1]}'.")
            self._send_result(self._run(text, {}), tokens.done)
        except SqlError as error:
            self._send_error(error, tokens.done(failed=True))

    def _run(self, text: str, parameters: Mapping[str, Any]) -> Result:
        if self._server.on_statement:
            self._server.on_statement(text)
        result = Result()
        for statement in text.split(";") if text.lstrip()[:3].upper() in {"SET", "USE"} else [text]:
            if statement.strip():
                result = self._session.run(statement, parameters)
        return result

    def _call(self, content: bytes) -> None:
        call = parse_call(content)
        self._note(f"{call.procedure} {call.arguments}")
        end = tokens.return_status()
        try:
            values = [value for _, value in call.arguments]
            if call.procedure == "sp_unprepare":
                self._prepared.pop(values[0], None)
                result = Result()
            elif call.procedure == "sp_executesql":
                result = self._run(values[0], _named(call.arguments[2:]))
            elif call.procedure in {"sp_prepare", "sp_prepexec"}:
                handle = len(self._prepared) + 1
                self._prepared[handle] = values[2]
                result = Result()
                if call.procedure == "sp_prepexec":
                    result = self._run(values[2], _named(call.arguments[3:]))
                end += tokens.return_integer(0, call.arguments[0][0], handle)
            elif call.procedure == "sp_execute":
                result = self._run(self._prepared[values[0]], _named(call.arguments[1:]))
            else:
                result = catalogue.call(self._session.databases, call)
            self._send_result(
                result, lambda rows: tokens.done(rows, inside=True) + end + tokens.done(procedure=True)
            )
        except SqlError as error:
            self._send_error(error, tokens.done(procedure=True, failed=True))

    def _note(self, text: str) -> None:
        self._server.log.append(text)
        if self._server.freezes_at and self._server.freezes_at in text:
            self._server.frozen.set()
            self._hang(deaf=True)

    def _send_error(self, error: SqlError, end: bytes) -> None:
        self._wire.send(
            error.before + tokens.message(error.number, error.text, severity=error.severity) + end
        )

    def _send_result(self, result: Result, end: Any) -> None:
        fault = self._server.faults.strike(result.name, only_at_once=result.adds_up) if result.name else None
        if fault and fault.after == 0:
            self._strike(fault, result.name)
        if not result.columns:
            self._wire.send(end(None))
            return
        pending, count = tokens.columns(result.columns, result.types), 0
        for row in result.rows:
            pending += tokens.row(result.types, row)
            count += 1
            if fault and count == fault.after:
                self._strike(fault, result.name, self._wire.send(pending, last=False))
            if len(pending) > _PORTION:
                pending = self._wire.send(pending, last=False)
                self._look_for_cancellation()
        if fault and fault.after > count:
            self._strike(fault, result.name, self._wire.send(pending, last=False))
        self._wire.send(pending + end(count))

    def _strike(self, fault: Fault, name: str, pending: bytes = b"") -> None:
        if fault.kind == "reset":
            self._wire.cut()
            raise _EndError
        if fault.kind in {"close", "hang", "deaf", "frozen"}:
            self._wire.flush(pending)
        if fault.kind == "frozen":
            self._server.frozen.set()
        if fault.kind in {"hang", "deaf", "frozen"}:
            self._hang(deaf=fault.kind != "hang")
        if fault.kind == "close":
            raise _EndError
        number, severity, text = fault.message(name, self._session.databases.current)
        error = SqlError(number, text, severity, before=pending)
        if severity >= _ENDS_THE_CONNECTION:
            self._send_error(error, tokens.done(failed=True))
            raise _EndError
        raise error

    def _hang(self, *, deaf: bool) -> None:
        self._server.hanging.set()
        while not self._server.stopping.wait(0.01):
            if not deaf:
                self._look_for_release()
        raise _EndError

    def _look_for_release(self) -> None:
        try:
            self._look_for_cancellation()
        except (_CancelledError, wire.HungUpError):
            self._server.released.set()
            raise

    def _look_for_cancellation(self) -> None:
        if select.select([self._socket], [], [], 0)[0]:
            kind, _ = self._wire.receive()
            if kind == wire.ATTENTION:
                raise _CancelledError

    def _transaction(self, content: bytes) -> None:
        request = struct.unpack_from("<H", content, headers_end(content))[0]
        self._note(f"transaction {request}")
        database = self._session.databases.connection
        if request == 5:
            self._descriptor += 1
            self._begin()
            self._wire.send(tokens.transaction(8, self._descriptor) + tokens.done())
            return
        if database.in_transaction:
            database.execute("ROLLBACK")
        answer = tokens.transaction(9 if request == 7 else 10, self._descriptor)
        name = headers_end(content) + 2
        if content[name + 1 + content[name]] & _BEGIN_ANOTHER:
            self._descriptor += 1
            answer += tokens.transaction(8, self._descriptor)
            self._begin()
        self._wire.send(answer + tokens.done())

    def _begin(self) -> None:
        if self._session.isolation == "SNAPSHOT":
            self._session.databases.connection.execute("BEGIN")


def _named(arguments: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a statement's own parameters: named, or @P1, @P2 … by position."""
    return {
        (name or f"@P{number}").removeprefix("@"): value for number, (name, value) in enumerate(arguments, 1)
    }
