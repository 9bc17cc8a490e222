"""A suite file is read strictly, whatever it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from presync import settings
from presync.errors import SuiteError
from presync.rules.suite import load_suite
from presync.rules.suite_json import read_suite_json

SHIPPED: dict[str, Any] = json.loads((settings.HOME / "expectations" / "departments.json").read_text())
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"name": "a", "name": "b"}', "'name' appears twice"),
        (b'{"expectations": [{"kwargs": {"a": 1, "a": 2}}]}', "'a' appears twice"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "cannot be read"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[]", "a JSON object"),
        (b"", "cannot be read"),
        (b" " * 5_000_000, "more than 4,194,304 bytes"),
    ],
)
def test_what_is_not_strictly_json_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "departments.json"
    path.write_bytes(content)
    with pytest.raises(SuiteError) as caught:
        read_suite_json(path)
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.source == "departments"


@pytest.mark.parametrize("kind", ["pipe", "folder", "dangling link", "none"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "departments.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "dangling link":
        path.symlink_to("nothing")
    with pytest.raises(SuiteError):
        load_suite("departments", tmp_path)


def _places(value: Any) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, inner in items for rest in _places(inner))]


def _changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = _changed(value[place[0]], place[1:], new)
    return copy


@given(st.sampled_from(_places({**SHIPPED, "expectations": SHIPPED["expectations"][:2]})), ODD)
@hypothesis_settings(max_examples=100, deadline=None)
def test_one_odd_value_is_a_suite_or_our_own_error(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[Any, ...], odd: Any
) -> None:
    folder = tmp_path_factory.mktemp("suite")
    path = folder / "departments.json"
    path.write_text(json.dumps(_changed(SHIPPED, place, odd)))
    try:
        suite = load_suite("departments", folder)
    except SuiteError as error:
        assert str(path) in error.message  # noqa: PT017
    else:
        assert suite.statements
