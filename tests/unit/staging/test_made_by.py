"""The version that a product names: another one for whatever may read, relate, judge or show otherwise."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from presync.errors import ConfigurationError
from presync.staging import made_by
from presync.staging.made_by import MadeBy, package_digest, parse_made_by, this_version

PACKAGE = Path(made_by.__file__).parents[1]


def test_every_file_that_a_run_uses_makes_another_version(tmp_path: Path) -> None:
    package = tmp_path / "presync"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    seen = {package_digest(package)}
    assert seen == {package_digest(PACKAGE)}
    changed = (
        "reconcile/sql/pairs.sql",
        "reconcile/sql/new.sql",
        "rules/sql/pairs.sql",
        "sources/severa/registers.py",
        "verdict/conclude.py",
        "report/pages/templates/index.html",
        "control/extracts.py",
        "settings.py",
    )
    for name in changed:
        file = package / name
        file.write_bytes((file.read_bytes() if file.exists() else b"") + b"\n")
        seen.add(package_digest(package))
    assert len(seen) == len(changed) + 1
    for name in ("cli/main.py", "airflow/web/app.py", "reconcile/__pycache__/build.pyc"):
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("")
    assert package_digest(package) in seen


def test_another_library_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = package_digest(PACKAGE)
    monkeypatch.setattr(made_by, "version", lambda name: "9.9" if name == "duckdb" else "1")
    assert package_digest(PACKAGE) != before


def test_a_setting_that_changes_the_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    before = this_version()
    monkeypatch.setenv("PRESYNC_CERTIFICATE_HOURS", "48")
    assert (this_version().code, this_version() == before) == (before.code, False)
    assert "PRESYNC_CERTIFICATE_HOURS=48" in str(this_version())
    monkeypatch.setenv("PRESYNC_KEEP_RUNS", "3")
    assert this_version().settings == "PRESYNC_CERTIFICATE_HOURS=48; PRESYNC_WAIVER_DAYS=90"


@pytest.mark.parametrize("values", [None, {}, [], {"code": "1"}, {"code": "", "settings": ""}, {"code": 1}])
def test_what_names_no_version_is_none(values: object) -> None:
    assert parse_made_by(values) is None
    assert parse_made_by(MadeBy("1", "").as_dict()) == MadeBy("1", "")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one file, preloaded."""
    folder = tmp_path / "presync"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "suite.py").write_text("A = 1")
    monkeypatch.setattr(made_by, "_PACKAGE", folder)
    monkeypatch.setattr(made_by, "_preloaded", [])
    made_by.require_preloaded_code()  # a worker that preloads nothing
    made_by.remember_preloaded()
    made_by.require_preloaded_code()
    return folder


def test_what_nobody_has_written_to_is_not_read_again(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    digest = package_digest

    def noted(path: Path) -> str:
        read.append(path)
        return digest(path)

    monkeypatch.setattr(made_by, "package_digest", noted)
    made_by.require_preloaded_code()
    assert not read
    (package / "rules" / "suite.py").write_text("A = 1")
    made_by.require_preloaded_code()
    assert read == [package]


def test_a_worker_that_has_preloaded_other_code_works_no_more(package: Path) -> None:
    file = package / "rules" / "suite.py"
    before = file.stat()
    file.write_text("A = 2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ConfigurationError, match="Restart the workers"):
        made_by.require_preloaded_code()
    file.write_text("A = 1")
    made_by.require_preloaded_code()
    (package / "rules" / "new.sql").touch()
    with pytest.raises(ConfigurationError, match="Restart the workers"):
        made_by.require_preloaded_code()
    (package / "rules" / "new.sql").unlink()
    file.unlink()
    with pytest.raises(ConfigurationError, match="Restart the workers"):
        made_by.require_preloaded_code()


def test_a_worker_that_has_preloaded_another_library_works_no_more(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made_by._metadata("duckdb").endswith("METADATA")
    monkeypatch.setattr(made_by, "version", lambda name: "9.9" if name == "duckdb" else "1")
    monkeypatch.setattr(made_by, "_metadata", lambda name: str(tmp_path / name))  # pip has removed it
    with pytest.raises(ConfigurationError, match="Restart the workers"):
        made_by.require_preloaded_code()
