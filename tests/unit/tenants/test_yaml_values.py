"""YAML 1.2 within bounds: values as ruamel.yaml gives them, and a line for everything that is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from presync.tenants.yaml_values import Limits, YamlFaultError, parse

_SCALARS = """
NO no yes on off y n true True FALSE tRUE null NULL nuLL ~ '' 0 -0 +1 12:30:45 1. .5 1e3 1E-2 -.5e+1 .inf
NaN .. .NaN .nan 0o17 0o8 0x1F 0xg 99999999999999999999 F0001 1.2.3 x#y a:b '007' Rådgivning ~x -x 1-2 +x
"""
SCALARS = _SCALARS.split()
PLAIN = st.sampled_from([*SCALARS, ""])
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def values(text: str | bytes, limits: Limits | None = None) -> Any:
    return parse(text.encode() if isinstance(text, str) else text, limits or Limits()).value


def careful(text: str) -> Any:
    return _keys_as_text(YAML(typ="safe", pure=True).load(text))


def _keys_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _keys_as_text(item) for key, item in value.items()}
    return [_keys_as_text(item) for item in value] if isinstance(value, list) else value


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, float) and math.isnan(left):
        return isinstance(right, float) and math.isnan(right)
    return type(left) is type(right) and bool(left == right)


@pytest.mark.parametrize("scalar", SCALARS)
def test_a_scalar_is_what_yaml_1_2_says(scalar: str) -> None:
    assert _same(values(f"a: {scalar}\n"), careful(f"a: {scalar}\n")), values(f"a: {scalar}\n")


@given(st.lists(st.tuples(st.sampled_from(["a", "b b", "ø", "c-1"]), PLAIN, st.booleans()), max_size=5))
def test_generated_texts_give_what_the_careful_parser_gives(fields: list[tuple[str, str, bool]]) -> None:
    lines = ["# a comment", "k: |", "  x", "   y", "f: >-", "  x", "  y", "l: [1, {m: NO}, 'it''s']"]
    for number, (name, scalar, nested) in enumerate(fields):
        lines += (
            [f"{name}{number}:", f"  - {scalar}", f"  - z: {scalar}"]
            if nested
            else [f"{name}{number}: {scalar}"]
        )
    text = "\n".join(lines) + "\n"
    assert _same(values(text), careful(text))


@given(VALUES)
def test_json_is_yaml(value: Any) -> None:
    import json

    text = json.dumps({"x": value}, ensure_ascii=False)
    try:
        found = values(text)
    except YamlFaultError as fault:
        assert "cannot be seen" in fault.reason or "unprintable" in fault.reason  # noqa: PT017
    else:
        assert found == {"x": value}


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@example(b"a: &x [*x]")
@example(b"\xff\xfea\x00")
@example(b"? [a]\n: b")
@example(b'a: "\\ud800"')
@example(b"%YAML 1.1\n---\na: yes")
@example(b"%TAG ! tag:x,2000:\n---\n!a b: c")
@example(b"a: !!python/object/apply:os.system [x]")
@example(b"--- a\n--- b")
@example(b"a: " + b"9" * 5000)
def test_whatever_the_bytes_are_it_is_a_value_or_a_fault_with_its_line(content: bytes) -> None:
    try:
        parse(content, Limits())
    except YamlFaultError as fault:
        assert 1 <= fault.line <= content.count(b"\n") + content.count(b"\r") + 2  # noqa: PT017
        assert fault.reason.isprintable()  # noqa: PT017


@given(
    st.lists(
        st.sampled_from(
            ["a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", "&x ", "*x", "'", '"', "!t ", "#", "|\n"]
        ),
        max_size=40,
    ).map("".join)
)
def test_what_the_careful_parser_refuses_is_never_taken(text: str) -> None:
    try:
        found = values(text)
    except YamlFaultError:
        return
    if not isinstance(found, dict):
        return  # every file of ours is a mapping
    try:
        expected = careful(text)
    except (YAMLError, ValueError, TypeError) as error:
        raise AssertionError(f"{text!r} is {found!r}, but refused: {error}") from None
    assert _same(found, expected), (text, found, expected)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a:\n  b: 1\n  b: 2\n", 3, "twice"),
        ("a: 007\n", 1, "leading zeros"),
        ("a: -01\n", 1, "leading zeros"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\n? [x]\n: 2\n", 2, "plain text"),
        ("a: 1\n? \n: 2\n", 2, "name of a field is missing"),
        ("&x : 2\n", 1, "name of a field is missing"),
        ("a: 1\nb: !!int '1'\n", 2, "tags"),
        ("a: *x\n", 1, "no anchor"),
        ("a: &x {b: *x}\n", 1, "no anchor"),
        ("%YAML 1.1\n---\na: yes\n", 1, "1.2 only"),
        ("a: 1\nb: \x00\n", 2, "U+0000"),
        ("a: 1\n\nb: \x85\n", 3, "U+0085"),
        (f"a: 1\n{'k' * 201}: 1\n", 2, "more than 200 characters"),
        ('a: 1\n"b\\0": 1\n', 2, "U+0000"),
        (f"a: 1\nb: {'1' * 41}\n", 2, "41 characters"),
        ("a: " + "[" * 3000 + "]" * 3000, 1, "nested"),
        ("[" * 3000, 1, "nested"),
        ("a: 1\nb:\n" + "".join(f"{' ' * level}- \n" for level in range(1, 100)), 15, "nested"),
        (
            "- &a [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"- &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(8)),
            4,
            "aliases counted",
        ),
        ("- x\n" * 6000, 5000, "more than 5,000 values"),
    ],
)
def test_bounds_hold_while_parsing(text: str, line: int, said: str) -> None:
    with pytest.raises(YamlFaultError) as caught:
        values(text)
    assert said in caught.value.reason
    assert caught.value.line == line


def test_an_alias_is_its_value() -> None:
    assert values("a: &x {b: [1]}\nc: *x\n") == {"a": {"b": [1]}, "c": {"b": [1]}}


def test_windows_files_are_files(tmp_path: Any) -> None:
    document = parse(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - x\r\n", Limits())
    assert document.value == {"a": 1, "b": ["x"]}
    assert document.line(("b", 0)) == 3
    assert document.line(("b", 0, "deeper")) == 3
    assert document.line(("missing",)) == 1
