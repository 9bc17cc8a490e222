"""The last look before a start: whatever has moved since the check is named, and nothing is started."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from presync import settings
from presync.cli.main import FINE, main
from presync.control.audit import audit_trail
from presync.control.runs import find_certificate
from presync.control.starts import claim_start
from presync.decisions.model import ConfirmedPair, Exceptions, Waiver
from presync.decisions.record import confirm_pair
from presync.errors import NotReadyError, StartError
from presync.gate.certificate import issue_certificate
from presync.gate.last_look import require_unmoved
from presync.gate.start import start_integration
from presync.rules.catalogue import SUITES
from presync.rules.suite import rules_version
from presync.staging.extract import ExtractWriter
from presync.staging.store import RunStore
from presync.staging.tables import TABLES, System
from presync.tenants.model import Tenant
from presync.verdict.conclude import conclude, record_verdict
from tests.support.published_run import IDENTITY, RUN_ID, TENANT, PublishedRun

Rows = Mapping[str, list[dict[str, Any]]]
SHARED = {"products", "projects"}  # both systems have a table of that name; rows are Severa's
COUNTER = {"next_customer_number": 500, "next_invoice_number": 1, "next_project_number": 1}
BEFORE: Rows = {
    "customers": [
        {"guid": "a", "name": "Lund AS", "number": 10},
        {"guid": "b", "name": "Berg AS", "number": 11},
    ],
    "organizationsettings": [COUNTER],
}


def read(rows: Rows, tenant: Tenant, writer: ExtractWriter, system: System) -> dict[str, Any]:
    """Write rows as a reader would; tables that are not named are empty."""
    import pyarrow as pa

    for table in TABLES[system]:
        with writer.table(table) as sink:
            if rows.get(table) and table in TABLES[system] and (system == "severa" or table not in SHARED):
                sink.write(pa.RecordBatch.from_pylist(rows[table], schema=sink.schema))
    return {"identity": {system: IDENTITY[system]}}


def readers(rows: Rows) -> Callable[[System], Callable[[Tenant, ExtractWriter], dict[str, Any]]]:
    return lambda system: lambda tenant, writer: read(rows, tenant, writer, system)


def open_gate(root: Path, monkeypatch: pytest.MonkeyPatch, exceptions: Exceptions | None = None) -> datetime:
    """Take a run over the rows through the gate; return when its certificate expires."""
    monkeypatch.setenv("PRESYNC_DATABASE_URL", f"sqlite:///{root}/control.db")
    monkeypatch.setenv("PRESYNC_TENANTS", str(root))
    monkeypatch.setenv("PRESYNC_DATA", str(root))
    run = PublishedRun.sound(root)
    with run.store.publishing("severa") as folder:
        writer = ExtractWriter(folder, "severa", tenant=TENANT.tenant, run_id=RUN_ID)
        seen = read(BEFORE, TENANT, writer, "severa")
        writer.finish({"tenant_fingerprint": TENANT.fingerprint, **seen})
    run.exceptions = exceptions or Exceptions(datetime.now(UTC), {})
    run.database()
    for suite in SUITES:
        run.suite(suite, rules_version=rules_version())
    if exceptions:
        run.suite("customers", findings=[("code_conflict", "critical")], rules_version=rules_version())
    verdict = conclude(TENANT, run.store)
    assert verdict.errors == ()
    record_verdict(verdict)
    certificate = issue_certificate(TENANT, verdict)
    assert certificate.expires_at is not None
    return certificate.expires_at


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> datetime:
    return open_gate(tmp_path, monkeypatch)


def refusal(rows: Rows) -> str:
    with pytest.raises(StartError) as refused:
        require_unmoved(TENANT, RUN_ID, readers(rows))
    return refused.value.message


@pytest.mark.usefixtures("opened")
def test_nothing_has_moved() -> None:
    require_unmoved(TENANT, RUN_ID, readers(BEFORE))
    other_order = {**BEFORE, "customers": list(reversed(BEFORE["customers"]))}
    require_unmoved(TENANT, RUN_ID, readers(other_order))


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("system", ["severa", "visma_business"])
def test_the_same_rows_from_another_system_are_refused(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {**IDENTITY, "severa": {}, "visma_business": {"server": "SQL02", "database": "F0001"}}
    monkeypatch.setitem(globals(), "IDENTITY", {**IDENTITY, system: other[system]})
    said = {
        "severa": "severa: the organisation 6f1c0000-0000-4000-8000-00000000000a is now of unknown identity",
        "visma_business": "visma_business: the company sql01/f0001 is now sql02/f0001",
    }
    assert said[system] in refusal(BEFORE)


@pytest.mark.usefixtures("opened")
def test_what_has_moved_is_named() -> None:
    first, second = BEFORE["customers"]
    renamed = {**BEFORE, "customers": [first, {**second, "name": "Berg A"}]}
    assert "severa.customers: of 2 rows, at least one has other values" in refusal(renamed)
    more = {**BEFORE, "customers": [first, second, {"guid": "c", "name": "Dal AS", "number": 12}]}
    assert "severa.customers: 2 rows are now 3" in refusal(more)
    counted = {**BEFORE, "organizationsettings": [{**COUNTER, "next_customer_number": 501}]}
    assert "severa.organizationsettings: next_customer_number 500 is now 501" in refusal(counted)


@pytest.mark.usefixtures("opened")
def test_the_records_that_moved_are_named_without_their_names() -> None:
    first, second = BEFORE["customers"]
    told = refusal({**BEFORE, "customers": [first, {**second, "name": "Berg A"}]})
    assert "(number 11 guid b: its name is another)" in told
    assert "Berg" not in told
    assert "number 11 guid b: number 11 is now 12" in refusal(
        {**BEFORE, "customers": [first, {**second, "number": 12}]}
    )
    added = {"guid": "c", "name": "Dal AS", "number": None}
    assert "(number 11 guid b is gone; guid c is new)" in refusal({**BEFORE, "customers": [first, added]})
    many = [{"guid": f"g{n}", "name": "N", "number": n + 100} for n in range(9)]
    assert "guid g2 is new; … and 6 more)" in refusal({**BEFORE, "customers": [*BEFORE["customers"], *many]})


@pytest.mark.parametrize("spoiled", ["gone", "another"])
@pytest.mark.usefixtures("opened")
def test_without_the_extract_that_was_checked_no_record_is_named(tmp_path: Path, spoiled: str) -> None:
    store = RunStore(TENANT.tenant, RUN_ID, root=str(tmp_path))
    if spoiled == "gone":
        store.withdraw("severa")
    else:
        with store.publishing("severa") as folder:
            writer = ExtractWriter(folder, "severa", tenant=TENANT.tenant, run_id=RUN_ID)
            read({}, TENANT, writer, "severa")
            writer.finish()
    told = refusal({**BEFORE, "customers": BEFORE["customers"][:1]})
    assert "severa.customers: 2 rows are now 1\n" in told


@pytest.mark.usefixtures("opened")
def test_a_series_that_moved_is_named() -> None:
    series = {"account_class": 1, "first": 1, "last": 999}

    def look(system: System) -> Callable[[Tenant, ExtractWriter], dict[str, Any]]:
        def reader(tenant: Tenant, writer: ExtractWriter) -> dict[str, Any]:
            return read({**BEFORE, "customer_series": [series]}, tenant, writer, system)

        return reader

    with pytest.raises(StartError, match=r"0 rows are now 1 \(account_class 1 first 1 last 999 is new\)"):
        require_unmoved(TENANT, RUN_ID, look)


@pytest.mark.usefixtures("opened")
def test_a_tenant_file_that_moved_is_told_by_its_fields() -> None:
    ceiling = {"severa": {"customer_number_ceiling": 9999}, "title": "Nordlys"}
    changed = Tenant.model_validate({**TENANT.model_dump(by_alias=True), **ceiling})
    with pytest.raises(StartError, match="the tenant file has changed") as refused:
        require_unmoved(changed, RUN_ID, readers(BEFORE))
    assert "\n- severa.customer_number_ceiling: nothing is now 9999" in refused.value.message
    assert "\n- title: Nordlys Rådgivning AS is now Nordlys" in refused.value.message


@pytest.mark.usefixtures("opened")
def test_a_refusal_is_on_the_trail(capsys: pytest.CaptureFixture[str]) -> None:
    refusal({**BEFORE, "organizationsettings": [{**COUNTER, "next_customer_number": 501}]})
    assert main(["audit", "nordlys"]) == FINE
    last = capsys.readouterr().out.splitlines()[-1]
    assert "start: state not made" in last
    assert "next_customer_number 500 is now 501" in last


@pytest.mark.usefixtures("opened")
def test_swapped_values_are_other_values() -> None:
    first, second = BEFORE["customers"]
    swapped = [{**first, "name": second["name"]}, {**second, "name": first["name"]}]
    assert "severa.customers" in refusal({**BEFORE, "customers": swapped})


@pytest.mark.usefixtures("opened")
def test_what_is_on_record_has_moved() -> None:
    confirm_pair("nordlys", ConfirmedPair("customers", "10", "a", False, "0" * 16, "known", "Kari"))
    told = refusal(BEFORE)
    assert "what is on record" in told
    assert "(what Kari says of customers 10 and a is new)" in told


@pytest.mark.usefixtures("opened")
def test_what_is_put_on_record_while_both_systems_are_read_again_has_moved() -> None:
    def look(system: System) -> Callable[[Tenant, ExtractWriter], dict[str, Any]]:
        if system == "severa":
            confirm_pair("nordlys", ConfirmedPair("customers", "10", "a", False, "0" * 16, "known", "Kari"))
        return readers(BEFORE)(system)

    with pytest.raises(StartError, match="what Kari says of customers 10 and a is new"):
        require_unmoved(TENANT, RUN_ID, look)


@pytest.mark.usefixtures("opened")
def test_other_rules_are_other_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESYNC_EXPECTATIONS", str(tmp_path))
    told = refusal(BEFORE)
    assert "the rules: version" in told
    assert "customer_numbering" in told


@pytest.mark.usefixtures("opened")
def test_the_suite_that_moved_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "expectations"
    shutil.copytree(settings.expectations_folder(), folder)
    monkeypatch.setenv("PRESYNC_EXPECTATIONS", str(folder))
    require_unmoved(TENANT, RUN_ID, readers(BEFORE))
    suite = folder / "products.json"
    suite.write_text(suite.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "(products in expectations/)" in refusal(BEFORE)


@pytest.mark.usefixtures("opened")
def test_a_start_that_looks_and_finds_something_calls_nobody() -> None:
    calls: list[object] = []

    def look() -> None:
        require_unmoved(TENANT, RUN_ID, readers({}))

    def call(request: object) -> str:
        calls.append(request)
        return "called"

    with pytest.raises(StartError, match="something has changed"):
        start_integration(TENANT, RUN_ID, by="Kari", call=call, look=look)
    assert calls == []


def test_a_certificate_expires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setenv("PRESYNC_CERTIFICATE_HOURS", "48")
    assert open_gate(tmp_path, monkeypatch) >= began + timedelta(hours=48)
    monkeypatch.setattr("presync.control.runs.now", lambda: began + timedelta(hours=72))
    with pytest.raises(StartError, match="expired at"):
        find_certificate("nordlys", RUN_ID, TENANT.fingerprint)
    assert "expired" in refusal(BEFORE)
    with pytest.raises(StartError, match="expired at"):
        claim_start("nordlys", RUN_ID, TENANT.fingerprint, kind="webhook", who="webhook")
    told = [entry.detail for entry in audit_trail("nordlys") if entry.what == "start"]
    assert [(each["state"], "expired at" in each["reason"]) for each in told] == [("not made", True)] * 2


@pytest.mark.parametrize("read", ["a day ago", "in a year"])
def test_data_read_long_ago_or_in_the_future_open_no_gate_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: str
) -> None:
    ago = timedelta(hours=25) if read == "a day ago" else timedelta(days=-365)
    began = datetime.now(UTC)
    monkeypatch.setattr("presync.staging.extract._now", lambda: (began - ago).isoformat(timespec="seconds"))
    if read == "a day ago":
        with pytest.raises(NotReadyError, match="Start a new run"):
            open_gate(tmp_path, monkeypatch)
        assert [entry.what for entry in audit_trail("nordlys")] == ["verdict"]
    else:
        assert open_gate(tmp_path, monkeypatch) <= datetime.now(UTC) + timedelta(hours=24)


def test_a_waiver_that_has_ended_by_now_opens_no_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = datetime.now(UTC) - timedelta(days=1)
    waiver = Waiver("customers-1", "code_conflict", "values of customers-1", "agreed", "Kari", read.date())
    with pytest.raises(NotReadyError, match="Start a new run"):
        open_gate(tmp_path, monkeypatch, Exceptions(read, {}, (waiver,)))


@pytest.mark.usefixtures("opened")
def test_a_clock_that_was_set_back_does_not_lengthen_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = datetime.now(UTC) - timedelta(minutes=30)
    monkeypatch.setattr("presync.control.runs.now", lambda: earlier)
    with pytest.raises(StartError, match="in the future by this machine's clock"):
        find_certificate("nordlys", RUN_ID, TENANT.fingerprint)


def test_a_certificate_ends_with_the_waiver_that_it_rests_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC).date()
    waiver = Waiver("customers-1", "code_conflict", "values of customers-1", "agreed", "Kari", today)
    expiry = open_gate(tmp_path, monkeypatch, Exceptions(datetime.now(UTC), {}, (waiver,)))
    assert expiry.date() == today
    [certificate] = [entry.detail for entry in audit_trail("nordlys") if entry.what == "certificate"]
    assert certificate["rests_on"].split("; ")[0] == (
        f"waiver of code_conflict customers-1 until {today} by Kari (command): agreed"
    )
    assert date.fromordinal(today.toordinal() + 1) > expiry.date()


@pytest.mark.usefixtures("opened")
def test_the_audit_trail_tells_verdict_certificate_and_start(capsys: pytest.CaptureFixture[str]) -> None:
    start_integration(TENANT, RUN_ID, by="Kari")
    assert main(["audit", "nordlys"]) == FINE
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["verdict", "certificate", "start", "start"]
    assert "status ready" in lines[0]
    assert "state confirmed" in lines[3]
    assert main(["audit", "nobody"]) != FINE
