"""A small organisation in a stand-in within this process, corrections to it, and whatever gets in the way."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from demo.severa.app import StandIn
from demo.severa.config import Config
from demo.severa.writable import WritableFolder
from presync.apply import run
from presync.apply.basis import Checked
from presync.apply.make_call import CallMaker
from presync.apply.model import Basis, Options
from presync.control import journal
from presync.control.models import AppliedCall
from presync.control.who import Who
from presync.fixes.model import Cause, FixPlan, SeveraChange
from presync.sources.severa.client import Patience, SeveraAccess
from presync.sources.severa.rate_limit import RateLimit
from presync.sources.severa.registers import getter
from presync.sources.severa.writer import _KINDS, SeveraWriter
from presync.staging.extract import ExtractWriter
from presync.staging.tables import SEVERA
from presync.tenants.model import Tenant

ORGANISATION = "6F1C0000-0000-4000-8000-00000000000A"
SETTINGS: Mapping[str, Any] = {
    "nextCustomerNumber": 1000,
    "nextInvoiceNumber": 1000,
    "nextProjectNumber": 1000,
    "uniqueIdentifierForProductsAndWorktypes": False,
}
WHO = Who("Anna", "airflow")
HASTY = Patience(tries=2, first=0.0005, longest=0.01, whole=5, altogether=20)
_CAUSE = Cause(("code_mismatch",), ("0" * 16,), "high", "they are the same")


class KilledError(BaseException):
    """The process ends here: nothing after it happens."""


class InProcess(httpx.AsyncBaseTransport):
    """Leads to a stand-in in this process; `at` is called before and after each request with its count."""

    def __init__(self, stand_in: StandIn, at: Callable[[str, int], None]) -> None:
        self._stand_in = stand_in
        self._at = at
        self.count = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        count = self.count
        self._at("before", count)
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        scope = {
            "method": request.method,
            "path": request.url.path,
            "query_string": request.url.query,
            "headers": list(request.headers.raw),
        }
        answer = await self._stand_in.respond(scope, await request.aread())
        self._at("after", count)
        if answer.ending == "hang":
            raise httpx.ReadTimeout("no answer", request=request)
        if answer.ending != "complete":
            raise httpx.ReadError("the connection broke off", request=request)
        body = httpx.ByteStream(answer.body)
        return httpx.Response(answer.status, headers=dict(answer.headers), stream=body)


@dataclass
class WrittenSevera:
    """The organisation in `folder`; `changes` are `(register, guid, new)`."""

    folder: Path
    tenant: Tenant
    config: Mapping[str, Any]
    changes: Sequence[tuple[str, str, str]]
    options: Options = field(default_factory=Options)
    kill_at: tuple[str, int] | None = None
    suspend_at: tuple[str, int] | None = None
    meanwhile: Callable[[], Any] = lambda: None
    """What happens while the process is suspended for 100 seconds; another process does it."""
    watch: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        clients = {"writer": {"secret": "s", "scopes": [*_scopes()]}}
        self._given = given = {"rate_limit": {"enabled": False}, "clients": clients, **self.config}
        self.log = io.StringIO()
        self.stand_in = StandIn(self.folder, msgspec.convert(given, Config), self.log)
        self.before = self.rows()
        self._asleep = 0.0
        self.checked = Checked(_BASIS, self._extract(), FixPlan(severa=self._proposed()), self.folder)

    def rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return what the organisation holds now, by register and guid."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for register in _KINDS:
            path = self.folder / f"{register}.json"
            rows = json.loads(path.read_text()) if path.is_file() else []
            found[register] = {row["guid"]: row for row in rows}
        return found

    def value(self, register: str, guid: str) -> str:
        """Return a record's number or code now, as fix files have it."""
        return text_of(self.rows()[register][guid], register)

    def patches(self) -> list[tuple[str, str, str, Any]]:
        """Return what was asked to be written: route, guid, path and value."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        asked = [(line["path"].split("/"), json.loads(line["body"])) for line in lines if "body" in line]
        return [(path[-2], path[-1], body[0]["path"], body[0]["value"]) for path, body in asked]

    @asynccontextmanager
    async def connect(self, _tenant: Tenant, registers: Sequence[str]) -> AsyncIterator[SeveraWriter]:
        """Yield what writes to the organisation, until it is killed."""
        access = SeveraAccess("http://127.0.0.1:1/rest-api", "writer", "s")
        transport = InProcess(self.stand_in, self._kill)
        async with SeveraWriter(
            access,
            registers,
            RateLimit(1000, 0.001),
            HASTY,
            transport=transport,
            clock=lambda: time.monotonic() + self._asleep,
        ) as hands:
            yield hands

    def propose(self) -> str:
        """Make a plan and return its id."""
        return run.propose(self.tenant, self.options, connect=self.connect)[1]

    def apply(self, identity: str) -> run.Report:
        """Apply a plan."""
        return run.apply_plan(self.tenant, identity, WHO, connect=self.connect)

    def resume(self, identity: str) -> run.Report:
        """Go on with it."""
        return run.resume(self.tenant, identity, WHO, connect=self.connect)

    def undo(self, identity: str) -> run.Report:
        """Take it back."""
        return run.undo(self.tenant, identity, WHO, connect=self.connect)

    def edit(self, register: str, guid: str, *, stamped: bool = True, **fields: Any) -> None:
        """Change a record as another user does."""
        WritableFolder(self.folder).change(register, guid, fields, stamped=stamped)

    def suspend(self) -> None:
        """Suspend this process for 100 seconds."""
        self.suspend_at = None
        other = threading.Thread(target=self.meanwhile)
        other.start()
        other.join()
        self._asleep += 100

    def without_faults(self) -> None:
        """Let the stand-in behave from now on."""
        self.stand_in = StandIn(self.folder, msgspec.convert({**self._given, "faults": []}, Config), self.log)

    def journal(self, identity: str) -> list[AppliedCall]:
        """Return the journal's entries."""
        return journal.calls_of(identity)

    def _kill(self, moment: str, count: int) -> None:
        if moment == "after":
            self.watch()
        if self.kill_at == (moment, count):
            self.kill_at = None
            raise KilledError
        if self.suspend_at == (moment, count):
            self.suspend()

    def _proposed(self) -> list[SeveraChange]:
        return [
            SeveraChange(
                register,
                guid,
                guid,
                field_of(register),
                text_of(self.before[register][guid], register),
                new,
                _CAUSE,
            )
            for register, guid, new in self.changes
        ]

    def _extract(self) -> Path:
        folder = self.folder / "extract"
        folder.mkdir()
        writer = ExtractWriter(folder, "severa", tenant=self.tenant.tenant, run_id=_BASIS.run_id)
        for table, shape in SEVERA.items():
            with writer.table(table) as sink:
                if table in _KINDS:
                    rows = [msgspec.convert(row, _KINDS[table]) for row in self.before[table].values()]
                    columns = {name: [getter(name)(row) for row in rows] for name in shape}
                    _write(sink, columns)
                elif table == "organizationsettings":
                    settings = json.loads((self.folder / "organizationsettings.json").read_text())
                    _write(
                        sink,
                        {
                            "next_customer_number": [settings["nextCustomerNumber"]],
                            "next_invoice_number": [settings["nextInvoiceNumber"]],
                            "next_project_number": [settings["nextProjectNumber"]],
                            "unique_product_codes": [settings["uniqueIdentifierForProductsAndWorktypes"]],
                        },
                    )
        writer.finish({})
        return folder


_BASIS = Basis("run", "b1", "1-abc", "0.1.0", "file", "record", "fixes", ORGANISATION)


def _write(sink: Any, columns: Mapping[str, list[Any]]) -> None:
    import pyarrow as pa

    sink.write(pa.RecordBatch.from_pydict(dict(columns), schema=sink.schema))


def _scopes() -> set[str]:
    from presync.sources.severa.writer import scopes_for

    return set(scopes_for(tuple(_KINDS)))


def field_of(register: str) -> str:
    """Return the name of a register's number or code."""
    return "number" if register in {"customers", "projects", "salescases"} else "code"


def text_of(row: Mapping[str, Any], register: str) -> str:
    """Return a row's number or code as fix files have it."""
    value = row.get(field_of(register))
    return "" if value is None else str(value)


def organisation(
    folder: Path,
    changes: Sequence[tuple[str, str, str]],
    *,
    tenant: str = "nordlys",
    settings: Mapping[str, Any] = SETTINGS,
    config: Mapping[str, Any] | None = None,
    options: Options | None = None,
    **registers: Mapping[str, Any],
) -> WrittenSevera:
    """Write an organisation with `registers` of number or code, or of fields, by guid; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for register, records in registers.items():
        rows = [_row(register, guid, value) for guid, value in records.items()]
        (folder / f"{register}.json").write_text(json.dumps(rows))
    (folder / "organizationsettings.json").write_text(json.dumps(settings))
    (folder / "organizationdetails.json").write_text(json.dumps({"guid": ORGANISATION, "name": "x"}))
    named = Tenant(tenant=tenant, title="Nordlys Rådgivning AS")
    return WrittenSevera(folder, named, config or {}, changes, options or Options())


def _row(register: str, guid: str, value: Any) -> dict[str, Any]:
    names = {"firstName": "Ada", "lastName": guid} if register == "users" else {"name": guid}
    fields = value if isinstance(value, dict) else {field_of(register): value}
    return {"guid": guid, **names, **fields, "isActive": True}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., WrittenSevera]:
    """Return what makes an organisation whose plans rest on its own extract, and a control database."""
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{tmp_path / 'control.db'}")
    made: dict[str, WrittenSevera] = {}

    def make(folder: Path, *arguments: Any, **named: Any) -> WrittenSevera:
        found = organisation(folder, *arguments, **named)
        made[found.tenant.tenant] = found
        return found

    def checked(tenant: Tenant, _fixes: Path | None) -> Checked:
        return made[tenant.tenant].checked

    for module in ("run", "plan"):
        monkeypatch.setattr(f"presync.apply.{module}.find_checked", checked)
        monkeypatch.setattr(f"presync.apply.{module}.require_unmoved", lambda *_: None)
    monkeypatch.setattr("presync.control.journal.SILENCE", timedelta(0))
    monkeypatch.setattr(run, "CallMaker", partial(CallMaker, pause=at_once))
    return make


async def at_once(_seconds: float) -> None:
    """Wait for nothing."""
    await asyncio.sleep(0)
