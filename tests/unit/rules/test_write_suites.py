"""The suites' JSON is what their source says; what a rule's source lacks is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from presync.errors import SuiteError
from presync.rules.catalogue import RULES, SUITES
from presync.rules.write_suites import read_suites, source_folder, suite_texts
from presync.settings import HOME


def test_the_json_is_written_from_the_source() -> None:
    texts = suite_texts(source_folder())
    assert list(texts) == list(SUITES)
    for suite, text in texts.items():
        assert (HOME / "expectations" / f"{suite}.json").read_text(encoding="utf-8") == text, "make rules"


def test_every_rule_of_the_catalogue_has_a_source_and_the_other_way_round() -> None:
    files = {path.stem for path in source_folder().glob("*.yaml")} - {"suites"}
    assert files == set().union(*RULES.values())
    for name, suite in read_suites(source_folder()).items():
        assert set(suite.rules) == RULES[name]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("problem:", "probelm:", "code_missing.yaml"),
        ("[[code]]", "[[kode]]", "kode"),
        ("severity: critical", "", "severity"),
    ],
)
def test_a_slip_in_a_source_is_refused_by_name(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(source_folder(), tmp_path / "source")
    file = tmp_path / "source" / "code_missing.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(SuiteError, match=said):
        suite_texts(tmp_path / "source")
