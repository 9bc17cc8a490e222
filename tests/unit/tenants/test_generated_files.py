"""Whatever a tenant or exceptions file holds: a right result, or our own error with line and field."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from presync.decisions.file import read_file
from presync.decisions.longest import longest
from presync.errors import TenantFileError
from presync.tenants.defaults import SharedValues
from presync.tenants.folder import read_folder
from presync.tenants.model import OWN_DAGS, Tenant, load_tenant

FAULT = re.compile(r"(?P<path>.+):(?P<line>[1-9]\d*): (?P<field>.+?): (?P<reason>.{10,})")
ODD_TEXT = st.text(st.characters(codec="utf-8"), max_size=300) | st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\x1b[31m",
        "\u202e",
        "x" * 2001,
        "x" * 200,
        "{{ conn.x.password }}",
        "nordlys",
        "*" * 64,
    ]
)
ODD_NUMBERS = st.sampled_from([True, False, 0, -1, 1, 2**31, 2**63, -(2**70), 10**39, 1.0, 1.5, 1e300])
ODD = st.recursive(
    st.none() | ODD_NUMBERS | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD_TEXT, inner, max_size=3),
    max_leaves=5,
)
GOOD: dict[str, Any] = {
    "tenant": "nordlys",
    "title": "Nordlys",
    "country": "NO",
    "visma_business": {
        "connection": "vb",
        "database": "F0001",
        "departments": {"table": "R1"},
        "projects": {"table": "R2", "customer": "CustNo"},
        "customer_series": {"table": "AcInt", "first": "FrNo", "last": "ToNo"},
        "voucher_series": {"table": "VoSr", "key": "VoSrNo"},
        "invoice_series": [1, "2"],
        "invoices": {"table": "CustTr", "number": "InvoNo"},
        "activity": {"customers": [{"table": "CustTr", "code": "CustNo", "date": "InvoDt"}]},
        "tables": {"Actor": "dbo.Actor"},
        "columns": {"Actor": {"BsNo": "OrgNo"}},
    },
    "severa": {"connection": "s", "customer_number_ceiling": 99999},
    "transfer": {"departments": "all", "customers": {"except": {"field": "Gr5", "value": 1}}},
    "integration": {"master": "severa"},
    "privacy": "masked",
    "dormant_years": 3,
    "start": {"webhook": "integration", "approval": "required"},
    "schedule": "@hourly",
    "start_when_ready": True,
    "four_eyes": False,
    "approvers": ["ada"],
    "owner": "Ada",
    "readers": ["Nordic"],
    "editors": [],
    "notify": {"connection": "mail", "to": ["a@example.com"], "events": ["ready"], "digest": "daily"},
    "language": "nb",
    "retries": 2,
}
WAIVER = {
    "finding": "f1",
    "rule": "r",
    "values": "v",
    "reason": "known",
    "by": "Kari",
    "until": str(longest()),
}
PAIR = {
    "entity": "customers",
    "business_code": "1",
    "business_name": "A",
    "severa_guid": "g",
    "severa_name": "A",
    "same": True,
    "reason": "known",
    "by": "Kari",
}
EXCEPTIONS: dict[str, Any] = {
    "answers": [{"entity": "customers", "answer": "all", "by": "Kari", "on": "2026-11-01"}],
    "waivers": [WAIVER],
    "confirmed_pairs": [PAIR],
}


def places(value: Any) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, inner in items for rest in places(inner))]


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = changed(value[place[0]], place[1:], new)
    return copy


def check(content: bytes, read: Any, name: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return read(path)
        except TenantFileError as error:
            assert error.source == name  # noqa: PT017
            for line in error.message.splitlines():
                found = FAULT.fullmatch(line)
                assert found, line
                assert found["path"] == str(path)
                assert int(found["line"]) <= content.count(b"\n") + content.count(b"\r") + 1
                assert line.isprintable()
                assert len(line) < 20_000
            return None


def as_text(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()


@pytest.mark.parametrize(("good", "read"), [(GOOD, load_tenant), (EXCEPTIONS, read_file)])
def test_what_is_generated_from_is_good(good: Any, read: Any) -> None:
    assert check(as_text(good), read, "nordlys.yaml")


@given(st.sampled_from(places(GOOD)), ODD)
@settings(max_examples=300, deadline=None)
@example(("title",), "a\0b")
@example(("title",), "x" * 2001)
@example(("visma_business", "invoice_series"), [True])
@example(("visma_business", "invoice_series"), list(range(101)))
@example(("visma_business", "database"), "x" * 501)
@example(("severa", "connection"), "a b")
@example(("schedule",), "0 0 30 2 *")
@example(("start",), {"dag": "presync__nordlys"})
@example(("start",), {"dag": "presync_housekeeping"})
@example(("transfer",), {"int": "all"})
@example(("dormant_years",), True)
def test_one_odd_value_in_a_tenant_file(place: tuple[Any, ...], odd: Any) -> None:
    value = changed(GOOD, place, odd)
    tenant = check(as_text(value), load_tenant, "nordlys.yaml")
    if tenant is not None:
        assert isinstance(tenant, Tenant)
        assert nothing_was_converted(value, tenant.model_dump(by_alias=True, exclude_unset=True))


@given(st.sampled_from(places(EXCEPTIONS)), ODD)
@settings(max_examples=150, deadline=None)
@example(("waivers", 0, "until"), 20991231)
@example(("waivers", 0, "until"), "2026-02-30")
@example(("confirmed_pairs", 0, "same"), "no")
@example(("confirmed_pairs", 0, "business_code"), 1)
@example(("confirmed_pairs", 0, "business_name"), "\0")
def test_one_odd_value_in_an_exceptions_file(place: tuple[Any, ...], odd: Any) -> None:
    value = changed(EXCEPTIONS, place, odd)
    document = check(as_text(value), read_file, "nordlys.exceptions.yaml")
    if document is not None:
        assert all(pair.same in (True, False) for pair in document.confirmed_pairs)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=200, deadline=None)
@example(b"")
@example(b"- a")
@example(b"a: 1")
@example(b"tenant: [" + b"[" * 6000)
def test_any_bytes(content: bytes) -> None:
    assert check(content, load_tenant, "nordlys.yaml") is None
    assert check(b"tenant: nordlys\n" + content, load_tenant, "nordlys.yaml") is None or b"title" in content


def nothing_was_converted(written: Any, read: Any) -> bool:
    """Tell whether what was read is what was written, in value and in kind: 1 is not true, "1" is not 1."""
    if isinstance(written, dict):
        return written.keys() == read.keys() and all(
            nothing_was_converted(written[k], read[k]) for k in written
        )
    if isinstance(written, list):
        return len(written) == len(read) and all(map(nothing_was_converted, written, read))
    return type(written) is type(read) and bool(written == read)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("start: {dag: presync__other}", "a DAG of Presync"),
        ("start: {dag: presync_apply__other}", "a DAG of Presync"),
        *((f"start: {{dag: {dag}}}", "a DAG of Presync") for dag in OWN_DAGS),
        ("start: {dag: 'a b'}", "pattern"),
        ("start: {webhook: 'a b'}", "pattern"),
        ("schedule: 0 0 30 2 *", "not a schedule that ever comes"),
        ("schedule: '* * * * * *'", "not a schedule"),
        ("schedule: '@once'", "not a schedule"),
        ("schedule: R R * * *", "not a schedule"),
        ("visma_business: {invoice_series: [true]}", "visma_business.invoice_series.0: True is not accepted"),
        ("visma_business: {invoice_series: [1.0]}", "visma_business.invoice_series.0"),
        (
            "visma_business: {invoice_series: [01]}",
            "visma_business.invoice_series.0: the number 01 would lose",
        ),
        ('title: "a\\0b"', "title: character 2 of this text, U+0000, cannot be seen"),
        ('title: " "', "blank"),
        ("severa: {connection: 'mssql://sa:hunter2@host x'}", "***"),
    ],
)
def test_a_message_names_the_field_and_the_way_out(tmp_path: Path, field: str, said: str) -> None:
    path = tmp_path / "n.yaml"
    title = "" if field.startswith("title") else "title: N\n"
    path.write_text(f"tenant: n\n{title}{field}\n")
    with pytest.raises(TenantFileError) as caught:
        load_tenant(path)
    assert said in caught.value.message
    assert f"{path}:{3 if title else 2}:" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_very_many_faults_are_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "n.yaml"
    path.write_text("tenant: n\ntitle: N\n" + "".join(f"titel{number}: x\n" for number in range(2000)))
    with pytest.raises(TenantFileError) as caught:
        load_tenant(path)
    lines = caught.value.message.splitlines()
    assert len(lines) == 21
    assert "did you mean 'title'" in lines[0]
    assert lines[-1].endswith("and 1980 more faults")


def test_whatever_one_file_does_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    (tmp_path / "good.yaml").write_text("tenant: good\ntitle: Good\n")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nothing")
    (tmp_path / "device.yaml").symlink_to("/dev/zero")
    (tmp_path / "deep.yaml").write_text("tenant: " + "[" * 6000)
    (tmp_path / "big.yaml").write_bytes(b"#" * 20_000_000)
    (tmp_path / "bomb.yaml").write_text(
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefghi", "bcdefghij", strict=True)
        )
    )
    (tmp_path / "breaks.yaml").write_text("tenant: breaks\ntitle: B\n")
    (tmp_path / os.fsdecode(b"\xff\n.yaml")).write_text("tenant: x\n")
    (tmp_path / ".hidden.yaml").write_text("tenant: [")

    def load(path: Path, shared: SharedValues) -> Tenant:
        if path.name == "breaks.yaml":
            raise RecursionError
        return load_tenant(path, shared)

    monkeypatch.setattr("presync.tenants.folder.load_tenant", load)
    found = read_folder(tmp_path)

    assert [tenant.tenant for tenant in found.tenants.values()] == ["good"]
    assert len(found.faults) == 9
    for fault in found.faults:
        fault.message.encode()
        assert all(FAULT.fullmatch(line) for line in fault.message.splitlines())
    assert "fault of Presync" in next(f.message for f in found.faults if f.source == "breaks.yaml")


@pytest.mark.parametrize("kind", ["pipe", "nothing"])
def test_a_folder_that_is_none(tmp_path: Path, kind: str) -> None:
    import os

    if kind == "pipe":
        os.mkfifo(tmp_path / "x")
    found = read_folder(tmp_path / "x")
    assert not found.tenants
    assert len(found.faults) == 1
