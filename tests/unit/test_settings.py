"""What the environment says is bounded, and a value that cannot be used is named with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from presync import settings
from presync.errors import ConfigurationError


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PRESYNC_KEEP_RUNS", "0"),
        ("PRESYNC_KEEP_RUNS", "ten"),
        ("PRESYNC_KEEP_RUNS", "1.5"),
        ("PRESYNC_RETRIES", "-1"),
        ("PRESYNC_RETRIES", "101"),
        ("PRESYNC_WAIVER_DAYS", "0"),
        ("PRESYNC_WAIVER_DAYS", "3651"),
        ("PRESYNC_CERTIFICATE_HOURS", "0"),
        ("PRESYNC_CERTIFICATE_HOURS", "nan"),
        ("PRESYNC_CERTIFICATE_HOURS", "inf"),
    ],
)
def test_unusable_numbers(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable} is '{value}', which is not a") as raised:
        settings.refuse_unusable()
    assert raised.value.message.endswith("correct it or leave it out")


def test_bounds_and_changes_are_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("1", "10000", ""):
        monkeypatch.setenv("PRESYNC_KEEP_RUNS", value)
        assert settings.keep_runs() == int(value or 10)


@pytest.mark.parametrize("url", ["s3://bucket/presync", "gs://bucket"])
def test_object_storage_keeps_locks_and_databases_local(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PRESYNC_DATA", url)
    monkeypatch.delenv("PRESYNC_DATABASE_URL", raising=False)
    assert settings.data_url() == url
    assert settings.local_data() == settings.HOME / "data"
    assert settings.database_url() == f"sqlite:///{settings.HOME / 'data' / 'control.db'}"


def test_a_relative_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESYNC_DATA", "here")
    assert settings.data_url() == str(tmp_path / "here")


def test_every_variable_is_in_the_table() -> None:
    models = (settings.Places, settings.Numbers)
    names = {str(f.validation_alias) for model in models for f in model.model_fields.values()}
    assert {name for name in names if f"| `{name}` |" not in (settings.__doc__ or "")} == set()
