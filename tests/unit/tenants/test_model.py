"""Tenant files: what is accepted, and what a person is told about the rest.

Covers: tenants/folder.py, tenants/model_base.py, tenants/notify.py, tenants/shared.py, tenants/start.py,
tenants/entities.py, tenants/visma_business.py, tenants/yaml_document.py, decisions/json_schemas.py.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from presync import settings
from presync.decisions.json_schemas import SCHEMAS, schema_text
from presync.errors import TenantFileError
from presync.tenants.defaults import SharedValues
from presync.tenants.folder import TenantFolder, read_files, read_folder, read_tenant_of
from presync.tenants.model import Tenant, load_tenant

FULL = """\
tenant: nordlys
title: Nordlys AS
country: NO
transfer:
  departments: all
  employees: {except: {field: Gr3, value: 1}}
  projects: none
start: {webhook: integration__nordlys}
schedule: "@hourly"
"""


def write(folder: Path, text: str, name: str = "") -> Path:
    found = re.search(r"^tenant: ([a-z0-9-]+)$", text, re.MULTILINE)
    path = folder / (name or f"{found[1] if found else 'nordlys'}.yaml")
    path.write_text(text, encoding="utf-8")
    return path


def test_country_no_is_a_text_and_a_missing_answer_stays_missing(tmp_path: Path) -> None:
    tenant = load_tenant(write(tmp_path, FULL))

    assert tenant.country == "NO"
    assert tenant.transfer.answer("employees") == "except"
    assert tenant.transfer.answer("projects") == "none"
    assert tenant.transfer.answer("customers") is None
    assert tenant.dag_id == "presync__nordlys"


def test_dashes_become_underscores_in_connections_only(tmp_path: Path) -> None:
    tenant = load_tenant(write(tmp_path, "tenant: north-west-1\ntitle: N\n"))

    assert tenant.connection_id("severa") == "severa__north_west_1"
    assert tenant.dag_id == "presync__north-west-1"


@pytest.mark.parametrize(
    ("text", "line", "field", "reason"),
    [
        ("tenant: Nordlys\ntitle: N\n", 1, "tenant", "pattern"),
        ("tenant: n\n", 1, "title", "missing"),
        ("tenant: n\ntitle: N\ncountry: Norway\n", 3, "country", "pattern"),
        ("tenant: n\ntitle: N\ntransfer:\n  customers: some\n", 4, "transfer.customers", "'some'"),
        ("tenant: n\ntitle: N\ntransfer:\n  clients: all\n", 4, "transfer.clients", "not known"),
        (
            "tenant: n\ntitle: N\nvisma_business:\n  projects: {table: R13}\n",
            4,
            "visma_business.projects",
            "R13",
        ),
        ("tenant: n\ntitle: N\nschedule: sometimes\n", 3, "schedule", "cron"),
        (
            "tenant: n\ntitle: N\nsevera: {customer_number_ceiling: 0}\n",
            3,
            "severa.customer_number_ceiling",
            "1",
        ),
        ("tenant: n\ntitle: 007\n", 2, "title", "put it in quotes"),
        ("tenant: n\ntitle: N\nprvacy: masked\n", 3, "prvacy", "did you mean 'privacy'?"),
        (
            "tenant: n\ntitle: N\nstart: webhook\n",
            3,
            "start",
            "'webhook' is not accepted: input should be a mapping, {name: value} or 'manual'",
        ),
        ("tenant: n\ntitle: N\ngo_live: next week\n", 3, "go_live", "write it as 2026-12-31"),
        ("tenant: n\ntitle: N\ngo_live: 2026-02-30\n", 3, "go_live", "day"),
        ("tenant: n\ntitle: N\nowner: Ada, Bo\n", 3, "owner", "pattern"),
        ("tenant: n\ntitle: N\nreaders: [A, 7]\n", 3, "readers.1", "put it in quotes"),
        ("tenant: n\ntitle: N\nfour_eyes: 1\n", 3, "four_eyes", "boolean"),
        ("tenant: n\ntitle: N\nlanguage: no\n", 3, "language", "'nb'"),
        (
            "tenant: n\ntitle: N\nnotify:\n  connection: smtp\n  to: ['a@b.no,c@d.no']\n",
            5,
            "notify.to.0",
            "pattern",
        ),
        ("tenant: n\ntitle: N\nnotify: {connection: c, events: [all]}\n", 3, "notify.events.0", "'ready'"),
        ("tenant: n\ntitle: N\nstart:\n  dag: d\n  approval: never\n", 5, "start.approval", "'required'"),
        ("tenant: n\ntitle: [\n", 3, "", "YAML"),
        ("tenant: n\n\ttitle: N\n", 2, "", "indent with blanks"),
        ("tenant: n\ntitle: N\ntitle: M\n", 3, "", "remove one of the two"),
        ("- tenant: n\n", 1, "", "mapping"),
        ("", 1, "", "mapping"),
    ],
)
def test_a_fault_names_file_line_field_and_reason(
    tmp_path: Path, text: str, line: int, field: str, reason: str
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(TenantFileError) as caught:
        load_tenant(path)

    assert f"{path}:{line}:" in caught.value.message
    assert field in caught.value.message
    assert reason in caught.value.message


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TenantFileError) as caught:
        load_tenant(write(tmp_path, "tenant: N N\ntitle: ''\nunknown: 1\n"))

    assert len(caught.value.message.splitlines()) == 3


def test_a_broken_file_costs_only_its_own_tenant(tmp_path: Path) -> None:
    good = write(tmp_path, FULL)
    write(tmp_path, "tenant: broken\n", "broken.yaml")

    found = read_folder(tmp_path)

    assert list(found.tenants) == [good]
    assert ["broken.yaml" in fault.message for fault in found.faults] == [True]


def test_two_files_of_one_tenant_are_both_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first = write(tmp_path / "a", FULL)
    second = write(tmp_path / "b", "# a comment first\n" + FULL)
    third = write(tmp_path, "tenant: other\ntitle: O\n")

    found = read_files([first, second, third])

    assert list(found.tenants) == [third]
    assert [fault.message.split(" tenant:")[0] for fault in found.faults] == [f"{first}:1:", f"{second}:2:"]
    assert str(second) in found.faults[0].message


@pytest.mark.parametrize("name", ["nordlys.yml", "Nordlys.yaml", "nordlys.YAML", "other.yaml"])
def test_a_file_is_named_after_its_tenant(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "# first\n" + FULL, name)

    found = read_folder(tmp_path)

    assert not found.tenants
    assert [fault.message.partition(", because")[0] for fault in found.faults] == [
        f"{path}:2: tenant: this file must be called nordlys.yaml"
    ]


def test_the_file_of_one_tenant_is_all_that_its_task_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = write(tmp_path, FULL)
    write(tmp_path, FULL.replace("nordlys", "broken").replace("title", "titel"))
    read: list[str] = []

    def load(path: Path, shared: SharedValues) -> Tenant:
        read.append(path.name)
        return load_tenant(path, shared)

    monkeypatch.setattr("presync.tenants.folder.load_tenant", load)
    assert list(read_tenant_of(tmp_path, "presync__nordlys").tenants) == [good]
    assert list(read_tenant_of(good, "presync__nordlys").tenants) == [good]
    assert not read_tenant_of(good, "presync__other").tenants
    assert read == ["nordlys.yaml", "nordlys.yaml"]
    assert "broken.yaml:2: titel:" in read_tenant_of(tmp_path, "presync__broken").faults[0].message
    assert "is not there" in read_tenant_of(tmp_path, "presync__gone").faults[0].message
    for dag in ("presync_housekeeping", "nordlys", "presync__../nordlys", "presync__", ""):
        assert read_tenant_of(tmp_path, dag) == TenantFolder({}, [])


def test_a_file_is_read_again_when_anything_about_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = write(tmp_path, FULL), []

    def load(file: Path, shared: SharedValues) -> Tenant:
        read.append(file)
        return load_tenant(file, shared)

    monkeypatch.setattr("presync.tenants.folder.load_tenant", load)
    for _ in range(3):
        assert read_folder(tmp_path).tenants[path].title == "Nordlys AS"
    assert len(read) == 3, "a file written just now could change within the same time stamp"
    monkeypatch.setattr("presync.tenants.folder._SETTLED", -1)
    for _ in range(3):
        assert read_folder(tmp_path).tenants[path].title == "Nordlys AS"
    assert len(read) == 4
    before = path.stat()
    path.write_text(FULL.replace("Nordlys AS", "Nordlys AB"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read_folder(tmp_path).tenants[path].title == "Nordlys AB"
    path.write_text("tenant: nordlys\n")
    assert "title" in read_folder(tmp_path).faults[0].message
    path.unlink()
    assert read_folder(tmp_path) == TenantFolder({}, [])


def test_a_copied_file_that_still_names_the_other_companys_systems_is_refused(tmp_path: Path) -> None:
    systems = "visma_business: {connection: vb, database: F0001}\nsevera: {connection: s}\n"
    first = write(tmp_path, f"tenant: a\ntitle: A\n{systems}", "a.yaml")
    second = write(tmp_path, f"tenant: b\ntitle: B\n{systems}", "b.yaml")
    other = write(tmp_path, f"tenant: c\ntitle: C\n{systems.replace('F0001', 'F0002')}", "c.yaml")

    found = read_folder(tmp_path)

    assert list(found.tenants) == [other]
    assert [fault.source for fault in found.faults] == [first.name, second.name]
    assert f"connection: 'vb/F0001 with s' is also claimed by {second}" in found.faults[0].message


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "PRESYNC_TENANTS" in read_folder(tmp_path / "none").faults[0].message


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("tenant: n\ntitle: Mälaren\n".encode("latin-1"))

    assert "UTF-8" in read_files([path]).faults[0].message


def test_fingerprint_follows_meaning_not_spelling(tmp_path: Path) -> None:
    plain = load_tenant(write(tmp_path, FULL))
    commented = load_tenant(write(tmp_path, "# why\n" + FULL.replace('"@hourly"', "'@hourly'")))
    changed = load_tenant(write(tmp_path, FULL.replace("value: 1", "value: 2")))

    assert plain.fingerprint == commented.fingerprint
    assert plain.fingerprint != changed.fingerprint


def test_what_only_people_are_told_by_changes_no_fingerprint_and_what_a_start_rests_on_does(
    tmp_path: Path,
) -> None:
    plain = load_tenant(write(tmp_path, FULL)).fingerprint
    told_by = ("owner: A", "go_live: 2026-12-31", "readers: [R]", "notify: {connection: c}", "language: sv")
    for told in told_by:
        assert load_tenant(write(tmp_path, f"{FULL}{told}\n")).fingerprint == plain, told
    for decides in ("approvers: [ada]", "four_eyes: true", "start_when_ready: true", "privacy: masked"):
        assert load_tenant(write(tmp_path, f"{FULL}{decides}\n")).fingerprint != plain, decides
    asked = FULL.replace("integration__nordlys}", "integration__nordlys, approval: required}")
    assert load_tenant(write(tmp_path, asked)).fingerprint != plain


@pytest.mark.parametrize("file", SCHEMAS)
def test_schema_is_current_and_describes_every_field(file: str) -> None:
    text = (settings.HOME / "tenants" / file).read_text(encoding="utf-8")

    assert text == schema_text(file), "run `make schema`"
    schema: dict[str, Any] = json.loads(text)
    for part in (schema, *schema["$defs"].values()):
        assert part.get("additionalProperties") is False
        for name, field in part["properties"].items():
            assert field.get("description"), f"{part['title']}.{name}"


@pytest.mark.parametrize(
    ("business", "said"),
    [
        ("tables: {Actors: dbo.Actor}", "no table Actors is read; Actor is"),
        ("columns: {Actor: {BsNumber: OrgNo}}", "no column BsNumber of Actor is read; BsNo is"),
        ("columns: {Stock: {No: Nr}}", "no table Stock is read"),
        ("tables: {AcInt: F9.dbo.AcInt}", "no table AcInt is read"),  # nobody says that it is a series
        ("tables: {Actor: a.b.c.d}", "tables.Actor"),
        ("tables: {Actor: 'dbo.Actor; DROP'}", "tables.Actor"),
    ],
)
def test_other_names_for_what_is_never_read_are_refused(tmp_path: Path, business: str, said: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(f"tenant: c\ntitle: C\nvisma_business:\n  {business}\n")
    with pytest.raises(TenantFileError, match=re.escape(said)) as caught:
        load_tenant(file)
    assert str(file) in caught.value.message


def test_tables_and_columns_may_have_other_names(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "tenant: c\ntitle: C\nvisma_business:\n"
        "  customer_series: {table: AcInt, first: FrNo, last: ToNo}\n"
        "  tables: {Actor: F9999.dbo.Actor, AcInt: F9999.dbo.Series, R1: Dept}\n"
        "  columns: {Actor: {BsNo: OrgNo, Gr5: Grp5}, AcInt: {AcCl: Class}}\n"
    )
    business = load_tenant(file).visma_business
    assert business.tables["Actor"] == "F9999.dbo.Actor"
    assert business.columns["Actor"]["BsNo"] == "OrgNo"
