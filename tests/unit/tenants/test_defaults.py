"""What companies share: how a company's own file overrides it, and what a broken defaults file costs.

Covers: tenants/origins.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from presync.errors import TenantFileError
from presync.tenants.folder import read_files, read_folder, read_tenant_of
from presync.tenants.model import load_tenant
from presync.tenants.origins import in_force

SHARED = "owner: Ada\nretries: 4\nprivacy: masked\nnotify:\n  connection: mail\n  to: [all@example.com]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "defaults.yaml").write_text(SHARED)
    (tmp_path / "other.yaml").write_text("tenant: other\ntitle: Other\n")
    path = tmp_path / "nordlys.yaml"
    path.write_text("tenant: nordlys\ntitle: N\nretries: 0\nowner: null\nnotify: {to: [n@example.com]}\n")
    return path


def test_a_company_overrides_what_all_share_also_with_null_and_key_by_key_in_mappings(file: Path) -> None:
    found = read_folder(file.parent)
    own, other = found.tenants[file], found.tenants[file.with_name("other.yaml")]

    assert not found.faults
    assert (own.retries, own.owner, own.privacy) == (0, None, "masked")
    assert own.notify
    assert (own.notify.connection, own.notify.to) == ("mail", ["n@example.com"])
    assert (other.retries, other.owner, other.notify and other.notify.to) == (4, "Ada", ["all@example.com"])
    assert load_tenant(file) == own == read_tenant_of(file.parent, "presync__nordlys").tenants[file]


def test_certificates_and_runs_rest_on_what_is_in_force(file: Path) -> None:
    before = load_tenant(file).fingerprint
    shared = file.with_name("defaults.yaml")

    shared.write_text(SHARED.replace("owner: Ada", "owner: Bo"))
    assert load_tenant(file).fingerprint == before
    shared.write_text(SHARED.replace("masked", "names"))
    assert load_tenant(file).fingerprint != before


def test_a_change_of_the_defaults_counts_for_files_that_were_read_before(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("presync.tenants.folder._SETTLED", -1)  # all files count as old enough to be kept
    assert read_folder(file.parent).tenants[file].privacy == "masked"
    file.with_name("defaults.yaml").write_text("privacy: names\nnotify: {connection: mail}\n")
    assert read_folder(file.parent).tenants[file].privacy == "names"
    file.with_name("defaults.yaml").unlink()
    assert read_folder(file.parent).tenants[file.with_name("other.yaml")].notify is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("defaults.yaml", "retries: x\n", "defaults.yaml:1: retries: 'x'"),
        ("defaults.yaml", "a: [\n", "not valid YAML"),
        ("defaults.yaml", "", "must be a mapping"),
        (
            "defaults.yaml",
            "# first\nstart_when_ready: true\n",
            "yaml:2: start_when_ready: this field",
        ),
        ("defaults.yaml", "tenant: nordlys\n", "defaults.yaml:1: tenant: this field is not known"),
        ("defaults.yml", "retries: 4\n", "defaults.yml:1: file: what all companies share must be in"),
        ("Defaults.yaml", "retries: 4\n", "rename it to defaults.yaml, or remove"),
        ("default.yaml", "retries: 4\n", "rename it to defaults.yaml, or remove"),
        ("defaults", "", "rename it to defaults.yaml, or remove"),
        (".defaults.yaml", "", "rename it to defaults.yaml, or remove"),
        ("defaults.yaml.bak", "", "rename it to defaults.yaml, or remove"),
        ("defaults.yaml~", "", "rename it to defaults.yaml, or remove"),
        ("#defaults.yaml#", "", "rename it to defaults.yaml, or remove"),
        ("defaults (1).yaml", "", "rename it to defaults.yaml, or remove"),
        ("Copy of defaults.yaml", "", "rename it to defaults.yaml, or remove"),
        ("defaults_old.yaml", "", "rename it to defaults.yaml, or remove"),
        ("DEFAULTS.JSON", "", "rename it to defaults.yaml, or remove"),
    ],
)
def test_a_broken_defaults_file_refuses_every_company_and_says_why(
    file: Path, name: str, text: str, said: str
) -> None:
    file.with_name("defaults.yaml").unlink()
    file.with_name(name).write_text(text)

    found = read_folder(file.parent)

    assert not found.tenants
    assert {name: said in words for name, words in found.broken.items()} == {"nordlys": True, "other": True}
    # what no tenant can be called is itself refused as well, if it ends in .yaml
    assert {fault.source for fault in found.faults} - {name} == {"nordlys.yaml", "other.yaml"}
    for fault in (*found.faults, *read_tenant_of(file.parent, "presync__nordlys").faults):
        assert said in fault.message
        assert "what all companies share is refused" in fault.message
    with pytest.raises(TenantFileError, match="what all companies share"):
        load_tenant(file)


def test_a_link_that_leads_nowhere_is_a_broken_defaults_file(file: Path) -> None:
    file.with_name("defaults.yaml").unlink()
    file.with_name("defaults.yaml").symlink_to("gone")

    assert "leads nowhere" in read_files([file]).faults[0].message


def test_copies_beside_the_defaults_and_tenants_with_similar_names_are_let_be(file: Path) -> None:
    for name in (".defaults.yaml.swp", "defaults.yaml.bak", "defaults.yaml~"):
        file.with_name(name).write_text("retries: 9\n")
    file.with_name("defaults.schema.json").write_text("{}")
    file.with_name("default-as.yaml").write_text("tenant: default-as\ntitle: D\n")
    file.with_name("defaultsen.yaml").write_text("tenant: defaultsen\ntitle: D\n")
    found = read_folder(file.parent)
    assert not found.faults
    assert {each.tenant: each.retries for each in found.tenants.values()} == {
        "default-as": 4,
        "defaultsen": 4,
        "nordlys": 0,
        "other": 4,
    }


def test_a_schema_or_nothing_at_all_is_no_defaults_file(file: Path) -> None:
    file.with_name("defaults.yaml").rename(file.with_name("defaults.schema.json"))
    other = file.with_name("other.yaml")
    assert read_folder(file.parent).tenants[other].privacy == "names"


def test_no_tenant_is_called_like_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("tenant: defaults\ntitle: D\n")
    assert "a.yaml:1: tenant: defaults.yaml holds" in read_folder(tmp_path).faults[0].message
    (tmp_path / "a.yaml").write_text("tenant: default\ntitle: D\n")
    assert "a.yaml:1: tenant: defaults.yaml holds" in read_folder(tmp_path).faults[0].message


def test_every_value_in_force_names_its_origin(file: Path) -> None:
    _, found = in_force(file)

    origins = {each.key: (each.value, each.origin) for each in found}
    shared = file.with_name("defaults.yaml")
    assert origins["retries"] == (0, f"{file}:3")
    assert origins["owner"] == (None, f"{file}:4")
    assert origins["privacy"] == ("masked", f"{shared}:3")
    assert origins["notify.connection"] == ("mail", f"{shared}:5")
    assert origins["notify.to"] == (["n@example.com"], f"{file}:5")
    assert origins["language"] == ("en", "Presync's default")
